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
  /** Whether who was too late may wait here for what comes back. */
  waitlist: boolean;
  /** What the server refused a wish for, where no count has said so yet. */
  lack: Lack | null;
}

/** There is none to be had now, and some may come back. */
export type Lack = "sold_out" | "all_held";

/** Why there is nothing to press. Each has its own sentence. */
export type Obstacle = Exclude<Hindrance, "not_open"> | "closed" | "away" | "sign_in" | "limit";

export type Offer =
  | { kind: "open"; later: boolean }
  | { kind: "opens"; atMs: number }
  /** There is none now, and a place on the list to be had. */
  | { kind: "wait"; because: Lack; later: boolean; nextBatchAtMs?: number }
  /** Of what is sold out: when the next batch opens, as `next_batch_at_ms` has it. */
  | { kind: "none"; because: Obstacle; nextBatchAtMs?: number };

/** In the order in which they matter to somebody who wants to buy: first what no waiting mends. */
const FOR_GOOD: readonly Hindrance[] = ["room_ended", "sale_ended"];
const FOR_NOW: readonly Hindrance[] = ["room_scheduled", "room_paused", "not_open", "frozen", "all_held", "sold_out"];

export function offerOf(view: SkuView, now: Circumstances): Offer {
  const because = obstacle(view, now) ?? (now.waitlist ? now.lack : null);
  if (because === "not_open" && view.opens_at_ms !== null) return { kind: "opens", atMs: view.opens_at_ms };
  if (because !== null && because !== "not_open") {
    const nextBatchAtMs = because === "sold_out" ? view.next_batch_at_ms : null;
    const more = nextBatchAtMs !== null && { nextBatchAtMs };
    if (!now.waitlist || !isLack(because)) return { kind: "none", because, ...more };
    if (mostToWait(view, now.mine) < 1) return { kind: "none", because: "limit" };
    return { kind: "wait", because, later: now.reach === "waiting", ...more };
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

function isLack(because: Obstacle): because is Lack {
  return because === "sold_out" || because === "all_held";
}

/** The most units that one press may ask for; below 1 where the viewer has all that one customer may have. */
export function mostOf(view: SkuView, mine: number): number {
  return Math.min(mostToWait(view, mine), view.available);
}

/** The same of a wish to wait, which no count bounds. */
export function mostToWait(view: Pick<SkuView, "limit_per_user">, mine: number): number {
  return Math.min(QTY_MAX, (view.limit_per_user ?? QTY_MAX + mine) - mine);
}

/** What there is none of: what was said of that is true as long as this says so. */
export function reasonOf(offer: Offer | null): Obstacle | null {
  return offer?.kind === "none" || offer?.kind === "wait" ? offer.because : null;
}

/** The quantity that is shown and sent: what was chosen, kept within what may be asked for now. */
export function quantity(chosen: number, most: number): number {
  return Math.max(1, Math.min(chosen, most));
}

/** Whether a press is kept and sent when the connection is back. */
export function isForLater(offer: Offer): boolean {
  return "later" in offer && offer.later;
}
