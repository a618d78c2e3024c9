"""A show's own ledger entries, in order: from the engine, and before that from the archive.

Rules: docs/rules.md#replay.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from time import monotonic

from shelfcast.archive import checkpoints
from shelfcast.archive.ledgers import LedgerPart, entries_between
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import EntriesArchived
from shelfcast.stock.book import StockBook
from shelfcast.stock.reading.show_entries import ShowEntries
from shelfcast.stock.records import LedgerEntry
from shelfcast.stock.show import ShowRecord

STRETCHES_KEPT = 4
STRETCH_KEPT_S = 60.0
"""Stretches of the archive of which a show's entries are kept in memory, and for how long: whoever reads on asks for
the same ones."""

_stretches: OrderedDict[tuple[str, str, int, int], tuple[float, list[LedgerEntry]]] = OrderedDict()


async def show_entries(
    book: StockBook, store: ArchiveStore, show: ShowRecord, *, after: int, limit: int, look_max: int
) -> ShowEntries:
    """The next entries of a show behind a sequence of the pool, with pseudonyms instead of users: at most `limit`, of
    the `look_max` that come next in the engine, or of the next part in the archive. Raises EngineError, ArchiveError.
    """
    behind = max(after, show.started_seq)
    try:
        return await book.show_entries_behind(show, behind, limit, look_max)
    except EntriesArchived:
        return await _from_archive(book, store, show, behind, limit)


async def _from_archive(book: StockBook, store: ArchiveStore, show: ShowRecord, behind: int, limit: int) -> ShowEntries:
    archived = await book.archived()
    last = archived.checkpoints[-1]
    parts = (await checkpoints.load(store, book.pool, last)).parts
    begin, end = _stretch(parts, behind)
    key = f"{store.place} {book.pool}", show.id, begin, end
    read_s, found = _stretches.get(key) or (0.0, [])
    if monotonic() - read_s > STRETCH_KEPT_S:
        found = []
        async for page in entries_between(store, book.pool, parts, begin, end):
            found += [entry for _, entry in page if entry.show == show.id]
            await asyncio.sleep(0)  # others have their turn
        _stretches.pop(key, None)
        _stretches[key] = monotonic(), found
        while len(_stretches) > STRETCHES_KEPT:
            _stretches.popitem(last=False)
    told = [entry for entry in found if entry.pool_seq > behind]
    if len(told) > limit:
        return ShowEntries(told[:limit], told[limit - 1].pool_seq, is_complete=False)
    # The archive may have what the engine still has: that goes on behind what left it.
    return ShowEntries(told, end, is_complete=False)


def _stretch(parts: list[LedgerPart], behind: int) -> tuple[int, int]:
    """From the end of one part to the end of the next, by the pool's sequence: where the entry behind a sequence is."""
    ends = sorted({part.last_seq for part in parts})
    return max((end for end in ends if end <= behind), default=0), next(end for end in ends if end > behind)
