"""Reading what happened: the two ledgers, events, and actions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping

import msgspec

from shelfcast.stock import library
from shelfcast.stock.actions import ShownAction
from shelfcast.stock.changes import PoolEvent
from shelfcast.stock.entries import entry_from
from shelfcast.stock.reading.archived import ArchivedReader
from shelfcast.stock.reading.book_keys import SCAN_COUNT
from shelfcast.stock.reading.people import PeopleReader
from shelfcast.stock.records import LedgerEntry, Stream

ORDER_STEPS = {"reserve": 1, "cancel": -1, "expire": -1}
"""What a kind of entry does to the count of a room's orders."""

_decode_actions = msgspec.msgpack.Decoder(list[ShownAction]).decode


class _KeptEvent(PoolEvent, frozen=True):
    """An event as it is kept: its subject may be a pseudonym (stock/library/people.lua)."""

    by_pseudonym: bool = False

    def told(self, users: Mapping[str, str]) -> PoolEvent:
        """It, with users instead of pseudonyms."""
        subject, data = self.subject, self.data
        if self.by_pseudonym and subject in users:
            data = {field: users[subject] if value == subject else value for field, value in data.items()}
            subject = users[subject]
        return PoolEvent(self.n, self.at_ms, self.type, self.room, subject, data, self.actor, self.action)


_decode_event = msgspec.msgpack.Decoder(_KeptEvent).decode


class LedgerReader(PeopleReader, ArchivedReader):
    """What a `StockBook` reads of its ledgers."""

    async def ledger(self, stream: Stream, after_seq: int = 0, limit: int = 1000) -> list[LedgerEntry]:
        """Entries of a ledger behind a sequence, in order, with pseudonyms instead of users (`named` has the users).
        Raises EntriesArchived where the first of them has left the engine."""
        rows = await self._rows_behind(stream, after_seq, limit)
        return await self._for_machines([entry_from(name, fields[1]) for name, fields in rows])

    async def ledger_to_now(self, stream: Stream, after_seq: int, page: int) -> AsyncIterator[list[LedgerEntry]]:
        """Pages of the entries behind a sequence, up to the one that is the last now; no page is empty.
        Raises EntriesArchived as `ledger` does."""
        await self.has_entries_behind(stream, after_seq)
        newest = await self._read("XREVRANGE", f":{stream}", "+", "-", "COUNT", 1)
        last = int(newest[0][0].partition(b"-")[0]) if newest else 0
        while after_seq < last and (entries := await self.ledger(stream, after_seq, min(page, last - after_seq))):
            yield entries
            after_seq = entries[-1].seq

    async def orders_of(self, show: str, after_seq: int, through_seq: int, most: int) -> dict[str, int]:
        """In how many more orders of a show each SKU has sold behind the pool's sequence `after_seq`, up to
        `through_seq`: those that its customers made, less those given back. At least: of each ledger the last `most`
        entries are looked at."""
        orders: dict[str, int] = {}
        for stream in Stream:
            # One that drew from several places has an entry of each.
            steps = {
                (entry.id, entry.kind): entry
                async for entry in self._newest_first(stream, after_seq, most)
                if entry.show == show and entry.pool_seq <= through_seq
            }
            for (_, kind), entry in steps.items():
                orders[entry.sku] = orders.get(entry.sku, 0) + ORDER_STEPS.get(kind, 0)
        return orders

    async def _newest_first(self, stream: Stream, after_pool_seq: int, most: int) -> AsyncIterator[LedgerEntry]:
        end = "+"
        while most > 0:
            rows = await self._read("XREVRANGE", f":{stream}", end, "-", "COUNT", min(SCAN_COUNT, most))
            for name, fields in rows:
                entry = entry_from(name, fields[1])
                if entry.pool_seq <= after_pool_seq:
                    return
                yield entry
            if len(rows) < SCAN_COUNT:
                return
            most -= len(rows)
            end = f"({rows[-1][0].decode()}"

    async def events(self, after: int = 0, limit: int = 1000) -> list[PoolEvent]:
        """What happened behind event `after`, in order; where the first is not `after + 1`, those between are not kept
        any more."""
        rows = await self._read("XRANGE", ":events", f"{after + 1}-0", "+", "COUNT", limit)
        return await self._events(fields[1] for _, fields in rows)

    async def last_events(self, limit: int) -> list[PoolEvent]:
        """What happened last, in order."""
        rows = await self._read("XREVRANGE", ":events", "+", "-", "COUNT", limit)
        return await self._events(fields[1] for _, fields in reversed(rows))

    async def _events(self, packed: Iterable[bytes]) -> list[PoolEvent]:
        """Events as the feed told them: those about a person with the user, unless that one was forgotten."""
        kept = [_decode_event(row) for row in packed]
        users = await self.users_of(row.subject for row in kept if row.by_pseudonym)
        return [row.told(users) for row in kept]

    async def actions(self, *, before: int = 0, limit: int = 100, room: str = "") -> list[ShownAction]:
        """The latest actions, newest first: those before number `before` (0: all), and of one room alone where it is
        named."""
        return _decode_actions(await self._engine.call(library.ACTIONS, self.base, before, limit, room))

    async def action(self, id: str) -> ShownAction | None:  # noqa: A002 - the field's own name
        """One action; None where it is not known, or not any more."""
        found = _decode_actions(await self._engine.call(library.ACTIONS_OF, self.base, id))
        return found[0] if found else None
