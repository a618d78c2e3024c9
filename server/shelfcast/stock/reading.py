"""Reading a pool's book. Nothing here changes it; what must be of one moment is read in one engine call."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from shelfcast.errors import EngineUnavailable
from shelfcast.protocol.states import ReservationState
from shelfcast.stock import library
from shelfcast.stock.actions import ShownAction
from shelfcast.stock.alerts import AlertRecord, KeptPaces, pace_from, record_from, show_of
from shelfcast.stock.changes import PoolEvent
from shelfcast.stock.configuration import (
    BatchConfig,
    ChannelConfig,
    FreezeScope,
    Listing,
    PoolConfig,
    RoomConfig,
    SkuConfig,
    UserConfig,
)
from shelfcast.stock.entries import entry_from
from shelfcast.stock.places import COUNTERS, NO_UNITS, SAFETY, Buckets
from shelfcast.stock.proposals import DemandPage, ProposalRecord, decode_demand, proposal_from
from shelfcast.stock.records import BatchUnits, LedgerEntry, Reservation, RoomView, Stream, UnitsPage, amount
from shelfcast.stock.show import ShowRecord, show_id
from shelfcast.stock.waitlist import WaitlistReader
from shelfcast.stock.windows import window_from

_C = TypeVar("_C", bound=Struct)

SCAN_COUNT = 500
ORDER_STEPS = {"reserve": 1, "cancel": -1, "expire": -1}
"""What a kind of entry does to the count of a room's orders."""
"""Names read from a hash at a time."""

DEMAND_COUNT = 100
"""SKUs of a page of demand: some 2 ms of the engine."""
STATES = tuple(ReservationState)
"""In the order of stock/library/records.lua; a record stores the position, from 1."""
LIVE = (ReservationState.ACTIVE, ReservationState.PAYMENT_PENDING)
NAMES_APART = "\x1f"
"""Between two names in one field of a hash."""
MINUTES_AN_HOUR = 60
FLAG_PRESALE = 1
FLAG_EXTERNAL = 2


class _Record(Struct, array_like=True, frozen=True):
    """A reservation as the engine stores it."""

    state: int
    sku: str
    qty: int
    user: str
    room: str
    channel: str
    expires_at_ms: int
    from_channel: int
    from_pool: int
    shipped: int = 0
    flags: int = 0
    oversold: int = 0
    reference: str = ""
    show: int = 0
    price_minor: int = -1
    currency: str = ""
    window: str = ""
    paid_minor: int = -1
    refunded_minor: int = 0
    batches: list[tuple[str, int]] | bool = False


class _Drawn(Struct, frozen=True):
    """What the book notes of a batch that was drawn from: the pool's sequence before that."""

    drawn: int = -1


class _Upgraded(Struct, frozen=True):
    """What the book notes of a room that was live in a book of before: the show that it began then."""

    upgraded_show: int = 0


_decode_view = msgspec.msgpack.Decoder(RoomView).decode
_decode_record = msgspec.msgpack.Decoder(_Record).decode
_decode_clock = msgspec.msgpack.Decoder(tuple[int, int, int]).decode
_decode_time = msgspec.msgpack.Decoder(tuple[int, int]).decode
_decode_catalogue = msgspec.msgpack.Decoder(list[tuple[str, SkuConfig, list[str]]]).decode
_decode_actions = msgspec.msgpack.Decoder(list[ShownAction]).decode
_decode_event = msgspec.msgpack.Decoder(PoolEvent).decode
_decode_units = msgspec.msgpack.Decoder(UnitsPage).decode
_decode_batch = msgspec.msgpack.Decoder(tuple[str, list[tuple[str, int, int, int]]]).decode
_decode_page = msgspec.msgpack.Decoder(tuple[int, str, list[Any]]).decode


def reservation_from(name: str, record: bytes | list[Any]) -> Reservation:
    """A stored record, packed or as an array, as a `Reservation`."""
    r = _decode_record(record) if isinstance(record, bytes) else msgspec.convert(record, _Record)
    batches = r.batches if isinstance(r.batches, list) else []
    return Reservation(
        id=name,
        state=STATES[r.state - 1],
        sku=r.sku,
        qty=r.qty,
        user=r.user,
        room=r.room,
        channel=r.channel,
        expires_at_ms=r.expires_at_ms,
        from_channel=r.from_channel,
        from_pool=r.from_pool,
        from_batches=dict(batches),
        left=r.from_channel + r.from_pool + sum(units for _, units in batches),
        shipped=r.shipped,
        oversold=r.oversold,
        presale=bool(r.flags & FLAG_PRESALE),
        external=bool(r.flags & FLAG_EXTERNAL),
        reference=r.reference,
        show=show_id(r.room, r.show),
        price_minor=amount(r.price_minor),
        currency=r.currency,
        window=window_from(r.window, show_id(r.room, r.show)),
        paid_minor=amount(r.paid_minor),
        refunded_minor=r.refunded_minor,
    )


class BookReader(WaitlistReader):
    """The reading half of a `StockBook`."""

    async def clock(self) -> tuple[int, int, int]:
        """Epoch, sequence and the engine's time in milliseconds, as the book sees it."""
        return _decode_clock(await self._engine.call(library.CLOCK, self.base, library.FORMAT))

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

    # --- rooms and configuration ------------------------------------------------------------------------

    async def room_view(self, room: str) -> RoomView | None:
        """A room with its whole shelf, of one moment; None where there is no such room."""
        raw = await self._engine.call(library.ROOM, self.base, room)
        try:
            return _decode_view(raw) if raw else None
        except msgspec.DecodeError as error:
            raise EngineUnavailable(f"the view of room {room} cannot be read: {error}") from error

    async def pool_config(self) -> PoolConfig:
        """The pool's own settings."""
        return await self._config(":pool", "", PoolConfig) or PoolConfig()

    async def room_config(self, room: str) -> RoomConfig | None:
        """One room's configuration."""
        return await self._config(":rooms", room, RoomConfig)

    async def rooms(self) -> dict[str, RoomConfig]:
        """All rooms of the pool."""
        return await self._configs(":rooms", RoomConfig)

    async def channels(self) -> dict[str, ChannelConfig]:
        """All channels of the pool."""
        return await self._configs(":channels", ChannelConfig)

    async def batches(self) -> dict[str, BatchConfig]:
        """All batches of the pool."""
        return await self._configs(":batches", BatchConfig)

    async def batches_drawn(self) -> dict[str, int]:
        """The batches that were drawn from, with the pool's sequence before the first time."""
        found = await self._configs(":batches", _Drawn)
        return {name: batch.drawn for name, batch in found.items() if batch.drawn >= 0}

    async def listings(self, room: str) -> dict[str, Listing]:
        """The terms of every SKU on a room's shelf."""
        return await self._configs(f":listing:{room}", Listing)

    async def listing(self, room: str, sku: str) -> Listing | None:
        """One SKU's terms in a room."""
        return await self._config(f":listing:{room}", sku, Listing)

    async def show(self, show: str) -> ShowRecord | None:
        """A show that is kept, by its id."""
        return await self._config(":shows", show, ShowRecord)

    async def shows(self, room: str, *, before: int, limit: int) -> list[ShowRecord]:
        """The last shows of a room that are kept, newest first: those whose number is below `before`."""
        numbers = range(before - 1, max(0, before - 1 - limit), -1)
        if not numbers:
            return []
        blobs = await self._read("HMGET", ":shows", *[show_id(room, n) for n in numbers])
        return [msgspec.msgpack.decode(blob, type=ShowRecord) for blob in blobs if blob]

    async def show_ids(self) -> list[str]:
        """The ids of all shows that are kept."""
        return [_text(name) for name in await self._read("HKEYS", ":shows")]

    async def shows_with_units(self) -> list[str]:
        """The shows whose customers' units are still counted (stock/windows.py)."""
        return [_text(show) for show in await self._read("ZRANGE", ":windows", 0, -1)]

    async def upgraded_shows(self) -> set[str]:
        """The shows that were live in a book of before: their limits count what was bought by then, too."""
        rooms = await self._configs(":rooms", _Upgraded)
        return {show_id(name, room.upgraded_show) for name, room in rooms.items() if room.upgraded_show}

    async def listed_skus(self, room: str) -> list[str]:
        """The SKUs on a room's shelf."""
        return [_text(sku) for sku in await self._read("HKEYS", f":listing:{room}")]

    async def is_frozen(self, scope: FreezeScope, name: str) -> bool | None:
        """Whether this very flag is set; None where there is nothing of that name. That of the pool has none."""
        if scope is FreezeScope.POOL:
            return (await self.pool_config()).frozen
        if scope is FreezeScope.SKU:
            if await self._config(":skus", name, SkuConfig) is None:
                return None
            return bool(await self._read("HGET", f":sku:{name}", "frozen") == b"1")
        found: ChannelConfig | RoomConfig | None
        if scope is FreezeScope.CHANNEL:
            found = await self._config(":channels", name, ChannelConfig)
        else:
            found = await self.room_config(name)
        return None if found is None else found.frozen

    async def user(self, user: str) -> UserConfig:
        """What the operator decided about a user."""
        return await self._config(":users", user, UserConfig) or UserConfig()

    async def _config(self, suffix: str, name: str, kind: type[_C]) -> _C | None:
        blob = await self._read("HGET", suffix, name)
        return msgspec.msgpack.decode(blob, type=kind) if blob else None

    async def _configs(self, suffix: str, kind: type[_C]) -> dict[str, _C]:
        flat = await self._read("HGETALL", suffix)
        decoder = msgspec.msgpack.Decoder(kind)
        return {name.decode(): decoder.decode(blob) for name, blob in sorted(pairs(flat))}

    # --- alerts and minutes of shows ----------------------------------------------------------------------

    async def alerts(self, show: str) -> list[AlertRecord]:
        """All alerts of a show, those that are over included, in the order in which they rang."""
        records = [record_from(blob) for blob in await self._read("HVALS", f":alerts:{show}")]
        return sorted(records, key=lambda record: record.number)

    async def alert(self, id: str) -> AlertRecord | None:  # noqa: A002 - the field's own name
        """One alert; None where there is none of that id."""
        blob = await self._read("HGET", f":alerts:{show_of(id)}", id)
        return record_from(blob) if blob else None

    async def alerting(self) -> dict[str, int]:
        """The shows with alerts that stand, and how many."""
        flat = await self._read("HGETALL", ":alerting")
        return {show.decode(): int(count) for show, count in pairs(flat)}

    async def paces(self, show: str) -> KeptPaces:
        """What is kept of the paces of a show."""
        found = {sku.decode(): blob for sku, blob in pairs(await self._read("HGETALL", f":pace:{show}"))}
        minute, seq = found.pop("", b"-1 0").split(b" ")
        by_sku = {sku: pace_from(blob) for sku, blob in found.items()}
        return KeptPaces(None if minute == b"-1" else int(minute), int(seq), by_sku)

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

    async def series_hours(self, show: str) -> list[int]:
        """The hours (since 1970) of which minutes of a show are kept, in order."""
        fields = await self._read("HKEYS", f":series_of:{show}")
        return sorted(int(field[1:]) for field in fields if field != b"bytes")

    async def series(self, show: str, hour: int) -> list[tuple[int, str, bytes]]:
        """What is kept of a show in an hour (since 1970): the minute (since 1970), the SKU or "" for the show, and the
        packed row (`insight.series`), in order."""
        rows = []
        for field, blob in pairs(await self._read("HGETALL", f":series:{show}:{hour}")):
            minute, _, sku = field.decode().partition(NAMES_APART)
            rows.append((hour * MINUTES_AN_HOUR + int(minute), sku, blob))
        return sorted(rows)

    async def sku_count(self) -> int:
        """How many SKUs the catalogue has."""
        return int(await self._read("HLEN", ":skus"))

    # --- the split ------------------------------------------------------------------------------------------

    async def proposals(self) -> list[ProposalRecord]:
        """The proposals that are kept, newest first."""
        found = [proposal_from(blob) for blob in await self._read("HVALS", ":proposals")]
        return sorted(found, key=lambda proposal: -proposal.n)

    async def proposal(self, id: str) -> ProposalRecord | None:  # noqa: A002 - the field's own name
        """One proposal; None where it is not known, or not any more."""
        blob = await self._read("HGET", ":proposals", id)
        return proposal_from(blob) if blob else None

    async def demand(self, cursor: str, pause_ms: int) -> DemandPage:
        """A page of the SKUs that sold within the split's window, without those that pause."""
        raw = await self._engine.call(library.DEMAND, self.base, cursor, DEMAND_COUNT, pause_ms)
        try:
            return decode_demand(raw)
        except msgspec.DecodeError as error:
            raise EngineUnavailable(f"the demand of pool {self.pool} cannot be read: {error}") from error

    # --- stock ----------------------------------------------------------------------------------------------

    async def sku(self, sku: str) -> tuple[SkuConfig, Buckets] | None:
        """A SKU's catalogue entry and its units; None where the catalogue does not have it."""
        config = await self._config(":skus", sku, SkuConfig)
        return (config, await self._buckets(sku)) if config else None

    async def skus(self, after: str = "", limit: int = 100) -> list[tuple[str, SkuConfig, Buckets]]:
        """A page of the catalogue by name: the first `limit` SKUs behind `after`."""
        raw = await self._engine.call(library.CATALOGUE, self.base, after, limit)
        return [(name, config, buckets_from(pairs(flat))) for name, config, flat in _decode_catalogue(raw)]

    async def units(self, after: str = "", limit: int = 100) -> UnitsPage:
        """The units of a page of the catalogue by name, of one moment: the first `limit` SKUs behind `after`."""
        raw = await self._engine.call(library.UNITS, self.base, after, limit)
        try:
            return _decode_units(raw)
        except msgspec.DecodeError as error:
            raise EngineUnavailable(f"the units of pool {self.pool} cannot be read: {error}") from error

    async def batch_units(self, batch: str) -> dict[str, BatchUnits]:
        """What is in a batch and what of it was taken, by SKU; empty of one that is closed. Read in pages."""
        found: dict[str, BatchUnits] = {}
        cursor = "0"
        while True:
            raw = await self._engine.call(library.BATCH_UNITS, self.base, batch, cursor, SCAN_COUNT)
            cursor, rows = _decode_batch(raw)
            found |= {sku: BatchUnits(*units) for sku, *units in rows}
            if cursor == "0":
                return dict(sorted(found.items()))

    async def safety_units(self, skus: Sequence[str]) -> dict[str, int]:
        """What is in the safety buffer of each of these."""
        found: dict[str, int] = {}
        for first in range(0, len(skus), SCAN_COUNT):
            some = skus[first : first + SCAN_COUNT]
            units = await asyncio.gather(*[self._read("HGET", f":sku:{sku}", SAFETY) for sku in some])
            found |= {sku: int(n or 0) for sku, n in zip(some, units, strict=True)}
        return found

    async def _buckets(self, sku: str) -> Buckets:
        return buckets_from(pairs(await self._read("HGETALL", f":sku:{sku}")))

    # --- reservations -----------------------------------------------------------------------------------------

    async def reservation(self, id: str) -> Reservation | None:  # noqa: A002 - the field's own name
        """A reservation's record, finished ones too while they are remembered."""
        blob = await self._read("HGET", ":reservations", id)
        return reservation_from(id, blob) if blob else None

    async def reservations(self, ids: list[str]) -> list[Reservation]:
        """The records of these ids that are known, in their order."""
        if not ids:
            return []
        blobs = await self._read("HMGET", ":reservations", *ids)
        return [reservation_from(name, blob) for name, blob in zip(ids, blobs, strict=True) if blob]

    async def user_reservations(self, user: str) -> list[Reservation]:
        """A user's live reservations, oldest first."""
        ids = await self._read("HGET", ":live", user)
        return await self.reservations(ids.decode().split(" ")) if ids else []

    async def reservations_of(self, users: list[str]) -> dict[str, list[Reservation]]:
        """The live reservations of many users at once; two reads, however many users."""
        listed = [ids.decode().split(" ") if ids else [] for ids in await self._read("HMGET", ":live", *users)]
        found = await self.reservations([name for ids in listed for name in ids])
        by_id = {reservation.id: reservation for reservation in found}
        return {user: [by_id[n] for n in ids if n in by_id] for user, ids in zip(users, listed, strict=True)}

    async def live_holds(self) -> AsyncIterator[list[Reservation]]:
        """All live reservations, page by page: what is live throughout is on some page."""
        async for _, items in self.pages("live"):
            ids = [name for _, listed in pairs(items) for name in _text(listed).split(" ")]
            for first in range(0, len(ids), SCAN_COUNT):
                found = await self.reservations(ids[first : first + SCAN_COUNT])
                yield [reservation for reservation in found if reservation.state in LIVE]

    async def paid_no_stock(self, limit: int, *, rooms: frozenset[str] | None = None) -> list[Reservation]:
        """The queue of payments without stock, longest waiting first; of these rooms alone where they are named."""
        waiting = pairs(await self._read("HGETALL", ":unfilled"))
        ids = [name.decode() for name, _ in sorted(waiting, key=lambda pair: int(pair[1]))]
        found: list[Reservation] = []
        for first in range(0, len(ids), SCAN_COUNT):
            page = await self.reservations(ids[first : first + SCAN_COUNT])
            found += [reservation for reservation in page if rooms is None or reservation.room in rooms]
            if len(found) >= limit:
                break
        return found[:limit]

    async def short_reservations(self, sku: str, shortage: int) -> list[Reservation]:
        """The reservations that a shortage of so many units stands against: those whose hold began last, as many as
        cover it. Presale ones are not on hand. Reads the whole book in pages."""
        found: list[Reservation] = []
        async for _, items in self.pages("reservations"):
            records = (reservation_from(name, record) for name, record in pairs(items))
            found += [r for r in records if r.sku == sku and r.left > 0 and not r.presale]
        found.sort(key=lambda r: (r.expires_at_ms, r.id), reverse=True)
        named: list[Reservation] = []
        for reservation in found:
            if shortage <= 0:
                break
            named.append(reservation)
            shortage -= reservation.left
        return named

    # --- ledger and audit -----------------------------------------------------------------------------------------

    async def ledger(self, stream: Stream, after_seq: int = 0, limit: int = 1000) -> list[LedgerEntry]:
        """Entries of a ledger behind a sequence, in order."""
        rows = await self._read("XRANGE", f":{stream}", f"{after_seq + 1}-0", "+", "COUNT", limit)
        return [entry_from(name, fields[1]) for name, fields in rows]

    async def events(self, after: int = 0, limit: int = 1000) -> list[PoolEvent]:
        """What happened behind event `after`, in order; where the first is not `after + 1`, those between are not kept
        any more."""
        rows = await self._read("XRANGE", ":events", f"{after + 1}-0", "+", "COUNT", limit)
        return [_decode_event(fields[1]) for _, fields in rows]

    async def last_events(self, limit: int) -> list[PoolEvent]:
        """What happened last, in order."""
        rows = await self._read("XREVRANGE", ":events", "+", "-", "COUNT", limit)
        return [_decode_event(fields[1]) for _, fields in reversed(rows)]

    async def ledger_to_now(self, stream: Stream, after_seq: int, page: int) -> AsyncIterator[list[LedgerEntry]]:
        """Pages of the entries behind a sequence, up to the one that is the last now; no page is empty."""
        newest = await self._read("XREVRANGE", f":{stream}", "+", "-", "COUNT", 1)
        last = int(newest[0][0].partition(b"-")[0]) if newest else 0
        while after_seq < last and (entries := await self.ledger(stream, after_seq, min(page, last - after_seq))):
            yield entries
            after_seq = entries[-1].seq

    async def catalogue(self, page: int) -> AsyncIterator[list[tuple[str, SkuConfig, Buckets]]]:
        """The whole catalogue by name, page by page; no page is empty."""
        after = ""
        while rows := await self.skus(after, page):
            yield rows
            after = rows[-1][0]

    async def actions(self, *, before: int = 0, limit: int = 100, room: str = "") -> list[ShownAction]:
        """The latest actions, newest first: those before number `before` (0: all), and of one room alone where it is
        named."""
        return _decode_actions(await self._engine.call(library.ACTIONS, self.base, before, limit, room))

    async def action(self, id: str) -> ShownAction | None:  # noqa: A002 - the field's own name
        """One action; None where it is not known, or not any more."""
        found = _decode_actions(await self._engine.call(library.ACTIONS_OF, self.base, id))
        return found[0] if found else None

    async def pages(self, what: str) -> AsyncIterator[tuple[int, list[Any]]]:
        """All of `reservations`, `live`, `units`, `skus` or `sold:<show>`, page by page: (sequence, names and values).

        Each page is of one moment, told by the pool's sequence then; what is there throughout is in some page.
        """
        cursor = "0"
        while True:
            raw = await self._engine.call(library.PAGE, self.base, what, cursor, SCAN_COUNT)
            seq, cursor, items = _decode_page(raw)
            yield seq, items
            if cursor == "0":
                return


def pairs(flat: list[Any]) -> list[tuple[Any, Any]]:
    """[name, value, name, value, …] as pairs."""
    return list(zip(flat[::2], flat[1::2], strict=True))


def buckets_from(fields: list[tuple[Any, Any]]) -> Buckets:
    """A SKU's units by bucket and account, from its hash."""
    named = ((_text(name), units) for name, units in fields)
    return {name: int(units) for name, units in named if not name.startswith(NO_UNITS)}


def counters_from(fields: list[tuple[Any, Any]]) -> Counter[str]:
    """What a SKU's hash counts beside its units (stock/library/counters.lua): `taken:pool` and its like."""
    named = ((_text(name), units) for name, units in fields)
    return Counter({name: int(units) for name, units in named if name.startswith(COUNTERS)})


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
