/** What the socket names. */

import type { Open } from "./codes.js";

/** How a SKU stands in the room, from plenty to none. */
export type Level = Open<"ok" | "low" | "lower" | "last" | "all_held" | "sold_out" | "frozen">;
/** Where a show is in its evening. */
export type RoomStatus = Open<"scheduled" | "live" | "paused" | "ended">;
/** Why a banner is shown. */
export type BannerKind = Open<
  "last_n" | "all_held" | "sold_out" | "back_in_stock" | "sale_open" | "batch_open" | "batch_exhausted"
>;
/** Where a reservation is between the tap and the parcel. */
export type ReservationState = Open<
  "active" | "payment_pending" | "confirmed" | "cancelled" | "expired" | "paid_no_stock"
>;
/** What an alert is about. */
export type AlertRule = Open<
  "share_left" | "sold_out_eta" | "sell_through" | "active_sku_rate" | "elastic" | "gate" | "shortage"
>;
/** Whether an alert stands, and whether anybody has taken note of it. */
export type AlertState = Open<"firing" | "acknowledged" | "resolved">;
/** How grave an alert is. */
export type Severity = Open<"watch" | "warning" | "critical">;
