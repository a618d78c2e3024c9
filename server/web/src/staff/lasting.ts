/** How fast a product sells and how long it will last, as the server says, in words and digits. */

import type { MetricRow } from "@shelfcast/client/backstage";

export type Lasting =
  | { readonly kind: "unknown" | "sold_out" | "under_a_minute" }
  | { readonly kind: "minutes"; readonly minutes: number }
  | { readonly kind: "hours"; readonly hours: number; readonly minutes: number };

/** How long what remains will last; unknown where there is no pace, or none that ends it. */
export function lasting(row: Pick<MetricRow, "remaining" | "sold_out_in_minutes"> | undefined): Lasting {
  if (row !== undefined && row.remaining <= 0) return { kind: "sold_out" };
  const left = row?.sold_out_in_minutes ?? null;
  if (left === null) return { kind: "unknown" };
  if (left < 1) return { kind: "under_a_minute" };
  const minutes = Math.floor(left);
  return minutes < 100
    ? { kind: "minutes", minutes }
    : { kind: "hours", hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}

/** Units a minute with as many digits as mean anything: 0.4, 7.5, 23. */
export function paceDigits(unitsAMinute: number): number {
  return unitsAMinute < 10 ? Math.round(unitsAMinute * 10) / 10 : Math.round(unitsAMinute);
}
