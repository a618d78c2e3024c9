"""The answer codes and close codes of the protocol, and what each means for a client.

The server's own table is `shelfcast.protocol.codes`; `tests/vectors/codes.json` holds the two together.
A code this version does not know stays a plain string, so that a newer server can add one.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Retry(StrEnum):
    """Whether the same wish can succeed later, and how to ask again."""

    NEVER = "never"
    LATER = "later"
    SAME_ID = "same_id"
    CHANGED = "changed"


class Code(StrEnum):
    """What the server says of a request that changed nothing."""

    OK = "OK"
    SOLD_OUT = "SOLD_OUT"
    ALL_HELD = "ALL_HELD"
    INSUFFICIENT = "INSUFFICIENT"
    NOT_OPEN = "NOT_OPEN"
    SALE_ENDED = "SALE_ENDED"
    BATCH_EXHAUSTED = "BATCH_EXHAUSTED"
    FROZEN = "FROZEN"
    PAUSED = "PAUSED"
    LIMIT_PER_ORDER = "LIMIT_PER_ORDER"
    LIMIT_PER_USER = "LIMIT_PER_USER"
    REVIEW = "REVIEW"
    BLOCKED = "BLOCKED"
    ID_CONFLICT = "ID_CONFLICT"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_CONFIRMED = "ALREADY_CONFIRMED"
    ALREADY_CANCELLED = "ALREADY_CANCELLED"
    EXPIRED = "EXPIRED"
    PAID_NO_STOCK = "PAID_NO_STOCK"
    RATE_LIMITED = "RATE_LIMITED"
    OVERLOADED = "OVERLOADED"
    UNAVAILABLE = "UNAVAILABLE"
    BAD_MESSAGE = "BAD_MESSAGE"
    UNKNOWN_SKU = "UNKNOWN_SKU"
    FORBIDDEN = "FORBIDDEN"
    SHELF_FULL = "SHELF_FULL"
    STALE = "STALE"
    ARCHIVED = "ARCHIVED"
    NEEDS_APPROVAL = "NEEDS_APPROVAL"
    SAME_SIGNER = "SAME_SIGNER"
    GATE = "GATE"


NOT_EXECUTED = frozenset({Code.RATE_LIMITED, Code.OVERLOADED, Code.UNAVAILABLE})
"""Codes of a request that was not executed, or not known to be: the same id is sent again."""

CHANGED_BODY = frozenset(
    {
        Code.INSUFFICIENT,
        Code.LIMIT_PER_ORDER,
        Code.LIMIT_PER_USER,
        Code.ID_CONFLICT,
        Code.BAD_MESSAGE,
        Code.STALE,
        Code.GATE,
    }
)
"""Codes that another body (fewer units, a corrected field, another id) can overcome."""

WORTH_WAITING = frozenset(
    {
        Code.SOLD_OUT,
        Code.ALL_HELD,
        Code.NOT_OPEN,
        Code.BATCH_EXHAUSTED,
        Code.FROZEN,
        Code.PAUSED,
        Code.REVIEW,
    }
)
"""Codes that time can overcome: ask again later, with a new id."""


def retry_of(code: str) -> Retry:
    """How a request with this code may be asked again; an unknown code is never retried by itself."""
    if code in NOT_EXECUTED:
        return Retry.SAME_ID
    if code in CHANGED_BODY:
        return Retry.CHANGED
    return Retry.LATER if code in WORTH_WAITING else Retry.NEVER


class Close(IntEnum):
    """Close codes of the protocol; 4400 and 4401 are the client's own."""

    NORMAL = 1000
    DRAINING = 4000
    SLOW = 4001
    IDLE = 4002
    OVERLOADED = 4003
    UNREADABLE = 4400
    SILENT = 4401
    TOKEN_EXPIRED = 4500
    BAD_MESSAGES = 4501
    RATE_LIMITED = 4502
    ROOM_GONE = 4503


def may_reconnect(close_code: int) -> bool:
    """Whether to connect again after this close code.

    4000-4499 yes, 4500-4999 no. Of RFC 6455's own codes, 1002-1010 mean that one side finds the other at fault,
    where coming back would only repeat it; 1005 and 1006 mean that no code was seen at all.
    """
    if 4000 <= close_code < 5000:
        return close_code < 4500
    return not 1002 <= close_code <= 1010 or close_code in (1005, 1006)
