/** What keeps a SKU from being bought now: one table for all pages, each of which says first what matters to it. Pure. */

import type { RoomStatus, SkuView } from "@shelfcast/client";

export type Hindrance =
  | "room_ended"
  | "room_scheduled"
  | "room_paused"
  | "sale_ended"
  | "not_open"
  | "frozen"
  | "sold_out"
  | "all_held";

export type Terms = Pick<SkuView, "available" | "held" | "level" | "opens_at_ms" | "closes_at_ms" | "next_batch_at_ms">;

export interface Moment {
  readonly status: RoomStatus;
  /** The server's clock. */
  readonly nowMs: number;
}

const HOLDS: Readonly<Record<Hindrance, (terms: Terms, moment: Moment) => boolean>> = {
  room_ended: (_, { status }) => status === "ended",
  room_scheduled: (_, { status }) => status === "scheduled",
  room_paused: (_, { status }) => status === "paused",
  sale_ended: ({ closes_at_ms }, { nowMs }) => closes_at_ms !== null && closes_at_ms <= nowMs,
  not_open: ({ opens_at_ms }, { nowMs }) => opens_at_ms !== null && nowMs < opens_at_ms,
  frozen: ({ level }) => level === "frozen",
  sold_out: (terms) => empty(terms) && terms.level !== "all_held" && terms.held <= 0,
  all_held: (terms) => empty(terms) && (terms.level === "all_held" || terms.held > 0),
};

/** A level that a newer server may add says nothing of it; the count does. */
function empty({ level, available }: Terms): boolean {
  return level === "sold_out" || level === "all_held" || (level !== "frozen" && available <= 0);
}

/** The first of these that holds at the moment; null where none does. */
export function hindrance(order: readonly Hindrance[], terms: Terms, moment: Moment): Hindrance | null {
  return order.find((each) => HOLDS[each](terms, moment)) ?? null;
}
