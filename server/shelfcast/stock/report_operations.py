"""What is asked of the book about reports (stock/library/reports.lua). As in `stock.operations` the order of the
fields is part of the format."""

from __future__ import annotations

from shelfcast.stock.operations import Op
from shelfcast.stock.reports import SkuHistory


class NoteReport(Op, frozen=True, tag="report"):
    """A report of a show is in the archive. STALE where the show has continued since, or is on. `state` is provisional
    or final; a final one is written once. The outcome's data is the show's ReportRecord."""

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
    rows: list[tuple[str, SkuHistory]]


class Decide(Op, frozen=True, tag="decide"):
    """What was decided about a SKU after a show. The outcome's data is its row."""

    show: str
    sku: str
    decided: str
    units: int
    note: str
    by: str
