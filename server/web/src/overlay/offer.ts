/** What an overlay says of the spotlit product. Pure. */

import type { RoomStatus } from "@shelfcast/client";
import { COUNTED_DOWN_MS } from "../shared/format";
import { type Hindrance, hindrance, type Terms } from "../shared/hindrance";

export type Offer =
  | { readonly kind: "left" | "last" | "in_stock"; readonly left: number }
  | { readonly kind: "opens"; readonly inMs: number }
  | { readonly kind: "opens_at"; readonly atMs: number }
  | { readonly kind: "next_batch"; readonly atMs: number }
  | { readonly kind: "sold_out" | "all_held" | "frozen" | "paused" | "over" };

/** The gravest first: what the stream's picture has no room for comes last. */
const GRAVEST_FIRST: readonly Hindrance[] = [
  "sold_out",
  "sale_ended",
  "not_open",
  "frozen",
  "room_paused",
  "all_held",
  "room_scheduled",
];

/** The one thing worth saying of a product now. A level that a newer server may add is told by the count alone. */
export function offerOf(product: Terms, status: RoomStatus, serverNowMs: number): Offer {
  switch (hindrance(GRAVEST_FIRST, product, { status, nowMs: serverNowMs })) {
    case "sold_out":
      return soldOut(product, serverNowMs);
    case "sale_ended":
      return { kind: "over" };
    case "not_open":
      return opening(product.opens_at_ms ?? serverNowMs, serverNowMs);
    case "frozen":
      return { kind: "frozen" };
    case "room_paused":
      return { kind: "paused" };
    case "all_held":
      return { kind: "all_held" };
    case "room_scheduled":
      // Before the show nobody can buy: a count, and no hurry.
      return { kind: "in_stock", left: product.available };
    default:
      return { kind: product.level === "last" ? "last" : "left", left: product.available };
  }
}

/** Another batch is worth saying while there is a sale to wait for. */
function soldOut({ next_batch_at_ms: atMs, closes_at_ms }: Terms, serverNowMs: number): Offer {
  const waits = atMs !== null && (closes_at_ms === null || closes_at_ms > Math.max(atMs, serverNowMs));
  return waits ? { kind: "next_batch", atMs } : { kind: "sold_out" };
}

function opening(atMs: number, serverNowMs: number): Offer {
  const inMs = atMs - serverNowMs;
  return inMs > COUNTED_DOWN_MS ? { kind: "opens_at", atMs } : { kind: "opens", inMs };
}

/** Whether the room has a product to show at all: after the end nothing is on offer. */
export function onOffer(status: RoomStatus): boolean {
  return status !== "ended";
}
