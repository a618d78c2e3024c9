"""Every answer code and close code, each with whether a retry can help."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Retry(StrEnum):
    """Whether the same wish can succeed later, and how to ask again."""

    NEVER = "never"
    """Asking again cannot help."""
    LATER = "later"
    """Ask again later, with a new id (see `retry_after_ms` where it is given)."""
    SAME_ID = "same_id"
    """Not executed, or not known to be: send the same id again; the book answers it once."""
    CHANGED = "changed"
    """Ask again with another body: fewer units, a corrected field, another id."""


class Code(StrEnum):
    """What the book or the edge says of a request."""

    OK = "OK"
    # stock
    SOLD_OUT = "SOLD_OUT"
    ALL_HELD = "ALL_HELD"
    INSUFFICIENT = "INSUFFICIENT"
    # window
    NOT_OPEN = "NOT_OPEN"
    SALE_ENDED = "SALE_ENDED"
    BATCH_EXHAUSTED = "BATCH_EXHAUSTED"
    FROZEN = "FROZEN"
    PAUSED = "PAUSED"
    # user
    LIMIT_PER_ORDER = "LIMIT_PER_ORDER"
    LIMIT_PER_USER = "LIMIT_PER_USER"
    REVIEW = "REVIEW"
    BLOCKED = "BLOCKED"
    # identity
    ID_CONFLICT = "ID_CONFLICT"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_CONFIRMED = "ALREADY_CONFIRMED"
    ALREADY_CANCELLED = "ALREADY_CANCELLED"
    EXPIRED = "EXPIRED"
    PAID_NO_STOCK = "PAID_NO_STOCK"
    # traffic
    RATE_LIMITED = "RATE_LIMITED"
    OVERLOADED = "OVERLOADED"
    UNAVAILABLE = "UNAVAILABLE"
    # form
    BAD_MESSAGE = "BAD_MESSAGE"
    UNKNOWN_SKU = "UNKNOWN_SKU"
    FORBIDDEN = "FORBIDDEN"
    SHELF_FULL = "SHELF_FULL"
    STALE = "STALE"
    ARCHIVED = "ARCHIVED"
    # what several people have to agree on
    NEEDS_APPROVAL = "NEEDS_APPROVAL"
    SAME_SIGNER = "SAME_SIGNER"
    GATE = "GATE"


RETRY: dict[Code, Retry] = {
    Code.OK: Retry.NEVER,
    Code.SOLD_OUT: Retry.LATER,
    Code.ALL_HELD: Retry.LATER,
    Code.INSUFFICIENT: Retry.CHANGED,
    Code.NOT_OPEN: Retry.LATER,
    Code.SALE_ENDED: Retry.NEVER,
    Code.BATCH_EXHAUSTED: Retry.LATER,
    Code.FROZEN: Retry.LATER,
    Code.PAUSED: Retry.LATER,
    Code.LIMIT_PER_ORDER: Retry.CHANGED,
    Code.LIMIT_PER_USER: Retry.CHANGED,
    Code.REVIEW: Retry.LATER,
    Code.BLOCKED: Retry.NEVER,
    Code.ID_CONFLICT: Retry.CHANGED,
    Code.NOT_FOUND: Retry.NEVER,
    Code.ALREADY_CONFIRMED: Retry.NEVER,
    Code.ALREADY_CANCELLED: Retry.NEVER,
    Code.EXPIRED: Retry.NEVER,
    Code.PAID_NO_STOCK: Retry.NEVER,
    Code.RATE_LIMITED: Retry.SAME_ID,
    Code.OVERLOADED: Retry.SAME_ID,
    Code.UNAVAILABLE: Retry.SAME_ID,
    Code.BAD_MESSAGE: Retry.CHANGED,
    Code.UNKNOWN_SKU: Retry.NEVER,
    Code.FORBIDDEN: Retry.NEVER,
    Code.SHELF_FULL: Retry.NEVER,
    Code.STALE: Retry.CHANGED,
    Code.ARCHIVED: Retry.NEVER,
    Code.NEEDS_APPROVAL: Retry.NEVER,
    Code.SAME_SIGNER: Retry.NEVER,
    Code.GATE: Retry.CHANGED,
}


EXPLANATION: dict[Code, str] = {
    Code.OK: "done",
    Code.SOLD_OUT: "no unit is left",
    Code.ALL_HELD: "every remaining unit is in somebody's checkout; some may come back",
    Code.INSUFFICIENT: "fewer units are available than were asked for",
    Code.NOT_OPEN: "the sale has not opened yet",
    Code.SALE_ENDED: "the sale is over",
    Code.BATCH_EXHAUSTED: "this batch is sold; the next one opens later",
    Code.FROZEN: "sales of this SKU are stopped by the operator",
    Code.PAUSED: "the room is paused",
    Code.LIMIT_PER_ORDER: "more units than one order may have",
    Code.LIMIT_PER_USER: "more units than one customer may have",
    Code.REVIEW: "this customer's orders wait for a review",
    Code.BLOCKED: "this customer may not reserve",
    Code.ID_CONFLICT: "this id was already used with another body",
    Code.NOT_FOUND: "nothing is known under this name",
    Code.ALREADY_CONFIRMED: "the reservation is already confirmed",
    Code.ALREADY_CANCELLED: "the reservation is already cancelled",
    Code.EXPIRED: "the hold has run out",
    Code.PAID_NO_STOCK: "paid after the hold ran out and no stock is left; waits for a refund or for stock",
    Code.RATE_LIMITED: "too many messages; slow down",
    Code.OVERLOADED: "the server is busy; not executed",
    Code.UNAVAILABLE: "the stock book cannot be reached; send the same id again",
    Code.BAD_MESSAGE: "the message does not have the expected form",
    Code.UNKNOWN_SKU: "this SKU is not sold in this room",
    Code.FORBIDDEN: "this connection may not do that",
    Code.SHELF_FULL: "there are as many of these as there may be",
    Code.STALE: "it was changed meanwhile; read it anew and ask with its new revision",
    Code.ARCHIVED: "it is in the archive, and not in the book any more",
    Code.NEEDS_APPROVAL: "this takes the consent of somebody else, too",
    Code.SAME_SIGNER: "somebody else has to do this",
    Code.GATE: "the checklist of the room fails; mend what it names, or say why it may go on",
}


RECONNECT_CODES_FROM = 4000
FATAL_CODES_FROM = 4500
CODES_UNTIL = 5000


class Close(IntEnum):
    """Why the server closes a socket. 4000-4499: reconnect with back-off; 4500-4999: do not."""

    NORMAL = 1000
    DRAINING = 4000
    SLOW = 4001
    IDLE = 4002
    OVERLOADED = 4003
    TOKEN_EXPIRED = 4500
    BAD_MESSAGES = 4501
    RATE_LIMITED = 4502
    ROOM_GONE = 4503


def may_reconnect(close_code: int) -> bool:
    """Whether a client should connect again after this close code (RFC 6455 codes: all but 1002-1010 may)."""
    if RECONNECT_CODES_FROM <= close_code < CODES_UNTIL:
        return close_code < FATAL_CODES_FROM
    return not 1002 <= close_code <= 1010 or close_code in (1005, 1006)
