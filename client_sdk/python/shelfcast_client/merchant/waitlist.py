"""Who waits for what comes free, over the HTTP API: docs/rules.md#waitlist says who is next."""

from __future__ import annotations

from shelfcast_client.calls import Calls, below
from shelfcast_client.places import POOL
from shelfcast_client.records import RoomWaiting, SkuWaiting, WaitingSku


class Waitlists:
    """The part of a `Merchant` that reads the waitlists. A room keeps one where its definition says `waitlist`."""

    _calls: Calls
    _path: str

    async def waiting_in(self, room: str) -> list[WaitingSku]:
        """The SKUs that people wait for in a room, by name. Raises ServerRefused where there is no such room."""
        return (await self._calls.ask(RoomWaiting, "GET", below("/v1/rooms", room, "waiting")))["skus"]

    async def waiting_for(self, sku: str, units: int = 0, *, target: str = POOL) -> SkuWaiting:
        """Who waits for a SKU, and how many of them `units` more in the pool or a channel would serve. Nothing is
        moved. Raises ServerRefused where the pool has no such SKU or channel."""
        query: dict[str, str | int] = {"units": units, "target": target}
        return await self._calls.ask(SkuWaiting, "GET", below(self._path, "skus", sku, "waiting"), query=query)
