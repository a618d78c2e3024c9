/** How long to wait before connecting again, or asking again. */

import type { Policy } from "./policy.js";

/** Draws a number from 0 to 1, as Math.random does. */
export type Random = () => number;

/** Exponential back-off with full jitter: a uniform draw from 0 to min(cap, base × 2^attempt), the first attempt being 0.
 *
 * Full jitter spreads a crowd that lost its server at one moment evenly over the whole time (AWS Architecture Blog,
 * "Exponential Backoff And Jitter", 2015). What the server asks for (`Retry-After`, `reconnect_after_ms`) is added below
 * the draw, not put in its place: everybody was told the same number. */
export function backoffMs(attempt: number, policy: Policy, random: Random): number {
  return random() * Math.min(policy.backoffCapMs, policy.backoffBaseMs * 2 ** attempt);
}
