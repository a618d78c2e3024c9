"""Who waits for a pool's SKUs, as the book keeps it (stock/library/waiting.lua)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from msgspec import Struct

from shelfcast.stock import library
from shelfcast.stock.changes import WaitState
from shelfcast.stock.pool_keys import PoolKeys
from shelfcast.stock.waitlist_audit import Wrong, wrong_waits

STATES = tuple(WaitState)
"""In the order of waiting.lua; a record stores the position, from 1."""


class _Record(Struct, array_like=True, frozen=True):
    """A wait as the engine stores it."""

    state: int
    sku: str
    qty: int
    user: str
    room: str
    number: int
    source: str = ""
    code: str = ""


class WaitRecord(Struct, frozen=True, kw_only=True):
    """A wait: `number` is the order of turns in the pool, `source` the dedicated channel whose rooms it competes with
    for units, empty where it is with all shared ones. `code` says why it is over."""

    id: str
    state: WaitState
    sku: str
    qty: int
    user: str
    room: str
    number: int
    source: str = ""
    code: str = ""


class WaitlistEffect(Struct, array_like=True, frozen=True):
    """How many people wait for a SKU, for how many units, and in which rooms; and of so many units more, how many of
    these people they would serve, with how many units. It is an outlook: limits are checked when a turn comes."""

    people: int
    units: int
    rooms: list[tuple[str, int]]
    serves: int
    given: int


class WaitedFor(Struct, array_like=True, frozen=True):
    """A SKU that `people` wait for, and how many units they wait for."""

    sku: str
    people: int
    units: int


_decode_record = msgspec.msgpack.Decoder(_Record).decode
_decode_effect = msgspec.msgpack.Decoder(WaitlistEffect).decode
_decode_waited_for = msgspec.msgpack.Decoder(list[WaitedFor]).decode


def wait_from(id: str, stored: bytes) -> WaitRecord:  # noqa: A002 - the field's own name
    """A stored wait. Raises msgspec.DecodeError."""
    r = _decode_record(stored)
    return WaitRecord(
        id=id,
        state=STATES[r.state - 1],
        sku=r.sku,
        qty=r.qty,
        user=r.user,
        room=r.room,
        number=r.number,
        source=r.source,
        code=r.code,
    )


class WaitlistReader(PoolKeys):
    """What a `StockBook` reads of the waitlist."""

    async def waits(self, ids: Sequence[str]) -> list[WaitRecord]:
        """The records of these ids that are known, in their order; finished ones too while they are remembered."""
        if not ids:
            return []
        blobs = await self._read("HMGET", ":waits", *ids)
        return [wait_from(name, blob) for name, blob in zip(ids, blobs, strict=True) if blob]

    async def waits_of(self, users: Sequence[str]) -> dict[str, list[WaitRecord]]:
        """For what these users wait; two reads, however many users."""
        listed = [ids.decode().split(" ") if ids else [] for ids in await self._read("HMGET", ":waits_of", *users)]
        found = await self.waits([name for ids in listed for name in ids])
        by_id = {wait.id: wait for wait in found if wait.state is WaitState.WAITING}
        return {user: [by_id[n] for n in ids if n in by_id] for user, ids in zip(users, listed, strict=True)}

    async def offered(self, ids: Sequence[str]) -> set[str]:
        """Those of these reservations that the waitlist gave."""
        return {wait.id for wait in await self.waits(ids) if wait.state is WaitState.OFFERED}

    async def waitlist_of(self, sku: str, units: int = 0, target: str = "pool") -> WaitlistEffect | None:
        """Who waits for a SKU, and what putting so many units up in `target` would serve (pool, or channel:NAME): at
        most 500 people are looked at. None where there is no such SKU."""
        raw = await self._engine.call(library.WAITLIST, self.base, sku, str(units), target)
        return _decode_effect(raw) if raw else None

    async def waitlists(self, room: str | None = None) -> list[WaitedFor]:
        """What is waited for in a room, or (None) in the whole pool, by SKU; at most 2,000 of them."""
        return _decode_waited_for(await self._engine.call(library.WAITLISTS, self.base, room or ""))

    def wrong_waits(self) -> AsyncIterator[tuple[int, list[Wrong]]]:
        """What is wrong with the waitlists, page by page: (waits that stand, what is wrong)."""
        return wrong_waits(self._engine, self.base)
