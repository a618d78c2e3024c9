"""The feed: a view first, then every change, and a new view whenever that chain may have broken."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
from engine_process import EngineProcess
from shelfcast.engine import Engine
from shelfcast.metrics import FEED_GAPS
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import What
from shelfcast.stock.feed import StockFeed
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Op, Reserve, put
from shelfcast.stock.records import RoomView
from shelfcast.stock.shelf import shelf_row
from shop import Shop

pytestmark = pytest.mark.each_engine
PATIENCE_S = 20


class Recorder:
    """A follower that keeps the pool figure of the mug as a room would, and notes what it was told."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.pool: int | None = None
        self.title = ""
        self.seq = 0
        self.config: list[tuple[str, str, Any]] = []
        self.holds: list[tuple[str, str]] = []
        self._waiting: list[asyncio.Event] = []

    def reset(self, view: RoomView) -> None:
        self.seq = view.seq
        self.title = view.room.title
        for listed in view.skus:
            if listed.sku == "mug":
                self.pool = listed.stock.pool
        self._note("reset")

    def change(self, message: FeedMessage) -> None:
        assert message.previous_seq <= self.seq <= message.seq, "a gap or a step back"
        self.seq = message.seq
        for row in message.stock:
            if row.sku == "mug":
                self.pool = row.pool
        for event in message.config:
            if (event.what, event.key) == (What.ROOM, "evening") and event.values is not None:
                self.title = str(event.values["title"])
        self.config += [(event.what, event.key, event.values) for event in message.config]
        self.holds += [(event.id, event.state) for event in message.holds]
        self._note("change")

    def lost(self) -> None:
        self._note("lost")

    def gone(self) -> None:
        self._note("gone")

    def _note(self, event: str) -> None:
        self.events.append(event)
        for waiter in self._waiting:
            waiter.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        waiter = asyncio.Event()
        self._waiting.append(waiter)
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await waiter.wait()
                waiter.clear()


class Fed:
    def __init__(self, shop: Shop, feed: StockFeed) -> None:
        self.shop = shop
        self.feed = feed

    async def follow(self, room: str = "evening") -> Recorder:
        recorder = Recorder()
        self.feed.follow(room, recorder)
        await recorder.until(lambda: bool(recorder.events))
        return recorder


async def fed_shop(engine: Engine, settings: Settings) -> Fed:
    book = StockBook(engine, "p", settings)
    feed = StockFeed(engine, book, settings)
    shop = Shop(book, engine)
    await shop.set_up()
    feed.start()
    return Fed(shop, feed)


@pytest.fixture
async def fed(engine: Engine, settings: Settings) -> AsyncIterator[Fed]:
    made = await fed_shop(engine, settings)
    yield made
    await made.shop.book.close()
    await made.feed.close()


async def test_a_view_then_absolute_changes(fed: Fed) -> None:
    await fed.shop.receive(5)
    seen = await fed.follow()
    assert (seen.events, seen.pool) == (["reset"], 5)
    await fed.shop.ok(Reserve("r1", "evening", "mug", 2, "ann"))
    await seen.until(lambda: seen.pool == 3)
    assert seen.holds == [("r1", "active")]
    await fed.shop.ok(put(What.ROOM, "evening", {"spotlight": "mug"}))
    await seen.until(lambda: bool(seen.config))
    assert seen.config[0][:2] == ("room", "evening")
    assert seen.config[0][2]["spotlight"] == "mug"
    assert "reset" not in seen.events[1:]


async def test_no_change_is_missed_while_the_view_is_read(fed: Fed) -> None:
    await fed.shop.receive(1_000)
    wishes = [fed.shop.ok(Reserve(f"r{n}", "evening", "mug", 1, "ann")) for n in range(500)]
    followers = [Recorder() for _ in range(5)]
    for follower in followers:
        fed.feed.follow("evening", follower)
    await asyncio.gather(*wishes)
    for follower in followers:
        await follower.until(lambda follower=follower: follower.pool == 500)  # type: ignore[misc]


async def test_a_room_that_does_not_exist_is_gone(fed: Fed) -> None:
    assert (await fed.follow("nowhere")).events == ["gone"]


async def test_who_left_hears_nothing_more(fed: Fed) -> None:
    stays = await fed.follow()
    leaves = Recorder()
    unfollow = fed.feed.follow("evening", leaves)
    await leaves.until(lambda: bool(leaves.events))
    unfollow()
    await fed.shop.receive(1)
    await stays.until(lambda: stays.pool == 1)
    assert leaves.events == ["reset"]


async def test_a_message_that_does_not_follow_on_the_last_brings_a_new_view(fed: Fed) -> None:
    await fed.shop.receive(5)
    seen = await fed.follow()
    # Somebody else's library wrote without a word: the next message shows the gap.
    meta = fed.shop.book.base + ":meta"
    await fed.shop.engine.command("HINCRBY", meta, "ledger", 1, key=meta)
    await fed.shop.ok(Reserve("r1", "evening", "mug", 2, "ann"))
    await seen.until(lambda: seen.pool == 3)
    assert seen.events == ["reset", "reset"]


async def test_a_new_epoch_is_followed_at_whoever_is_the_primary_by_then(fed: Fed) -> None:
    await fed.shop.receive(5)
    seen = await fed.follow()
    # Another engine was promoted, and what it publishes arrives by the former primary, which is its replica now.
    meta = fed.shop.book.base + ":meta"
    await fed.shop.engine.command("HINCRBY", meta, "epoch", 1, key=meta)
    await fed.shop.ok(Reserve("r1", "evening", "mug", 2, "ann"))
    await seen.until(lambda: "lost" in seen.events and seen.events[-1] == "reset" and seen.pool == 3)
    await fed.shop.receive(4)
    await seen.until(lambda: seen.pool == 7)


async def test_an_unreadable_message_brings_a_new_view(fed: Fed) -> None:
    seen = await fed.follow()
    await fed.shop.engine.command("SPUBLISH", fed.shop.book.base + ":feed", b"\xc1rubbish", key=fed.shop.book.base)
    await seen.until(lambda: len(seen.events) == 2)
    assert seen.events == ["reset", "reset"]


async def test_what_is_too_long_to_say_is_read_once_and_no_change_is_lost(engine: Engine, settings: Settings) -> None:
    fed = await fed_shop(engine, msgspec.structs.replace(settings, feed_message_max_bytes=1_000))
    gaps = FEED_GAPS.labels(fed.shop.book.pool)
    await fed.shop.receive(1_000)
    followers = [await fed.follow(room) for room in ("evening", "evening", "morning")]
    before = gaps._value.get()
    for told in followers:
        told.events.clear()
    # One call of the book: more than 1,000 bytes.
    await asyncio.gather(*[fed.shop.ok(Reserve(f"r{n}", "evening", "mug", 1, f"u{n}")) for n in range(100)])
    for told in followers:
        await told.until(lambda told=told: told.pool == 900)  # type: ignore[misc]
        assert told.events == ["reset"]
    # What moves no unit, so that no sequence shows it.
    titles = [put(What.SKU, f"s{n}", {"title": "x" * 100}) for n in range(50)]
    titles.append(put(What.ROOM, "evening", {"title": "Late"}))
    await asyncio.gather(*[fed.shop.ok(write) for write in titles])
    for told in followers:
        await told.until(lambda told=told: told.events == ["reset", "reset"])  # type: ignore[misc]
    assert [told.title for told in followers] == ["Late", "Late", "morning"]
    await fed.shop.ok(Reserve("last", "evening", "mug", 1, "ann"))
    for told in followers:
        await told.until(lambda told=told: told.pool == 899)  # type: ignore[misc]
        assert told.events == ["reset", "reset", "change"], "what is short is told again"
    assert gaps._value.get() == before, "it is no loss"
    await fed.shop.book.close()
    await fed.feed.close()


@pytest.mark.parametrize("seed", range(4))
async def test_short_and_long_messages_in_any_order_leave_everybody_with_what_is_there(
    engine: Engine, settings: Settings, seed: int
) -> None:
    chance = random.Random(seed)
    fed = await fed_shop(engine, msgspec.structs.replace(settings, feed_message_max_bytes=1_000, batch_size_max=20))
    await fed.shop.receive(10_000)
    followers: list[Recorder] = []
    for step in range(30):
        if chance.random() < 0.2:
            told = Recorder()
            fed.feed.follow("evening", told)
            followers.append(told)
        writes: list[Op] = [
            Reserve(f"r{step}-{n}", "evening", "mug", 1, f"u{step}-{n}") for n in range(chance.choice([1, 2, 40]))
        ]
        writes.append(put(What.ROOM, "evening", {"title": f"step {step}"}))
        for write in writes:
            fed.shop.book.submit(write, lambda outcome: None)
        if chance.random() < 0.5:
            await fed.shop.ok(put(What.ROOM, "evening", {"hold_ms": 1_000 + step}))
    followers.append(await fed.follow())
    await fed.shop.ok(put(What.ROOM, "evening", {"title": "the end"}))
    left = (await fed.shop.units())["pool"]
    for told in followers:
        await told.until(lambda told=told: (told.pool, told.title) == (left, "the end"))  # type: ignore[misc]
    await fed.shop.book.close()
    await fed.feed.close()


async def test_an_engine_that_was_killed_is_noticed_and_the_feed_mends(
    own_engine: EngineProcess, settings: Settings
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    fed = await fed_shop(engine, settings)
    await fed.shop.receive(5)
    seen = await fed.follow()
    own_engine.stop(signal.SIGKILL)
    await seen.until(lambda: seen.events[-1] == "lost")
    assert not fed.feed.live
    own_engine.start()
    await seen.until(lambda: seen.events[-1] == "reset")
    await fed.shop.ok(Reserve("r1", "evening", "mug", 2, "ann"))
    await seen.until(lambda: seen.pool == 3)
    await fed.shop.book.close()
    await fed.feed.close()
    await engine.close()


async def test_a_feed_that_cannot_be_subscribed_says_why_once(
    own_engine: EngineProcess, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    own_engine.client.acl_setuser("default", commands=["-ssubscribe"], enabled=True)

    def tries() -> int:
        stats = own_engine.client.info("commandstats").get("cmdstat_ssubscribe")
        return int(stats["rejected_calls"]) if stats else 0

    fed = await fed_shop(engine, settings)
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(tries) < 3:
            pass
    said = capfd.readouterr().out
    assert (said.count("feed.not_subscribed"), "ssubscribe" in said, fed.feed.live) == (1, True, False)
    own_engine.client.acl_setuser("default", commands=["+ssubscribe"], enabled=True)
    await fed.follow()
    assert fed.feed.live
    await fed.shop.book.close()
    await fed.feed.close()
    await engine.close()


async def test_a_follower_that_fails_begins_again_and_the_others_go_on(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, well = await fed.follow(), await fed.follow()

    def fails(message: FeedMessage | RoomView) -> None:
        raise AttributeError("'uvloop.Handle' object has no attribute 'when'")

    for name in ("change", "reset"):
        monkeypatch.setattr(broken, name, fails)
    await fed.shop.receive(5)
    await well.until(lambda: well.pool == 5)
    monkeypatch.undo()
    await broken.until(lambda: broken.pool == 5)
    assert well.events == ["reset", "change"]
    assert fed.feed.live


async def test_available_by_channel_and_presale(fed: Fed) -> None:
    from shelfcast.stock.configuration import ChannelKind
    from shelfcast.stock.operations import MoveKind, Quota

    await fed.shop.receive(10)
    await fed.shop.move(MoveKind.ALLOCATE, 4, "pool", "channel:douyin")
    await fed.shop.ok(Quota("q1", "mug", 7))
    view = await fed.shop.book.room_view("morning")
    assert view
    stock = view.skus[0].stock
    assert shelf_row(stock, "douyin", ChannelKind.DEDICATED, presale=False).available == 4
    assert shelf_row(stock, "live", ChannelKind.SHARED, presale=False).available == 6
    assert shelf_row(stock, "live", ChannelKind.SHARED, presale=True).available == 7
    assert shelf_row(stock, "nowhere", ChannelKind.DEDICATED, presale=False).available == 0
