"""A process that watches the shows of a pool, and what is told of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from duty.conftest import Process
from shelfcast.duty.watch_shows import WatchShows
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import ShowMinute, SkuMinute
from shelfcast.merchant.minutes import series
from shelfcast.settings import Settings
from shelfcast.stock.alerts import AlertNews, AlertRecord, News, PaceNews
from shelfcast.stock.changes import FeedMessage, SkuStock
from shelfcast.stock.operations import (
    Reserve,
)
from shop import Shop
from waiting import until

PATIENCE_S = 60
"""A machine that does other things, too, takes its time."""


class Heard:
    """The news of a pool."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.stock: dict[str, SkuStock] = {}
        self._arrived = asyncio.Event()

    def begin(self, epoch: int, seq: int) -> None:
        pass

    def lost(self) -> None:
        pass

    def change(self, message: FeedMessage) -> None:
        self.news += message.news
        self.stock |= {stock.sku: stock for stock in message.stock}
        self._arrived.set()

    def alerts(self, **about: object) -> list[AlertRecord]:
        told = [news.alert for news in self.news if isinstance(news, AlertNews)]
        return [alert for alert in told if all(getattr(alert, name) == value for name, value in about.items())]

    async def alert(self, **about: object) -> AlertRecord:
        """The next alert like this, which is then forgotten."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := self.alerts(**about)):
                self._arrived.clear()
                await self._arrived.wait()
        self.news.remove(next(n for n in self.news if isinstance(n, AlertNews) and n.alert is found[0]))
        return found[0]

    async def reserve_is(self, sku: str, units: int) -> None:
        """Wait until so many units are in the elastic reserve."""
        async with asyncio.timeout(PATIENCE_S):
            while self.stock[sku].elastic[0] != units:
                self._arrived.clear()
                await self._arrived.wait()

    async def pace(self, sku: str = "mug", room: str = "evening") -> float:
        """The next pace of a SKU, which is then forgotten with all paces before it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for place, news in enumerate(self.news):
                    if isinstance(news, PaceNews) and news.room == room and sku in dict(news.paces):
                        alerts_before = [n for n in self.news[:place] if isinstance(n, AlertNews)]
                        self.news[: place + 1] = alerts_before
                        return dict(news.paces)[sku]
                self._arrived.clear()
                await self._arrived.wait()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, hold_ms=3_600_000)


@pytest.fixture
async def watched(shop: Shop, process: Process) -> Shop:
    """100 mugs, and a process that watches the rooms that sell them."""
    await shop.receive(100)
    process.keeper.start()
    await until(lambda: watched_rooms(process) == {"evening", "morning"})
    return shop


def watched_rooms(process: Process) -> set[str]:
    """The rooms of the pool whose shows a process watches by now."""
    [duty] = [duty for duty in process.keeper._duties if isinstance(duty, WatchShows)]
    watch = duty._watches.get("p")
    return {room for room, one in watch._rooms.items() if one.ready} if watch is not None else set()


def knows_shelf(process: Process, room: str, skus: set[str]) -> bool:
    """Whether the process that watches a room has heard of all that is on its shelf: a SKU that is new there, and a
    show that begins, is read."""
    [duty] = [duty for duty in process.keeper._duties if isinstance(duty, WatchShows)]
    rooms = duty._watches["p"]._rooms if "p" in duty._watches else {}
    watch = rooms.get(room)
    return watch is not None and watch.ready and watch._state.shelves.keys() == skus


@pytest.fixture
async def heard(shop: Shop, process: Process) -> AsyncIterator[Heard]:
    pool = await process.pools.get("p")
    assert pool is not None
    await until(lambda: pool.feed.live)
    listener = Heard()
    unfollow = pool.feed.follow_pool(listener)
    yield listener
    unfollow()


async def by_reservation(shop: Shop) -> None:
    await shop.ok(Reserve("big", "evening", "mug", 91, "li"))


async def begin_of_a_minute(shop: Shop, heard: Heard) -> int:
    """Stop the pool's clock a second into the next minute, when the one before has ended; when that minute began."""
    begun_ms = (await shop.book.now_ms() // MINUTE_MS + 1) * MINUTE_MS
    await shop.advance(begun_ms + 1_000 - await shop.book.now_ms())
    assert await heard.pace() == 0
    return begun_ms


async def kept(shop: Shop, minute_ms: int, sku: str = "mug") -> tuple[SkuMinute | None, ShowMinute]:
    """A SKU's and the show's row of a minute, once that is kept."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            page = await series(shop.book, "evening.1", await shop.book.series_hours("evening.1"))
            of_show = dict(page.show)
            if minute_ms in of_show:
                rows = {minute: row for minute, of, row in page.skus if of == sku}
                return rows.get(minute_ms), of_show[minute_ms]
            await asyncio.sleep(0.02)
