"""Whose turn it is: what comes free goes to the first one whom it suffices for, however it comes free."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from engine_process import EngineProcess
from mug_queue import OFFER_MS, SKIP_MS, MugQueue
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import LowMark, RoomConfig, What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    Count,
    Decline,
    MoveKind,
    OpenBatch,
    OpenDue,
    Quota,
    ReleaseElastic,
    Reserve,
    Wait,
    put,
)
from shop import Shop

pytestmark = pytest.mark.each_engine


@pytest.fixture
async def queue(shop: Shop) -> MugQueue:
    """Four units, each in a checkout."""
    made = MugQueue(shop)
    await made.open(units=4)
    return made


Frees = Callable[[MugQueue], Awaitable[None]]


async def a_cancel(queue: MugQueue) -> None:
    await queue.give_back()


async def an_expiry(queue: MugQueue) -> None:
    await queue.shop.together(*[Confirm(f"held-{n}") for n in (1, 2, 3)])
    await queue.shop.advance(300_250)
    await queue.expire()


async def a_receipt(queue: MugQueue) -> None:
    await queue.shop.receive(1)


async def a_count(queue: MugQueue) -> None:
    await queue.shop.ok(Count("count-1", "mug", 5))


async def a_paid_order(queue: MugQueue) -> None:
    await queue.shop.ok(Confirm("held-0"))
    await queue.shop.ok(CancelPaid("back-1", "held-0"))


async def a_release(queue: MugQueue) -> None:
    await queue.shop.move(MoveKind.RECEIVE, 1, "supplier", "elastic")
    await queue.shop.ok(ReleaseElastic("release-1", "mug", 1, "pool"))


async def a_rule(queue: MugQueue) -> None:
    """One that answers the next change."""
    await queue.shop.ok(put(What.SKU, "mug", {"elastic_release_at": 0}))
    await queue.shop.move(MoveKind.RECEIVE, 1, "supplier", "elastic")


async def a_batch(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.BATCH, "b", {}))
    await queue.shop.move(MoveKind.RECEIVE, 1, "supplier", "batch:b")
    assert await queue.got("ann") == ["waiting"], "it is not open yet"
    await queue.shop.ok(OpenBatch("open-1", "b"))


async def a_batch_by_the_clock(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.BATCH, "b", {"opens_at_ms": await queue.shop.book.now_ms() + 1_000}))
    await queue.shop.move(MoveKind.RECEIVE, 1, "supplier", "batch:b")
    await queue.shop.advance(1_000)
    await queue.shop.ok(OpenDue(10))


async def a_low_mark(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.CHANNEL, "live", {"low_mark_units": 2, "low_mark": LowMark.STOP}))
    await queue.shop.receive(1)
    assert await queue.got("ann") == ["waiting"], "below its mark the channel sells nothing"
    await queue.shop.ok(put(What.CHANNEL, "live", {"low_mark_units": None, "low_mark": LowMark.FIXED}))
    await queue.look()


@pytest.mark.parametrize(
    "frees",
    [
        a_cancel,
        an_expiry,
        a_receipt,
        a_count,
        a_paid_order,
        a_release,
        a_rule,
        a_batch,
        a_batch_by_the_clock,
        a_low_mark,
    ],
)
async def test_what_comes_free_is_the_first_ones(queue: MugQueue, frees: Frees) -> None:
    await queue.all_wait("ann", "bob")
    await frees(queue)
    assert await queue.got("ann", "bob") == ["1", "waiting"]
    assert (await queue.row()).available == 0


async def test_a_quota_that_is_raised_is_the_first_ones(queue: MugQueue) -> None:
    await queue.shop.terms(presale=True)
    await queue.all_wait("ann", "bob")
    await queue.give_back()
    assert await queue.got("ann") == ["waiting"], "these are goods, and it waits for the quota"
    await queue.shop.ok(Quota("quota-1", "mug", 1))
    assert await queue.got("ann", "bob") == ["1", "waiting"]
    assert (await queue.shop.units())["presale_held:live"] == 1


async def test_many_units_are_offered_in_the_order_of_coming(queue: MugQueue) -> None:
    await queue.all_wait("ann", "bob", "eve", "joe", "kim")
    await queue.give_back(4)
    assert await queue.got("ann", "bob", "eve", "joe", "kim") == ["1", "1", "1", "1", "waiting"]


async def test_an_offer_that_lapses_is_the_next_ones(queue: MugQueue) -> None:
    await queue.all_wait("ann", "bob")
    await queue.give_back()
    await queue.shop.advance(OFFER_MS + 250)
    await queue.expire()
    assert await queue.got("ann", "bob") == ["1", "1"]
    assert (await queue.shop.refused(Wait("ann", "evening", "mug", 1, "ann")))[0] == Code.EXPIRED


async def test_a_reservation_in_the_same_call_passes_nobody(queue: MugQueue) -> None:
    await queue.all_wait("ann")
    cancelled, refused = await queue.shop.together(Cancel("held-0"), Reserve("quick", "evening", "mug", 1, "bob"))
    assert (cancelled.code, refused.code) == (Code.OK, Code.ALL_HELD)
    assert await queue.got("ann") == ["1"]


async def test_a_reservation_serves_those_first_whom_the_clock_gave_something(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.BATCH, "b", {"opens_at_ms": await queue.shop.book.now_ms() + 1_000}))
    await queue.shop.move(MoveKind.RECEIVE, 2, "supplier", "batch:b")
    await queue.all_wait("ann")
    await queue.shop.advance(1_000)
    await queue.shop.ok(Reserve("quick", "evening", "mug", 1, "bob"))
    assert await queue.got("ann") == ["1"]
    assert await queue.shop.refused(Reserve("late", "evening", "mug", 1, "bob")) == (Code.ALL_HELD, "")


async def test_what_is_offered_to_who_reserves_counts_against_its_limit(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.BATCH, "b", {"opens_at_ms": await queue.shop.book.now_ms() + 1_000}))
    await queue.shop.move(MoveKind.RECEIVE, 4, "supplier", "batch:b")
    await queue.shop.terms(limit_per_user=2)
    await queue.wait("ann", 2)
    await queue.shop.advance(1_000)
    assert await queue.shop.refused(Reserve("more", "evening", "mug", 1, "ann")) == (Code.LIMIT_PER_USER, "")
    assert await queue.got("ann") == ["2"]


# --- quantities that do not fit -------------------------------------------------------------------------------


async def test_who_wants_more_than_there_is_is_passed_and_gets_what_there_is_later(queue: MugQueue) -> None:
    await queue.wait("ann", 3)
    await queue.wait("bob", 1)
    await queue.give_back()
    assert await queue.got("ann", "bob") == ["waiting", "1"]
    await queue.shop.advance(SKIP_MS - 1)
    await queue.give_back()
    await queue.look()
    assert await queue.got("ann") == ["waiting"]
    assert (await queue.row()).available == 1, "what nobody's quantity fits is anybody's"
    await queue.shop.advance(1)
    await queue.look()
    assert await queue.got("ann") == ["1"]


async def test_what_no_wait_fits_is_anybodys(queue: MugQueue) -> None:
    await queue.wait("ann", 3)
    await queue.give_back(2)
    await queue.shop.ok(Reserve("quick", "evening", "mug", 2, "bob"))
    assert await queue.got("ann") == ["waiting"]
    await queue.shop.advance(SKIP_MS)
    await queue.shop.ok(Cancel("quick"))
    assert await queue.got("ann") == ["2"], "from then on it gets what there is"


async def test_each_is_passed_over_for_its_own_time(queue: MugQueue) -> None:
    await queue.wait("ann", 3)
    await queue.give_back()
    await queue.shop.advance(SKIP_MS // 2)
    await queue.wait("bob", 2)
    await queue.shop.advance(SKIP_MS // 2)
    await queue.look()
    assert await queue.got("ann", "bob") == ["1", "waiting"]
    await queue.give_back()
    assert await queue.got("bob") == ["waiting"], "ann's time is not bob's: one unit is not two"
    await queue.shop.advance(SKIP_MS // 2)
    await queue.look()
    assert await queue.got("bob") == ["1"]


async def test_who_has_been_passed_long_enough_is_before_those_behind(queue: MugQueue) -> None:
    await queue.wait("ann", 3)
    await queue.wait("bob", 1)
    await queue.give_back()
    await queue.wait("eve", 1)
    await queue.shop.advance(SKIP_MS)
    await queue.give_back()
    assert await queue.got("ann", "eve") == ["1", "waiting"]


# --- rooms ----------------------------------------------------------------------------------------------------


async def another_room(queue: MugQueue) -> str:
    """A second one that sells what the evening room does."""
    room = RoomConfig(channel="live", waitlist=True)
    await queue.shop.ok(put(What.ROOM, "night", room))
    await queue.shop.ok(put(What.ROOM, "night", {"status": "live"}))
    await queue.shop.ok(put(What.LISTING, "mug", {}, parent="night"))
    return "night"


async def test_rooms_that_draw_the_same_units_have_one_order(queue: MugQueue) -> None:
    night = await another_room(queue)
    await queue.all_wait("ann")
    await queue.all_wait("douyin-1", room="morning")
    assert (await queue.wait("bob", room=night)).data == [3, 1, 10]
    await queue.all_wait("eve")
    await queue.give_back(2)
    assert await queue.got("ann", "douyin-1", "bob", "eve") == ["1", "waiting", "1", "waiting"]
    await queue.shop.move(MoveKind.RECEIVE, 1, "supplier", "channel:douyin")
    assert await queue.got("douyin-1", "eve") == ["1", "waiting"]


async def pause(queue: MugQueue, stops: bool) -> None:
    await queue.shop.ok(put(What.ROOM, "evening", {"status": "paused" if stops else "live"}))


def flag(name: str, scope: str | bool = False) -> Callable[[MugQueue, bool], Awaitable[None]]:
    return lambda queue, stops: queue.freeze(name, stops, scope)


async def a_window(queue: MugQueue, stops: bool) -> None:
    await queue.shop.terms(opens_at_ms=9_000_000_000_000 if stops else None)


@pytest.mark.parametrize(
    ("stop", "is_of_the_room"),
    [
        (pause, True),
        (flag("evening", "room"), True),
        (a_window, True),
        (flag("mug"), False),
        (flag("live", "channel"), False),
        (flag("", "pool"), False),
    ],
)
async def test_whose_room_cannot_sell_now_keeps_the_place(
    queue: MugQueue, stop: Callable[[MugQueue, bool], Awaitable[None]], is_of_the_room: bool
) -> None:
    night = await another_room(queue)
    await queue.all_wait("ann")
    await stop(queue, True)
    if is_of_the_room:
        await queue.all_wait("bob", room=night)
    await queue.give_back()
    await queue.look()
    assert await queue.got("ann", *(["bob"] if is_of_the_room else [])) == [
        "waiting",
        *(["1"] if is_of_the_room else []),
    ]
    await queue.give_back()
    await stop(queue, False)
    await queue.look()
    assert await queue.got("ann") == ["1"]
    assert (await queue.row()).available == (0 if is_of_the_room else 1)


# --- who may not any more -------------------------------------------------------------------------------------


async def it_is_blocked(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.USER, "ann", {"standing": "blocked"}))


async def it_is_reviewed(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.USER, "ann", {"standing": "review"}))


async def it_has_bought(queue: MugQueue) -> None:
    await queue.shop.move(MoveKind.RECEIVE, 1, "supplier", "channel:douyin")
    await queue.shop.ok(Reserve("elsewhere", "morning", "mug", 1, "ann"))
    for room in ("evening", "morning"):
        await queue.shop.ok(put(What.LISTING, "mug", {"limit_per_user": 1, "limit_window": "ever"}, parent=room))
    await queue.shop.ok(Cancel("elsewhere"))
    await queue.shop.ok(Reserve("elsewhere-2", "morning", "mug", 1, "ann"))


async def its_id_is_taken(queue: MugQueue) -> None:
    """By a reservation of what nobody waits for."""
    await queue.shop.sell("cup")
    await queue.shop.receive(1, "cup")
    await queue.shop.ok(Reserve("ann", "evening", "cup", 1, "bob"))


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (it_is_blocked, Code.BLOCKED),
        (it_is_reviewed, Code.REVIEW),
        (it_has_bought, Code.LIMIT_PER_USER),
        (its_id_is_taken, Code.ID_CONFLICT),
    ],
)
async def test_who_may_not_any_more_is_told_and_the_next_one_gets_it(
    queue: MugQueue, happens: Frees, code: Code
) -> None:
    await queue.all_wait("ann", "bob")
    await happens(queue)
    await queue.give_back()
    assert await queue.shop.book.waits_of(["ann"]) == {"ann": []}
    assert await queue.got("bob") == ["1"]
    assert (await queue.shop.refused(Wait("ann", "evening", "mug", 1, "ann")))[0] == code


# --- a call that ends, an engine that does --------------------------------------------------------------------


@pytest.fixture
async def own_queue(own_engine: EngineProcess, settings: Settings) -> AsyncIterator[MugQueue]:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    made = MugQueue(Shop(StockBook(engine, "p", settings), engine))
    await made.shop.set_up()
    await made.open(units=4)
    yield made
    await made.shop.assert_sound()
    await made.shop.book.close()
    await engine.close()


async def test_order_and_offers_survive_the_engine(own_queue: MugQueue, own_engine: EngineProcess) -> None:
    queue = own_queue
    await queue.wait("ann", 1)
    await queue.wait("bob", 3)
    await queue.all_wait("eve", "joe")
    await queue.give_back()
    await queue.shop.ok(Decline("joe", "joe"))
    before = [
        await queue.shop.book.apply(Wait(user, "evening", "mug", qty, user))
        for user, qty in (("ann", 1), ("bob", 3), ("eve", 1), ("joe", 1))
    ]
    own_engine.stop(signal.SIGKILL)
    own_engine.start()
    after = [
        await queue.shop.book.apply(Wait(user, "evening", "mug", qty, user))
        for user, qty in (("ann", 1), ("bob", 3), ("eve", 1), ("joe", 1))
    ]
    assert [(o.code, o.state, o.data) for o in after] == [(o.code, o.state, o.data) for o in before]
    await queue.shop.receive(3)
    assert await queue.got("bob", "eve") == ["3", "waiting"]
