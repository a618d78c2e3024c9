/** Why there is no connection, for whoever waits for one. Pure but for the language. */

import { t } from "./i18n";
import type { Connection } from "./live";

/** A connection that comes within this time needs no explanation, in ms. */
export const WHY_AFTER_MS = 3_000;

/** What the client says of an attempt that came to nothing (`StateChange.reason`), and the sentence for it. */
const KNOWN: Record<string, string> = {
  "the server cannot be reached": "why.unreachable",
  "no socket opens": "why.unopened",
  "no connection in time": "why.silent",
};

/** The words of a connection that was there, and ended: it comes back mostly, and nobody can mend it. */
const ENDED = /\(\d{4}\)$|^no sign of life$|^reconnecting$/;

/** A sentence's key and its values; null while there is nothing to explain. */
export function whyKey(connection: Connection, nowMs: number): { key: string; detail: string } | null {
  const { current, blind, error, absentSinceMs, reason } = connection;
  if (current || blind || error !== null || absentSinceMs === null || nowMs - absentSinceMs < WHY_AFTER_MS) return null;
  if (reason === "") return { key: "why.silent", detail: "" };
  const known = KNOWN[reason];
  if (known !== undefined) return { key: known, detail: "" };
  return ENDED.test(reason) ? null : { key: "why.refused", detail: reason.trim() };
}

/** The sentence; "" while there is nothing to explain. */
export function whyText(connection: Connection, nowMs: number): string {
  const why = whyKey(connection, nowMs);
  return why === null ? "" : t(why.key, { detail: why.detail });
}
