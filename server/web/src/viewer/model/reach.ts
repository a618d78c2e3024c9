/** How the room can be reached now, from the connection's state. Pure. */

import { type ClosedBecause, type ClosingError, closedBecause } from "../../shared/closed";
import type { Connection } from "../../shared/live";
import type { Reach } from "./offer";

/** A wish is kept and sent later while the counts are not older than this, in ms; then nobody should count on it. */
export const WAITS_MS = 30_000;

export function reachOf(connection: Connection, nowMs: number): Reach {
  if (connection.state === "closed") return "closed";
  if (connection.current) return "live";
  return connection.oldSinceMs === null || nowMs - connection.oldSinceMs < WAITS_MS ? "waiting" : "away";
}

/** The sentences of a shop's page: its visitors come with a sign-in, or without. */
const SAID: Record<ClosedBecause, string> = {
  no_room: "closed.no_room",
  gone: "closed.gone",
  token_missing: "closed.sign_in",
  token: "closed.token",
  origin: "closed.origin",
  forbidden: "closed.forbidden",
  limited: "closed.limited",
  fault: "closed.fault",
};

/** Why a room is closed for good, as a sentence's key. `known` is whether the page came with a sign-in at all. */
export function closedSentence(error: ClosingError | null, known = true): string {
  return SAID[closedBecause(error, known)];
}
