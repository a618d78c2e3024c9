/** How fast a product sells and how long it will last, in words. */

import type { Alert, MetricRow } from "@shelfcast/client";

/** Minutes; docs/rules.md#alerts. */
export const SOON_MINUTES = 60;
/** A tier rings again only above this many points more (the server's re-arming): until then its alert stands. */
export const REARM_POINTS = 3;

export type Lasting =
  | { readonly kind: "unknown" | "not_selling" | "sold_out" | "under_a_minute" }
  | { readonly kind: "minutes"; readonly minutes: number }
  | { readonly kind: "hours"; readonly hours: number; readonly minutes: number };

/** How long what remains will last at the pace of the last half hour. */
export function lasting(row: Pick<MetricRow, "remaining" | "sold_out_in_minutes"> | undefined): Lasting {
  if (row === undefined) return { kind: "unknown" };
  if (row.remaining <= 0) return { kind: "sold_out" };
  if (row.sold_out_in_minutes === null) return { kind: "not_selling" };
  if (row.sold_out_in_minutes < 1) return { kind: "under_a_minute" };
  const minutes = Math.floor(row.sold_out_in_minutes);
  return minutes < 100
    ? { kind: "minutes", minutes }
    : { kind: "hours", hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}

/** Whether that is soon enough to speak of it. */
export function isSoon(row: Pick<MetricRow, "sold_out_in_minutes"> | undefined): boolean {
  const minutes = row?.sold_out_in_minutes;
  return minutes !== null && minutes !== undefined && minutes < SOON_MINUTES;
}

/** Units a minute with as many digits as mean anything: 0.4, 7.5, 23. */
export function paceDigits(unitsAMinute: number): number {
  return unitsAMinute < 10 ? Math.round(unitsAMinute * 10) / 10 : Math.round(unitsAMinute);
}

/** Whether an alert still holds: new stock takes it back, once it is clear of its tier. */
export function stands(
  alert: Pick<Alert, "tier_percent">,
  row: Pick<MetricRow, "remaining" | "held" | "sold"> | undefined,
): boolean {
  if (row === undefined) return true;
  const whole = row.remaining + row.held + row.sold;
  return whole <= 0 || 100 * row.remaining <= (alert.tier_percent + REARM_POINTS) * whole;
}
