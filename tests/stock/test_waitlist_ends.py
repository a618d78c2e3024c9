"""What ends a wait without an offer, and who is before those who wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from mug_queue import MugQueue
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import FreezeScope, What
from shelfcast.stock.operations import (
    Confirm,
    Decline,
    Drop,
    External,
    Freeze,
    MoveKind,
    Reserve,
    ServeWaiting,
    Wait,
    put,
)
from shop import Shop

pytestmark = pytest.mark.each_engine


@pytest.fixture
async def queue(shop: Shop) -> MugQueue:
    """Four units, each in a checkout; ann and bob wait in the evening room, douyin-1 in the morning room."""
    made = MugQueue(shop)
    await made.open(units=4)
    await made.all_wait("ann", "bob")
    await made.all_wait("douyin-1", room="morning")
    return made


Ends = Callable[[MugQueue], Awaitable[None]]


async def the_show_ends(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.ROOM, "evening", {"status": "ended"}))


async def a_pause_and_the_end(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.ROOM, "evening", {"status": "paused"}))
    await the_show_ends(queue)


async def the_listing_closes(queue: MugQueue) -> None:
    await queue.shop.terms(closes_at_ms=await queue.shop.book.now_ms())


async def the_listing_closes_by_the_clock(queue: MugQueue) -> None:
    await queue.shop.terms(closes_at_ms=await queue.shop.book.now_ms() + 1_000)
    await queue.look()
    assert await queue.got("ann", "bob") == ["waiting", "waiting"]
    await queue.shop.advance(1_000)


async def the_listing_leaves_the_shelf(queue: MugQueue) -> None:
    await queue.shop.ok(Drop("evening", "mug"))


async def the_waitlist_is_switched_off(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.ROOM, "evening", {"waitlist": False}))


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (the_show_ends, Code.SALE_ENDED),
        (a_pause_and_the_end, Code.SALE_ENDED),
        (the_listing_closes, Code.SALE_ENDED),
        (the_listing_closes_by_the_clock, Code.SALE_ENDED),
        (the_listing_leaves_the_shelf, Code.SALE_ENDED),
        (the_waitlist_is_switched_off, Code.FORBIDDEN),
    ],
)
async def test_who_waits_there_waits_no_more_and_others_do(queue: MugQueue, ends: Ends, code: Code) -> None:
    await ends(queue)
    await queue.give_back()
    await queue.look()
    assert await queue.got("ann", "bob", "douyin-1") == ["over", "over", "waiting"]
    for user in ("ann", "bob"):
        assert (await queue.shop.refused(Wait(user, "evening", "mug", 1, user)))[0] == code
    assert (await queue.shop.units())["pool"] == 1


async def test_what_was_offered_before_the_end_stays(queue: MugQueue) -> None:
    await queue.give_back()
    await the_show_ends(queue)
    await queue.look()
    assert await queue.got("ann", "bob") == ["1", "over"]
    assert (await queue.shop.ok(Confirm("ann"))).state == "confirmed"


@pytest.mark.parametrize("continues", [True, False])
async def test_no_show_brings_back_who_waited_in_the_last(queue: MugQueue, continues: bool) -> None:
    await the_show_ends(queue)
    await queue.shop.ok(put(What.ROOM, "evening", {"status": "live"}, continues=continues))
    await queue.give_back()
    await queue.look()
    assert await queue.got("ann", "bob") == ["over", "over"]
    assert (await queue.wait("eve")).state == "active"
    assert (await queue.shop.refused(Wait("ann", "evening", "mug", 1, "ann")))[0] == Code.SALE_ENDED


async def test_a_waitlist_that_is_switched_on_again_begins_anew(queue: MugQueue) -> None:
    await the_waitlist_is_switched_off(queue)
    await queue.shop.ok(put(What.ROOM, "evening", {"waitlist": True}))
    await queue.shop.ok(Wait("bob-2", "evening", "mug", 1, "bob"))
    await queue.give_back()
    await queue.look()
    assert await queue.got("ann", "bob", "bob-2") == ["over", "over", "1"]


async def test_nobody_waits_for_two_of_one_whose_list_is_over(queue: MugQueue) -> None:
    """Who is of a list that is over may wait elsewhere at once."""
    await the_show_ends(queue)
    await queue.shop.ok(Wait("ann-2", "morning", "mug", 1, "ann"))
    await queue.look()
    states = [wait.state for wait in await queue.shop.book.waits(["ann", "ann-2"])]
    assert states == ["over", "waiting"]


# --- a list too long for one call -----------------------------------------------------------------------------


@pytest.fixture
async def slow(engine: Engine, settings: Settings) -> MugQueue:
    """A book whose calls move few units each."""
    few = Settings(
        **{name: getattr(settings, name) for name in ("key_prefix", "data_dir", "port", "token_secret")},
        moves_a_call_max=10,
    )
    made = MugQueue(Shop(StockBook(engine, "p", few), engine))
    await made.shop.set_up()
    await made.open(units=1)
    return made


async def test_units_that_belong_to_those_who_wait_are_nobody_elses_until_they_have_them(slow: MugQueue) -> None:
    people = [f"user-{n}" for n in range(25)]
    await slow.all_wait(*people)
    await slow.shop.receive(30)
    assert await slow.got(people[0], people[-1]) == ["1", "waiting"]
    view = await slow.shop.book.room_view("evening")
    assert view
    assert view.skus[0].stock.waitlist.serving
    assert (await slow.row()).withheld
    assert (await slow.shop.refused(Reserve("quick", "evening", "mug", 6, "eve")))[0] == Code.ALL_HELD
    for _ in range(10):
        await slow.shop.ok(ServeWaiting(10))
    assert await slow.got(*people) == ["1"] * 25
    assert (await slow.row()).available == 5
    await slow.shop.ok(Reserve("late", "evening", "mug", 5, "eve"))
    await slow.shop.assert_sound()
    await slow.shop.book.close()


async def test_units_that_are_owed_are_nobody_elses_either(slow: MugQueue) -> None:
    """Where nobody waits at all."""
    await slow.shop.ok(put(What.POOL, "", {"auto_settle": True}))
    for n in range(25):
        await slow.shop.ok(External(f"order-{n}", "live", "mug", 1))
    await slow.shop.receive(30)
    view = await slow.shop.book.room_view("evening")
    assert view
    assert view.skus[0].stock.waitlist.serving
    assert (await slow.shop.refused(Reserve("quick", "evening", "mug", 6, "eve")))[0] == Code.ALL_HELD
    for _ in range(10):
        await slow.shop.ok(ServeWaiting(10))
    owed = await slow.shop.book.reservations([f"order-{n}" for n in range(25)])
    assert [order.oversold for order in owed] == [0] * 25
    assert (await slow.row()).available == 5
    await slow.shop.ok(Reserve("late", "evening", "mug", 5, "eve"))
    await slow.shop.assert_sound()
    await slow.shop.book.close()


# --- paid, and without stock ----------------------------------------------------------------------------------


@pytest.fixture
async def debts(shop: Shop) -> MugQueue:
    """joe paid late for two, then kim for one; another platform has sold two that were not there; then ann waits."""
    queue = MugQueue(shop)
    await queue.open()
    await shop.receive(3)
    await shop.ok(Reserve("joe", "evening", "mug", 2, "joe"))
    await shop.ok(Reserve("kim", "evening", "mug", 1, "kim"))
    await shop.advance(300_250)
    await queue.expire()
    await shop.ok(Reserve("all", "evening", "mug", 3, "eve"))
    await shop.ok(Confirm("all"))
    for name in ("joe", "kim"):
        await shop.advance(1)
        assert await shop.refused(Confirm(name)) == (Code.PAID_NO_STOCK, "")
    await shop.ok(External("order", "live", "mug", 2))
    await queue.all_wait("ann", "bob")
    return queue


async def states(queue: MugQueue) -> list[object]:
    """Of joe, kim, the order and ann."""
    found: list[object] = []
    for name in ("joe", "kim", "order"):
        record = await queue.shop.book.reservation(name)
        assert record
        found.append(record.state.value if name != "order" else record.oversold)
    return [*found, *(await queue.got("ann"))]


async def test_where_the_pool_settles_by_itself_debts_are_first(debts: MugQueue) -> None:
    await debts.shop.ok(put(What.POOL, "", {"auto_settle": True}))
    await debts.shop.receive(1)
    assert await states(debts) == ["paid_no_stock", "confirmed", 2, "waiting"], "each whole or not at all"
    await debts.shop.receive(3)
    assert await states(debts) == ["confirmed", "confirmed", 1, "waiting"], "an order as far as units go"
    await debts.shop.receive(2)
    assert await states(debts) == ["confirmed", "confirmed", 0, "1"]


async def test_where_it_does_not_they_are_a_persons_affair(debts: MugQueue) -> None:
    await debts.shop.receive(1)
    assert await states(debts) == ["paid_no_stock", "paid_no_stock", 2, "1"]


async def test_the_oldest_debt_is_first(debts: MugQueue) -> None:
    await debts.shop.ok(put(What.POOL, "", {"auto_settle": True}))
    await debts.shop.receive(2)
    assert await states(debts) == ["confirmed", "paid_no_stock", 2, "waiting"]


async def test_a_pool_that_begins_to_settle_by_itself_settles(debts: MugQueue) -> None:
    await debts.shop.ok(Decline("ann", "ann"))
    await debts.shop.ok(Decline("bob", "bob"))
    await debts.shop.receive(1)
    await debts.shop.ok(put(What.POOL, "", {"auto_settle": True}))
    assert await states(debts) == ["paid_no_stock", "confirmed", 2, "over"]


async def test_a_debt_is_settled_when_what_stopped_it_goes(debts: MugQueue) -> None:
    await debts.shop.ok(put(What.POOL, "", {"auto_settle": True}))
    await debts.freeze("", True, FreezeScope.POOL)
    await debts.shop.receive(2)
    assert await states(debts) == ["paid_no_stock", "paid_no_stock", 2, "waiting"]
    await debts.freeze("", False, FreezeScope.POOL)
    assert await states(debts) == ["confirmed", "paid_no_stock", 2, "waiting"]


async def test_debts_too_many_for_one_call_are_settled_by_the_next_and_leave_nothing(slow: MugQueue) -> None:
    await slow.shop.ok(put(What.POOL, "", {"auto_settle": True}))
    for n in range(25):
        await slow.shop.ok(External(f"order-{n}", "live", "mug", 1))
    await slow.shop.receive(30)
    serving = f"{slow.shop.book.base}:serving"
    assert await slow.shop.engine.command("SMEMBERS", serving, key=serving) == [b"mug"]
    assert (await slow.shop.refused(Reserve("quick", "evening", "mug", 1, "eve")))[0] == Code.ALL_HELD
    for _ in range(3):
        await slow.look()
    assert (await slow.shop.units())["pool"] == 5
    assert await slow.shop.engine.command("SMEMBERS", serving, key=serving) == []
    await slow.shop.assert_sound()
    await slow.shop.book.close()


async def test_a_debt_of_what_is_frozen_waits(debts: MugQueue) -> None:
    await debts.shop.ok(put(What.POOL, "", {"auto_settle": True}))
    await debts.shop.ok(Freeze("freeze-1", "evening", True, scope=FreezeScope.ROOM))
    await debts.shop.move(MoveKind.RECEIVE, 4, "supplier", "pool")
    assert await states(debts) == ["paid_no_stock", "paid_no_stock", 0, "waiting"]
