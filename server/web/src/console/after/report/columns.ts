/** The columns of a report's tables. */

import { price } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { PoolSkuDuring, ReportedSku } from "../../api/schema";
import type { Column } from "../table/BigTable";
import { about, clock, lostText, NONE, netOf, netText, shareOr, signed, unitsOr } from "./numbers";

/** Which columns of a SKU are shown together. */
export const FACES = ["sales", "pace", "demand", "count"] as const;
export type Face = (typeof FACES)[number];

type Sku = Column<ReportedSku>;

const number = <R>(id: string, label: string, rem: number, value: (row: R) => number | null): Column<R> => ({
  id,
  label,
  rem,
  value,
  isNumber: true,
});

const OF_FACE: Readonly<Record<Face, (startedAtMs: number) => readonly Sku[]>> = {
  sales: () => [
    number("sold", t("after.column.sold"), 4.5, ({ stock }) => stock.sold),
    number("orders", t("after.total.orders"), 4.5, ({ orders }) => orders),
    number("cancelled", t("after.column.cancelled"), 6.5, ({ stock }) => stock.cancelled),
    number("shipped", t("after.column.shipped"), 5, ({ stock }) => stock.shipped),
    number("unshipped", t("after.column.unshipped"), 5, ({ stock }) => stock.unshipped),
    number("neither", t("after.total.neither"), 6, neitherOf),
    {
      ...number<ReportedSku>("presale", t("after.presale"), 4.5, ({ presale }) => presale?.sold ?? null),
      text: ({ presale }) => unitsOr(presale?.sold ?? null),
    },
    number("left", t("after.sku.left"), 5, ({ left_to_sell }) => left_to_sell),
    share("through", t("after.total.through"), ({ sell_through }) => sell_through),
    {
      ...number<ReportedSku>("price", t("after.sku.price"), 6, ({ price_minor }) => price_minor),
      text: ({ price_minor, currency }) => (price_minor === null ? NONE : price(price_minor, currency)),
    },
    {
      ...number<ReportedSku>("paid", t("after.sku.paid"), 7.5, ({ money }) => (money[0] ? netOf(money[0]) : null)),
      text: ({ money }) => netText(money),
    },
  ],
  pace: (startedAtMs) => [
    number("sold", t("after.column.sold"), 4.5, ({ stock }) => stock.sold),
    time("first_sale", t("after.sku.first_sale"), startedAtMs, (row) => row.first_sale_ms),
    time("sold_out", t("after.sku.sold_out_at"), startedAtMs, (row) => row.sold_out_at_ms),
    minutes("to_sold_out", t("after.sku.to_sold_out"), (row) => row.minutes_to_sold_out),
    minutes("on_air", t("after.sku.on_air"), (row) => row.on_air_minutes),
    {
      ...number<ReportedSku>("best_pace", t("after.sku.best_pace"), 9, ({ best_pace }) => best_pace),
      text: ({ best_pace, best_pace_ms }) =>
        best_pace_ms === null
          ? unitsOr(best_pace)
          : t("after.sku.best_pace.at", { units: unitsOr(best_pace), at: clock(best_pace_ms, startedAtMs) }),
    },
  ],
  demand: () => [
    number("sold", t("after.column.sold"), 4.5, ({ stock }) => stock.sold),
    number("expected", t("after.total.expected"), 5.5, ({ expected }) => expected),
    {
      ...number<ReportedSku>("error", t("after.total.error"), 6, ({ forecast_error }) => forecast_error),
      text: ({ forecast_error }) => signed(forecast_error),
    },
    {
      ...number<ReportedSku>("lost", t("after.total.lost"), 10, ({ lost }) => lost.units),
      text: ({ lost }) => lostText(lost),
    },
    number("attempts", t("after.sku.attempts"), 6, ({ lost }) => lost.attempts),
    number("waiting", t("after.sku.waiting"), 6, ({ waiting }) => waiting),
    number("left", t("after.sku.left"), 5, ({ left_to_sell }) => left_to_sell),
  ],
  count: () => [
    number("sold", t("after.column.sold"), 4.5, ({ stock }) => stock.sold),
    {
      ...number<ReportedSku>("counted", t("after.column.counted"), 6, ({ count }) => count?.counted ?? null),
      text: ({ count }) => (count === null ? t("after.not_counted") : unitsOr(count.counted)),
    },
    {
      ...number<ReportedSku>("difference", t("after.column.difference"), 5.5, ({ count }) => count?.difference ?? null),
      text: ({ count }) => signed(count?.difference ?? null),
    },
    { id: "why", label: t("after.column.why"), rem: 16, value: whyOf, text: (row) => whyOf(row) ?? NONE },
  ],
};

/** Units that are neither sold nor free. */
export function neitherOf({ stock }: ReportedSku): number {
  return stock.held + stock.payment_pending + stock.paid_no_stock;
}

function whyOf({ count }: ReportedSku): string | null {
  if (count === null) return null;
  const said = [
    count.difference !== 0 && count.reason !== "" ? t(`counts.reason.${count.reason}`) : "",
    count.reason_note,
    count.signed_by.length === 0 ? "" : t("after.signed", { who: count.signed_by.join(t("after.comma")) }),
  ].filter(Boolean);
  return said.length === 0 ? null : said.join(t("after.between"));
}

function share(id: string, label: string, of: (row: ReportedSku) => number | null): Sku {
  return { ...number(id, label, 5.5, of), text: (row) => shareOr(of(row)) };
}

function minutes(id: string, label: string, of: (row: ReportedSku) => number | null): Sku {
  return { ...number(id, label, 7, of), text: (row) => about(of(row)) };
}

function time(id: string, label: string, besideMs: number, of: (row: ReportedSku) => number | null): Sku {
  return { ...number(id, label, 7, of), text: (row) => clock(of(row), besideMs) };
}

export const LINK_REM = 3.5;

export function columnsOf(face: Face, startedAtMs: number, name: Sku): readonly Sku[] {
  const link: Sku = {
    id: "link",
    label: t("after.column.link"),
    rem: LINK_REM,
    isNumber: true,
    isNarrow: true,
    value: ({ link }) => link,
    text: ({ link }) => (link === null ? "" : String(link)),
  };
  return [link, name, ...OF_FACE[face](startedAtMs)];
}

const SOLD = "sold:";
const POOL = ["opening", "received", "returned", "gained", "shipped", "written_off", "lost", "closing"] as const;
const MOVED = ["moved_in", "moved_out", "external_sold", "oversold"] as const;

/** The identity of each SKU, term by term in its order. */
export function poolColumns(placeText: (place: string) => string): readonly Column<PoolSkuDuring>[] {
  return [
    nameColumn(),
    ...POOL.map((name) => number<PoolSkuDuring>(name, t(`after.pool.${name}`), 5.5, (row) => row[name])),
    {
      id: "places",
      label: t("after.pool.places"),
      rem: 22,
      value: (row) => placesText(row, placeText) || null,
    },
    ...MOVED.map((name) => number<PoolSkuDuring>(name, t(`after.pool.${name}`), 6, (row) => row[name])),
  ];
}

/** Where the closing units are, the most first. */
function placesText({ closing_places }: PoolSkuDuring, placeText: (place: string) => string): string {
  return Object.entries(closing_places)
    .filter(([, units]) => units !== 0)
    .sort(([, a], [, b]) => b - a)
    .map(([place, units]) => `${soldText(place) || placeText(place)} ${unitsOr(units)}`)
    .join(t("after.between"));
}

/** Of several channels' sales it has to be said whose they are. */
function soldText(place: string): string {
  return place.startsWith(SOLD) ? t("after.pool.sold_by", { name: place.slice(SOLD.length) }) : "";
}

export function nameColumn<R extends { readonly sku: string; readonly title: string }>(): Column<R> {
  return {
    id: "title",
    label: t("after.column.goods"),
    rem: 13,
    isName: true,
    value: ({ title, sku }) => title || sku,
    text: ({ title, sku }) => (title === "" ? sku : `${title} · ${sku}`),
  };
}
