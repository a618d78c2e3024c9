"""The value that was sold of each SKU lately: from the ledger, and for the time before that begins from the totals of
the business days."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from shelfcast.archive.store import ArchiveStore
from shelfcast.insight.count_plan import Sale, ValueSold
from shelfcast.merchant.day_files import content_of, day_of
from shelfcast.stock.book import StockBook
from shelfcast.stock.records import LedgerEntry, Stream

LEDGER_PAGE = 2_000

Progress = Callable[[int, int], None]
"""Takes how many ledger entries were read; the other is 0."""


async def value_sold(book: StockBook, store: ArchiveStore, since_ms: int, progress: Progress) -> tuple[ValueSold, int]:
    """What was sold since a time, and since when that is known: later than asked for in a pool whose entries of then
    have left the ledger, and which has no days (a rehearsal). Whole days, where it is days that are read. Raises
    EngineError, ArchiveError."""
    sold, read = ValueSold(), 0
    cut, behind = await book.cut(), await book.ledger_seq_at(Stream.STOCK, since_ms)
    if cut.seq and behind <= cut.ledger:
        behind, since_ms = await _before_the_ledger(book, store, sold, since_ms)
    async for entries in book.ledger_to_now(Stream.STOCK, behind, LEDGER_PAGE):
        for entry in entries:
            sold.add(_sale(entry))
        read += len(entries)
        progress(read, 0)
    return sold, since_ms


async def _before_the_ledger(book: StockBook, store: ArchiveStore, sold: ValueSold, since_ms: int) -> tuple[int, int]:
    """Add up the days that have entries which left the ledger: behind which number to go on, and since when it is."""
    marks = [mark for mark in await book.days() if mark.to_ms > since_ms]
    cut = await book.cut()
    last = next((at for at, mark in enumerate(marks) if mark.through.seq >= cut.seq), None)
    if last is None:
        first_ms = await book.first_entry_ms()
        return cut.ledger, max(since_ms, await book.now_ms() if first_ms is None else first_ms)
    for mark in marks[: last + 1]:
        for row in (await asyncio.to_thread(day_of, await content_of(store, mark))).rows:
            for money in row.money:
                sold.add_day(row.sku, money.currency, money.paid + money.by_price - money.refunded)
    return marks[last].through.ledger, max(since_ms, marks[0].from_ms)


def _sale(entry: LedgerEntry) -> Sale:
    return Sale(
        entry.id,
        entry.kind,
        entry.sku,
        entry.qty,
        entry.price_minor,
        entry.currency,
        entry.paid_minor,
        entry.refunded_minor,
    )
