"""A server among several on one engine, and what an operator sees and does there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fixtures_server import RunningServer
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import Move, MoveKind, Op, put
from shelfcast.stock.outcomes import Outcome
from viewer import Viewer

NOTICED_S = 3.0
"""A feed that is silent is noticed within this time, on a machine that has time for it (`loop_time`)."""


class Node(RunningServer):
    """A server with an engine connection of its own, as on a host of its own."""

    async def open_room(self, room: str, pool: str, units: int, **config: Any) -> None:
        """A pool with a live room on it that sells `units` mugs."""
        await self.pools.directory.create_pool(pool)
        await self.pools.directory.create_room(room, pool)
        await self.carry_out(pool, put(What.CHANNEL, "live", {"kind": "shared"}))
        await self.carry_out(pool, put(What.ROOM, room, RoomConfig(channel="live", status=RoomStatus.LIVE, **config)))
        await self.carry_out(pool, put(What.SKU, "mug", {"title": "Mug", "price_minor": 990}))
        await self.carry_out(pool, put(What.LISTING, "mug", {"position": 1}, parent=room))
        await self.receive_at(pool, units)

    async def receive_at(self, pool: str, units: int) -> None:
        self._moves += 1
        move = Move(f"{self.port}-{self._moves}", MoveKind.RECEIVE, "mug", units, "supplier", "pool")
        await self.carry_out(pool, move)

    async def carry_out(self, pool: str, op: Op) -> Outcome:
        outcome = await (await self.book(pool)).apply(op)
        assert outcome.code == "OK", (op, outcome)
        return outcome

    async def book_of(self, room: str) -> StockBook:
        pool = await self.pools.of_room(room)
        assert pool is not None
        return pool.book

    async def viewer(self, room: str, user: str = "wang") -> Viewer:
        return await Viewer.join(self.port, room, token=self.token(user=user))

    async def readiness(self) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            response = await http.get("/readyz")
        said: dict[str, Any] = response.json()
        assert response.status_code == (200 if said["ready"] else 503)
        return said


StartNode = Callable[..., Awaitable[Node]]
