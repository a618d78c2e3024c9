/**
 * The most that the countdown of a hold may show. Pure.
 *
 * A hold's end is exact, and the page's estimate of the server's clock is behind by the way of a message, as the
 * server's own is: five minutes would begin with 05:01. So what is begun of a second when the page first hears of a
 * hold is not counted.
 */

/** This near to a whole second it is that second: the answer was on its way meanwhile. In ms. */
const UNDERWAY_MS = 250;

/** The most seconds to show of a hold that is first heard of now. */
export function mostSeconds(expiresAtMs: number, nowMs: number): number {
  return Math.max(1, Math.floor((expiresAtMs - nowMs + UNDERWAY_MS) / 1000));
}

/** Of each live hold, the most seconds to show. */
export class Lengths {
  readonly #most = new Map<string, { expiresAtMs: number; seconds: number }>();

  /** The server told of a hold; what it told before of the same end stands. */
  heard(id: string, expiresAtMs: number, nowMs: number): void {
    if (this.#most.get(id)?.expiresAtMs === expiresAtMs) return;
    this.#most.set(id, { expiresAtMs, seconds: mostSeconds(expiresAtMs, nowMs) });
  }

  /** Forget all holds but these. */
  keep(ids: { has(id: string): boolean }): void {
    for (const id of this.#most.keys()) if (!ids.has(id)) this.#most.delete(id);
  }

  of(id: string): number {
    return this.#most.get(id)?.seconds ?? Number.POSITIVE_INFINITY;
  }
}
