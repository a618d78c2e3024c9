"""What the kinds of imports do: how a file is read, and how what was read is written, some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from shelfcast.heavy.catalogue_file import Meant, read_catalogue_file
from shelfcast.heavy.count_import import CountedLine, enter, make_sheet, read_counts_file
from shelfcast.heavy.file_shown import Read
from shelfcast.heavy.kind import Work
from shelfcast.heavy.order_import import read_orders_file
from shelfcast.merchant.imports import KIND, ROWS_A_STEP, ImportRow, Into, Step, rows_done, steps_of, write
from shelfcast.merchant.order_imports import OrderRow, book_orders
from shelfcast.sheets.times import DateOrder
from shelfcast.stock.actions import By
from shelfcast.stock.imports import Import, ImportKind, RefusedImportRow

REFERENCE_MAX = 128
LINES_A_STEP = 100
"""Lines of counts, and orders, on their way to the book at once."""


class Writing(Protocol):
    """What was read of a file, on its way into the pool."""

    steps_a_time: int
    """So many steps are on their way at once."""

    @property
    def count(self) -> int:
        """How many steps there are."""

    def rows_done(self, cursor: int) -> int:
        """How many rows are done with the first `cursor` steps."""

    async def write(self, first: int, last: int) -> list[RefusedImportRow]:
        """Do the steps from one to before another; the rows that were refused. May be done twice.

        Raises EngineUnavailable where the book did not decide, InvalidInput where nothing can be written any more."""


async def read_file(work: Work, content: bytes, found: Import) -> Read:
    """What the file says to the pool. Nothing is changed. Raises Unread."""
    if found.kind is ImportKind.COUNTS:
        return await read_counts_file(work, content, found)
    if found.kind is ImportKind.ORDERS:
        return await read_orders_file(work, content, found)
    meant = Meant(
        name=found.name,
        room=found.room or None,
        opening=found.opening or None,
        encoding=found.encoding or None,
        dates=DateOrder(found.dates) if found.dates else None,
    )
    return await read_catalogue_file(work, content, meant)


def writing(work: Work, found: Import, rows: bytes) -> Writing:
    """What is to be written of a file, as it was kept."""
    return _WRITINGS[found.kind](work, found, rows)


class _Catalogue:
    steps_a_time = ROWS_A_STEP

    def __init__(self, work: Work, found: Import, rows: bytes) -> None:
        self._book = work.book
        self._steps: Sequence[Step] = steps_of(msgspec.json.decode(rows, type=list[ImportRow]))
        by = By(found.action or found.id, found.applied_by, "", KIND)
        self._into = Into(found.room, by, found.name[:REFERENCE_MAX])

    @property
    def count(self) -> int:
        return len(self._steps)

    def rows_done(self, cursor: int) -> int:
        return rows_done(self._steps, cursor)

    async def write(self, first: int, last: int) -> list[RefusedImportRow]:
        return await write(self._book, self._steps[first:last], self._into)


class _RowByRow:
    """Each row is a step."""

    steps_a_time = LINES_A_STEP
    _rows: Sequence[Any]

    @property
    def count(self) -> int:
        return len(self._rows)

    def rows_done(self, cursor: int) -> int:
        return cursor


class _Counts(_RowByRow):
    def __init__(self, work: Work, found: Import, rows: bytes) -> None:
        self._work = work
        self._found = found
        self._rows: Sequence[CountedLine] = msgspec.json.decode(rows, type=list[CountedLine])
        self._sheet = ""

    async def write(self, first: int, last: int) -> list[RefusedImportRow]:
        if not self._rows:
            return []
        self._sheet = self._sheet or await make_sheet(self._work, self._found, self._rows)
        return await enter(self._work, self._rows[first:last], self._sheet, self._found)


class _Orders(_RowByRow):
    def __init__(self, work: Work, found: Import, rows: bytes) -> None:
        self._book = work.book
        self._found = found
        self._rows: Sequence[OrderRow] = msgspec.json.decode(rows, type=list[OrderRow])

    async def write(self, first: int, last: int) -> list[RefusedImportRow]:
        return await book_orders(self._book, self._rows[first:last], self._found.channel, self._found.applied_by)


_WRITINGS: dict[ImportKind, Callable[[Work, Import, bytes], Writing]] = {
    ImportKind.CATALOGUE: _Catalogue,
    ImportKind.COUNTS: _Counts,
    ImportKind.ORDERS: _Orders,
}
