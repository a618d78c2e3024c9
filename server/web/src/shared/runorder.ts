/** Which product comes before and after the spotlit one. Pure. The order of the shelf is the order of the show. */

export type Step = "next" | "previous";

/** Where the show is: rows of the shelf from 0, one that there is not where nothing stands there. */
export interface Place {
  readonly before: number;
  /** -1 where none is spotlit, or one that has left the shelf. */
  readonly on: number;
  readonly next: number;
}

/** What stood around the spotlit product when it was last on the shelf: from there the show goes on without it. */
export interface Trail {
  /** The spotlit one is the last of them. */
  readonly until: readonly string[];
  readonly after: readonly string[];
}

export const NO_TRAIL: Trail = { until: [], after: [] };

/** The trail with this shelf and spotlight; as it was, where nothing on the shelf is spotlit. */
export function trailOf(shelf: readonly string[], spotlight: string | null, last: Trail): Trail {
  const on = spotlight === null ? -1 : shelf.indexOf(spotlight);
  return on < 0 ? last : { until: shelf.slice(0, on + 1), after: shelf.slice(on + 1) };
}

/**
 * Where the show is on this shelf. With nothing on, it is before the first product that followed and is still listed, or
 * after the last one before it; a show that has had nothing on yet is before its first product.
 */
export function placeOf(shelf: readonly string[], spotlight: string | null, { until, after }: Trail): Place {
  const on = spotlight === null ? -1 : shelf.indexOf(spotlight);
  if (on >= 0) return { before: on - 1, on, next: on + 1 };
  const rows = new Map(shelf.map((sku, row) => [sku, row]));
  const following = after.find((sku) => rows.has(sku));
  const leading = until.findLast((sku) => rows.has(sku));
  const next = rows.get(following ?? "") ?? (rows.get(leading ?? "") ?? -1) + 1;
  return { before: next - 1, on, next };
}

/** The product a step leads to; null at either end. */
export function stepTo(shelf: readonly string[], place: Place, step: Step): string | null {
  return shelf[step === "next" ? place.next : place.before] ?? null;
}
