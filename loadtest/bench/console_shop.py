"""A pool of 2,000 SKUs that a live room lists, and the changes that `console.py` makes in it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from pages_room import BUYERS, HELD, ROOM, TITLES, UNANSWERED_MAX, BenchRoom, Tally, give_back, served, take
from shelfcast_client import Room
from shelfcast_client.merchant import Merchant

SKUS = 2_000
UNITS = 500
SHARED, DEDICATED = "live", "douyin"
LINKS = 999
"""So many of the SKUs have a number, which the command line calls them by."""
ROWS = 500
OPERATOR = "operator-at-the-console"
NEVER_ACTED = 1.0


class ConsoleShop(BenchRoom):
    """The pool, whose goods come in and are reserved. `receives` is the share of changes that are goods."""

    def __init__(self, server: Any, receives: float) -> None:
        super().__init__(server)
        self._receives = receives
        self.merchant: Merchant

    def console(self) -> str:
        """The address of the console, with a link's token of an operator."""
        return f"{self.server.url}/console?lang=en#token={self.token('operator', OPERATOR)}"

    async def moved(self) -> list[int]:
        """When each allocation of the operator at the console was written to the ledger, in milliseconds of the
        engine's clock."""
        entries = [entry async for entry in self.merchant.ledger()]
        return [entry["at_ms"] for entry in entries if (entry["kind"], entry["actor"]) == ("allocate", OPERATOR)]

    async def _change(self, a_second: int, tally: Tally) -> None:
        loop = asyncio.get_running_loop()
        started_s, goods, taken, owed = loop.time(), 0, 0, 0.0
        held: deque[tuple[Room, str]] = deque()
        async with asyncio.TaskGroup() as asked:
            for number in count():
                await asyncio.sleep(started_s + number / a_second - loop.time())
                if tally.asked - tally.answered > UNANSWERED_MAX:
                    continue  # the machine does something else: what is not changed is missing in the tally
                tally.asked += 1
                owed += self._receives
                if owed >= NEVER_ACTED:
                    owed -= 1
                    goods += 1
                    asked.create_task(self._receive(name(goods * 7 % SKUS), f"goods-{id(tally)}-{goods}", tally))
                elif len(held) > HELD:
                    asked.create_task(give_back(*held.popleft(), tally))
                else:
                    taken += 1
                    asked.create_task(take(self._buyers[taken % BUYERS], name(taken * 13 % SKUS), held, tally))

    async def _receive(self, sku: str, key: str, tally: Tally) -> None:
        await self.merchant.receive(sku, 1, key=key)
        tally.answered += 1
        tally.made += 1

    async def _stock(self, merchant: Merchant) -> None:
        self.merchant = merchant
        await merchant.define_pool()
        await merchant.define_channel(SHARED)
        await merchant.define_channel(DEDICATED, kind="dedicated")
        await merchant.define_room(ROOM, channel=SHARED, title="Two thousand things", status="live")
        for begin in range(0, SKUS, ROWS):
            numbers = range(begin, min(begin + ROWS, SKUS))
            rows = [
                {"sku": name(number), "title": f"{TITLES[number % len(TITLES)]} ({number})", "price_minor": 1_990,
                 "opening": UNITS, "opening_elastic": 50, "opening_safety": 20}
                for number in numbers
            ]  # fmt: skip
            await merchant.catalogue(rows, key=f"opening-{begin}")
            listed = [{"sku": name(number), "position": number + 1} for number in numbers]
            linked = [row | {"link": row["position"]} if int(str(row["position"])) <= LINKS else row for row in listed]
            await merchant.list_in_room(ROOM, linked)
        await merchant.change_room(ROOM, spotlight=name(0))


def name(number: int) -> str:
    return f"SKU-{number:04}"


@contextmanager
def opened(receives: float) -> Iterator[ConsoleShop]:
    """The pool on a server of its own."""
    with served([]) as server:
        yield ConsoleShop(server, receives)
