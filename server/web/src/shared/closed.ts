/** Why a room is closed for good: one table for all pages. Pure. */

const TOKEN_EXPIRED = 4500;
const LIMIT_PASSED = 4502;
const ROOM_GONE = 4503;

export type ClosedBecause =
  | "no_room"
  | "gone"
  | "token_missing"
  | "token"
  | "origin"
  | "forbidden"
  | "limited"
  | "fault";

export interface ClosingError {
  readonly message?: string;
  /** Of a refused handshake. */
  readonly status?: unknown;
  /** Of a close frame. */
  readonly code?: unknown;
  readonly field?: unknown;
}

/** `hadToken` is whether the page came with a token: one that came without needs another link, not a newer one. */
export function closedBecause(error: ClosingError | null, hadToken = true): ClosedBecause {
  const { status, code, field } = error ?? {};
  if (status === 404) return "no_room";
  if (code === ROOM_GONE) return "gone";
  if (status === 401 && !hadToken) return "token_missing";
  if (status === 401 || code === TOKEN_EXPIRED) return "token";
  if (status === 403) return field === "Origin" ? "origin" : "forbidden";
  return code === LIMIT_PASSED ? "limited" : "fault";
}

/** The sentences of pages that are opened by a link. */
const LINKED: Record<ClosedBecause, string> = {
  no_room: "closed.no_room",
  gone: "closed.no_room",
  token_missing: "closed.token_missing",
  token: "closed.token",
  origin: "closed.origin",
  forbidden: "closed.not_admitted",
  limited: "closed.other",
  fault: "closed.other",
};

/** The key of the sentence that a page says which is opened by a link. */
export function closedKey(error: ClosingError, hadToken = true): string {
  return LINKED[closedBecause(error, hadToken)];
}
