"""The server that watches the shows is killed in the middle of a sale: alerts stay one, and minutes go on."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import msgspec
from server_process import ServerProcess
from shelfcast.engine import Engine
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.merchant.minutes import series
from shelfcast.protocol.states import AlertState, RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.alert_operations import AcknowledgeAlert
from shelfcast.stock.alerts import AlertNews, AlertRecord
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.directory import Directory
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Move, MoveKind, Op, Reserve, put
from shelfcast.stock.pools import Pools

POOL, ROOM, SHOW = "main", "evening", "evening.1"
LEASE_MS = 2_000
PATIENCE_S = 60.0
UNITS = 1_000


class Heard:
    """What the feed says of alerts; one that rings is told with another time."""

    def __init__(self) -> None:
        self.told: list[AlertRecord] = []

    def begin(self, epoch: int, seq: int) -> None:
        pass

    def lost(self) -> None:
        pass

    def change(self, message: FeedMessage) -> None:
        self.told += [news.alert for news in message.news if isinstance(news, AlertNews)]

    def rings(self, sku: str) -> list[tuple[str, int, int]]:
        """The times an alert of a SKU has rung: its id, its tier, and when; each once."""
        return list(
            dict.fromkeys((told.id, told.tier_percent, told.rang_at_ms) for told in self.told if told.sku == sku)
        )


class Sale:
    """A room whose SKUs are sold while the test goes on; time passes by a clock for rehearsals."""

    def __init__(self, book: StockBook, engine: Engine) -> None:
        self.book = book
        self._engine = engine
        self._orders = 0

    async def ok(self, op: Op) -> object:
        outcome = await self.book.apply(op)
        assert outcome.code == "OK", (op, outcome)
        return outcome.data

    async def open(self, skus: list[str]) -> None:
        await self.ok(put(What.CHANNEL, "live", {"kind": "shared"}))
        await self.ok(put(What.ROOM, ROOM, RoomConfig(channel="live", hold_ms=86_400_000)))
        for sku in skus:
            await self.ok(put(What.SKU, sku, {"title": sku.title()}))
            await self.ok(put(What.LISTING, sku, {"position": 1}, parent=ROOM))
            await self.ok(Move(f"opening-{sku}", MoveKind.RECEIVE, sku, UNITS, "supplier", "pool"))
        await self.clock(0)
        await self.ok(put(What.ROOM, ROOM, {"status": RoomStatus.LIVE}))

    async def sell(self, sku: str, qty: int) -> None:
        self._orders += 1
        await self.ok(Reserve(f"r{self._orders}", ROOM, sku, qty, f"user{self._orders}"))

    async def clock(self, ms: int) -> None:
        key = f"{self.book.base}:meta"
        await self._engine.command("HSET", key, "rehearsal_clock_ms", await self.book.now_ms() + ms, key=key)

    async def standing(self, sku: str, tier: int) -> AlertRecord:
        """The alert of a SKU, once it stands for this tier."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = [
                    r for r in await self.book.alerts(SHOW) if r.sku == sku and r.tier_percent == tier and r.stands
                ]
                if found:
                    return found[0]
                await asyncio.sleep(0.02)

    async def minutes(self, count: int) -> list[int]:
        """The minutes that are kept of the show, once there are so many."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                page = await series(self.book, SHOW, await self.book.series_hours(SHOW))
                if len(page.show) >= count:
                    return [minute_ms for minute_ms, _ in page.show]
                await asyncio.sleep(0.05)


async def with_the_lease(servers: list[ServerProcess]) -> ServerProcess:
    """The server that has it. On a busy machine it may be on its way from one to the other while they are asked."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            holders = [server for server in servers if await server.figure("shelfcast_duty_lease_held")]
            if len(holders) == 1:
                return holders[0]


async def test_a_killed_watcher_rings_nothing_twice_and_loses_nothing(valkey_url: str, settings: Settings) -> None:
    skus = ["tea", "mug", "cup"]
    engine = await Engine.connect(valkey_url, settings=settings, library=LIBRARY)
    async with AsyncExitStack() as running:
        running.push_async_callback(engine.close)
        await Directory(engine, settings).create_pool(POOL)
        await Directory(engine, settings).create_room(ROOM, POOL)
        pools = Pools(engine, msgspec.structs.replace(settings, duty_lease_ms=LEASE_MS))
        running.push_async_callback(pools.close)
        pool = await pools.get(POOL)
        assert pool is not None
        heard, sale = Heard(), Sale(pool.book, engine)
        pool.feed.follow_pool(heard)
        servers = [ServerProcess(settings, valkey_url, shelfcast_duty_lease_ms=LEASE_MS) for _ in range(2)]
        for server in servers:
            running.push_async_callback(server.stop)
        await asyncio.gather(*(server.start() for server in servers))
        await sale.open(skus)
        await sale.sell("tea", 850)
        tea = await sale.standing("tea", 20)
        await sale.ok(AcknowledgeAlert("a1", ROOM, tea.id, "wang", "on it"))
        await sale.clock(MINUTE_MS)
        kept = await sale.minutes(1)

        holder = await with_the_lease(servers)
        await holder.kill()
        # Sold while nobody watches: it rings when somebody does, once.
        await sale.sell("mug", 920)
        await sale.sell("tea", 10)
        mug = await sale.standing("mug", 10)
        assert await sale.standing("tea", 20) == await pool.book.alert(tea.id)
        noted = await pool.book.alert(tea.id)
        assert noted is not None
        assert (noted.state, noted.acknowledged_by, noted.note) == (AlertState.ACKNOWLEDGED, "wang", "on it")
        await sale.sell("cup", 960)
        cup = await sale.standing("cup", 5)
        await sale.sell("tea", 60)
        graver = await sale.standing("tea", 10)
        assert (graver.id, graver.state) == (tea.id, AlertState.FIRING)
        await sale.clock(MINUTE_MS)
        assert await sale.minutes(2) == [*kept, kept[-1] + MINUTE_MS]
        paces = (await pool.book.paces(SHOW)).by_sku
        assert paces["tea"].minutes == [850, 70], "the pace goes on where it stopped"
        assert paces["mug"].minutes[-1] == 920
        assert [record.id for record in await pool.book.alerts(SHOW) if record.rule == "share_left"] == [
            tea.id,
            mug.id,
            cup.id,
        ]
        assert [(name, tier) for name, tier, _ in heard.rings("tea")] == [(tea.id, 20), (tea.id, 10)]
        assert [(name, tier) for name, tier, _ in heard.rings("mug")] == [(mug.id, 10)]
        assert [(name, tier) for name, tier, _ in heard.rings("cup")] == [(cup.id, 5)]
