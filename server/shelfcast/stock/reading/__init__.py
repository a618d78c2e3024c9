"""Reading a pool's book. Nothing here changes it; what must be of one moment is read in one engine call."""

from __future__ import annotations

import msgspec

from shelfcast.stock import library
from shelfcast.stock.fold_state import Kept
from shelfcast.stock.reading.counts import CountsReader
from shelfcast.stock.reading.days import DaysReader
from shelfcast.stock.reading.kept import KeptReader
from shelfcast.stock.reading.ledger import LedgerReader
from shelfcast.stock.reading.memory import MemoryReader
from shelfcast.stock.reading.person import PersonReader
from shelfcast.stock.reading.receipts import ReceiptsReader
from shelfcast.stock.reading.reports import ReportsReader
from shelfcast.stock.reading.search import LedgerSearch
from shelfcast.stock.reading.show_entries import ShowEntriesReader
from shelfcast.stock.reading.story import StoryReader
from shelfcast.stock.reading.units import UnitsReader
from shelfcast.stock.waitlist import WaitlistReader

_decode_clock = msgspec.msgpack.Decoder(tuple[int, int, int]).decode
_decode_time = msgspec.msgpack.Decoder(tuple[int, int]).decode


class BookReader(
    PersonReader,
    StoryReader,
    KeptReader,
    ShowEntriesReader,
    LedgerSearch,
    DaysReader,
    LedgerReader,
    MemoryReader,
    UnitsReader,
    ReceiptsReader,
    ReportsReader,
    CountsReader,
    WaitlistReader,
):
    """The reading half of a `StockBook`."""

    async def clock(self) -> tuple[int, int, int]:
        """Epoch, sequence and the engine's time in milliseconds, as the book sees it."""
        return _decode_clock(await self._engine.call(library.CLOCK, self.base, library.FORMAT))

    async def kept(self) -> Kept:
        """The names that the book has not forgotten, those of all reservations among them. Raises EngineError."""
        _, seq, _ = await self.clock()
        return await self._kept_behind(seq)

    async def time(self) -> tuple[int, int]:
        """The engine's time in milliseconds, and how often it was found to step; -1 for one that stands."""
        return _decode_time(await self._engine.call(library.TIME, self.base))

    async def epochs(self) -> list[tuple[int, int]]:
        """The last epochs and the sequence each began at, the latest last."""
        rows = await self._read("LRANGE", ":epochs", 0, -1)
        return [(int(epoch), int(seq)) for epoch, _, seq in (row.partition(b" ") for row in rows)]

    async def now_ms(self) -> int:
        """The engine's time in milliseconds since 1970."""
        return (await self.clock())[2]
