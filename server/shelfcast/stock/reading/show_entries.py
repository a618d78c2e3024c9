"""Reading the entries of a show's reservations, and which SKUs it had."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import msgspec

from shelfcast.stock.entries import PackedEntry, entry_from, packed_entry
from shelfcast.stock.reading.people import PeopleReader
from shelfcast.stock.reading.rows import pairs, text
from shelfcast.stock.reading.walk import Numbers, WalkedLedgers
from shelfcast.stock.records import LedgerEntry, Stream
from shelfcast.stock.show import BaseRow, ShowRecord

_decode_base = msgspec.msgpack.Decoder(BaseRow).decode

ENTRIES_COUNT = 1_000
"""Entries of a page: some milliseconds' work of whoever reads them."""


class ShowEntries(NamedTuple):
    """Entries of a show in the order of the pool's sequence, and the sequence up to which the ledgers were looked
    through; `is_complete` says that nothing more was there."""

    entries: list[LedgerEntry]
    through: int
    is_complete: bool


class ShowEntriesReader(PeopleReader, WalkedLedgers):
    """What a `StockBook` reads of what became of a show's reservations."""

    async def show_skus(self, show: str) -> list[str]:
        """The SKUs that a show began with, or that were listed in it, by name."""
        return sorted(text(sku) for sku in await self._read("HKEYS", f":show:{show}"))

    async def show_bases(self, show: str) -> dict[str, BaseRow]:
        """The base rows of a show, by SKU."""
        return {text(sku): _decode_base(blob) for sku, blob in pairs(await self._read("HGETALL", f":show:{show}"))}

    async def entries_behind(
        self, after_seq: int, through_seq: int
    ) -> AsyncIterator[tuple[Stream, list[tuple[int, PackedEntry]]]]:
        """All entries behind a sequence of the pool, up to another one, each with its own: first those of the presale's
        ledger, then those of the stock's, each in order, page by page. Raises EntriesArchived where the first of them
        may have left the engine."""
        begin = await self._begin_behind(after_seq)
        for stream in (Stream.PRESALE, Stream.STOCK):
            after, is_over = begin[stream], False
            while not is_over:
                rows = await self._rows_behind(stream, after, ENTRIES_COUNT)
                found = [(int(name.partition(b"-")[2]), packed_entry(fields[1])) for name, fields in rows]
                is_over = len(rows) < ENTRIES_COUNT or found[-1][0] >= through_seq
                yield stream, [row for row in found if row[0] <= through_seq] if is_over else found
                after += len(rows)

    async def show_entries(
        self, show: ShowRecord, through_seq: int
    ) -> AsyncIterator[tuple[Stream, int, list[LedgerEntry]]]:
        """The entries that are stamped with a show, up to a sequence of the pool: first those of the presale's ledger,
        then those of the stock's, each in order, with pseudonyms instead of users. Page by page: how many entries the
        page was looked for in. Raises EntriesArchived where the first of them may have left the engine."""
        begin = await self._begin_behind(show.started_seq)
        needle = show.room.encode()
        for stream in (Stream.PRESALE, Stream.STOCK):
            after, is_over = begin[stream], False
            while not is_over:
                rows = await self._rows_behind(stream, after, ENTRIES_COUNT)
                # What is stamped with the show has the room's name in it: most others are passed over by that, unread.
                entries = [entry_from(name, fields[1]) for name, fields in rows if needle in fields[1]]
                found = [entry for entry in entries if entry.show == show.id and entry.pool_seq <= through_seq]
                is_over = len(rows) < ENTRIES_COUNT or int(rows[-1][0].partition(b"-")[2]) >= through_seq
                yield stream, len(rows), await self._for_machines(found)
                after += len(rows)

    async def _begin_behind(self, seq: int) -> Numbers:
        """The last entry of each ledger up to a sequence. Raises EntriesArchived where it has left the engine."""
        await self.has_all_behind(seq)
        return await self._numbers_through(seq, await self._last_numbers())

    async def show_entries_behind(self, show: ShowRecord, after: int, limit: int, look_max: int) -> ShowEntries:
        """The next entries of both ledgers that are stamped with a show, behind a sequence of the pool: at most
        `limit`, of the `look_max` that come next. Raises EntriesArchived where the first of those have left the
        engine."""
        through = max(after, show.started_seq)
        last = await self._last_numbers()
        behind = await self._begin_behind(through)
        walk = self._walk_on(behind, last, look_max)
        found: list[LedgerEntry] = []
        needle = show.room.encode()
        while len(found) < limit and (row := await walk.next()):
            through = row.pool_seq
            # What is stamped with the show has the room's name in it: most others are passed over by that, unread.
            entry = row.entry() if needle in row.packed else None
            if entry is not None and entry.show == show.id:
                found.append(entry)
        # They may have left it while they were read.
        await self.has_all_behind(max(after, show.started_seq))
        return ShowEntries(await self._for_machines(found), through, await walk.is_over())
