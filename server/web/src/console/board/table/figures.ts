/** How the figures of a row are written. */

import type { MetricRow } from "@shelfcast/client/backstage";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { lasting, paceDigits } from "../../../staff/lasting";

export const NONE = "–";

/** From so many minutes on a time is told in hours. */
const HOURS_FROM = 100;
/** Longer than any show. */
const ENDLESS_FROM = 100 * 60;

/** Minutes until it is sold out, in few letters; "–" where nobody knows. */
export function etaText(metric: MetricRow | undefined): string {
  const lasts = lasting(metric);
  switch (lasts.kind) {
    case "minutes":
      return t("board.eta.minutes", { minutes: count(lasts.minutes) });
    case "hours":
      return t("board.eta.hours", { hours: count(lasts.hours), minutes: String(lasts.minutes).padStart(2, "0") });
    case "under_a_minute":
      return t("board.eta.minutes", { minutes: t("lasting.under_a_minute") });
    case "sold_out":
      return t("lasting.sold_out");
    default:
      return NONE;
  }
}

/** Between which times it will be in four of five cases, both in one unit; "" where nobody knows. */
export function etaRangeText(metric: MetricRow | undefined): string {
  if (metric === undefined || metric.remaining <= 0) return "";
  const { sold_out_in_minutes_low: low, sold_out_in_minutes_high: high } = metric;
  // Without an upper end it says little more than that it may be any time.
  if (low === null || (high === null && low < 1)) return "";
  const inHours = (high ?? low) >= HOURS_FROM;
  const text = (minutes: number) => count(inHours ? inFewDigits(minutes / 60) : Math.floor(minutes));
  const most = high === null || high >= ENDLESS_FROM ? "∞" : text(high);
  if (text(low) === most) return "";
  return t(inHours ? "board.eta.range_hours" : "board.eta.range", { low: text(low), high: most });
}

/** 0.4, 7.5, 23. */
function inFewDigits(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}

/** Units a minute; "–" before the first minute of the show has ended. */
export function paceText(metric: MetricRow | undefined): string {
  return metric?.units_a_minute == null ? NONE : count(paceDigits(metric.units_a_minute));
}

export function unitsText(units: number | undefined): string {
  return units === undefined ? NONE : count(units);
}
