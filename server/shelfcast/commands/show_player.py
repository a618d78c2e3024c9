"""Plays a show's script in a room of a running server: every order at its time, and in an order that never sells less.

What frees units goes before whatever came behind it in the show's ledger, however fast it is played: at each moment the
room has at least as many units as the show had, so each order gets what it got.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import AsyncExitStack

from shelfcast_client import Reserved, Room
from shelfcast_client.merchant import Merchant

from shelfcast.commands.selling import Selling
from shelfcast.commands.show_script import Does, Order, Script, Step, Supply, Turn
from shelfcast.commands.visits import Visits
from shelfcast.sheets.orders import Event, Kind, OrderLine


class InTurn:
    """Numbered things that are done in any order; some wait until all below a number are."""

    def __init__(self) -> None:
        self._next = 0
        self._done: set[int] = set()
        self._waiting: defaultdict[int, list[asyncio.Future[None]]] = defaultdict(list)

    def done(self, number: int) -> None:
        """One is done."""
        self._done.add(number)
        while self._next in self._done:
            self._done.remove(self._next)
            self._next += 1
            for waiter in self._waiting.pop(self._next, ()):
                if not waiter.done():
                    waiter.set_result(None)

    async def all_below(self, number: int) -> None:
        """Wait until each below this number is done."""
        if self._next < number:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting[number].append(waiter)
            await waiter


class ShowPlayer:
    """Plays one script once. `lost` says afterwards of which SKUs orders of the show could not be played: by what was
    answered, the net units that the show sold with them."""

    def __init__(self, script: Script, merchant: Merchant, room: str, visits: Visits, selling: Selling, speed: float):
        self.lost: dict[str, Counter[str]] = defaultdict(Counter)
        self._script = script
        self._merchant = merchant
        self._room = room
        self._visits = visits
        self._selling = selling
        self._speed = speed
        self._started_s = 0.0
        self._frees: defaultdict[str, InTurn] = defaultdict(InTurn)
        self._takes = InTurn()
        self._turns = InTurn()
        self._users = {order.id: order.user for order in script.orders}
        self._shelf = {good.sku for good in script.goods}
        self._presale = {good.sku for good in script.goods if good.presale}

    async def play(self) -> None:
        """All of it. Raises an ExceptionGroup where a customer or the shop could not do what it was to do."""
        self._started_s = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._direct(self._script.turns))
            for supply in self._script.supplies:
                if supply.at_ms:
                    tasks.create_task(self._supply(supply))
                else:
                    self._frees[supply.sku].done(supply.number)
            for order in self._script.orders:
                tasks.create_task(self._act(order))

    async def _until(self, at_ms: int) -> None:
        due_s = self._started_s + at_ms / 1000 / self._speed
        await asyncio.sleep(due_s - asyncio.get_running_loop().time())

    async def _direct(self, turns: Iterable[Turn]) -> None:
        """What the room's people do. A status waits for the takes that came before it."""
        for number, turn in enumerate(turns):
            await self._until(turn.at_ms)
            if turn.status is None:
                if turn.spotlight is None or turn.spotlight in self._shelf:
                    await self._merchant.change_room(self._room, spotlight=turn.spotlight)
            else:
                await self._takes.all_below(turn.takes_before)
                await self._merchant.change_room(self._room, status=turn.status.value)
            self._turns.done(number)

    async def _supply(self, supply: Supply) -> None:
        await self._until(supply.at_ms)
        if supply.sku in self._presale:
            await self._merchant.quota(supply.sku, supply.qty, reason="as in the show")
        else:
            await self._merchant.receive(supply.sku, supply.qty, reason="as in the show")
        self._frees[supply.sku].done(supply.number)

    # --- one order ------------------------------------------------------------------------------------------------

    async def _act(self, order: Order) -> None:
        sold, reason, held = 0, "", None
        async with AsyncExitStack() as visit:
            for step in order.steps:
                await self._until(step.at_ms)
                event = _event(order, step)
                if step.does is Does.TAKE:
                    room, held, reason = await self._take(visit, event, step, reason)
                elif step.does is Does.PAY and held is not None:
                    refused = await self._selling.pay(event, held)
                    sold, reason, held = (sold, refused, None) if refused else (sold + held.qty, reason, None)
                    await visit.aclose()
                elif step.does is Does.GIVE_UP and held is not None:
                    await self._selling.give_up(room, held)
                    held = None
                    await visit.aclose()
                elif step.does is Does.RETURN and sold:
                    await self._selling.manage(event)
                    sold -= step.qty
                if step.does in (Does.GIVE_UP, Does.RETURN):
                    self._frees[order.sku].done(step.number)
            if held is not None:
                self._selling.left(held)
        if sold != order.sold:
            self.lost[order.sku][reason] += order.sold - sold

    async def _take(
        self, visit: AsyncExitStack, event: Event, step: Step, reason: str
    ) -> tuple[Room, Reserved | None, str]:
        [line] = event.lines
        await self._turns.all_below(step.turns_before)
        await self._frees[line.sku].all_below(step.frees_before)
        room = await visit.enter_async_context(self._visits.of(self._users[event.customer]))
        held = await self._selling.take(room, event, line)
        self._takes.done(step.number)
        if isinstance(held, str):
            await visit.aclose()
            return room, None, held
        return room, held, reason


def _event(order: Order, step: Step) -> Event:
    """A step as those who sell know it. Each order is a customer of its own, so that what comes back is its own."""
    kind = Kind.CANCELLATION if step.does is Does.RETURN else Kind.PURCHASE
    return Event(step.at_ms / 1000, kind, order.id, order.id, (OrderLine(order.sku, step.qty),))
