/** How the figures of a row are written. */

import type { MetricRow } from "@shelfcast/client/backstage";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { lasting, paceDigits } from "../../../staff/lasting";

export const NONE = "–";

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

/** Units a minute; "–" before the first minute of the show has ended. */
export function paceText(metric: MetricRow | undefined): string {
  return metric?.units_a_minute == null ? NONE : count(paceDigits(metric.units_a_minute));
}

export function unitsText(units: number | undefined): string {
  return units === undefined ? NONE : count(units);
}
