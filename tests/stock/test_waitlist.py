"""Waiting for what is gone: who may, what it is told, and what its id stands for later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from mug_queue import OFFER_MS, MugQueue
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import (
    Cancel,
    Confirm,
    Decline,
    Expire,
    External,
    MoveKind,
    Pay,
    Reserve,
    Wait,
    put,
)
from shop import Shop

pytestmark = pytest.mark.each_engine


@pytest.fixture
async def queue(shop: Shop) -> MugQueue:
    """One unit, which is in a checkout."""
    made = MugQueue(shop)
    await made.open(units=1)
    return made


def wait(name: str = "w", qty: int = 1, user: str = "ann", room: str = "evening", sku: str = "mug") -> Wait:
    return Wait(name, room, sku, qty, user)


async def test_who_comes_too_late_is_told_the_band_of_its_place(queue: MugQueue) -> None:
    outcome = await queue.wait("ann", 2)
    assert (outcome.state, outcome.qty, outcome.data) == ("waiting", 2, [1, 1, 10])
    for n in range(2, 11):
        assert (await queue.wait(f"user-{n}")).data == [n, 1, 10]
    assert (await queue.wait("eve")).data == [11, 11, 50]
    assert (await queue.wait("douyin-1", room="morning")).data == [12, 1, 10], "other units: another line"


async def test_what_is_free_is_offered_at_once(queue: MugQueue) -> None:
    await queue.shop.receive(3)
    now = await queue.shop.book.now_ms()
    outcome = await queue.wait("ann", 2)
    assert (outcome.state, outcome.qty) == ("active", 2)
    assert 0 <= outcome.expires_at_ms - now - OFFER_MS < 250
    assert (await queue.shop.units())["pool"] == 1


async def test_an_offer_is_a_hold_as_any_other(queue: MugQueue) -> None:
    await queue.wait("ann")
    await queue.give_back()
    before = await queue.shop.book.reservation("ann")
    assert before
    paying = await queue.shop.ok(Pay("ann"))
    assert paying.expires_at_ms == before.expires_at_ms + 300_000
    await queue.shop.ok(Confirm("ann", "pay-1"))
    assert (await queue.shop.units())["sold:live"] == 1


# --- who may not ----------------------------------------------------------------------------------------------

Prepare = Callable[[MugQueue], Awaitable[None]]


def standing(value: str) -> Prepare:
    return lambda queue: _ok(queue, put(What.USER, "ann", {"standing": value}))


def terms(**fields: object) -> Prepare:
    return lambda queue: queue.shop.terms(**fields)


def status(value: str) -> Prepare:
    return lambda queue: _ok(queue, put(What.ROOM, "evening", {"status": value}))


def flag(scope: str | bool, name: str) -> Prepare:
    return lambda queue: queue.freeze(name, True, scope)


async def _ok(queue: MugQueue, *ops: object) -> None:
    for op in ops:
        await queue.shop.ok(op)  # type: ignore[arg-type]


async def has_bought(queue: MugQueue) -> None:
    await queue.shop.receive(2)
    await queue.shop.ok(Reserve("before", "evening", "mug", 2, "ann"))
    await queue.shop.terms(limit_per_user=2)


@pytest.mark.parametrize(
    ("prepare", "code", "field"),
    [
        (standing("blocked"), Code.BLOCKED, ""),
        (standing("review"), Code.REVIEW, ""),
        (status("paused"), Code.PAUSED, ""),
        (status("ended"), Code.SALE_ENDED, ""),
        (flag(False, "mug"), Code.FROZEN, ""),
        (flag("channel", "live"), Code.FROZEN, ""),
        (flag("room", "evening"), Code.FROZEN, ""),
        (flag("pool", ""), Code.FROZEN, ""),
        (terms(opens_at_ms=9_000_000_000_000), Code.NOT_OPEN, ""),
        (terms(closes_at_ms=1), Code.SALE_ENDED, ""),
        (terms(limit_per_order=1), Code.LIMIT_PER_ORDER, ""),
        (terms(limit_per_user=1), Code.LIMIT_PER_USER, ""),
        (has_bought, Code.LIMIT_PER_USER, ""),
        (lambda queue: _ok(queue, put(What.ROOM, "evening", {"waitlist": False})), Code.FORBIDDEN, "waitlist"),
    ],
)
async def test_who_may_not_reserve_may_not_wait(queue: MugQueue, prepare: Prepare, code: Code, field: str) -> None:
    await prepare(queue)
    assert await queue.shop.refused(wait(qty=2)) == (code, field)
    assert await queue.shop.book.waits_of(["ann"]) == {"ann": []}


async def test_a_room_or_a_sku_that_is_not_there(queue: MugQueue) -> None:
    assert await queue.shop.refused(wait(room="nowhere")) == (Code.NOT_FOUND, "room")
    assert await queue.shop.refused(wait(sku="cup")) == (Code.UNKNOWN_SKU, "sku")


async def test_a_room_that_has_not_begun_is_not_open(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.ROOM, "later", RoomConfig(channel="live", waitlist=True)))
    await queue.shop.ok(put(What.LISTING, "mug", {}, parent="later"))
    assert await queue.shop.refused(wait(room="later")) == (Code.NOT_OPEN, "")


async def test_a_user_waits_once_for_a_sku_in_the_whole_pool(queue: MugQueue) -> None:
    await queue.shop.ok(wait("w1"))
    assert await queue.shop.refused(wait("w2")) == (Code.LIMIT_PER_USER, "waiting")
    assert await queue.shop.refused(wait("w2", room="morning")) == (Code.LIMIT_PER_USER, "waiting")
    await queue.shop.sell("cup")
    await queue.shop.ok(wait("w3", sku="cup"))
    await queue.shop.ok(Decline("w1", "ann"))
    await queue.shop.ok(wait("w2"))


@pytest.fixture
async def bounded(engine: Engine, settings: Settings) -> MugQueue:
    """A book with bounds that a test reaches."""
    few = Settings(
        **{name: getattr(settings, name) for name in ("key_prefix", "data_dir", "port", "token_secret")},
        waits_a_sku_max=2,
        waits_a_user_max=1,
        live_reservations_a_user_max=1,
    )
    made = MugQueue(Shop(StockBook(engine, "p", few), engine))
    await made.shop.set_up()
    await made.open(units=1)
    return made


async def test_no_more_wait_than_may(bounded: MugQueue) -> None:
    await bounded.all_wait("ann")
    await bounded.all_wait("bob", room="morning")
    assert await bounded.shop.refused(wait("eve", user="eve")) == (Code.SHELF_FULL, "waiting")
    await bounded.shop.ok(Decline("ann", "ann"))
    await bounded.all_wait("eve")
    await bounded.shop.book.close()


async def test_a_user_waits_for_no_more_skus_than_may(bounded: MugQueue) -> None:
    await bounded.shop.sell("cup")
    await bounded.all_wait("ann")
    assert await bounded.shop.refused(wait(sku="cup")) == (Code.LIMIT_PER_USER, "waiting")
    await bounded.shop.book.close()


async def test_who_has_as_many_checkouts_as_may_waits_for_none(bounded: MugQueue) -> None:
    assert await bounded.shop.refused(wait(user="buyer-0")) == (Code.LIMIT_PER_USER, "live")
    await bounded.shop.ok(Confirm("held-0"))
    await bounded.all_wait("buyer-0")
    await bounded.shop.book.close()


# --- what an id stands for ------------------------------------------------------------------------------------


async def test_the_same_wait_again_is_answered_as_it_stands(queue: MugQueue) -> None:
    first = await queue.shop.ok(wait())
    assert await queue.shop.ok(wait()) == first
    await queue.give_back()
    offered = await queue.shop.ok(wait())
    assert (offered.state, offered.qty) == ("active", 1)
    await queue.shop.ok(Pay("w"))
    assert (await queue.shop.ok(wait())).state == "payment_pending"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"qty": 2}, "qty"), ({"user": "bob"}, "user"), ({"room": "morning"}, "room"), ({"sku": "cup"}, "sku")],
)
@pytest.mark.parametrize("is_offered", [False, True])
async def test_the_same_id_with_another_body_is_a_conflict(
    queue: MugQueue, is_offered: bool, changed: dict[str, str], field: str
) -> None:
    await queue.shop.sell("cup")
    await queue.shop.ok(wait())
    if is_offered:
        await queue.give_back()
    assert await queue.shop.refused(wait(**changed)) == (Code.ID_CONFLICT, field)  # type: ignore[arg-type]


async def test_the_id_of_a_reservation_is_no_wait(queue: MugQueue) -> None:
    assert await queue.shop.refused(wait("held-0", user="buyer-0")) == (Code.ID_CONFLICT, "kind")
    await queue.shop.ok(External("order", "douyin", "mug", 1))
    assert await queue.shop.refused(wait("order")) == (Code.ID_CONFLICT, "kind")


async def paid(queue: MugQueue) -> None:
    await queue.give_back()
    await queue.shop.ok(Confirm("w"))


async def test_an_expiry_that_stops_for_those_who_wait_says_that_there_is_more(shop: Shop) -> None:
    """It frees units for some of them in one call; the duty asks again until it does fewer than it was asked for."""
    queue = MugQueue(shop)
    await queue.open(30)
    await queue.all_wait("ann")
    await shop.advance(300_250)
    asked = [(await shop.ok(Expire(100))).data for _ in range(2)]
    assert asked == [100, 10]
    assert await queue.got("ann") == ["1"]
    assert await shop.units() == {"supplier": -30, "pool": 29, "held:live": 1}


async def declined(queue: MugQueue) -> None:
    await queue.give_back()
    await queue.shop.ok(Decline("w", "ann"))


async def left(queue: MugQueue) -> None:
    await queue.shop.ok(Decline("w", "ann"))


async def lapsed(queue: MugQueue) -> None:
    await queue.give_back()
    await queue.shop.advance(OFFER_MS + 250)


async def paid_without_stock(queue: MugQueue) -> None:
    await lapsed(queue)
    await queue.shop.ok(Expire(10))
    await queue.shop.ok(Reserve("another", "evening", "mug", 1, "bob"))
    await queue.shop.book.apply(Confirm("w"))


async def closed(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.ROOM, "evening", {"status": "ended"}))


async def switched_off(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.ROOM, "evening", {"waitlist": False}))


async def blocked(queue: MugQueue) -> None:
    await queue.shop.ok(put(What.USER, "ann", {"standing": "blocked"}))
    await queue.give_back()


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (paid, Code.ALREADY_CONFIRMED),
        (declined, Code.ALREADY_CANCELLED),
        (left, Code.ALREADY_CANCELLED),
        (lapsed, Code.EXPIRED),
        (paid_without_stock, Code.PAID_NO_STOCK),
        (closed, Code.SALE_ENDED),
        (switched_off, Code.FORBIDDEN),
        (blocked, Code.BLOCKED),
    ],
)
async def test_an_id_answers_for_its_end(queue: MugQueue, happens: Prepare, code: Code) -> None:
    await queue.shop.ok(wait())
    await happens(queue)
    await queue.look()
    assert (await queue.shop.refused(wait()))[0] == code


# --- going ----------------------------------------------------------------------------------------------------


async def test_who_goes_is_passed(queue: MugQueue) -> None:
    await queue.all_wait("ann", "bob")
    assert (await queue.shop.ok(Decline("ann", "ann"))).state == "left"
    assert (await queue.shop.ok(Decline("ann", "ann"))).state == "left"
    await queue.give_back()
    assert await queue.got("ann", "bob") == ["over", "1"]


async def test_an_offer_that_is_declined_is_the_next_ones(queue: MugQueue) -> None:
    await queue.all_wait("ann", "bob")
    await queue.give_back()
    assert (await queue.shop.ok(Decline("ann", "ann"))).state == "cancelled"
    assert await queue.got("bob") == ["1"]
    assert await queue.shop.units() == {"supplier": -1, "held:live": 1}


async def test_an_offer_that_is_cancelled_is_the_next_ones(queue: MugQueue) -> None:
    await queue.all_wait("ann", "bob")
    await queue.give_back()
    await queue.shop.ok(Cancel("ann", "ann"))
    assert await queue.got("bob") == ["1"]


async def test_nobody_declines_for_others(queue: MugQueue) -> None:
    await queue.all_wait("ann")
    assert await queue.shop.refused(Decline("ann", "bob")) == (Code.NOT_FOUND, "")
    assert await queue.shop.refused(Decline("ann", "ann", "morning")) == (Code.NOT_FOUND, "")
    assert await queue.shop.refused(Decline("nobody's", "ann")) == (Code.NOT_FOUND, "")
    assert await queue.got("ann") == ["waiting"]


async def test_what_is_paid_is_not_declined(queue: MugQueue) -> None:
    await queue.all_wait("ann")
    await queue.give_back()
    await queue.shop.ok(Confirm("ann"))
    assert await queue.shop.refused(Decline("ann", "ann")) == (Code.ALREADY_CONFIRMED, "")


async def test_a_rooms_units_of_its_own_are_offered_there_alone(queue: MugQueue) -> None:
    await queue.all_wait("bob")
    await queue.all_wait("ann", room="morning")
    await queue.shop.move(MoveKind.RECEIVE, 1, "supplier", "channel:douyin")
    assert await queue.got("ann", "bob") == ["1", "waiting"]
