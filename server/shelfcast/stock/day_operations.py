"""What is asked of the book about business days (stock/library/days.lua). As in `stock.operations` the order of the
fields is part of the format."""

from __future__ import annotations

from shelfcast.stock.operations import Op


class NoteDay(Op, frozen=True, tag="note_day"):
    """The totals of a day are in the archive, read back. STALE where it is not behind the last one; said again, nothing
    changes. Of more than `kept` days the oldest are forgotten. The outcome's data: how many are kept."""

    date: str
    seq: int
    ledger: int
    presale: int
    from_ms: int
    to_ms: int
    name: str
    checksum: str
    skus: int
    kept: int
