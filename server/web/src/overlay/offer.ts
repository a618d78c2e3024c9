/** What an overlay says of the spotlit product. Pure. */

import type { RoomStatus, SkuView } from "@shelfcast/client";
import { COUNTED_DOWN_MS } from "../shared/format";

export type Offer =
  | { readonly kind: "left" | "last" | "in_stock"; readonly left: number }
  | { readonly kind: "opens"; readonly inMs: number }
  | { readonly kind: "opens_at"; readonly atMs: number }
  | { readonly kind: "sold_out" | "all_held" | "frozen" | "paused" | "over" };

type Terms = Pick<SkuView, "available" | "level" | "opens_at_ms" | "closes_at_ms">;

/**
 * The one thing worth saying of a product now, the gravest first. A level that a newer server may add is told by the
 * count alone.
 */
export function offerOf(product: Terms, status: RoomStatus, serverNowMs: number): Offer {
  if (product.level === "sold_out") return { kind: "sold_out" };
  if (product.closes_at_ms !== null && product.closes_at_ms <= serverNowMs) return { kind: "over" };
  if (product.opens_at_ms !== null && product.opens_at_ms > serverNowMs) {
    const inMs = product.opens_at_ms - serverNowMs;
    return inMs > COUNTED_DOWN_MS ? { kind: "opens_at", atMs: product.opens_at_ms } : { kind: "opens", inMs };
  }
  if (product.level === "frozen") return { kind: "frozen" };
  if (status === "paused") return { kind: "paused" };
  if (product.level === "all_held") return { kind: "all_held" };
  // Before the show nobody can buy: a count, and no hurry.
  if (status === "scheduled") return { kind: "in_stock", left: product.available };
  return { kind: product.level === "last" ? "last" : "left", left: product.available };
}

/** Whether the room has a product to show at all: after the end nothing is on offer. */
export function onOffer(status: RoomStatus): boolean {
  return status !== "ended";
}
