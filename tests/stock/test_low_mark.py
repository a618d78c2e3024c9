"""The low mark of a channel: what it sells from once it could sell fewer units than that."""

from __future__ import annotations

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.configuration import LowMark, What
from shelfcast.stock.operations import Cancel, Confirm, External, Fulfil, MoveKind, Quota, Reserve, put
from shelfcast.stock.shelf import ShelfRow, shelf_row
from shop import Shop

ROOMS = {"live": "evening", "douyin": "morning"}


async def mark(shop: Shop, channel: str, units: int | None, rule: LowMark = LowMark.FIXED) -> None:
    await shop.ok(put(What.CHANNEL, channel, {"low_mark_units": units, "low_mark": rule}))


async def stock(shop: Shop, pool: int, **own: int) -> None:
    await shop.receive(pool + sum(own.values()))
    for channel, units in own.items():
        if units:
            await shop.move(MoveKind.ALLOCATE, units, "pool", f"channel:{channel}")


async def row(shop: Shop, room: str) -> ShelfRow:
    """What a room shows of the mug."""
    view = await shop.book.room_view(room)
    assert view
    [listed] = view.skus
    return shelf_row(
        listed.stock,
        view.room.channel,
        view.channel.kind,
        presale=listed.listing.presale,
        base=listed.base_row,
        settings=view.channel,
    )


async def want(shop: Shop, name: str, room: str, qty: int) -> tuple[Code, int]:
    outcome = await shop.book.apply(Reserve(name, room, "mug", qty, "ann"))
    return outcome.code, outcome.available


async def test_fixed_keeps_the_pool_for_others(shop: Shop) -> None:
    await stock(shop, 6, live=2)
    await mark(shop, "live", 5)
    assert await want(shop, "r1", "evening", 4) == (Code.OK, -1)
    assert (await row(shop, "evening")).available == 0, "4 in the pool are fewer than 5, and none is its own"
    assert await want(shop, "r2", "evening", 1) == (Code.ALL_HELD, 0)
    await shop.ok(Confirm("r1"))
    assert await want(shop, "r3", "evening", 1) == (Code.SOLD_OUT, 0)
    await shop.receive(1)
    assert (await row(shop, "evening")).available == 5
    assert await want(shop, "r4", "evening", 1) == (Code.OK, -1)


async def test_fixed_goes_on_with_what_is_its_own(shop: Shop) -> None:
    await stock(shop, 1, live=3)
    await mark(shop, "live", 5)
    assert await want(shop, "r1", "evening", 4) == (Code.INSUFFICIENT, 3)
    assert await want(shop, "r2", "evening", 3) == (Code.OK, -1)
    assert await want(shop, "r3", "evening", 1) == (Code.ALL_HELD, 0)


async def test_share_opens_the_pool_to_a_dedicated_channel(shop: Shop) -> None:
    await stock(shop, 10, douyin=5)
    await mark(shop, "douyin", 5, LowMark.SHARE)
    assert await want(shop, "r1", "morning", 6) == (Code.INSUFFICIENT, 5)
    assert await want(shop, "r2", "morning", 2) == (Code.OK, -1)
    assert (await row(shop, "morning")).available == 13
    assert await want(shop, "r3", "morning", 8) == (Code.OK, -1)
    assert await shop.units() == {"supplier": -15, "pool": 5, "held:douyin": 10}
    assert await want(shop, "r4", "morning", 6) == (Code.INSUFFICIENT, 5)
    await shop.ok(Cancel("r3"))
    assert await shop.units() == {"supplier": -15, "pool": 10, "channel:douyin": 3, "held:douyin": 2}
    await shop.ok(Cancel("r2"))
    assert (await row(shop, "morning")).available == 5, "it is at its mark again"


async def test_what_the_others_hold_of_the_pool_is_seen_while_it_is_shared(shop: Shop) -> None:
    await stock(shop, 2, douyin=1)
    await mark(shop, "douyin", 1, LowMark.SHARE)
    await shop.ok(Reserve("r1", "morning", "mug", 1, "ann"))
    await shop.ok(Confirm("r1"))
    await shop.ok(Reserve("r2", "evening", "mug", 2, "bob"))
    assert await want(shop, "r3", "morning", 1) == (Code.ALL_HELD, 0)
    shown = await row(shop, "morning")
    assert (shown.available, shown.holding) == (0, 2)


async def test_stop_sells_nothing_below(shop: Shop) -> None:
    await stock(shop, 4, live=3)
    await mark(shop, "live", 5, LowMark.STOP)
    assert await want(shop, "r1", "evening", 3) == (Code.OK, -1)
    await shop.ok(Confirm("r1"))
    assert await want(shop, "r2", "evening", 1) == (Code.SOLD_OUT, 0)
    shown = await row(shop, "evening")
    assert (shown.available, shown.offered) == (0, 3), "what it may not sell is not offered"
    await mark(shop, "live", None)
    assert await want(shop, "r3", "evening", 1) == (Code.OK, -1)


async def test_what_is_sold_already_knows_no_mark(shop: Shop) -> None:
    await stock(shop, 4, douyin=2)
    await mark(shop, "douyin", 5, LowMark.STOP)
    await mark(shop, "live", 9, LowMark.STOP)
    assert (await shop.ok(External("o1", "douyin", "mug", 2))).left == 2
    await shop.terms(presale=True)
    await shop.ok(Quota("q1", "mug", 3))
    await shop.ok(Reserve("r1", "evening", "mug", 3, "ann"))
    await shop.ok(Confirm("r1"))
    await shop.ok(Fulfil("f1", "r1"))
    assert (await shop.units())["pool"] == 1


async def test_a_mark_without_units_is_refused(shop: Shop) -> None:
    for rule in (LowMark.SHARE, LowMark.STOP):
        refused = await shop.book.apply(put(What.CHANNEL, "live", {"low_mark": rule}))
        assert (refused.code, refused.field) == (Code.BAD_MESSAGE, "low_mark_units")
    await mark(shop, "live", 3, LowMark.STOP)
    refused = await shop.book.apply(put(What.CHANNEL, "live", {"low_mark_units": None}))
    assert (refused.code, refused.field) == (Code.BAD_MESSAGE, "low_mark_units")
    await mark(shop, "live", None)


@pytest.mark.parametrize("rule", LowMark)
@pytest.mark.parametrize("channel", sorted(ROOMS))
async def test_the_book_and_the_shelf_say_the_same(shop: Shop, channel: str, rule: LowMark) -> None:
    """What a room shows is what a reservation finds, with and without an open batch, for marks around what is left."""
    now = await shop.book.now_ms()
    await shop.ok(put(What.BATCH, "wave", {"channel": channel, "opens_at_ms": now - 1}))
    await stock(shop, 3, live=2, douyin=2)
    for step in ("", "batch", "exclusive"):
        if step == "batch":
            await shop.move(MoveKind.CARVE, 1, "pool", "batch:wave")
        elif step:
            await shop.ok(put(What.BATCH, "wave", {"exclusive": True}))
        for units in (None, *range(1, 8)):
            await mark(shop, channel, units, rule if units else LowMark.FIXED)
            shown = await row(shop, ROOMS[channel])
            name = f"{step}-{units}"
            code, available = await want(shop, name, ROOMS[channel], 100)
            assert code in (Code.INSUFFICIENT, Code.SOLD_OUT, Code.BATCH_EXHAUSTED), name
            assert available == shown.available, name
            if shown.available:
                assert await want(shop, name, ROOMS[channel], shown.available) == (Code.OK, -1)
                assert (await row(shop, ROOMS[channel])).holding >= shown.available
                await shop.ok(Cancel(name))
