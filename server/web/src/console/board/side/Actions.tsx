/** What can be done with a SKU: one is chosen, its sentence is read, then it is done. */

import { useComputed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOf } from "../../api/client";
import type { Console } from "../../console";
import { type Aside, receive, setAside } from "../../operations/goods";
import type { Operation } from "../../operations/operation";
import { Perform } from "../../operations/Perform";
import { freezeSku, spotlight } from "../../operations/show";
import { allocate, putOnSale, releaseElastic } from "../../operations/units";
import { useBoard } from "../model";
import { useKept } from "./kept";
import { unitsOf } from "./units";

const WAYS = ["put", "release", "move", "aside", "receive", "air", "freeze"] as const;
type Way = (typeof WAYS)[number];

/** What a person puts up at once, unless they say otherwise. */
const USUAL_UNITS = 20;
const REASON_MAX = 200;
/** The reserve is filled more often than the buffer. */
const ASIDE_FIRST: readonly Aside[] = ["elastic", "safety"];
/** So long after the last digit the server is asked whom the units would serve, in ms. */
const ASKED_AFTER_MS = 250;

export function Actions({ sku }: { readonly sku: string }) {
  const { facts, it } = useBoard();
  const [way, setWay] = useState<Way | null>(null);
  const isFrozen = useComputed(() => facts.live.units(sku)?.frozen ?? false).value;
  const isOnAir = useComputed(() => facts.live.isOnAir(sku)).value;
  const own = useOwnPlace();
  const close = () => setWay(null);
  const label = (each: Way) => {
    if (each === "freeze") return t(isFrozen ? "do.thaw" : "do.freeze");
    if (each === "air") return t(isOnAir ? "board.do.off_air" : "do.spotlight");
    return t(`board.do.${each}`);
  };
  return (
    <div class="side-actions">
      <div class="side-ways">
        {WAYS.map((each) => (
          <button
            key={each}
            type="button"
            aria-expanded={way === each}
            onClick={() => setWay(way === each ? null : each)}
          >
            {label(each)}
          </button>
        ))}
      </div>
      {way === "put" && <Units sku={sku} waitsAt={own} make={(units) => putOnSale(it, sku, units)} onDone={close} />}
      {way === "release" && (
        <Units sku={sku} waitsAt="pool" make={(units) => releaseElastic(it, sku, units)} onDone={close} />
      )}
      {way === "move" && <Move sku={sku} onDone={close} />}
      {way === "aside" && <SetAside sku={sku} onDone={close} />}
      {way === "receive" && <Receive sku={sku} onDone={close} />}
      {way === "air" && <One make={() => spotlight(it, isOnAir ? null : sku)} name={`air ${isOnAir}`} onDone={close} />}
      {way === "freeze" && (
        <One make={() => freezeSku(it, sku, !isFrozen)} name={`freeze ${isFrozen}`} onDone={close} />
      )}
    </div>
  );
}

interface OneProps {
  readonly make: () => Operation;
  readonly name: string;
  readonly onDone: () => void;
}

function One({ make, name, onDone }: OneProps) {
  const operation = useKept(make, name);
  return <Perform operation={operation} onDone={onDone} onCancel={onDone} />;
}

interface UnitsProps {
  readonly sku: string;
  /** Where the units come to be free, where people who wait may get them. */
  readonly waitsAt?: string;
  readonly make: (units: number) => Operation;
  /** What else it depends on. */
  readonly about?: string;
  readonly onDone: () => void;
}

/** An operation with so many units. */
function Units({ sku, waitsAt = "", make, about = "", onDone }: UnitsProps) {
  const [text, setText] = useState(String(USUAL_UNITS));
  const units = unitsOf(text);
  const { it } = useBoard();
  const serves = useServes(it, sku, waitsAt === "" ? null : units, waitsAt);
  const operation = useKept(() => make(units ?? 0), `${units} ${about}`);
  return (
    <div class="side-form">
      <UnitsField text={text} onInput={setText} />
      {units === null ? (
        <p class="quiet">{t("board.units.wrong")}</p>
      ) : (
        <>
          {serves !== "" && operation.hindered() === "" && <p class="side-serves">{serves}</p>}
          <Perform operation={operation} onDone={onDone} onCancel={onDone} />
        </>
      )}
    </div>
  );
}

function UnitsField({ text, onInput }: { readonly text: string; readonly onInput: (text: string) => void }) {
  return (
    <label>
      {t("board.units")}
      <input
        type="text"
        inputMode="numeric"
        size={7}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
      />
    </label>
  );
}

/** Move units between the pool and a channel. */
function Move({ sku, onDone }: { readonly sku: string; readonly onDone: () => void }) {
  const { it } = useBoard();
  const channels = it.kept.channels.want().value ?? [];
  if (channels.length === 0) return <p class="quiet">{t("board.do.no_channel")}</p>;
  return (
    <Between
      label={t("board.do.channel")}
      places={channels.map(({ channel }) => [channel, channel])}
      sku={sku}
      make={(channel, units) => allocate(it, sku, channel, units)}
      onDone={onDone}
    />
  );
}

/** Set units aside, or take them back from there. */
function SetAside({ sku, onDone }: { readonly sku: string; readonly onDone: () => void }) {
  const { it } = useBoard();
  return (
    <Between
      label={t("board.item.place")}
      places={ASIDE_FIRST.map((place) => [place, t(`place.${place}`)])}
      sku={sku}
      make={(place, units) => setAside(it, sku, place, units)}
      onDone={onDone}
    />
  );
}

interface BetweenProps<P extends string> {
  readonly label: string;
  /** Name and what it is called; the first is chosen at first. There is at least one. */
  readonly places: readonly (readonly [P, string])[];
  readonly sku: string;
  /** A negative number: back into the pool. */
  readonly make: (place: P, units: number) => Operation;
  readonly onDone: () => void;
}

/** From the pool to one of some places, or back. */
function Between<P extends string>({ label, places, sku, make, onDone }: BetweenProps<P>) {
  const [wanted, setWanted] = useState<string>("");
  const [isBack, setBack] = useState(false);
  const chosen = places.find(([name]) => name === wanted) ?? places[0];
  if (chosen === undefined) return null;
  const [place] = chosen;
  return (
    <div class="side-form">
      <label>
        {label}
        <select value={place} onChange={(event) => setWanted(event.currentTarget.value)}>
          {places.map(([name, called]) => (
            <option key={name} value={name}>
              {called}
            </option>
          ))}
        </select>
      </label>
      <label class="side-check">
        <input type="checkbox" checked={isBack} onChange={(event) => setBack(event.currentTarget.checked)} />
        {t("board.do.back")}
      </label>
      <Units
        key={`${place} ${isBack}`}
        sku={sku}
        make={(units) => make(place, isBack ? -units : units)}
        onDone={onDone}
      />
    </div>
  );
}

/** Goods that have come in, with where they are from. */
function Receive({ sku, onDone }: { readonly sku: string; readonly onDone: () => void }) {
  const { it } = useBoard();
  const [reason, setReason] = useState("");
  return (
    <div class="side-form">
      <label>
        {t("board.do.reason")}
        <input
          type="text"
          maxLength={REASON_MAX}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <Units
        sku={sku}
        waitsAt="pool"
        make={(units) => receive(it, sku, units, reason.trim())}
        about={reason}
        onDone={onDone}
      />
    </div>
  );
}

/** Where the room sells from: its own channel, where that has units of its own. */
function useOwnPlace(): string {
  const { it, room } = useBoard();
  const name = room.value?.channel;
  const own = it.kept.channels.want().value?.find(({ channel }) => channel === name);
  return own?.kind === "dedicated" ? `channel:${own.channel}` : "pool";
}

/** Whom so many more units would serve, where people wait: "serves 38 who wait". */
function useServes(it: Console, sku: string, units: number | null, target: string): string {
  const { facts } = useBoard();
  const waiting = facts.live.waiting(sku);
  const [found, setFound] = useState<{ units: number; serves: number } | null>(null);
  useEffect(() => {
    if (units === null || waiting === 0) return;
    let isOver = false;
    const timer = setTimeout(async () => {
      const params = { path: { pool: it.pool, sku }, query: { units, target } };
      const answer = await answerOf(it.api.GET("/v1/pools/{pool}/skus/{sku}/waiting", { params }));
      if (!isOver && answer.ok) setFound({ units, serves: answer.value.serves });
    }, ASKED_AFTER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [it, sku, units, target, waiting]);
  if (units === null || waiting === 0 || found?.units !== units) return "";
  return t("board.serves", { count: found.serves, units: count(units), shown: count(found.serves) });
}
