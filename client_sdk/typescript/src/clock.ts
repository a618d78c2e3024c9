/** An estimate of the server's clock, for countdowns that do not trust the device's own. */

/** How long a sample counts at least: long enough for a quick frame to come by, short enough for drift (50 ppm of ten
 * minutes are 30 ms). */
const WINDOW_MS = 600_000;

/** Follows `at_ms` stamps. A stamp is always older on arrival than the server's clock is then, by the way it came and by
 * the time it waited; so the largest difference seen lately is the best one, and the estimate is never ahead. */
export class ServerClock {
  #current: number | null = null;
  #previous: number | null = null;
  #windowFromMs = 0;

  /** Learn from a stamp that arrived at `nowMs` of the local monotonic clock. */
  observe(atMs: number, nowMs: number): void {
    if (atMs <= 0) return;
    const difference = atMs - nowMs;
    if (this.#current === null || nowMs - this.#windowFromMs >= WINDOW_MS) {
      this.#previous = this.#current;
      this.#current = difference;
      this.#windowFromMs = nowMs;
    } else {
      this.#current = Math.max(this.#current, difference);
    }
  }

  /** Start anew: another engine may keep another time. */
  forget(): void {
    this.#current = this.#previous = null;
  }

  /** The server's time in milliseconds since 1970, or null before the first stamp. */
  nowMs(nowMs: number): number | null {
    if (this.#current === null) return null;
    return Math.round(Math.max(this.#current, this.#previous ?? this.#current) + nowMs);
  }
}
