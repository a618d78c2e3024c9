"""How the demo's customers wait: who was too late waits for what comes free, and now and then somebody gives a purchase
back that others wait for, so that turns come."""

from __future__ import annotations

import asyncio
from random import Random

from shelfcast_client import Offer, Room, Waiting
from shelfcast_client.merchant import Merchant

from shelfcast.commands.demo_rules import LOT_SKU
from shelfcast.commands.selling import Selling, Temper
from shelfcast.sheets.orders import Event, OrderLine
from shelfcast.stock.refusals import LACK_OF_STOCK

WAITED = "waited"
"""How an order line ended whose customer went on to the waitlist; what it got there counts besides."""
SERVED = "served in turn"
OFFER_MS = 30_000
"""Shorter than a shop's, so that turns that nobody takes are seen to pass on."""
WAIT_SHARE = 0.5
"""Of the customers who were too late."""
WAITING_MAX = 3
"""Where so many wait for a SKU no simulated customer joins them: a visitor's turn comes within a minute or so."""
WAIT_QTY_MAX = 2
GIVES_BACK_S = 6.0
"""So often somebody gives back what others wait for, of each SKU."""


class PatientSelling(Selling):
    """The customers of an evening, some of whom wait. Their waits are tasks of `people`, until `go_home`."""

    def __init__(
        self, merchant: Merchant, room: str, people: asyncio.TaskGroup, *, temper: Temper, random: Random
    ) -> None:
        super().__init__(merchant, temper=temper, random=random)
        self._room = room
        self._people = people
        self._waits: set[asyncio.Task[None]] = set()
        self._is_late = False

    async def give_back(self) -> None:
        """Somebody gives back some of what others wait for, again and again, until cancelled."""
        while True:
            await asyncio.sleep(GIVES_BACK_S)
            for row in await self._merchant.waiting_in(self._room):
                if row["sku"] != LOT_SKU:  # who waits for that waits for the operator
                    await self.return_some(row["sku"], WAIT_QTY_MAX)

    def go_home(self) -> None:
        """Nobody of them waits any more, and nobody begins to."""
        self._is_late = True
        for task in self._waits:
            task.cancel()

    async def _too_late(self, room: Room, event: Event, line: OrderLine, code: str) -> None:
        state = room.stock.get(line.sku)
        could_join = room.waitlist and code in LACK_OF_STOCK and state is not None and state.waiting < WAITING_MAX
        share = 1.0 if line.sku == LOT_SKU else WAIT_SHARE
        if self._is_late or not could_join or self._random.random() >= share:
            await super()._too_late(room, event, line, code)
            return
        self.notes.ended(WAITED, line.sku, line.qty)
        task = self._people.create_task(self._wait(room, event, line))
        self._waits.add(task)
        task.add_done_callback(self._waits.discard)

    async def _wait(self, room: Room, event: Event, line: OrderLine) -> None:
        place = await room.wait(line.sku, min(line.qty, WAIT_QTY_MAX))
        if not isinstance(place, Waiting | Offer):
            return
        await room.until(lambda room: place.id not in room.waiting)
        held = room.reservations.get(place.id)
        if held is not None:
            self.notes.ended(SERVED, held.sku, held.qty)
            await self._decide(room, event, held)
