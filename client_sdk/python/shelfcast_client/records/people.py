"""What a pool keeps of one person."""

from __future__ import annotations

from typing import TypedDict


class OpenOrder(TypedDict):
    """What has to end before a person can be forgotten: `why` is hold, unshipped, paid_no_stock or refund_request."""

    reservation: str
    sku: str
    units: int
    why: str


class Person(TypedDict):
    """What a pool keeps of one person: records, and entries of its ledgers that are in the server's memory.

    `pseudonym` is what the ledgers, the archive and reports say instead; None where nothing was ever written about that
    user. `in_clear` counts the entries that say the user, in books that are older than pseudonyms."""

    user: str
    pseudonym: str | None
    standing: str
    reason: str
    orders: int
    holds: int
    waits: int
    refund_requests: int
    actions: int
    counted_units: int
    entries: int
    in_clear: int
    first_at_ms: int | None
    last_at_ms: int | None
    open: list[OpenOrder]


class Forgotten(TypedDict):
    """Somebody was forgotten: `pseudonym` is what stays, `records` how many had the user in them, and `archive_parts`
    how many objects of the archive were written anew without what was said."""

    pseudonym: str
    records: int
    archive_parts: int
