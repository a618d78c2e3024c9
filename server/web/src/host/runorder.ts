/** Which product comes before and after the spotlit one. Pure. The order of the shelf is the order of the show. */

export type Step = "next" | "previous";

/** Where the spotlit product stands, from 0; -1 where none is spotlit, or one that has left the shelf. */
export function placeOf(shelf: readonly string[], spotlight: string | null): number {
  return spotlight === null ? -1 : shelf.indexOf(spotlight);
}

/** The product a step leads to; null at either end. A show without a spotlight begins at its first product. */
export function stepTo(shelf: readonly string[], spotlight: string | null, step: Step): string | null {
  const place = placeOf(shelf, spotlight);
  if (place < 0) return step === "next" ? (shelf[0] ?? null) : null;
  return shelf[step === "next" ? place + 1 : place - 1] ?? null;
}
