"""Reading reservations: their records, whose they are, what is live, what waits for stock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from msgspec import Struct

from shelfcast.protocol.states import ReservationState
from shelfcast.stock.reading.book_keys import SCAN_COUNT, BookKeys
from shelfcast.stock.reading.rows import pairs, text
from shelfcast.stock.records import Reservation, amount
from shelfcast.stock.show import show_id
from shelfcast.stock.windows import window_from

STATES = tuple(ReservationState)
"""In the order of stock/library/records.lua; a record stores the position, from 1."""
LIVE = (ReservationState.ACTIVE, ReservationState.PAYMENT_PENDING)
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


_decode_record = msgspec.msgpack.Decoder(_Record).decode


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


class ReservationsReader(BookKeys):
    """What a `StockBook` reads of its reservations."""

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

    async def kept_orders(self, ids: list[str], now_ms: int) -> set[str]:
        """Those of these ids that have booked an order of another platform, and are known also where its record is
        over."""
        if not ids:
            return set()
        until = await self._read("ZMSCORE", ":external_orders", *ids)
        return {
            name for name, until_ms in zip(ids, until, strict=True) if until_ms is not None and int(until_ms) > now_ms
        }

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
            ids = [name for _, listed in pairs(items) for name in text(listed).split(" ")]
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
