/** How long to wait before connecting again. */

/** Draws a number from 0 to 1, as Math.random does. */
export type Random = () => number;

/** Exponential back-off with full jitter: a uniform draw from 0 to min(cap, base × 2^attempt).
 *
 * Full jitter spreads a crowd that lost its server at one moment evenly over the whole time (AWS Architecture Blog,
 * "Exponential Backoff And Jitter", 2015). What the server asks for (`Retry-After`, `reconnect_after_ms`) is a floor
 * under the draw, not a replacement: everybody was told the same number. */
export class Backoff {
  constructor(
    private readonly random: Random,
    private readonly baseMs: number,
    private readonly capMs: number,
    private attempt = 0,
  ) {}

  /** The next delay; each call counts as an attempt. */
  nextMs(floorMs = 0): number {
    const ceilingMs = Math.min(this.capMs, this.baseMs * 2 ** Math.min(this.attempt, 32));
    this.attempt += 1;
    return floorMs + this.random() * ceilingMs;
  }

  /** A connection proved good: the next trouble starts small again. */
  reset(): void {
    this.attempt = 0;
  }
}
