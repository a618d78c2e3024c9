/** The order of the run: arranged by dragging or by buttons, then saved. Where somebody else has saved another meanwhile,
 * both are shown. */

import { useEffect, useRef, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { saveRunOrder } from "../../operations/stage";
import { useBoard, useTitle } from "../model";
import { letDrag } from "./dragging";
import { isSame, moved, placesOf, type Slots, skuOf } from "./runorder";
import "./runorder.css";

/** Rows that are drawn; a longer order is arranged in the catalogue's file. */
const ROWS_MAX = 300;

interface Draft {
  readonly places: Slots;
  /** The room's revision that it was made of. */
  readonly revision: number;
}

export function RunOrder() {
  const board = useBoard();
  const { it, facts, shelf } = board;
  const room = board.room.value;
  const [draft, setDraft] = useState<Draft | null>(null);
  const [theirs, setTheirs] = useState<Slots | null>(null);
  const saved = placesOf(room?.run_order ?? [], shelf.value);
  const places = draft?.places ?? saved;
  const revision = room?.revision ?? 0;
  const arrange = (from: number, to: number) => {
    const next = moved(places, from, to) as Slots;
    if (next !== places) setDraft({ places: next, revision: draft?.revision ?? revision });
  };
  const save = async (of: number) => {
    if (draft === null) return;
    const answer = await it.doing.perform(saveRunOrder(it, draft.places, of));
    await it.kept.room.now();
    if (answer?.ok) setDraft(null);
    setTheirs(
      answer && !answer.ok && answer.status === 412
        ? placesOf(it.kept.room.value.peek()?.run_order ?? [], shelf.peek())
        : null,
    );
  };
  const forget = () => {
    setDraft(null);
    setTheirs(null);
  };
  return (
    <section class="side-order" aria-labelledby="board-run-order">
      <h2 id="board-run-order">{t("board.order")}</h2>
      {theirs !== null && draft !== null && (
        <div class="side-stale" role="alert">
          <p>{t("board.order.stale")}</p>
          <div class="side-both">
            <Names title={t("board.order.theirs")} places={theirs} />
            <Names title={t("board.order.yours")} places={draft.places} />
          </div>
          <button type="button" onClick={forget}>
            {t("board.order.take_theirs")}
          </button>
          <button type="button" onClick={() => void save(revision)}>
            {t("board.order.keep_yours")}
          </button>
        </div>
      )}
      {draft !== null && theirs === null && !isSame(draft.places, saved) && (
        <p class="side-unsaved">
          {t("board.order.unsaved")}{" "}
          <button type="button" class="main" onClick={() => void save(draft.revision)}>
            {t("do.order")}
          </button>{" "}
          <button type="button" onClick={forget}>
            {t("do.cancel")}
          </button>
        </p>
      )}
      <ol>
        {places.slice(0, ROWS_MAX).map((place, index) => (
          <Row
            key={skuOf(place)}
            place={place}
            index={index}
            isOnAir={facts.live.isOnAir(skuOf(place))}
            isLast={index === places.length - 1}
            arrange={arrange}
          />
        ))}
      </ol>
      {places.length > ROWS_MAX && (
        <p class="quiet">{t("board.order.more", { more: count(places.length - ROWS_MAX) })}</p>
      )}
    </section>
  );
}

interface RowProps {
  readonly place: Slots[number];
  readonly index: number;
  readonly isOnAir: boolean;
  readonly isLast: boolean;
  readonly arrange: (from: number, to: number) => void;
}

function Row({ place, index, isOnAir, isLast, arrange }: RowProps) {
  const board = useBoard();
  const row = useRef<HTMLLIElement>(null);
  const now = useRef({ index, arrange });
  now.current = { index, arrange };
  useEffect(() => {
    if (row.current === null) return;
    return letDrag({
      row: row.current,
      handle: row.current.querySelector(".side-handle") ?? undefined,
      list: "run-order",
      place: () => now.current.index,
      dropped: (from, to) => now.current.arrange(from, to),
    });
  }, []);
  const sku = skuOf(place);
  const title = useTitle(sku);
  const minutes = typeof place === "string" ? null : place.minutes;
  return (
    <li ref={row} data-sku={sku} data-on-air={isOnAir}>
      <span class="side-handle" aria-hidden="true">
        ⠿
      </span>
      <span class="side-place digits">{count(index + 1)}</span>
      <button type="button" class="as-link side-name" onClick={() => board.choose(sku)}>
        {title}
      </button>
      {minutes != null && <span class="quiet digits">{t("board.order.minutes", { minutes: count(minutes) })}</span>}
      <span class="side-moves">
        <button
          type="button"
          aria-label={t("board.order.up", { title })}
          disabled={index === 0}
          onClick={() => arrange(index, index - 1)}
        >
          ↑
        </button>
        <button
          type="button"
          aria-label={t("board.order.down", { title })}
          disabled={isLast}
          onClick={() => arrange(index, index + 1)}
        >
          ↓
        </button>
      </span>
    </li>
  );
}

function Name({ sku }: { readonly sku: string }) {
  return <li>{useTitle(sku)}</li>;
}

function Names({ title, places }: { readonly title: string; readonly places: Slots }) {
  return (
    <div>
      <h3>{title}</h3>
      <ol>
        {places.slice(0, 10).map((place) => (
          <Name key={skuOf(place)} sku={skuOf(place)} />
        ))}
      </ol>
    </div>
  );
}
