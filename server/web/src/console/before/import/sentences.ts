/** What an import will do, in units and rows. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { CataloguePreview, CountsPreview, ImportItem, OrdersPreview } from "../../api/schema";

/** The sentence before it is applied. */
export function applyText({ preview, counts, orders }: ImportItem, room: string): string {
  if (counts !== null) return countsText(counts);
  if (orders !== null) return ordersText(orders);
  return preview === null ? "" : catalogueText(preview, room);
}

function countsText({ new: fresh, changed, same, bad, uncounted }: CountsPreview): string {
  const rows = fresh + changed;
  return joined(
    rows === 0 ? t("before.import.nothing") : t("before.import.counts.does", { count: rows, rows: count(rows) }),
    uncounted > 0 && t("before.import.counts.uncounted", { count: uncounted }),
    same > 0 && t("before.import.same", { count: same }),
    bad > 0 && t("before.import.bad", { count: bad }),
  );
}

/** What the orders take of their channel, in units. */
function ordersText({ effect, same, bad, unpaid }: OrdersPreview): string {
  const { channel, orders, units, from_stock, oversold, cancelled } = effect;
  const takes = { count: orders, orders: count(orders), channel, units: count(units), stock: count(from_stock) };
  return joined(
    orders === 0 && cancelled === 0 && t("before.import.nothing"),
    orders > 0 && t("before.import.orders.does", takes),
    oversold > 0 && t("before.import.orders.oversold", { count: oversold, units: count(oversold) }),
    cancelled > 0 && t("before.import.orders.cancelled", { count: cancelled, units: count(cancelled), channel }),
    unpaid > 0 && t("before.import.orders.unpaid", { count: unpaid }),
    same > 0 && t("before.import.same", { count: same }),
    bad > 0 && t("before.import.bad", { count: bad }),
  );
}

function joined(...parts: readonly (string | false)[]): string {
  return parts.filter((each) => each !== false).join(t("before.sentence.between"));
}

/** "makes 12 SKUs, changes 3, receives 1,240 units; 1 bad row stays out". */
export function catalogueText(preview: CataloguePreview, room: string): string {
  const sums = setAsideOf(preview);
  const does = [
    preview.new > 0 && t("before.import.makes", { count: preview.new }),
    preview.changed > 0 && t("before.import.changes", { count: preview.changed }),
    preview.receives > 0 && t("before.import.receives", { count: preview.receives, units: count(preview.receives) }),
    sums.safety > 0 && t("before.import.safety", { units: count(sums.safety) }),
    sums.elastic > 0 && t("before.import.elastic", { units: count(sums.elastic) }),
  ].filter((each) => each !== false);
  const rest = [
    does.length === 0
      ? t("before.import.nothing")
      : t("before.import.does", { what: does.join(t("before.list.between")) }),
    room !== "" && t("before.import.lists", { room }),
    preview.same > 0 && t("before.import.same", { count: preview.same }),
    preview.bad > 0 && t("before.import.bad", { count: preview.bad }),
  ].filter((each) => each !== false);
  return rest.join(t("before.sentence.between"));
}

function setAsideOf({ changes }: CataloguePreview) {
  return changes.reduce((sums, row) => ({ safety: sums.safety + row.safety, elastic: sums.elastic + row.elastic }), {
    safety: 0,
    elastic: 0,
  });
}

/** Where an import stands. */
export function stateText({ state, done, of }: ImportItem): string {
  return t(`before.import.state.${state}`, { done: count(done), of: count(of) });
}

/** What came of it, once it is written. */
export function resultText({ done, of, refused_count }: ImportItem): string {
  return [
    t("before.import.written", { count: Math.max(0, done - refused_count), of: count(of) }),
    refused_count > 0 && t("before.import.refused", { count: refused_count }),
  ]
    .filter(Boolean)
    .join(t("before.sentence.between"));
}
