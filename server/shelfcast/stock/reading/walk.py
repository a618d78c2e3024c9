"""Walking through both ledgers of a pool, in the order of its sequence, from a place on: forwards or backwards.

Entries stand in their ledger by their number in it and the pool's sequence. Both grow, so a place is found by halving.
Pages are bounded and read one after another: neither the engine nor this process is kept from others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from shelfcast.stock.entries import at_ms_of, entry_from
from shelfcast.stock.reading.archived import ArchivedReader
from shelfcast.stock.records import LedgerEntry, Stream

LOOK_COUNT = 250
"""Entries of a page: about a millisecond's work."""

Numbers = Mapping[Stream, int]
"""A place in each ledger, by the number of an entry; 0 is before the first."""
_Stored = list[tuple[bytes, list[bytes]]]
Read = Callable[[Stream, int, int], Awaitable[_Stored]]
"""Takes the numbers of the first and the last entry to come, and answers a page of those from the first on."""


class Row(NamedTuple):
    """An entry as it stands: its number in its own ledger, the pool's sequence, and what it says, packed."""

    number: int
    pool_seq: int
    name: bytes
    packed: bytes

    def entry(self) -> LedgerEntry:
        """What it says."""
        return entry_from(self.name, self.packed)


class Walk:
    """The entries of both ledgers together, one at a time, up to `through`; at most `most` of them."""

    def __init__(self, read: Read, begin: Numbers, through: Numbers, most: int, *, backwards: bool) -> None:
        """`begin` and `through` are the first and the last entry to come."""
        self._read = read
        self._at = dict(begin)
        self._through = through
        self._rows: dict[Stream, deque[Row]] = {stream: deque() for stream in Stream}
        self._backwards = backwards
        self.left = most
        """How many may still be looked at."""

    async def next(self) -> Row | None:
        """The next entry; None at the end, and where enough were looked at."""
        heads = await self._heads()
        if not heads or self.left <= 0:
            return None
        self.left -= 1
        choose = max if self._backwards else min
        return choose(heads, key=lambda rows: rows[0].pool_seq).popleft()

    async def is_over(self) -> bool:
        """Whether nothing more would come, however many may be looked at."""
        return not await self._heads()

    async def _heads(self) -> list[deque[Row]]:
        return [rows for stream in Stream if (rows := await self._page(stream))]

    async def _page(self, stream: Stream) -> deque[Row]:
        """What is read of a ledger and was not taken yet; read on where that is nothing."""
        rows, at, through = self._rows[stream], self._at[stream], self._through[stream]
        step = -1 if self._backwards else 1
        if rows or (through - at) * step < 0 or at < 1:
            return rows
        rows.extend(_row(name, fields) for name, fields in await self._read(stream, at, through))
        self._at[stream] = rows[-1].number + step if rows else through + step
        return rows


class WalkedLedgers(ArchivedReader):
    """What walks of a `StockBook` begin with."""

    def _walk_back(self, newest: Numbers, oldest: Numbers, most: int) -> Walk:
        """From `newest` back to what comes behind `oldest`."""
        through = {stream: oldest[stream] + 1 for stream in Stream}
        return Walk(self._rows_down, newest, through, most, backwards=True)

    def _walk_on(self, behind: Numbers, through: Numbers, most: int) -> Walk:
        """From what comes behind a place on. Raises EntriesArchived, at a step, where what comes next has left the
        engine meanwhile."""
        begin = {stream: behind[stream] + 1 for stream in Stream}
        return Walk(self._rows_up, begin, through, most, backwards=False)

    async def _rows_down(self, stream: Stream, at: int, through: int) -> _Stored:
        # An id without its second part is the last of that number as an upper bound, the first as a lower one.
        found: _Stored = await self._read("XREVRANGE", f":{stream}", str(at), str(through), "COUNT", LOOK_COUNT)
        return found

    async def _rows_up(self, stream: Stream, at: int, through: int) -> _Stored:
        return await self._rows_behind(stream, at - 1, min(LOOK_COUNT, through - at + 1))

    async def ledger_seq_at(self, stream: Stream, at_ms: int) -> int:
        """The `seq` of the last entry of a ledger up to a time; 0 where there is none. Where the archive alone could
        say it, the one that it ends with. Raises EngineError."""
        last = {each: await self._last_number(each) if each is stream else 0 for each in Stream}
        return (await self._numbers_until(at_ms, last))[stream]

    async def _last_numbers(self) -> Numbers:
        """How far both ledgers are."""
        return {stream: await self._last_number(stream) for stream in Stream}

    async def _last_number(self, stream: Stream) -> int:
        newest = await self._read("XREVRANGE", f":{stream}", "+", "-", "COUNT", 1)
        return _row(*newest[0]).number if newest else (await self.cut()).of(stream)

    async def _numbers_through(self, pool_seq: int, last: Numbers) -> Numbers:
        """The last entry of each ledger up to a sequence of the pool, or the cut where that is behind it."""
        cut = await self.cut()
        if pool_seq <= cut.seq:
            return cut.numbers()
        # The pool's sequence counts both: what of it is not in one ledger is in the other.
        most = min(last[Stream.PRESALE], pool_seq)
        presale = await self._find(Stream.PRESALE, cut.presale, most, lambda row: row.pool_seq <= pool_seq)
        return {Stream.STOCK: min(last[Stream.STOCK], pool_seq - presale), Stream.PRESALE: presale}

    async def _numbers_until(self, at_ms: int, last: Numbers) -> Numbers:
        """The last entry of each ledger up to a time, or the cut where that is behind it. Where the engine's clock was
        set back, entries of that time stand in two places; then it is one of them."""
        cut = await self.cut()
        return {
            stream: await self._find(stream, cut.of(stream), last[stream], lambda row: at_ms_of(row.packed) <= at_ms)
            for stream in Stream
        }

    async def _find(self, stream: Stream, first: int, last: int, is_before: Callable[[Row], bool]) -> int:
        """The number of the last entry that `is_before`, at most `last`; `first` where there is none behind that."""
        low, high = first, max(first, last)
        while low < high:
            middle = (low + high + 1) // 2
            found = await self._read("XRANGE", f":{stream}", f"{middle}-0", "+", "COUNT", 1)
            if found and is_before(_row(*found[0])):
                low = middle
            else:
                high = middle - 1
        return low


def _row(name: bytes, fields: list[bytes]) -> Row:
    number, _, pool_seq = name.partition(b"-")
    return Row(int(number), int(pool_seq), name, fields[1])
