"""`shelfcast replay-show`: a finished show played again in a rehearsal room of a real server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fixtures_server import RunningServer
from shelfcast.commands import replay_show
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, CancelPaid, Confirm, Op, Reserve, put
from shelfcast_client.merchant import Merchant

AS_FAST_AS_IT_GOES = 1_000_000.0


async def replayed(server: RunningServer, show: str = "evening.1", **choices: Any) -> int:
    """The command's exit code; it has a loop of its own, as on the command line."""
    settings = Settings(token_secret=server.settings.token_secret)
    options = {"room": "again", "pool": None, "speed": AS_FAST_AS_IT_GOES, "connections": 16, **choices}
    return await asyncio.to_thread(replay_show.run, settings, server.url, None, show, **options)


class Evening:
    """A show with a clock of its own, which sells out to the last unit and sells what came back again."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self.at_ms = 0

    async def open(self) -> None:
        server = self._server
        await server.open_shop()
        await server.sell("mug", 10, link=7)
        await server.sell("tea", 5)
        book = await server.book()
        self.at_ms = (await book.now_ms() // MINUTE_MS + 1) * MINUTE_MS + 1_000
        await self._say_time()
        await self.status("ended", "live")

    async def _say_time(self) -> None:
        book = await self._server.book()
        key = f"{book.base}:meta"
        await self._server.app.engine.command("HSET", key, "rehearsal_clock_ms", self.at_ms, key=key)

    async def pass_ms(self, ms: int) -> None:
        self.at_ms += ms
        await self._say_time()

    async def end_minute(self) -> None:
        """Until the server that watches has kept it."""
        book = await self._server.book()
        minute = self.at_ms // MINUTE_MS
        await self.pass_ms(MINUTE_MS)

        async def is_kept() -> bool:
            return ((await book.series_kept("evening.2")).through or 0) >= minute

        async with asyncio.timeout(60):
            while not await is_kept():
                await asyncio.sleep(0.05)

    async def status(self, *statuses: str) -> None:
        for status in statuses:
            by = By(f"{status} {self.at_ms}", "wang")
            await self._server.apply(put(What.ROOM, "evening", {"status": status}, by=by))

    async def does(self, *ops: Op) -> None:
        for op in ops:
            await self.pass_ms(10)
            await self._server.apply(op)

    async def buys(self, name: str, qty: int, sku: str = "mug") -> None:
        await self.does(Reserve(name, "evening", sku, qty, f"user-{name}"), Confirm(name))


@pytest.fixture
async def evening(server: RunningServer) -> Evening:
    made = Evening(server)
    await made.open()
    return made


async def an_evening(evening: Evening, server: RunningServer) -> None:
    await evening.does(Reserve("c1", "evening", "mug", 6, "li"))
    await evening.buys("b1", 4)
    await server.apply(put(What.ROOM, "evening", {"spotlight": "mug"}))
    await evening.end_minute()
    await evening.does(Cancel("c1"))  # all are held by then: the next one gets what comes back
    await evening.buys("b2", 6)
    await evening.does(CancelPaid("back", "b1", 3))
    await evening.buys("b3", 2)
    await evening.status("paused")
    await evening.end_minute()
    await evening.status("live")
    await server.receive("tea", 7)
    await evening.buys("t1", 12, "tea")
    await evening.end_minute()
    await evening.status("ended")
    await evening.does(CancelPaid("late", "t1", 2))
    await evening.end_minute()


async def test_a_replay_sells_what_the_show_sold(
    evening: Evening, server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    await an_evening(evening, server)
    assert await replayed(server, "evening.2") == 0
    said = capsys.readouterr().out
    assert "every SKU sold what it sold in the show (2)" in said
    assert "evening.2: 2 SKUs, 5 orders, 19 units sold" in said
    async with Merchant(server.url, server.token("operator"), "again") as merchant:
        left = await merchant.buckets()
        assert (left["mug"].get("sold:live"), left["tea"].get("sold:live")) == (9, 10)
        definition, room = await merchant.pool_definition(), await merchant.room("again")
        assert definition and room
        assert (definition["rehearsal"], room["status"], room["show"]) == (True, "ended", 1)
        shelf = await merchant.listed("again")
        assert [(sku, row["link"]) for sku, row in shelf.items()] == [("mug", 7), ("tea", 1)]
        assert [row["title"] for row in (await merchant.skus()).values()] == ["Mug", "Tea"]
        show = await merchant.show("again.1")
        assert show
        assert [row["status"] for row in show["history"]] == ["live", "paused", "live", "ended"]
        assert [lit["sku"] for lit in show["spotlight"]] == ["mug"]
        assert (await merchant.audit())["ok"]
