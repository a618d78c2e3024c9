"""The merchant's moves: what each takes from where, and what it refuses."""

from __future__ import annotations

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.configuration import BatchConfig, What
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    CloseBatch,
    Confirm,
    Count,
    External,
    Fulfil,
    Move,
    MoveKind,
    OpenBatch,
    OpenDue,
    Quota,
    Reserve,
    SettleOversold,
    Ship,
    put,
)
from shelfcast.stock.records import Stream
from shop import Shop

pytestmark = pytest.mark.each_engine


async def test_stock_is_received_carved_and_allocated(shop: Shop) -> None:
    await shop.receive(100)
    await shop.move(MoveKind.CARVE, 10, "pool", "safety")
    await shop.move(MoveKind.CARVE, 15, "pool", "elastic")
    await shop.move(MoveKind.ALLOCATE, 30, "pool", "channel:douyin")
    await shop.move(MoveKind.ALLOCATE, 5, "channel:douyin", "pool")
    await shop.move(MoveKind.CARVE, 4, "safety", "pool")
    assert await shop.units() == {"supplier": -100, "pool": 54, "safety": 6, "elastic": 15, "channel:douyin": 25}


@pytest.mark.parametrize(
    ("kind", "source", "target", "code", "field"),
    [
        (MoveKind.RECEIVE, "pool", "safety", Code.BAD_MESSAGE, "source"),
        (MoveKind.CARVE, "pool", "channel:live", Code.BAD_MESSAGE, "target"),
        (MoveKind.ALLOCATE, "pool", "channel:nowhere", Code.NOT_FOUND, "target"),
        (MoveKind.CARVE, "pool", "batch:none", Code.NOT_FOUND, "target"),
        (MoveKind.WRITE_OFF, "held:live", "written_off", Code.BAD_MESSAGE, "source"),
        (MoveKind.CARVE, "pool", "safety", Code.INSUFFICIENT, ""),
        (MoveKind.RETURN, "shipped", "returned", Code.INSUFFICIENT, ""),
    ],
)
async def test_a_move_that_cannot_be_changes_nothing(
    shop: Shop, kind: MoveKind, source: str, target: str, code: Code, field: str
) -> None:
    await shop.receive(3)
    assert await shop.refused(Move("m", kind, "mug", 4, source, target)) == (code, field)
    assert await shop.units() == {"supplier": -3, "pool": 3}
    assert await shop.refused(Move("m", kind, "nothing", 4, source, target)) == (Code.UNKNOWN_SKU, "sku")


async def test_a_move_happens_once(shop: Shop) -> None:
    move = Move("m1", MoveKind.RECEIVE, "mug", 5, "supplier", "pool", "ops", "delivery")
    first = await shop.ok(move)
    assert await shop.ok(Move("m1", MoveKind.RECEIVE, "mug", 5, "supplier", "pool", "other")) == first
    changed = Move("m1", MoveKind.RECEIVE, "mug", 6, "supplier", "pool")
    assert await shop.refused(changed) == (Code.ID_CONFLICT, "qty")
    assert await shop.refused(Count("m1", "mug", 6)) == (Code.ID_CONFLICT, "kind")
    assert (await shop.units())["pool"] == 5


async def test_dedicated_and_shared_channels_draw_differently(shop: Shop) -> None:
    await shop.receive(5)
    await shop.move(MoveKind.ALLOCATE, 2, "pool", "channel:live")
    assert (await shop.refused(Reserve("r1", "morning", "mug", 1, "ann")))[0] == Code.SOLD_OUT
    await shop.ok(Reserve("r2", "evening", "mug", 4, "ann"))
    assert await shop.units() == {"supplier": -5, "pool": 1, "held:live": 4}
    split = await shop.book.reservation("r2")
    assert split
    assert (split.from_channel, split.from_pool) == (2, 2)
    await shop.ok(Cancel("r2"))
    assert await shop.units() == {"supplier": -5, "pool": 3, "channel:live": 2}


async def test_a_batch_stays_locked_until_its_window(shop: Shop) -> None:
    await shop.receive(10)
    now = await shop.book.now_ms()
    await shop.ok(put(What.BATCH, "nine", BatchConfig(opens_at_ms=now + 60_000)))
    await shop.ok(put(What.BATCH, "ten", BatchConfig(target="channel:live")))
    await shop.move(MoveKind.CARVE, 4, "pool", "batch:nine")
    await shop.move(MoveKind.CARVE, 3, "pool", "batch:ten")
    await shop.ok(Reserve("r1", "evening", "mug", 3, "ann"))
    await shop.ok(Confirm("r1"))
    waiting = await shop.book.apply(Reserve("r2", "evening", "mug", 1, "ann"))
    assert (waiting.code, waiting.retry_at_ms) == (Code.BATCH_EXHAUSTED, now + 60_000)
    assert (await shop.ok(OpenDue(10))).data == 0
    await shop.advance(60_000)
    assert (await shop.ok(OpenDue(10))).data == 1
    await shop.ok(Reserve("r3", "evening", "mug", 4, "ann"))
    assert await shop.units() == {"supplier": -10, "batch:ten": 3, "held:live": 4, "sold:live": 3}
    opened = await shop.ok(OpenBatch("o1", "ten", "ops"))
    assert opened.data == 1
    assert await shop.ok(OpenBatch("o1", "ten", "ops")) == opened
    await shop.ok(Reserve("r4", "evening", "mug", 2, "ann"))
    assert (await shop.units())["batch:ten"] == 1
    assert (await shop.ok(CloseBatch("c1", "ten", "ops"))).data == 1
    assert (await shop.units())["pool"] == 1
    late = Move("late", MoveKind.CARVE, "mug", 1, "pool", "batch:ten")
    assert await shop.refused(late) == (Code.BAD_MESSAGE, "target")
    assert await shop.refused(OpenBatch("o2", "none")) == (Code.NOT_FOUND, "batch")


async def test_a_count_that_finds_more_puts_it_in_the_pool(shop: Shop) -> None:
    await shop.receive(5)
    assert (await shop.ok(Count("c1", "mug", 7, "ops"))).data == [5, 2, 0]
    assert await shop.units() == {"supplier": -5, "count_gain": -2, "pool": 7}


async def test_a_shortfall_is_taken_in_order_and_never_from_reservations(shop: Shop) -> None:
    await shop.receive(20)
    await shop.move(MoveKind.CARVE, 3, "pool", "safety")
    await shop.move(MoveKind.CARVE, 3, "pool", "elastic")
    await shop.move(MoveKind.ALLOCATE, 4, "pool", "channel:douyin")
    await shop.ok(Reserve("r1", "evening", "mug", 8, "ann"))
    assert (await shop.ok(Count("c1", "mug", 13, "ops"))).data == [20, -7, 0]
    assert await shop.units() == {
        "supplier": -20, "count_loss": 7, "elastic": 1, "channel:douyin": 4, "held:live": 8,
    }  # fmt: skip
    # Five more are missing than all unsold stock has: two reservations' worth cannot be kept.
    shortage = await shop.ok(Count("c2", "mug", 6, "ops"))
    assert shortage.data == [13, -7, 2]
    assert await shop.units() == {"supplier": -20, "count_loss": 12, "held:live": 8}
    assert [r.id for r in await shop.book.short_reservations("mug", 2)] == ["r1"]
    assert await shop.book.short_reservations("mug", 0) == []


async def test_a_paid_order_is_shipped_returned_and_inspected(shop: Shop) -> None:
    await shop.receive(5)
    await shop.ok(Reserve("r1", "evening", "mug", 3, "ann"))
    assert await shop.refused(Ship("s0", "r1")) == (Code.NOT_FOUND, "state")
    await shop.ok(Confirm("r1"))
    assert (await shop.ok(Ship("s1", "r1", 2))).left == 1
    assert (await shop.refused(Ship("s2", "r1", 2)))[0] == Code.INSUFFICIENT
    assert (await shop.ok(Ship("s2", "r1"))).left == 0
    await shop.move(MoveKind.RETURN, 2, "shipped", "returned")
    await shop.move(MoveKind.RETURN, 1, "returned", "pool")
    await shop.move(MoveKind.RETURN, 1, "returned", "unsellable")
    await shop.move(MoveKind.WRITE_OFF, 1, "unsellable", "written_off")
    assert await shop.units() == {"supplier": -5, "shipped": 1, "written_off": 1, "pool": 3}


async def test_a_paid_order_is_taken_back_in_parts(shop: Shop) -> None:
    await shop.receive(5)
    await shop.terms(limit_per_user=4)
    await shop.ok(Reserve("r1", "evening", "mug", 4, "ann"))
    await shop.ok(Confirm("r1"))
    part = await shop.ok(CancelPaid("c1", "r1", 1, "ops"))
    assert (part.state, part.left) == ("confirmed", 3)
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    rest = await shop.ok(CancelPaid("c2", "r1"))
    assert (rest.state, rest.left) == ("cancelled", 0)
    assert (await shop.refused(CancelPaid("c3", "r1")))[0] == Code.NOT_FOUND
    assert await shop.units() == {"supplier": -5, "pool": 4, "held:live": 1}


async def test_an_external_order_is_booked_even_beyond_the_stock(shop: Shop) -> None:
    await shop.receive(3)
    await shop.move(MoveKind.ALLOCATE, 3, "pool", "channel:douyin")
    order = External("dy-1", "douyin", "mug", 5, "", "D100")
    first = await shop.ok(order)
    assert (first.state, first.left) == ("confirmed", 3)
    assert await shop.ok(order) == first
    assert await shop.refused(External("dy-1", "douyin", "mug", 4)) == (Code.ID_CONFLICT, "qty")
    assert await shop.units() == {"supplier": -3, "sold:douyin": 3, "external_oversold:douyin": 2}
    await shop.move(MoveKind.RECEIVE, 1, "supplier", "channel:douyin")
    assert (await shop.refused(SettleOversold("t0", "dy-1", 2)))[0] == Code.INSUFFICIENT
    await shop.ok(SettleOversold("t1", "dy-1", 1))
    assert await shop.units() == {"supplier": -4, "sold:douyin": 4, "external_oversold:douyin": 1}
    await shop.ok(CancelPaid("c1", "dy-1", 2))
    assert await shop.units() == {"supplier": -4, "sold:douyin": 3, "channel:douyin": 1}


async def test_presale_has_its_own_quota_and_ledger(shop: Shop) -> None:
    await shop.terms(presale=True)
    await shop.receive(1)
    assert (await shop.refused(Reserve("r0", "evening", "mug", 1, "ann")))[0] == Code.SOLD_OUT
    await shop.ok(Quota("q1", "mug", 3, "ops"))
    await shop.ok(Reserve("r1", "evening", "mug", 2, "ann"))
    await shop.ok(Reserve("r2", "evening", "mug", 1, "bob"))
    await shop.ok(Confirm("r1"))
    await shop.ok(Cancel("r2"))
    assert (await shop.refused(Quota("q2", "mug", -2)))[0] == Code.INSUFFICIENT
    await shop.ok(Quota("q2", "mug", -1))
    units = await shop.units()
    assert units == {"supplier": -1, "pool": 1, "promise": -2, "presale_sold:live": 2}
    assert (await shop.refused(Fulfil("f1", "r1")))[0] == Code.INSUFFICIENT
    assert (await shop.refused(Ship("s1", "r1")))[0] == Code.INSUFFICIENT
    await shop.receive(1)
    await shop.ok(Fulfil("f1", "r1"))
    await shop.ok(Ship("s1", "r1"))
    assert await shop.units() == {"supplier": -2, "promise": -2, "fulfilled": 2, "shipped": 2}
    assert [e.seq for e in await shop.book.ledger(Stream.PRESALE)] == [1, 2, 3, 4, 5, 6, 7]
