"""Somebody who follows a pool and remembers what was said, and insists that no SKU runs backwards in an epoch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self

from raw_socket import RawSocket
from shelfcast.protocol.codec import Encoding, decode_pool
from shelfcast.protocol.from_server import Error
from shelfcast.protocol.pool_messages import (
    ActionRow,
    Actions,
    Crew,
    CrewRow,
    Current,
    People,
    PeopleRow,
    PoolMessage,
    PoolSnapshot,
    Units,
    UnitsRow,
)
from waiting import WAIT_S


class PoolSocket(RawSocket):
    """A socket of a pool."""

    def decode(self, payload: bytes) -> PoolMessage:
        return decode_pool(payload, self.encoding)

    @classmethod
    async def follow(cls, port: int, token: str | None, pool: str = "main", query: str = "", **options: Any) -> Self:
        return await cls.join(port, token=token, path=f"/v1/pools/{pool}/ws{query}", **options)


class PoolFollower:
    """One connection, read when it is asked for something."""

    def __init__(self, socket: PoolSocket) -> None:
        self.socket = socket
        self.epoch = 0
        self.snapshots = 0
        self.current = False
        self.frames = 0
        self.longest = 0
        """Rows of the longest frame."""
        self.units: dict[str, UnitsRow] = {}
        self.people: dict[str, PeopleRow] = {}
        self.actions: dict[int, ActionRow] = {}
        self.crew: dict[tuple[str, str], CrewRow] = {}

    @classmethod
    async def join(cls, port: int, token: str, query: str = "", **options: Any) -> Self:
        socket = await PoolSocket.follow(port, token, query=query, **{"encoding": Encoding.MSGPACK, **options})
        assert socket.status == 101, socket.body
        return cls(socket)

    async def until(self, condition: Callable[[], object]) -> None:
        """Read until something is true."""
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self.take(await self.socket.hear())

    async def until_current(self) -> None:
        await self.until(lambda: self.current)

    async def shows(self, sku: str, pool: int) -> None:
        """Read until so many units are in the pool."""
        await self.until(lambda: sku in self.units and self.units[sku].pool == pool)

    async def happened(self, kind: str, action: str) -> ActionRow:
        """Read until an event of this type says that it comes from this write."""

        def found() -> list[ActionRow]:
            return [row for row in self.actions.values() if (row.type, row.action) == (kind, action)]

        await self.until(found)
        return found()[0]

    def take(self, message: object) -> None:
        self.frames += 1
        if isinstance(message, PoolSnapshot):
            assert message.epoch >= self.epoch, "an epoch of the past"
            if message.epoch != self.epoch:
                self.units.clear()
                self.people.clear()
                self.actions.clear()
            self.epoch, self.current, self.snapshots = message.epoch, False, self.snapshots + 1
        elif isinstance(message, Units):
            self.longest = max(self.longest, len(message.rows))
            for row in message.rows:
                known = self.units.get(row.sku)
                assert known is None or row.seq >= known.seq, "units of the past"
                self.units[row.sku] = row
        elif isinstance(message, People):
            self.people |= {row.room: row for row in message.rows}
        elif isinstance(message, Actions):
            self.actions |= {row.n: row for row in message.rows}
        elif isinstance(message, Crew):
            self.crew |= {(row.user, row.role): row for row in message.rows}
        elif isinstance(message, Current):
            self.current = True
        elif isinstance(message, Error):
            assert message.code == "UNAVAILABLE", message
            self.current = False
