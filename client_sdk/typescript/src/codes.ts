/** The answer codes and close codes of the protocol, and what each means for a client. `tests/vectors/codes.json` holds
 * this table and the server's together. A code that this version does not know stays a plain string. */

/** A string with known values, to which a newer server may add. */
export type Open<Known extends string> = Known | (string & {});

/** Whether the same wish can succeed later, and how to ask again. */
export type Retry = Open<"never" | "later" | "same_id" | "changed">;

/** Not executed, or not known to be: the same id is sent again. */
const NOT_EXECUTED = ["RATE_LIMITED", "OVERLOADED", "UNAVAILABLE"] as const;
/** Another body (fewer units, a corrected field, another id) can overcome these. */
const CHANGED_BODY = [
  "INSUFFICIENT",
  "LIMIT_PER_ORDER",
  "LIMIT_PER_USER",
  "ID_CONFLICT",
  "BAD_MESSAGE",
  "STALE",
  "GATE",
] as const;
/** Time can overcome these: ask again later, with a new id. */
const WORTH_WAITING = ["SOLD_OUT", "ALL_HELD", "NOT_OPEN", "BATCH_EXHAUSTED", "FROZEN", "PAUSED", "REVIEW"] as const;
/** Nothing can overcome these, nor a code that this version does not know. */
type Final =
  | "OK"
  | "SALE_ENDED"
  | "BLOCKED"
  | "NOT_FOUND"
  | "ALREADY_CONFIRMED"
  | "ALREADY_CANCELLED"
  | "EXPIRED"
  | "PAID_NO_STOCK"
  | "UNKNOWN_SKU"
  | "FORBIDDEN"
  | "SHELF_FULL"
  | "ARCHIVED"
  | "NEEDS_APPROVAL"
  | "SAME_SIGNER";

/** The codes of this version. */
export type KnownCode =
  | (typeof NOT_EXECUTED)[number]
  | (typeof CHANGED_BODY)[number]
  | (typeof WORTH_WAITING)[number]
  | Final;

/** What the server says of a request that changed nothing. */
export type Code = Open<KnownCode>;

/** How a request with this code may be asked again. */
export function retryOf(code: Code): Retry {
  const has = (codes: readonly string[]) => codes.includes(code);
  return has(NOT_EXECUTED) ? "same_id" : has(CHANGED_BODY) ? "changed" : has(WORTH_WAITING) ? "later" : "never";
}

/** Close codes of the protocol. UNREADABLE and SILENT are the client's own. */
export enum Close {
  NORMAL = 1000,
  DRAINING = 4000,
  SLOW = 4001,
  IDLE = 4002,
  OVERLOADED = 4003,
  UNREADABLE = 4400,
  SILENT = 4401,
  TOKEN_EXPIRED = 4500,
  BAD_MESSAGES = 4501,
  RATE_LIMITED = 4502,
  ROOM_GONE = 4503,
}

/** Whether to connect again after this close code.
 *
 * 4000-4499 yes, 4500-4999 no. Of RFC 6455's own codes, 1002-1010 mean that one side finds the other at fault, where
 * coming back would only repeat it; 1005 and 1006 mean that no code was seen at all. */
export function mayReconnect(code: number): boolean {
  if (code >= 4000 && code < 5000) return code < 4500;
  return code < 1002 || code > 1010 || code === 1005 || code === 1006;
}
