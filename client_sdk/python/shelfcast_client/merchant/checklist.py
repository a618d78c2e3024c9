"""Checklists over the HTTP API: what stands for and against a room's going on air."""

from __future__ import annotations

from shelfcast_client.calls import Calls, below
from shelfcast_client.records import Checklist

ITEMS_MAX = 2_000
"""Items of one answer at most."""


class Checklists:
    """The part of a `Merchant` that reads a room's checklist."""

    _calls: Calls

    async def checklist(self, room: str, *, level: str = "", sku: str = "", limit: int = ITEMS_MAX) -> Checklist:
        """What stands for and against the room's going on air, worked out anew: its items, the gravest first, those of
        one `level` ("pass", "warn", "fail") or one `sku` alone where that is said. Of more than `limit` the rest is
        counted in `left_out`. A cure with a `method` is a request that is ready, but for its key."""
        query: dict[str, str | int] = {"limit": limit}
        query |= {name: value for name, value in (("level", level), ("sku", sku)) if value}
        return await self._calls.ask(Checklist, "GET", below("/v1/rooms", room, "checklist"), query=query)
