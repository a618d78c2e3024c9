/** What a viewer may do with one SKU at a moment, and why not otherwise. Pure. */

import type { RoomStatus, SkuView } from "@shelfcast/client";

/** The most units the page lets one press ask for, where the listing names no limit. */
export const QTY_MAX = 99;

/** How the room can be reached: `waiting` means soon again, so a wish is kept and sent then. */
export type Reach = "live" | "waiting" | "away" | "closed";

export interface Circumstances {
  status: RoomStatus;
  reach: Reach;
  /** Whether this page speaks for somebody who may hold units. */
  known: boolean;
  /** Units of this SKU that the viewer holds, has asked for or has paid for. */
  mine: number;
  /** The server's clock. */
  nowMs: number;
}

/** Why there is nothing to press. Each has its own sentence. */
export type Obstacle =
  | "closed"
  | "away"
  | "sign_in"
  | "room_scheduled"
  | "room_paused"
  | "room_ended"
  | "sale_ended"
  | "frozen"
  | "sold_out"
  | "all_held"
  | "limit";

export type Offer =
  | { kind: "open"; later: boolean }
  | { kind: "opens"; atMs: number }
  | { kind: "none"; because: Obstacle };

/** Reasons in the order in which they matter to somebody who wants to buy: first what no waiting mends. */
export function offerOf(view: SkuView, now: Circumstances): Offer {
  const because = obstacle(view, now);
  if (because !== null) return { kind: "none", because };
  if (view.opens_at_ms !== null && now.nowMs < view.opens_at_ms) return { kind: "opens", atMs: view.opens_at_ms };
  if (view.level === "frozen") return { kind: "none", because: "frozen" };
  if (view.available <= 0) return { kind: "none", because: view.held > 0 ? "all_held" : "sold_out" };
  if (mostOf(view, now.mine) < 1) return { kind: "none", because: "limit" };
  return { kind: "open", later: now.reach === "waiting" };
}

function obstacle(view: SkuView, now: Circumstances): Obstacle | null {
  if (now.reach === "closed") return "closed";
  if (now.status === "ended") return "room_ended";
  if (view.closes_at_ms !== null && view.closes_at_ms <= now.nowMs) return "sale_ended";
  if (!now.known) return "sign_in";
  if (now.reach === "away") return "away";
  if (now.status === "scheduled") return "room_scheduled";
  if (now.status === "paused") return "room_paused";
  return null;
}

/** The most units that one press may ask for; below 1 where the viewer has all that one customer may have. */
export function mostOf(view: SkuView, mine: number): number {
  return Math.min(QTY_MAX, view.available, (view.limit_per_user ?? QTY_MAX + mine) - mine);
}

/** The quantity that is shown and sent: what was chosen, kept within what may be asked for now. */
export function quantity(chosen: number, most: number): number {
  return Math.max(1, Math.min(chosen, most));
}
