/** Between which times a product will be gone, as the server says. */

import type { MetricRow } from "@shelfcast/client/backstage";
import { count } from "../shared/format";
import { t } from "../shared/i18n";

/** From so many minutes on a time is told in hours. */
const HOURS_FROM = 100;
/** Longer than any show. */
const ENDLESS_FROM = 100 * 60;

/** Between which times it will be in four of five cases, both in one unit; "" where nobody knows. */
export function lastingRangeText(metric: MetricRow | undefined): string {
  if (metric === undefined || metric.remaining <= 0) return "";
  const { sold_out_in_minutes_low: low, sold_out_in_minutes_high: high } = metric;
  // Without an upper end it says little more than that it may be any time.
  if (low === null || (high === null && low < 1)) return "";
  const inHours = (high ?? low) >= HOURS_FROM;
  const text = (minutes: number) => count(inHours ? inFewDigits(minutes / 60) : Math.floor(minutes));
  const most = high === null || high >= ENDLESS_FROM ? "∞" : text(high);
  if (text(low) === most) return "";
  return t(inHours ? "lasting.range_hours" : "lasting.range", { low: text(low), high: most });
}

/** 0.4, 7.5, 23. */
function inFewDigits(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
