/** How the numbers of a report are written. */

import { count, percent, price } from "../../../shared/format";
import { language, localeOf, t } from "../../../shared/i18n";
import type { MoneyTotal } from "../../api/schema";

/** What there is none of: nothing sold, no plan, nobody counted. */
export const NONE = "–";

export function unitsOr(units: number | null): string {
  return units === null ? NONE : count(units);
}

/** The sign is said, so that no colour is needed. */
export function signed(units: number | null): string {
  if (units === null) return NONE;
  return units > 0 ? `+${count(units)}` : count(units).replace("-", "−");
}

export function shareOr(share: number | null): string {
  return share === null ? NONE : percent(share);
}

/** A number with at most one digit behind the point: minutes, a pace. */
export function about(n: number | null): string {
  if (n === null) return NONE;
  return new Intl.NumberFormat(localeOf(language.value), { maximumFractionDigits: 1 }).format(n);
}

/** What came in less what went back, of one currency, in minor units. */
export function netOf({ paid_minor, by_price_minor, refunded_minor }: MoneyTotal): number {
  return paid_minor + by_price_minor - refunded_minor;
}

/** Currencies stand one behind the other and are never added. */
export function netText(money: readonly MoneyTotal[]): string {
  if (money.length === 0) return NONE;
  return money.map((each) => price(netOf(each), each.currency)).join(" + ");
}

/** A time of day to the minute, with its day where that is another than the day of `besideMs`. */
export function clock(atMs: number | null, besideMs: number): string {
  if (atMs === null) return NONE;
  const isSameDay = new Date(atMs).toDateString() === new Date(besideMs).toDateString();
  const day = isSameDay ? {} : ({ month: "short", day: "numeric" } as const);
  return new Intl.DateTimeFormat(localeOf(language.value), { ...day, hour: "2-digit", minute: "2-digit" }).format(atMs);
}

/** People and units that were refused for lack of stock: "at least", since who was turned away at the edge left no name. */
export function lostText({ people, units }: { readonly people: number; readonly units: number }): string {
  return people === 0 && units === 0
    ? NONE
    : t("after.lost.people", { count: people, people: count(people), units: count(units) });
}
