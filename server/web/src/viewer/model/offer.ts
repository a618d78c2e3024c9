/** What a viewer may do with one SKU at a moment, and why not otherwise. Pure. */

import type { RoomStatus, SkuView } from "@shelfcast/client";
import { type Hindrance, hindrance } from "../../shared/hindrance";

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
export type Obstacle = Exclude<Hindrance, "not_open"> | "closed" | "away" | "sign_in" | "limit";

export type Offer =
  | { kind: "open"; later: boolean }
  | { kind: "opens"; atMs: number }
  /** Of what is sold out: when the next batch opens, as `next_batch_at_ms` has it. */
  | { kind: "none"; because: Obstacle; nextBatchAtMs?: number };

/** In the order in which they matter to somebody who wants to buy: first what no waiting mends. */
const FOR_GOOD: readonly Hindrance[] = ["room_ended", "sale_ended"];
const FOR_NOW: readonly Hindrance[] = ["room_scheduled", "room_paused", "not_open", "frozen", "all_held", "sold_out"];

export function offerOf(view: SkuView, now: Circumstances): Offer {
  const because = obstacle(view, now);
  if (because === "not_open" && view.opens_at_ms !== null) return { kind: "opens", atMs: view.opens_at_ms };
  if (because !== null && because !== "not_open") {
    const nextBatchAtMs = because === "sold_out" ? view.next_batch_at_ms : null;
    return { kind: "none", because, ...(nextBatchAtMs !== null && { nextBatchAtMs }) };
  }
  if (mostOf(view, now.mine) < 1) return { kind: "none", because: "limit" };
  return { kind: "open", later: now.reach === "waiting" };
}

function obstacle(view: SkuView, now: Circumstances): Obstacle | "not_open" | null {
  if (now.reach === "closed") return "closed";
  const forGood = hindrance(FOR_GOOD, view, now);
  if (forGood !== null) return forGood;
  if (!now.known) return "sign_in";
  return now.reach === "away" ? "away" : hindrance(FOR_NOW, view, now);
}

/** The most units that one press may ask for; below 1 where the viewer has all that one customer may have. */
export function mostOf(view: SkuView, mine: number): number {
  return Math.min(QTY_MAX, view.available, (view.limit_per_user ?? QTY_MAX + mine) - mine);
}

/** The quantity that is shown and sent: what was chosen, kept within what may be asked for now. */
export function quantity(chosen: number, most: number): number {
  return Math.max(1, Math.min(chosen, most));
}
