/** Why a room is closed for good, as the key of a sentence. Pure. */

const TOKEN_EXPIRED = 4500;
const ROOM_GONE = 4503;

/**
 * `status` is of a refused handshake, `code` of a close frame. `hadToken` is whether the page came with a token: one
 * that came without needs another link, not a newer one.
 */
export function closedKey(
  error: { readonly message?: string; readonly status?: unknown; readonly code?: unknown; readonly field?: unknown },
  hadToken = true,
): string {
  const { status, code, field } = error;
  if (status === 404 || code === ROOM_GONE) return "closed.no_room";
  if (status === 403) return field === "Origin" ? "closed.origin" : "closed.not_admitted";
  if (status === 401 && !hadToken) return "closed.token_missing";
  if (status === 401 || code === TOKEN_EXPIRED) return "closed.token";
  return "closed.other";
}
