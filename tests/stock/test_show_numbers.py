"""What shows make of the numbers: what was offered, taken and sold since one began."""

from __future__ import annotations

import msgspec
import pytest
from documented import marked_rows
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.room.shelf import level
from shelfcast.settings import Settings
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    Drop,
    External,
    Fulfil,
    Move,
    MoveKind,
    Quota,
    Reserve,
    SettleOversold,
    Ship,
    put,
)
from shop import Shop
from shows import become, row, sell, show_of


async def two_rooms(shop: Shop, units: int) -> None:
    """Rooms `a` and `b`, each on a shared channel of its own, and a pool of so many mugs."""
    for room in ("a", "b"):
        await shop.ok(put(What.CHANNEL, f"channel-{room}", {}))
        await shop.ok(put(What.ROOM, room, RoomConfig(channel=f"channel-{room}", status=RoomStatus.LIVE)))
        await shop.ok(put(What.LISTING, "mug", {}, parent=room))
    await shop.receive(units)


# --- two rooms, shipping, the next show: the worked rows of docs/rules.md ----------------------------------------


async def sold_by_a(shop: Shop) -> None:
    await sell(shop, "a-100", "a", 100)


async def sold_by_b(shop: Shop) -> None:
    await sell(shop, "b-800", "b", 800)


async def shipped(shop: Shop) -> None:
    await shop.ok(Ship("ship", "b-800"))


async def next_show(shop: Shop) -> None:
    for room in ("a", "b"):
        await become(shop, room, "ended", "live")


STEPS = {
    "A sold 100": sold_by_a,
    "B sold 800": sold_by_b,
    "the 800 are shipped": shipped,
    "both end, and begin the next show": next_show,
}


async def test_two_rooms_on_one_pool_see_the_same_share_whoever_sells_and_ships(shop: Shop) -> None:
    await two_rooms(shop, 1_000)
    worked = marked_rows("Indicators", 7)
    for what, left, a_offered, b_offered, a_sold, b_sold, said in [one for one in worked if not one[0].isdigit()]:
        await STEPS[what](shop)
        for room, offered, sold in (("a", a_offered, a_sold), ("b", b_offered, b_sold)):
            found = await row(shop, room)
            assert (found.available, found.offered, found.sold_in_show) == (int(left), int(offered), int(sold)), what
            assert level(found, 0) == said


async def test_yesterdays_unshipped_orders_are_none_of_a_fresh_show(shop: Shop) -> None:
    await shop.receive(100)
    await sell(shop, "yesterday", "evening", 90)
    await become(shop, "evening", "ended", "live")
    found = await row(shop, "evening")
    assert (found.available, found.offered, found.sold, found.sold_in_show) == (10, 10, 90, 0)
    await shop.ok(CancelPaid("back", "yesterday", 40))
    found = await row(shop, "evening")
    assert (found.available, found.offered, found.sold_in_show) == (50, 50, 0)


async def test_holds_of_the_last_show_are_offered_in_the_next_one(shop: Shop) -> None:
    await shop.receive(100)
    await shop.ok(Reserve("kept", "evening", "mug", 30, "ann"))
    await shop.ok(Reserve("lost", "evening", "mug", 20, "bob"))
    await become(shop, "evening", "ended", "live")
    found = await row(shop, "evening")
    assert (found.available, found.offered, found.holding) == (50, 100, 50)
    await shop.ok(Confirm("kept"))
    await shop.ok(Cancel("lost"))
    found = await row(shop, "evening")
    assert (found.available, found.offered, found.holding, found.sold_in_show) == (70, 100, 0, 0)
    first = await shop.book.room_config("evening")
    assert first
    assert (first.show, (await show_of(shop, "evening")).n) == (2, 2)


# --- takes and arrivals --------------------------------------------------------------------------------------


async def test_everybodys_takes_are_offered_and_what_comes_in_is_offered_from_then_on(shop: Shop) -> None:
    await shop.receive(100)
    await shop.ok(External("order", "live", "mug", 10))
    assert (await row(shop, "evening"))[:2] == (90, 0)
    assert (await row(shop, "evening")).offered == 100
    await shop.receive(50)
    assert (await row(shop, "evening")).offered == 150
    await sell(shop, "r", "evening", 40)
    await shop.ok(CancelPaid("back", "r", 15))
    found = await row(shop, "evening")
    assert (found.available, found.offered, found.sold_in_show) == (115, 165, 25)
    await shop.ok(External("too-many", "live", "mug", 120))
    await shop.receive(5)
    await shop.ok(SettleOversold("settle", "too-many", 5))
    found = await row(shop, "evening")
    assert (found.available, found.offered) == (0, 170)


async def test_a_late_payment_takes_its_units_anew(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Reserve("late", "evening", "mug", 4, "ann"))
    await shop.advance(Settings().hold_ms + 250)
    await shop.ok(Confirm("late"))
    found = await row(shop, "evening")
    assert (found.available, found.offered, found.holding, found.sold_in_show) == (6, 10, 0, 4)


async def test_a_presale_listing_counts_its_quota_and_a_fulfilment_takes_goods(shop: Shop) -> None:
    await shop.terms(presale=True)
    await shop.ok(Quota("q", "mug", 20))
    await shop.receive(10)
    await sell(shop, "pre", "evening", 5)
    await shop.ok(Reserve("held", "evening", "mug", 3, "bob"))
    found = await row(shop, "evening")
    assert (found.available, found.offered, found.holding, found.sold_in_show) == (12, 20, 3, 5)
    await shop.ok(Fulfil("goods", "pre"))
    assert (await row(shop, "evening")).offered == 20
    await shop.terms(presale=False)
    assert (await row(shop, "evening")).offered == 10


async def test_counters_are_no_buckets(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Reserve("r", "evening", "mug", 4, "ann"))
    assert await shop.units() == {"pool": 6, "held:live": 4, "supplier": -10}
    (_, _, buckets) = (await shop.book.skus())[0]
    assert set(buckets) == {"pool", "held:live", "supplier"}


# --- refusals ----------------------------------------------------------------------------------------------------


async def test_another_channels_checkouts_make_it_all_held(shop: Shop) -> None:
    await two_rooms(shop, 10)
    await shop.ok(Reserve("b-all", "b", "mug", 10, "ann"))
    assert (await shop.refused(Reserve("a-one", "a", "mug", 1, "bob")))[0] is Code.ALL_HELD
    assert level(await row(shop, "a"), 0) == "all_held"
    assert (await shop.refused(Reserve("own", "morning", "mug", 1, "bob")))[0] is Code.SOLD_OUT, "a dedicated channel"
    await shop.ok(Confirm("b-all"))
    assert (await shop.refused(Reserve("a-two", "a", "mug", 1, "bob")))[0] is Code.SOLD_OUT


@pytest.mark.parametrize(
    ("target", "shared", "dedicated"),
    [
        ("pool", Code.BATCH_EXHAUSTED, Code.SOLD_OUT),
        ("channel:live", Code.BATCH_EXHAUSTED, Code.SOLD_OUT),
        ("channel:douyin", Code.SOLD_OUT, Code.BATCH_EXHAUSTED),
    ],
)
async def test_a_batch_is_waited_for_where_its_units_will_go(
    shop: Shop, target: str, shared: Code, dedicated: Code
) -> None:
    await shop.ok(put(What.BATCH, "b", {"target": target}))
    await shop.ok(Move("in", MoveKind.RECEIVE, "mug", 5, "supplier", "batch:b"))
    for room, code in (("evening", shared), ("morning", dedicated)):
        assert (await shop.refused(Reserve("r", room, "mug", 1, "ann")))[0] is code
        assert ((await row(shop, room)).locked > 0) == (code is Code.BATCH_EXHAUSTED)


async def test_the_feed_tells_what_a_show_sold(shop: Shop) -> None:
    await shop.receive(9)
    async with shop.engine.subscribe(f"{shop.book.base}:feed") as feed:
        messages = aiter(feed)
        await shop.ok(Reserve("r", "evening", "mug", 4, "ann"))
        await shop.ok(Confirm("r"))
        await shop.ok(CancelPaid("c", "r", 1))
        told = [msgspec.msgpack.decode(await anext(messages), type=FeedMessage).stock[0] for _ in range(3)]
    assert [one.sold_in for one in told] == [[], [("evening.1", 4)], [("evening.1", 3)]]
    assert [(one.pool_taken, one.pool_holding) for one in told] == [(4, 4), (4, 0), (4, 0)]


async def test_a_sku_that_is_listed_later_begins_there(shop: Shop) -> None:
    await shop.ok(put(What.SKU, "cup", {}))
    await shop.ok(put(What.LISTING, "cup", {}, parent="morning"))
    await shop.ok(Move("in", MoveKind.RECEIVE, "cup", 100, "supplier", "pool"))
    await shop.ok(External("before", "live", "cup", 60))
    await shop.ok(put(What.LISTING, "cup", {}, parent="evening"))
    found = await row(shop, "evening", "cup")
    assert (found.available, found.offered) == (40, 40)
    await sell(shop, "r", "evening", 30, "cup")
    await shop.ok(Drop("evening", "cup"))
    await shop.ok(put(What.LISTING, "cup", {}, parent="evening"))
    found = await row(shop, "evening", "cup")
    assert (found.available, found.offered, found.sold_in_show) == (10, 40, 30), "it was listed before"


async def test_a_room_that_has_never_been_live_has_no_share(shop: Shop) -> None:
    room = await shop.room_that_is("scheduled")
    await shop.receive(3)
    found = await row(shop, room)
    assert (found.available, found.offered, level(found, 0)) == (3, 0, "ok")
    assert level(found, 3) == "last"
    view = await shop.book.room_view(room)
    assert view
    assert (view.show_record, view.skus[0].base_row, view.room.show) == (None, None, 0)
