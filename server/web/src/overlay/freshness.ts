/** What may be shown of counts that are no longer live. Pure: clocks are handed in. */

/**
 * - `live`: the counts are true.
 * - `aged`: the connection was lost a moment ago; the count is marked with its age.
 * - `gone`: too long ago to put on a stream. The product goes too: it may not be the one that is shown any more.
 * - `none`: nothing has ever been heard.
 */
export type Freshness = "live" | "aged" | "gone" | "none";

/** A lost connection is mostly back within seconds; a count this old is taken off the picture. */
export const COUNTS_HIDDEN_AFTER_MS = 15_000;
/** How long a notice stays in the picture, by the server's clock. */
export const NOTICE_SHOWN_MS = 30_000;
/** How long the word of a change (back in stock, sale open) flashes. */
export const FLASH_SHOWN_MS = 6_000;

interface Connection {
  readonly current: boolean;
  /** performance.now() of the last sign of life, null before the first and while current. */
  readonly oldSinceMs: number | null;
}

export function freshness({ current, oldSinceMs }: Connection, nowMs: number): Freshness {
  if (current) return "live";
  if (oldSinceMs === null) return "none";
  return nowMs - oldSinceMs < COUNTS_HIDDEN_AFTER_MS ? "aged" : "gone";
}

/** Whether something said at `atMs` is still shown at `serverNowMs`, both by the server's clock. */
export function stillShown(atMs: number, serverNowMs: number, shownMs: number): boolean {
  return serverNowMs - atMs < shownMs;
}
