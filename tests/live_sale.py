"""A sale that goes on, on several servers, while something happens to their engine."""

from __future__ import annotations

import asyncio

from server_node import Node
from shelfcast.stock.audit import audit
from shelfcast_client import Policy, Reserved, connect
from viewer import Viewer

PATIENT = Policy(same_id_attempts_max=1_000)
MENDED_S = 30.0
"""A failover takes as long as a primary must be silent to be given up, an election, and another look at the map."""


class LiveSale:
    """Buyers at both servers who reserve until they are stopped, one unit at a time, each id until it is answered."""

    def __init__(self, nodes: list[Node], room: str, units: int) -> None:
        self.answered: list[str] = []
        self._nodes = nodes
        self._room = room
        self._units = units
        self._stopped = False
        self._grown = asyncio.Event()
        self._buyers = [asyncio.ensure_future(self._buy(nodes[n % 2], f"user{n}")) for n in range(4)]

    async def has_grown(self, by: int) -> None:
        goal = len(self.answered) + by
        async with asyncio.timeout(MENDED_S):
            while len(self.answered) < goal:
                self._grown.clear()
                await self._grown.wait()

    async def stop(self) -> None:
        self._stopped = True
        await asyncio.gather(*self._buyers)

    async def _buy(self, node: Node, user: str) -> None:
        async with connect(node.url, self._room, token=node.token(user=user), policy=PATIENT) as entered:
            while not self._stopped:
                result = await entered.reserve("mug", reservation_id=f"{user}-{len(self.answered)}")
                assert isinstance(result, Reserved), result
                self.answered.append(result.id)
                self._grown.set()

    async def ends_as_the_book_says(self, viewers: list[Viewer]) -> None:
        """All servers show the same, the ledger balances, and every answer is in the book unless its loss was told."""
        book = await self._nodes[0].book_of(self._room)
        report = await audit(book)
        assert report.ok, report.violations
        found = await book.sku("mug")
        assert found
        held = found[1]["held:live"]
        for viewer in viewers:
            await viewer.shows("mug", self._units - held, held)
            await viewer.leave()
        lost = [node for node in self._nodes if "warnings" in await node.readiness()]
        if not lost:
            assert len(await book.reservations(self.answered)) == len(self.answered) == held
        for node in self._nodes:
            assert (await node.readiness())["ready"]
