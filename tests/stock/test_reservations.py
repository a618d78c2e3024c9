"""What becomes of one reservation: the story of each code."""

from __future__ import annotations

import asyncio

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    Expire,
    Freeze,
    MoveKind,
    Pay,
    Refund,
    Reserve,
    Ship,
    put,
)
from shop import Shop

pytestmark = pytest.mark.each_engine

HOLD_MS = 300_000


def want(name: str, qty: int = 1, user: str = "ann", room: str = "evening", sku: str = "mug") -> Reserve:
    return Reserve(name, room, sku, qty, user)


async def test_a_hold_takes_units_and_payment_sells_them(shop: Shop) -> None:
    await shop.receive(3)
    held = await shop.ok(want("r1", 2))
    assert (held.state, held.sku, held.qty) == ("active", "mug", 2)
    assert await shop.units() == {"supplier": -3, "pool": 1, "held:live": 2}
    paid = await shop.ok(Confirm("r1", "pay-77", "alipay"))
    assert (paid.state, paid.seq) == ("confirmed", held.seq + 1)
    assert await shop.units() == {"supplier": -3, "pool": 1, "sold:live": 2}
    record = await shop.book.reservation("r1")
    assert record
    assert (record.reference, record.left, record.user) == ("pay-77", 2, "ann")


async def test_the_hold_ends_on_a_quarter_second_after_its_time(shop: Shop) -> None:
    await shop.receive(1)
    before = await shop.book.now_ms()
    held = await shop.ok(want("r1"))
    assert 0 <= held.expires_at_ms - (before + HOLD_MS) < 1_000
    assert held.expires_at_ms % 250 == 0


async def test_same_id_and_body_gets_the_same_answer_and_takes_nothing_more(shop: Shop) -> None:
    await shop.receive(5)
    first = await shop.ok(want("r1", 2))
    again = await shop.ok(want("r1", 2))
    assert again == first
    assert (await shop.units())["pool"] == 3


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"qty": 3}, "qty"), ({"user": "bob"}, "user"), ({"room": "morning"}, "room"), ({"sku": "cup"}, "sku")],
)
async def test_same_id_with_another_body_is_a_conflict_that_names_the_field(
    shop: Shop, changed: dict[str, object], field: str
) -> None:
    await shop.receive(5)
    await shop.sell("cup")
    await shop.ok(want("r1", 2))
    assert await shop.refused(want("r1", **{"qty": 2, **changed})) == (Code.ID_CONFLICT, field)  # type: ignore[arg-type]


async def test_an_id_answers_for_its_end_after_it_is_over(shop: Shop) -> None:
    await shop.receive(3)
    for name in ("paid", "given", "late"):
        await shop.ok(want(name))
    await shop.ok(Confirm("paid"))
    await shop.ok(Cancel("given", "ann"))
    await shop.advance(HOLD_MS + 1_000)
    assert (await shop.refused(want("paid")))[0] == Code.ALREADY_CONFIRMED
    assert (await shop.refused(want("given")))[0] == Code.ALREADY_CANCELLED
    assert (await shop.refused(want("late")))[0] == Code.EXPIRED
    assert (await shop.refused(Cancel("paid", "ann")))[0] == Code.ALREADY_CONFIRMED
    assert (await shop.refused(Cancel("late", "ann")))[0] == Code.EXPIRED
    assert (await shop.refused(Pay("given")))[0] == Code.ALREADY_CANCELLED
    assert (await shop.refused(Confirm("given")))[0] == Code.ALREADY_CANCELLED


async def test_shortage_has_three_names(shop: Shop) -> None:
    await shop.receive(2)
    short = await shop.book.apply(want("r1", 3))
    assert (short.code, short.available) == (Code.INSUFFICIENT, 2)
    await shop.ok(want("r2", 2))
    assert (await shop.refused(want("r3")))[0] == Code.ALL_HELD
    await shop.ok(Confirm("r2"))
    assert (await shop.refused(want("r3")))[0] == Code.SOLD_OUT


async def test_a_refused_id_may_be_tried_again(shop: Shop) -> None:
    assert (await shop.refused(want("r1")))[0] == Code.SOLD_OUT
    await shop.receive(1)
    await shop.ok(want("r1"))


async def test_only_the_owner_gives_a_hold_back(shop: Shop) -> None:
    await shop.receive(1)
    await shop.ok(want("r1"))
    assert (await shop.refused(Cancel("r1", "eve")))[0] == Code.NOT_FOUND
    assert (await shop.refused(Cancel("nobody's", "ann")))[0] == Code.NOT_FOUND
    given = await shop.ok(Cancel("r1", "ann"))
    assert await shop.ok(Cancel("r1", "ann")) == given
    assert await shop.units() == {"supplier": -1, "pool": 1}


async def test_a_hold_expires_by_the_engines_clock(shop: Shop) -> None:
    await shop.receive(2)
    await shop.ok(want("r1", 2))
    await shop.advance(HOLD_MS - 1_000)
    assert (await shop.ok(Expire(10))).data == 0
    await shop.advance(1_250)
    assert (await shop.ok(Expire(10))).data == 1
    assert await shop.units() == {"supplier": -2, "pool": 2}
    assert await shop.book.user_reservations("ann") == []


async def test_expiry_is_bounded_and_goes_on_where_it_stopped(shop: Shop) -> None:
    await shop.receive(10)
    for n in range(10):
        await shop.ok(want(f"r{n}"))
    await shop.ok(Confirm("r3"))
    await shop.advance(HOLD_MS + 1_000)
    ended = [(await shop.ok(Expire(4))).data for _ in range(4)]
    assert sum(ended) == 9
    assert max(ended) <= 4
    assert ended[-1] == 0


async def test_beginning_to_pay_extends_the_hold_once(shop: Shop) -> None:
    await shop.receive(1)
    held = await shop.ok(want("r1"))
    pending = await shop.ok(Pay("r1"))
    assert (pending.state, pending.expires_at_ms - held.expires_at_ms) == ("payment_pending", HOLD_MS)
    assert await shop.ok(Pay("r1")) == pending
    await shop.advance(HOLD_MS + 1_000)
    assert (await shop.ok(Expire(10))).data == 0
    await shop.advance(HOLD_MS)
    assert (await shop.ok(Expire(10))).data == 1


async def test_a_late_payment_takes_units_anew(shop: Shop) -> None:
    await shop.receive(1)
    await shop.ok(want("r1"))
    await shop.advance(HOLD_MS + 1_000)
    paid = await shop.ok(Confirm("r1", "pay-1"))
    assert paid.state == "confirmed"
    assert await shop.units() == {"supplier": -1, "sold:live": 1}
    assert await shop.ok(Confirm("r1", "pay-1")) == paid


async def test_a_late_payment_without_stock_waits_for_stock_or_refund(shop: Shop) -> None:
    await shop.receive(2)
    await shop.ok(want("r1"))
    await shop.ok(want("r2", user="bob"))
    await shop.advance(HOLD_MS + 1_000)
    await shop.ok(Expire(10))
    await shop.ok(want("r3", 2, user="cat"))
    for name in ("r1", "r2"):
        assert (await shop.refused(Confirm(name, "pay")))[0] == Code.PAID_NO_STOCK
        assert (await shop.refused(Confirm(name, "pay")))[0] == Code.PAID_NO_STOCK
    assert [r.id for r in await shop.book.paid_no_stock(10)] == ["r1", "r2"]
    await shop.receive(1)
    assert (await shop.ok(Confirm("r1", "pay"))).state == "confirmed"
    assert (await shop.ok(Refund("r2", "ops", "refunded"))).state == "cancelled"
    assert await shop.book.paid_no_stock(10) == []
    assert (await shop.refused(Refund("r3")))[0] == Code.NOT_FOUND


async def test_a_late_payment_does_not_break_the_users_limit_or_a_freeze(shop: Shop) -> None:
    await shop.receive(9)
    await shop.terms(limit_per_user=2)
    await shop.ok(want("r1", 2))
    await shop.ok(want("r2", user="bob"))
    await shop.advance(HOLD_MS + 1_000)
    await shop.ok(Expire(10))
    await shop.ok(want("r3", 1))
    assert (await shop.refused(Confirm("r1")))[0] == Code.PAID_NO_STOCK
    await shop.ok(Freeze("f1", "mug", True))
    assert (await shop.refused(Confirm("r2")))[0] == Code.PAID_NO_STOCK


async def test_limits_by_order_and_by_user_over_all_rooms(shop: Shop) -> None:
    await shop.receive(20)
    await shop.move(MoveKind.ALLOCATE, 10, "pool", "channel:douyin")
    await shop.terms(limit_per_order=3, limit_per_user=4, limit_window="ever")
    await shop.ok(put(What.LISTING, "mug", {"limit_window": "ever"}, parent="morning"))
    refused = await shop.book.apply(want("r0", 4))
    assert (refused.code, refused.available) == (Code.LIMIT_PER_ORDER, 3)
    await shop.ok(want("r1", 3))
    refused = await shop.book.apply(want("r2", 2))
    assert (refused.code, refused.available) == (Code.LIMIT_PER_USER, 1)
    await shop.ok(want("r3", 2, user="bob"))
    # What is given back may be bought again.
    await shop.ok(Cancel("r1", "ann"))
    await shop.ok(want("r4", 3))
    # The other room has no limit of its own, but what was bought there counts here: for ever is of all rooms.
    await shop.ok(want("r5", 1, room="morning"))
    assert (await shop.refused(want("r6", 1)))[0] == Code.LIMIT_PER_USER


async def test_no_order_is_larger_than_the_server_takes(shop: Shop) -> None:
    await shop.receive(20_000)
    refused = await shop.book.apply(want("r1", 10_001))
    assert (refused.code, refused.available) == (Code.LIMIT_PER_ORDER, 10_000)
    await shop.ok(want("r1", 10_000))


async def test_a_user_has_only_so_many_live_holds(engine, settings) -> None:  # type: ignore[no-untyped-def]
    import msgspec
    from shelfcast.stock.book import StockBook

    book = StockBook(engine, "p", msgspec.structs.replace(settings, live_reservations_a_user_max=2))
    shop = Shop(book, engine)
    await shop.set_up()
    await shop.receive(5)
    await shop.ok(want("r1"))
    await shop.ok(want("r2"))
    assert await shop.refused(want("r3")) == (Code.LIMIT_PER_USER, "live")
    await shop.ok(Confirm("r1"))
    await shop.ok(want("r3"))
    await book.close()


async def test_windows_open_and_close_by_the_engines_clock(shop: Shop) -> None:
    await shop.receive(5)
    now = await shop.book.now_ms()
    await shop.terms(opens_at_ms=now + 60_000, closes_at_ms=now + 120_000)
    early = await shop.book.apply(want("r1"))
    assert (early.code, early.retry_at_ms) == (Code.NOT_OPEN, now + 60_000)
    await shop.advance(60_000)
    await shop.ok(want("r1"))
    await shop.advance(60_000)
    assert (await shop.refused(want("r2")))[0] == Code.SALE_ENDED


@pytest.mark.parametrize(
    ("status", "code"), [("scheduled", Code.NOT_OPEN), ("paused", Code.PAUSED), ("ended", Code.SALE_ENDED)]
)
async def test_a_room_that_is_not_live_sells_nothing(shop: Shop, status: str, code: Code) -> None:
    await shop.receive(1)
    room = await shop.room_that_is(status)
    assert (await shop.refused(Reserve("r1", room, "mug", 1, "ann")))[0] == code
    await shop.ok(put(What.ROOM, room, {"status": "live"}))
    await shop.ok(Reserve("r1", room, "mug", 1, "ann"))


async def test_a_frozen_sku_is_frozen_in_every_room(shop: Shop) -> None:
    await shop.receive(5)
    await shop.ok(want("r1"))
    await shop.ok(Freeze("f1", "mug", True, "ops", "wrong label"))
    assert (await shop.refused(want("r2")))[0] == Code.FROZEN
    assert (await shop.refused(want("r2", room="morning")))[0] == Code.FROZEN
    await shop.ok(Confirm("r1"))  # what was held before stays good
    await shop.ok(Freeze("f2", "mug", False))
    await shop.ok(want("r2"))


async def test_blocked_users_and_users_under_review(shop: Shop) -> None:
    await shop.receive(5)
    await shop.ok(put(What.USER, "eve", {"standing": "blocked", "reason": "scalper"}))
    await shop.ok(put(What.USER, "dan", {"standing": "review"}))
    assert (await shop.refused(want("r1", user="eve")))[0] == Code.BLOCKED
    assert (await shop.refused(want("r2", user="dan")))[0] == Code.REVIEW
    await shop.ok(put(What.USER, "dan", {"standing": "ok"}))
    await shop.ok(want("r2", user="dan"))


async def test_what_is_not_there_is_named(shop: Shop) -> None:
    assert await shop.refused(want("r1", room="nowhere")) == (Code.NOT_FOUND, "room")
    assert await shop.refused(want("r1", sku="nothing")) == (Code.UNKNOWN_SKU, "sku")
    for op in (Confirm("r1"), Pay("r1"), Cancel("r1"), Refund("r1"), Ship("s1", "r1"), CancelPaid("c1", "r1")):
        assert (await shop.refused(op))[0] == Code.NOT_FOUND


async def test_fifty_clients_fight_over_the_last_unit(shop: Shop) -> None:
    await shop.receive(1)
    outcomes = await asyncio.gather(*(shop.book.apply(want(f"r{n}", user=f"u{n}")) for n in range(50)))
    codes = [outcome.code for outcome in outcomes]
    assert codes.count(Code.OK) == 1
    assert codes.count(Code.ALL_HELD) == 49


async def test_a_users_live_holds_are_listed_in_order(shop: Shop) -> None:
    await shop.receive(5)
    for name in ("r1", "r2", "r3"):
        await shop.ok(want(name))
    await shop.ok(Cancel("r2", "ann"))
    assert [r.id for r in await shop.book.user_reservations("ann")] == ["r1", "r3"]
    assert await shop.book.user_reservations("bob") == []
