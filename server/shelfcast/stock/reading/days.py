"""Reading business days: those whose totals are in the archive, and where the ledgers were at a moment."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.days import DayMark
from shelfcast.stock.reading.book_keys import SCAN_COUNT
from shelfcast.stock.reading.ledger import LedgerReader
from shelfcast.stock.reading.rows import text
from shelfcast.stock.reading.walk import WalkedLedgers
from shelfcast.stock.records import LedgerEntry, Stream

_decode_day = msgspec.msgpack.Decoder(DayMark).decode


class DaysReader(LedgerReader, WalkedLedgers):
    """What a `StockBook` reads of its business days."""

    async def days(self) -> list[DayMark]:
        """The days whose totals are kept, oldest first."""
        return sorted((_decode_day(blob) for blob in await self._read("HVALS", ":days")), key=lambda day: day.date)

    async def last_day(self) -> DayMark | None:
        """The last of them."""
        date = await self._read("HGET", ":meta", "day")
        blob = await self._read("HGET", ":days", text(date)) if date else None
        return _decode_day(blob) if blob else None

    async def first_entry_ms(self) -> int | None:
        """When the first entry was made that is in the ledgers; None where there is none."""
        begin = await self.cut()
        firsts = [entry for stream in Stream for entry in await self.ledger(stream, begin.of(stream), 1)]
        return min(firsts, key=lambda entry: entry.pool_seq).at_ms if firsts else None

    async def place_before(self, at_ms: int) -> LedgerPlace:
        """The place of both ledgers behind which everything is of that moment or later. Where the engine's clock was
        set back, that moment came twice; then it is one of them."""
        last = await self._last_numbers()
        seq = sum((await self._numbers_until(at_ms - 1, last)).values())
        numbers = await self._numbers_through(seq, last)
        return LedgerPlace(seq=seq, ledger=numbers[Stream.STOCK], presale=numbers[Stream.PRESALE])

    async def entries_between(self, begin: LedgerPlace, through: LedgerPlace) -> AsyncIterator[list[LedgerEntry]]:
        """The entries behind a place, up to another: first those of the presale's ledger, then those of the stock's,
        each in order, page by page. A page is short, or the last, where entries have left the ledger meanwhile."""
        for stream, behind, last in (
            (Stream.PRESALE, begin.presale, through.presale),
            (Stream.STOCK, begin.ledger, through.ledger),
        ):
            after = behind
            while after < last:
                entries = await self.ledger(stream, after, min(SCAN_COUNT, last - after))
                if not entries or entries[-1].seq > last:
                    return
                yield entries
                after = entries[-1].seq
