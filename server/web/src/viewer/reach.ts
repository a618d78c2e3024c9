/** How the room can be reached now, from the connection's state. Pure. */

import type { Connection } from "../shared/live";
import type { Reach } from "./offer";

/** A wish is kept and sent later while the counts are not older than this, in ms; then nobody should count on it. */
export const WAITS_MS = 30_000;

export function reachOf(connection: Connection, nowMs: number): Reach {
  if (connection.state === "closed") return "closed";
  if (connection.current) return "live";
  return connection.oldSinceMs === null || nowMs - connection.oldSinceMs < WAITS_MS ? "waiting" : "away";
}

/**
 * Why a room is closed for good, as a sentence's key: `status` is of a refused handshake, `code` of a close frame.
 * `known` is whether the page came with a sign-in at all.
 */
export function closedBecause(
  error: { readonly status?: unknown; readonly code?: unknown; readonly field?: unknown } | null,
  known = true,
): string {
  if (error?.status === 401 && !known) return "closed.sign_in";
  if (error?.status === 404) return "closed.no_room";
  if (error?.code === 4503) return "closed.gone";
  if (error?.status === 401 || error?.code === 4500) return "closed.token";
  if (error?.status === 403) return error.field === "Origin" ? "closed.origin" : "closed.forbidden";
  if (error?.code === 4502) return "closed.limited";
  return "closed.fault";
}
