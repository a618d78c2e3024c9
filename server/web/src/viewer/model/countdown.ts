/** Seconds that are left, and when to say so aloud. Pure; all times by the server's clock. */

/** Before the end of a hold, said once each to those who listen instead of look, in seconds. */
export const SPOKEN_AT_S: readonly number[] = [60, 30, 10];

/** Below this the countdown looks urgent, in seconds. */
export const URGENT_BELOW_S = 15;

/** Whole seconds until a moment, rounded up: a countdown shows 1 until it is over, and never less than 0. */
export function secondsLeft(atMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}

/**
 * The milestone that was passed between two readings of a countdown, or null.
 *
 * A page that slept may pass several at once: only the last is still worth saying.
 */
export function milestone(beforeS: number, nowS: number): number | null {
  const passed = SPOKEN_AT_S.filter((mark) => beforeS > mark && nowS <= mark && nowS > 0);
  return passed.length > 0 ? Math.min(...passed) : null;
}
