"""Looking for what happened, over the HTTP API: a search of both ledgers, and the story of a reservation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypedDict, Unpack

from shelfcast_client.calls import Calls, below, id_of
from shelfcast_client.definitions import BULK_ROWS
from shelfcast_client.records import LedgerEntry, ReservationStory


class Searched(TypedDict, total=False):
    """What an entry has to be like. `order` is the reference of an entry or the id of an order, `actor` who did it, or
    on whose behalf; it was made from `from_ms` up to `to_ms`."""

    sku: str
    user: str
    reservation: str
    order: str
    actor: str
    kind: str
    from_ms: int
    to_ms: int


class _LedgerPage(TypedDict):
    entries: list[LedgerEntry]
    next: int | None


class LedgerSearches:
    """The part of a `Merchant` that looks for what happened to units."""

    _calls: Calls
    _path: str

    async def search_ledger(self, **said: Unpack[Searched]) -> AsyncIterator[LedgerEntry]:
        """The entries of both ledgers that are like that, newest first. The server looks through a bounded number for
        each request, so a word that is rare may take many of them: whoever has seen enough ends the loop. It ends where
        the server's ledgers begin: entries that have left them are in the archive alone."""
        query: dict[str, str | int] = {"limit": BULK_ROWS}
        query |= {name: value for name, value in said.items() if isinstance(value, str | int)}
        if "reservation" in said:
            query["reservation"] = id_of(said["reservation"])
        while True:
            page = await self._calls.ask(_LedgerPage, "GET", below(self._path, "ledger", "search"), query=query)
            for entry in page["entries"]:
                yield entry
            if page["next"] is None:
                return
            query["before"] = page["next"]

    async def story(self, reservation: str, *, near: int | None = None) -> ReservationStory:
        """All that happened to a reservation or order, oldest first; from the ledger alone where its record is not kept
        any more (`reservation` is None then). `near` is the `pool_seq` of any entry of it, where one is known: old ones
        are found by that. Raises ServerRefused (`field` "id") where nothing of it was found, Archived where it may be
        in the archive."""
        path = below(self._path, "reservations", id_of(reservation), "story")
        query: dict[str, str | int] = {} if near is None else {"near": near}
        story = page = await self._calls.ask(ReservationStory, "GET", path, query=query)
        while page["next"] is not None:
            page = await self._calls.ask(ReservationStory, "GET", path, query={"after": page["next"]})
            story["steps"] += page["steps"]
            story["next"] = page["next"]
            story["complete"] = page["complete"] and story["archived_through"] is None
        return story
