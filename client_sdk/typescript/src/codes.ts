/** The answer codes and close codes of the protocol, and what each means for a client. `tests/vectors/codes.json` holds
 * this table and the server's together. A code that this version does not know stays a plain string. */

/** A string with known values, to which a newer server may add. */
export type Open<Known extends string> = Known | (string & {});

/** Whether the same wish can succeed later, and how to ask again. */
export type Retry = Open<"never" | "later" | "same_id" | "changed">;

const RETRY = {
  OK: "never",
  SOLD_OUT: "later",
  ALL_HELD: "later",
  INSUFFICIENT: "changed",
  NOT_OPEN: "later",
  SALE_ENDED: "never",
  BATCH_EXHAUSTED: "later",
  FROZEN: "later",
  PAUSED: "later",
  LIMIT_PER_ORDER: "changed",
  LIMIT_PER_USER: "changed",
  REVIEW: "later",
  BLOCKED: "never",
  ID_CONFLICT: "changed",
  NOT_FOUND: "never",
  ALREADY_CONFIRMED: "never",
  ALREADY_CANCELLED: "never",
  EXPIRED: "never",
  PAID_NO_STOCK: "never",
  RATE_LIMITED: "same_id",
  OVERLOADED: "same_id",
  UNAVAILABLE: "same_id",
  BAD_MESSAGE: "changed",
  UNKNOWN_SKU: "never",
  FORBIDDEN: "never",
} as const;

/** What the server says of a request that changed nothing. */
export type Code = Open<keyof typeof RETRY>;

/** How a request with this code may be asked again; an unknown code is never retried by itself. */
export function retryOf(code: string): Retry {
  return Object.hasOwn(RETRY, code) ? RETRY[code as keyof typeof RETRY] : "never";
}

/** Close codes of the protocol. UNREADABLE is the client's own. */
export const CLOSE = {
  NORMAL: 1000,
  DRAINING: 4000,
  SLOW: 4001,
  IDLE: 4002,
  OVERLOADED: 4003,
  UNREADABLE: 4400,
  TOKEN_EXPIRED: 4500,
  BAD_MESSAGES: 4501,
  RATE_LIMITED: 4502,
  ROOM_GONE: 4503,
} as const;

/** Whether to connect again after this close code.
 *
 * 4000-4499 yes, 4500-4999 no. Of RFC 6455's own codes, 1002-1010 mean that one side finds the other at fault, where
 * coming back would only repeat it; 1005 and 1006 mean that no code was seen at all. */
export function mayReconnect(code: number): boolean {
  if (code >= 4000 && code < 5000) return code < 4500;
  return code < 1002 || code > 1010 || code === 1005 || code === 1006;
}
