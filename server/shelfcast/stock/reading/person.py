"""Reading all that a book keeps of one person: for whoever asks, and for whoever forgets it. Reads the whole book in
pages, so it is work for a job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from shelfcast.stock.places import BATCH
from shelfcast.stock.reading.book_keys import NAMES_APART
from shelfcast.stock.reading.definitions import DefinitionsReader
from shelfcast.stock.reading.people import PeopleReader
from shelfcast.stock.reading.reservations import reservation_from
from shelfcast.stock.reading.rows import pairs
from shelfcast.stock.reading.search import Wanted, fitting
from shelfcast.stock.reading.shows import ShowsReader
from shelfcast.stock.reading.walk import WalkedLedgers
from shelfcast.stock.records import LedgerEntry, Reservation, Stream

UNITS, UNITS_OF_DAYS = "units", "units_days"
"""Pages of net units: that count for ever, or (behind a colon) in a show or from a batch; and those of the days."""


class PersonReader(PeopleReader, DefinitionsReader, ShowsReader, WalkedLedgers):
    """What a `StockBook` reads of one person."""

    async def units_pages(self) -> list[str]:
        """The names of all pages of customers' net units (`pages`)."""
        shows = [f"{UNITS}:{show}" for show in await self.shows_with_units()]
        return [UNITS, UNITS_OF_DAYS, *shows, *[f"{UNITS}:{BATCH}{batch}" for batch in await self.batches_drawn()]]

    async def units_of(self, user: str) -> AsyncIterator[tuple[str, str]]:
        """Where a user's net units are counted: the end of a key, and the SKU."""
        for what in await self.units_pages():
            async for _, items in self.pages(what):
                for name, _ in pairs(items):
                    owner, _, sku = name.partition(NAMES_APART)
                    if owner == user:
                        yield f":{what}", sku

    async def records_of(self, user: str) -> AsyncIterator[Reservation]:
        """All of a user's reservations whose records are kept."""
        async for _, items in self.pages("reservations"):
            for name, record in pairs(items):
                if user in record:
                    reservation = reservation_from(name, record)
                    if reservation.user == user:
                        yield reservation

    async def stored(self, what: str) -> AsyncIterator[tuple[str, Any]]:
        """All `waits`, `refunds` or `actions`, as they are stored, with their ids."""
        async for _, items in self.pages(what):
            for name, record in pairs(items):
                yield name, record

    async def entries_of(self, user: str, *, told: Any = lambda done: None) -> AsyncIterator[tuple[LedgerEntry, bool]]:
        """The entries in the engine that are about a user, oldest first, as they are stored, and whether each names the
        user in clear. `told` takes how many entries were looked at."""
        cut, last = await self.cut(), await self._last_numbers()
        wanted, pseudonyms = Wanted(user=user), await self.pseudonyms((user,))
        needles = wanted.needles(pseudonyms)
        behind = {Stream.STOCK: cut.ledger, Stream.PRESALE: cut.presale}
        walk, looked_at = self._walk_on(behind, last, sum(last.values())), 0
        while row := await walk.next():
            looked_at += 1
            entry = fitting(row, needles, wanted, pseudonyms)
            if entry is not None:
                yield entry, entry.user == user
            if looked_at % 1_000 == 0:
                told(looked_at)
