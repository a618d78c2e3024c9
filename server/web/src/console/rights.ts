/** What a role may do here: the server decides, the page does not offer what would be refused (docs/access.md). */

import type { Session } from "./session";

/** As docs/access.md names them. `pool` is to be told of a whole pool at all. */
export type Right = "pool" | "keep" | "freeze" | "direct" | "decide" | "count" | "take_in" | "sign";

const OPERATOR: readonly Right[] = ["pool", "keep", "freeze", "direct", "decide", "count", "take_in", "sign"];
const OF_ROLE: Readonly<Record<string, readonly Right[]>> = {
  operator: OPERATOR,
  service: ["pool", "keep", "take_in"],
  counter: ["count", "take_in"],
};

/** Whether this session may; one for single rooms reaches no pool. */
export function may(session: Pick<Session, "role" | "rooms"> | null, right: Right): boolean {
  return session !== null && session.rooms === null && (OF_ROLE[session.role] ?? []).includes(right);
}
