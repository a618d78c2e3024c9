/** Events from before those that the socket has told. */

import type { ActionRow } from "@shelfcast/client/pool";
import type { Api } from "../../api/client";

const PAGE = 1_000;
/** Pages at most: who was away for longer reads the ledger. */
const PAGES_MAX = 5;

/** Those before number `before` back to `sinceMs`, oldest first; `complete` says that none is missing. Never throws. */
export async function earlierEvents(
  api: Api,
  pool: string,
  before: number,
  sinceMs: number,
): Promise<{ readonly events: readonly ActionRow[]; readonly complete: boolean }> {
  let events: ActionRow[] = [];
  let upTo = before - 1;
  for (let page = 0; page < PAGES_MAX && upTo > 0; page += 1) {
    const after = Math.max(0, upTo - PAGE);
    const found = await read(api, pool, after, upTo - after);
    if (found === null) return { events, complete: false };
    events = [...found, ...events];
    upTo = after;
    if ((found[0]?.at_ms ?? Number.POSITIVE_INFINITY) < sinceMs) return { events, complete: true };
  }
  return { events, complete: upTo <= 0 };
}

/** null where they are not kept any more, or no answer came. */
async function read(api: Api, pool: string, after: number, limit: number): Promise<ActionRow[] | null> {
  try {
    const params = { path: { pool }, query: { after, limit } };
    const { data } = await api.GET("/v1/pools/{pool}/events", { params, parseAs: "text" });
    if (typeof data !== "string") return null;
    return data
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as ActionRow);
  } catch {
    return null;
  }
}
