"""A room of 200 SKUs on a real server, and the changes that `pages.py` makes in it."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from shelfcast_client import Cancelled, Reserved, Room, connect
from shelfcast_client.merchant import Merchant

sys.path.insert(0, str(Path(__file__).parent.parent))  # the load test's scripts are beside this folder
from measured_server import MeasuredServer

POOL, CHANNEL, ROOM = "shop", "live", "bench"
SKUS = 200
SPOTLIT = "SKU-000"
SPOTLIT_UNITS, UNITS = 9_000, 60
BUYERS = 8
"""A connection may say 20 messages a second: so many share the changes."""
HELD = 100
"""Reservations under way among the changes: beyond them, every second change gives the oldest back."""
UNANSWERED_MAX = 200
"""Beyond them nothing is asked for."""
TITLES = ("Jasmine pearl tea 茉莉龙珠", "Roasted chestnuts, 500 g", "Cast-iron wok, 32 cm", "Silk pillowcase, pair")


class BenchRoom:
    """The room, the merchant who owns it and the people who change its stock. Use `opened`."""

    def __init__(self, server: MeasuredServer) -> None:
        self.server = server
        self._tokens = Tokens(Settings(token_secret=server.secret))
        self._buyers: list[Room] = []
        self._pressers = 0
        self.operator: Room

    def token(self, role: str, user: str) -> str:
        return self._tokens.mint(role=Role(role), user=user, ttl_s=4 * 3600)

    def link(self, page: str) -> str:
        """The address of a page, as who has most to see there."""
        role = "viewer" if page == "rooms" else "host"
        return f"{self.server.url}/{page}/{ROOM}?lang=en#token={self.token(role, f'{page}-visitor')}"

    @asynccontextmanager
    async def people(self) -> AsyncIterator[None]:
        """Open the room and let its buyers in."""
        async with AsyncExitStack() as opened:
            merchant = Merchant(self.server.url, self.token("service", "bench"), POOL)
            await self._stock(await opened.enter_async_context(merchant))

            async def enter(role: str, user: str) -> Room:
                return await opened.enter_async_context(connect(self.server.url, ROOM, token=self.token(role, user)))

            self._buyers = [await enter("viewer", f"buyer-{number}") for number in range(BUYERS)]
            self.operator = await enter("operator", "operator")
            yield

    def presser(self) -> Room:
        """Somebody new, to be entered, who changes the spotlit SKU: a user has only so many live reservations."""
        self._pressers += 1
        return connect(self.server.url, ROOM, token=self.token("viewer", f"presser-{self._pressers}"))

    @asynccontextmanager
    async def changing(self, a_second: int) -> AsyncIterator[Tally]:
        """Meanwhile so many changes a second of one SKU after another, the spotlit one left out."""
        tally = Tally()
        task = asyncio.get_running_loop().create_task(self._change(a_second, tally))
        try:
            yield tally
        finally:
            if task.done():
                task.result()  # raises what ended it
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _change(self, a_second: int, tally: Tally) -> None:
        loop = asyncio.get_running_loop()
        started_s, taken = loop.time(), 0
        held: deque[tuple[Room, str]] = deque()
        async with asyncio.TaskGroup() as asked:
            for number in count():
                await asyncio.sleep(started_s + number / a_second - loop.time())
                if tally.asked - tally.answered > UNANSWERED_MAX:
                    continue  # the machine does something else: what is not changed is missing in the tally
                tally.asked += 1
                if len(held) > HELD:
                    asked.create_task(give_back(*held.popleft(), tally))
                else:
                    taken += 1
                    sku = f"SKU-{1 + taken % (SKUS - 1):03}"
                    asked.create_task(take(self._buyers[taken % BUYERS], sku, held, tally))

    async def _stock(self, merchant: Merchant) -> None:
        await merchant.define_pool()
        await merchant.define_channel(CHANNEL)
        await merchant.define_room(ROOM, channel=CHANNEL, title="Two hundred things", status="live")
        rows = [
            {"sku": sku, "title": f"{TITLES[number % len(TITLES)]} ({number})", "price_minor": 1_990 + 100 * number,
             "currency": "CNY", "opening": SPOTLIT_UNITS if sku == SPOTLIT else UNITS}
            for number, sku in enumerate(skus())
        ]  # fmt: skip
        await merchant.catalogue(rows, key="opening")
        await merchant.list_in_room(
            ROOM, [{"sku": sku, "position": place} for place, sku in enumerate(skus(), start=1)]
        )
        await merchant.change_room(ROOM, spotlight=SPOTLIT)


class Tally:
    """How many changes were asked for, and answered with yes."""

    def __init__(self) -> None:
        self.asked = self.answered = self.made = 0


async def take(buyer: Room, sku: str, held: deque[tuple[Room, str]], tally: Tally) -> None:
    result: Any = await buyer.reserve(sku, 1)
    tally.answered += 1
    if isinstance(result, Reserved):
        tally.made += 1
        held.append((buyer, result.id))


async def give_back(buyer: Room, reservation: str, tally: Tally) -> None:
    result = await buyer.cancel(reservation)
    tally.answered += 1
    tally.made += isinstance(result, Cancelled)


def skus() -> list[str]:
    return [f"SKU-{number:03}" for number in range(SKUS)]


@contextmanager
def opened(tick_ms: int) -> Iterator[BenchRoom]:
    """A room on a server of its own."""
    with served(["--tick-ms", str(tick_ms)]) as server:
        yield BenchRoom(server)


@contextmanager
def served(flags: list[str]) -> Iterator[MeasuredServer]:
    """A server of its own, whose book is audited at the end."""
    with (
        TemporaryDirectory(prefix="shelfcast-bench-") as folder,
        MeasuredServer(Path(folder), workers=1, flags=flags) as server,
    ):
        yield server
        report = server.audit(POOL)
        if not report["ok"]:
            raise RuntimeError(f"the book is wrong: {report}")
