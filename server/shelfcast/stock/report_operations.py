"""What is asked of the book about reports (stock/library/reports.lua). As in `stock.operations` the order of the
fields is part of the format."""

from __future__ import annotations

from shelfcast.stock.actions import By
from shelfcast.stock.operations import Op
from shelfcast.stock.reports import StoredHistory


class NoteReport(Op, frozen=True, tag="report"):
    """A report of a show is in the archive. STALE where the show has continued since or is on, or the report is final
    and it may still continue. `state` is provisional or final; a final one is written once. The outcome's data is the
    show's ReportRecord."""

    show: str
    state: str
    continued: int
    seq: int
    name: str
    checksum: str
    pending: list[str]


class KeepHistory(Op, frozen=True, tag="history"):
    """What some SKUs (at most 500) came to in a show: the row of that show is written anew, its decision stays."""

    show: str
    rows: list[tuple[str, StoredHistory]]


class Decide(Op, frozen=True, tag="decide"):
    """What was decided about a SKU after a show; the last decision stands. NOT_FOUND with the field `sku` where the SKU
    has no row of it. The outcome's data is the row (`reports.history_from`)."""

    show: str
    sku: str
    decided: str
    units: int
    note: str
    by: By


NO_UNITS = -1
"""Of a decision without a number."""
