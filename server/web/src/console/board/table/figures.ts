/** How the figures of a row are written. */

import type { MetricRow } from "@shelfcast/client/backstage";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { lasting, paceDigits } from "../../../staff/lasting";

export const NONE = "–";

/** From so many minutes on a time is told in hours. */
const HOURS_FROM = 100;

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

/** Between which times it will be in four of five cases; "" where nobody knows. */
export function etaRangeText(metric: MetricRow | undefined): string {
  if (metric === undefined || metric.remaining <= 0) return "";
  const { sold_out_in_minutes_low: low, sold_out_in_minutes_high: high } = metric;
  if (low === null) return "";
  const most = high === null ? "∞" : inMinutes(high);
  return t("board.eta.range", { low: inMinutes(low), high: most });
}

function inMinutes(minutes: number): string {
  if (minutes < HOURS_FROM) return count(Math.floor(minutes));
  return t("board.eta.hours", {
    hours: count(Math.floor(minutes / 60)),
    minutes: String(Math.floor(minutes % 60)).padStart(2, "0"),
  });
}

/** Units a minute; "–" before the first minute of the show has ended. */
export function paceText(metric: MetricRow | undefined): string {
  return metric?.units_a_minute == null ? NONE : count(paceDigits(metric.units_a_minute));
}

export function unitsText(units: number | undefined): string {
  return units === undefined ? NONE : count(units);
}
