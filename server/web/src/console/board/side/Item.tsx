/** One SKU: where its units are, and what can be done with it. */

import { useEffect, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { Tile } from "../../../shared/Tile";
import { levelText } from "../../../staff/level";
import { LevelMark } from "../LevelMark";
import { useBoard } from "../model";
import { unitsText } from "../table/figures";
import { Actions } from "./Actions";

export function Item() {
  const board = useBoard();
  const sku = board.chosen.value;
  if (sku === null) return <p class="quiet">{t("board.item.none")}</p>;
  return <ItemOf key={sku} sku={sku} />;
}

function ItemOf({ sku }: { readonly sku: string }) {
  const board = useBoard();
  const { facts, it } = board;
  const shown = facts.live.shown(sku);
  const title = it.titleOf(sku);
  const level = shown?.level ?? "";
  return (
    // Escape leads back to where the row is.
    <section
      class="side-item"
      aria-labelledby="board-item"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        document.querySelector<HTMLElement>(`.board-row[data-sku="${CSS.escape(sku)}"] [tabindex="0"]`)?.focus();
      }}
    >
      <div class="side-item-head">
        <Tile sku={sku} title={title} image={shown?.image_url ?? null} />
        <div>
          <h2 id="board-item" tabIndex={-1}>
            {shown?.link != null && <span class="link-mark">{shown.link}</span>} {title}
          </h2>
          <p class="quiet">
            {sku}
            {level !== "" && level !== "ok" && (
              <span class="side-level" data-level={level}>
                {" "}
                <LevelMark name={level} /> {levelText(level)}
              </span>
            )}
          </p>
        </div>
      </div>
      <Actions sku={sku} />
      <Places sku={sku} />
    </section>
  );
}

/** Where its units are, in the whole pool. */
function Places({ sku }: { readonly sku: string }) {
  const { facts, room } = useBoard();
  const units = facts.live.units(sku);
  const [isWhole, setWhole] = useState(false);
  const shown = facts.live.shown(sku);
  const waiting = facts.live.waiting(sku);
  useEffect(() => setWhole(false), [sku]);
  const own = room.value?.channel ?? "";
  return (
    <div class="side-places">
      <dl class="side-figures">
        <Figure name={t("board.column.available")}>{unitsText(shown?.available)}</Figure>
        <Figure name={t("board.column.held")}>{unitsText(shown?.held)}</Figure>
        <Figure name={t("board.column.sold")}>{unitsText(facts.live.metric(sku)?.sold)}</Figure>
        <Figure name={t("board.column.waiting")}>{count(waiting)}</Figure>
        <Figure name={t("board.column.pool")}>{unitsText(units?.pool)}</Figure>
        <Figure name={t("board.reserve.safety")}>{unitsText(units?.safety)}</Figure>
        <Figure name={t("board.reserve.elastic")}>{unitsText(units?.elastic)}</Figure>
        <Figure name={t("board.reserve.batch")}>{unitsText(units?.locked)}</Figure>
      </dl>
      {units !== undefined && units.channels.length + units.batches.length > 0 && (
        <details open={isWhole} onToggle={(event) => setWhole(event.currentTarget.open)}>
          <summary>{t("board.item.places", { channels: count(units.channels.length) })}</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("board.item.place")}</th>
                <th scope="col">{t("board.item.free")}</th>
                <th scope="col">{t("board.column.held")}</th>
                <th scope="col">{t("board.column.sold")}</th>
              </tr>
            </thead>
            <tbody>
              {units.channels.map(({ channel, allocated, held, sold }) => (
                <tr key={channel}>
                  <th scope="row">
                    {channel}
                    {channel === own && <span class="quiet"> {t("board.item.own")}</span>}
                  </th>
                  <td>{count(allocated)}</td>
                  <td>{count(held)}</td>
                  <td>{count(sold)}</td>
                </tr>
              ))}
              {units.batches.map(({ batch, units: inBatch, is_open: isOpen }) => (
                <tr key={`batch ${batch}`}>
                  <th scope="row">
                    {batch} <span class="quiet">{t(isOpen ? "board.item.batch_open" : "board.item.batch")}</span>
                  </th>
                  <td>{count(inBatch)}</td>
                  <td />
                  <td />
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </div>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="digits">{children}</dd>
    </div>
  );
}
