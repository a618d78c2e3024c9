"""What the book keeps of a show's reports, and of what its SKUs came to in the last shows (stock/library/reports.lua).

The reports themselves are in the archive; here stands which there are, so that one look at the engine says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

HISTORY_SHOWS_MAX = 10
"""Shows of a SKU that are remembered with what it came to."""
PENDING_MAX = 1_000
"""Reservations that a report names as pending; of more the first are looked at again."""


class ReportState(StrEnum):
    """A report is written when the show ends, and once more when nothing of it is pending."""

    PROVISIONAL = "provisional"
    FINAL = "final"


class ReportMark(Struct, frozen=True, kw_only=True):
    """A report that was written: as of which sequence of the pool and when, its object in the archive, and the SHA-256
    of what it says (docs/rules.md#report)."""

    seq: int
    at_ms: int
    name: str
    checksum: str


class ReportRecord(Struct, frozen=True, kw_only=True):
    """The reports of a show. `continued` is how often it had continued when the provisional one was written: one of
    before a continuation is withdrawn. `pending` are reservations that it waits for."""

    show: str
    continued: int = 0
    provisional: ReportMark | None = None
    final: ReportMark | None = None
    pending: list[str] = []


class Decided(StrEnum):
    """What was decided to do about a SKU after a show."""

    RESTOCK = "restock"
    DISCOUNT = "discount"
    BUNDLE = "bundle"
    CLEAR = "clear"
    DROP = "drop"
    KEEP = "keep"


class SkuHistory(Struct, array_like=True, frozen=True):
    """What a SKU came to in one show: units that were expected (None: no plan) and sold net, people and units refused
    for lack of stock, the difference a count found (None: not counted), and what was decided, by whom."""

    show: str
    started_at_ms: int
    expected: int | None
    sold: int
    lost_people: int
    lost_units: int
    variance: int | None
    closing: int
    sold_out_at_ms: int | None = None
    decided: Decided | None = None
    decided_units: int | None = None
    decided_by: str = ""
    decided_at_ms: int | None = None
    decided_note: str = ""


StoredHistory = list[Any]
"""A row of a SKU's history as the engine keeps it: False in the place of what there is not, for an array of Lua has no
holes."""


def stored_history(row: SkuHistory) -> StoredHistory:
    """A row as the engine keeps it."""
    return [False if value is None else value for value in astuple(row)]


def history_from(stored: Sequence[Any]) -> SkuHistory:
    """A row from what the engine keeps. Raises msgspec.ValidationError."""
    # A number of 0 is one; False is none.
    return msgspec.convert([None if value is False else value for value in stored], SkuHistory)


def record_from(stored: object) -> ReportRecord:
    """A show's reports as they stand in the engine, or in an outcome. Raises msgspec.MsgspecError."""
    if isinstance(stored, bytes):
        return msgspec.msgpack.decode(stored, type=ReportRecord)
    return msgspec.convert(stored, ReportRecord)
