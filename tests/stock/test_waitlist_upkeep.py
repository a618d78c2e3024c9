"""What is kept of waits, and for how long: ids that something else has, too, the flag of a list that is being served,
and that nothing is left when all is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from mug_queue import MugQueue
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import What
from shelfcast.stock.feed import StockFeed
from shelfcast.stock.operations import Cancel, CancelPaid, Decline, External, Reserve, Retire, ServeWaiting, Wait, put
from shelfcast.stock.records import RoomView
from shop import Shop

pytestmark = pytest.mark.each_engine

GROUPS_MAX = 500
DAY_MS = 86_400_000
HOUR_MS = 3_600_000


@pytest.fixture
async def queue(shop: Shop) -> MugQueue:
    """Four units, each in a checkout."""
    made = MugQueue(shop)
    await made.open(units=4)
    return made


async def keys_of_waits(shop: Shop) -> set[str]:
    found: list[bytes] = await shop.engine.command("KEYS", f"{shop.book.base}:*", key=shop.book.base)
    names = {key.decode().removeprefix(f"{shop.book.base}:") for key in found}
    of_waits = {name for name in names if name.startswith(("wait", "serving", "unfilled_of", "oversold_of"))}
    return {name for name in of_waits if not name.startswith("waited:")}  # how many did is the show's


# --- ids that something else has, too -------------------------------------------------------------------------


async def test_what_is_forgotten_under_the_id_of_a_wait_takes_no_wait_along(queue: MugQueue) -> None:
    """An order of another platform, and a reservation of another SKU, have taken the ids of people who wait."""
    await queue.all_wait("ann", "bob", "eve")
    await queue.shop.sell("cup")
    await queue.shop.receive(2, "cup")
    await queue.shop.ok(External("ann", "live", "cup", 1))
    await queue.shop.ok(CancelPaid("back", "ann"))
    other = await queue.shop.room_that_is("live")
    await queue.shop.ok(put(What.LISTING, "cup", {}, parent=other))
    await queue.shop.ok(Reserve("bob", other, "cup", 1, "bob"))
    await queue.shop.ok(Cancel("bob"))
    await queue.shop.ok(put(What.ROOM, other, {"status": "ended"}))
    await queue.shop.final_report(f"{other}.1")
    await queue.shop.advance(DAY_MS + 2 * HOUR_MS)
    await queue.shop.ok(Retire(1_000))
    assert await queue.got("ann", "bob", "eve") == ["waiting", "waiting", "waiting"]
    for name in ("ann", "bob"):
        await queue.shop.ok(Decline(name, name))
    await queue.give_back()
    assert await queue.got("ann", "bob", "eve") == ["over", "over", "1"]


# --- a list that is being served ------------------------------------------------------------------------------


class Told:
    """What a room is told of each SKU: whether its list is being served."""

    def __init__(self) -> None:
        self.serving: dict[str, bool] = {}
        self.has_begun = asyncio.Event()
        self.is_told = asyncio.Event()

    def reset(self, view: RoomView) -> None:
        self.has_begun.set()

    def change(self, message: FeedMessage) -> None:
        if message.config:
            self.serving = {stock.sku: stock.waitlist.serving for stock in message.stock}
            self.is_told.set()

    def lost(self) -> None: ...

    def gone(self) -> None: ...


@pytest.fixture
async def slow(engine: Engine, settings: Settings) -> AsyncIterator[Shop]:
    """A book whose calls move few units each."""
    few = Settings(
        **{name: getattr(settings, name) for name in ("key_prefix", "data_dir", "port", "token_secret")},
        moves_a_call_max=10,
    )
    made = Shop(StockBook(engine, "p", few), engine)
    await made.set_up()
    yield made
    await made.assert_sound()
    await made.book.close()


async def test_rooms_are_told_of_each_list_that_a_definition_has_left_half_served(
    slow: Shop, engine: Engine, settings: Settings
) -> None:
    await slow.sell("cup")
    await slow.ok(put(What.ROOM, "evening", {"waitlist": True}))
    for sku in ("mug", "cup"):
        for n in range(15):
            await slow.ok(Wait(f"{sku}-{n}", "evening", sku, 1, f"user-{n}"))
    await slow.ok(put(What.ROOM, "evening", {"status": "paused"}))
    for sku in ("mug", "cup"):
        await slow.receive(15, sku)
    feed, told = StockFeed(engine, slow.book, settings), Told()
    feed.start()
    feed.follow("evening", told)
    async with asyncio.timeout(30):
        await told.has_begun.wait()
        await slow.ok(put(What.ROOM, "evening", {"status": "live"}))
        await told.is_told.wait()
    await feed.close()
    assert told.serving == {"mug": True, "cup": True}


async def test_no_flag_is_left_of_debts_that_took_several_calls(slow: Shop) -> None:
    await slow.ok(put(What.POOL, "", {"auto_settle": True}))
    for n in range(25):
        await slow.ok(External(f"order-{n}", "live", "mug", 1))
    await slow.receive(30)
    assert await keys_of_waits(slow) == {"serving", "oversold_of:mug"}
    for _ in range(6):
        await slow.ok(ServeWaiting(10))
    assert (await slow.units())["pool"] == 5
    assert await keys_of_waits(slow) == set()


# --- when all is over -----------------------------------------------------------------------------------------


async def test_nothing_is_left_of_waits_that_are_over_and_forgotten(queue: MugQueue) -> None:
    shop = queue.shop
    await queue.all_wait("left", "offered", "over", "over-2")
    await queue.wait("big", 3)
    await queue.all_wait("douyin-1", room="morning")
    await shop.ok(Decline("left", "left"))
    await queue.give_back()
    await shop.ok(Decline("offered", "offered"))
    assert await queue.got("left", "over", "over-2", "big") == ["over", "1", "waiting", "waiting"]
    for room in ("evening", "morning"):
        await shop.ok(put(What.ROOM, room, {"status": "ended"}))
        await shop.final_report(f"{room}.1")
    await shop.ok(ServeWaiting(1_000))
    assert await keys_of_waits(shop) == {"waits"}, "the ids alone are remembered"
    await shop.advance(300_250)
    await queue.expire()
    await shop.advance(DAY_MS + 2 * HOUR_MS)
    await shop.ok(Retire(1_000))
    assert await keys_of_waits(shop) == set()


# --- bounds ---------------------------------------------------------------------------------------------------


async def test_people_wait_for_so_many_different_quantities_and_no_more(queue: MugQueue) -> None:
    """Each call of the book that touches the SKU looks at all combinations of a room and a quantity."""
    shop = queue.shop
    many = [Wait(f"wait-{qty}", "evening", "mug", qty, f"user-{qty}") for qty in range(1, GROUPS_MAX + 1)]
    assert {outcome.code for outcome in await shop.together(*many)} == {Code.OK}
    assert await shop.refused(Wait("other", "evening", "mug", GROUPS_MAX + 1, "ann")) == (Code.SHELF_FULL, "waiting")
    assert await shop.refused(Wait("there", "morning", "mug", 1, "bob")) == (Code.SHELF_FULL, "waiting")
    assert (await queue.wait("eve", GROUPS_MAX)).state == "waiting", "what others wait for already"
    await shop.ok(Decline("wait-7", "user-7"))
    assert (await queue.wait("joe", GROUPS_MAX + 1)).state == "waiting"
