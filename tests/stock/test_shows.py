"""Shows: what a room's stretches from live to ended keep, and what they make of the numbers."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest
from documented import marked_rows
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.room.shelf import level
from shelfcast.settings import Settings
from shelfcast.stock.actions import By, undo_id
from shelfcast.stock.alerts import KeptPace
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import (
    AcknowledgeAlert,
    AddRefusals,
    Cancel,
    CancelPaid,
    Confirm,
    Drop,
    External,
    Fulfil,
    KeepMinute,
    Move,
    MoveKind,
    Op,
    Put,
    Quota,
    Reserve,
    RingAlert,
    SettleOversold,
    Ship,
    Undo,
    put,
)
from shelfcast.stock.refusals import RefusedRow
from shelfcast.stock.shelf import ShelfRow, shelf_row
from shelfcast.stock.show import BaseRow, ShowRecord
from shop import Shop

CONTINUE_MS = Settings().show_continue_max_ms


async def row(shop: Shop, room: str, sku: str = "mug") -> ShelfRow:
    """The numbers of a SKU on a room's shelf."""
    view = await shop.book.room_view(room)
    assert view
    listed = next(one for one in view.skus if one.sku == sku)
    return shelf_row(
        listed.stock,
        view.room.channel,
        view.channel.kind,
        presale=listed.listing.presale,
        base=listed.base_row,
        sold_in_show=listed.sold_in_show,
    )


async def become(shop: Shop, room: str, *statuses: str) -> None:
    for status in statuses:
        by = By(f"{status}-{time.monotonic_ns()}", "wang")
        await shop.ok(put(What.ROOM, room, {"status": status}, by=by))


async def show_of(shop: Shop, room: str) -> ShowRecord:
    config = await shop.book.room_config(room)
    assert config
    record = await shop.book.show(f"{room}.{config.show}")
    assert record
    return record


async def sell(shop: Shop, name: str, room: str, qty: int, sku: str = "mug") -> None:
    await shop.ok(Reserve(name, room, sku, qty, name))
    await shop.ok(Confirm(name))


async def two_rooms(shop: Shop, units: int) -> None:
    """Rooms `a` and `b`, each on a shared channel of its own, and a pool of so many mugs."""
    for room in ("a", "b"):
        await shop.ok(put(What.CHANNEL, f"channel-{room}", {}))
        await shop.ok(put(What.ROOM, room, RoomConfig(channel=f"channel-{room}", status=RoomStatus.LIVE)))
        await shop.ok(put(What.LISTING, "mug", {}, parent=room))
    await shop.receive(units)


# --- two rooms, shipping, the next show: the worked rows of docs/rules.md ---------------------------------------


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


# --- takes and arrivals -------------------------------------------------------------------------------------------


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


# --- refusals ------------------------------------------------------------------------------------------------------


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


# --- records -------------------------------------------------------------------------------------------------------


async def test_a_show_keeps_its_times_statuses_plan_and_spotlight(shop: Shop) -> None:
    assert await shop.book.show("evening.2") is None
    await become(shop, "evening", "ended")
    plan = {"planned_start_ms": 1_800_000_000_000, "planned_minutes": 90, "time_zone": "Asia/Shanghai"}
    await shop.ok(put(What.ROOM, "evening", plan))
    await shop.receive(5)
    await become(shop, "evening", "live")
    begun = await shop.book.now_ms()
    await shop.ok(put(What.ROOM, "evening", {"spotlight": "mug"}))
    await shop.advance(1_000)
    await become(shop, "evening", "paused", "live")
    await shop.ok(put(What.ROOM, "evening", {"planned_minutes": 120}))
    await shop.ok(Drop("evening", "mug"))
    await shop.receive(5)
    await become(shop, "evening", "ended")
    record = await show_of(shop, "evening")
    assert (record.id, record.room, record.n, record.channel) == ("evening.2", "evening", 2, "live")
    assert (record.planned_start_ms, record.planned_minutes, record.time_zone) == (
        1_800_000_000_000,
        120,
        "Asia/Shanghai",
    )
    assert (record.started_seq, record.ended_seq, record.started_by, record.ended_by) == (1, 2, "wang", "wang")
    assert [change.status for change in record.history] == ["live", "paused", "live", "ended"]
    assert {change.actor for change in record.history} == {"wang"}
    (lit,) = record.spotlight
    assert (lit.sku, lit.from_ms <= begun + 1_000 <= lit.to_ms) == ("mug", True)
    assert record.ended_at_ms == record.history[-1].at_ms > record.started_at_ms


async def test_a_reservation_counts_to_the_show_it_was_made_in(shop: Shop) -> None:
    await shop.receive(100)
    await shop.ok(Reserve("first", "evening", "mug", 5, "ann"))
    await become(shop, "evening", "ended")
    await shop.ok(Confirm("first"))
    await become(shop, "evening", "live")
    await sell(shop, "second", "evening", 7)
    await shop.ok(CancelPaid("c", "first", 2))
    key = f"{shop.book.base}:sold:evening."
    assert await shop.engine.command("HGET", key + "1", "mug", key=key + "1") == b"3"
    assert await shop.engine.command("HGET", key + "2", "mug", key=key + "2") == b"7"
    reservation = await shop.book.reservation("first")
    assert reservation
    assert reservation.show == "evening.1"


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


# --- the table and the channel ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "fixed"), [("scheduled", False), ("live", True), ("paused", True), ("ended", False)]
)
async def test_the_channel_is_fixed_while_the_show_is_on(shop: Shop, status: str, fixed: bool) -> None:
    room = await shop.room_that_is(status)
    outcome = await shop.book.apply(put(What.ROOM, room, {"channel": "douyin"}))
    assert (outcome.code, outcome.field) == ((Code.BAD_MESSAGE, "channel") if fixed else (Code.OK, ""))
    outcome = await shop.book.apply(put(What.ROOM, room, {"status": "ended", "channel": "shop"}))
    assert outcome.code is not Code.OK


async def test_the_next_show_may_sell_through_another_channel(shop: Shop) -> None:
    await become(shop, "evening", "ended")
    await shop.ok(put(What.ROOM, "evening", {"channel": "douyin", "status": "live"}))
    record = await show_of(shop, "evening")
    assert (record.n, record.channel) == (2, "douyin")


# --- continuing -----------------------------------------------------------------------------------------------------


def goes_on(room: str = "evening", **fields: object) -> Put:
    return put(What.ROOM, room, {"status": "live", **fields}, by=By("on", "wang"), continues=True)


async def test_a_show_goes_on_with_its_id_and_what_it_offered(shop: Shop) -> None:
    await shop.advance(0)
    await shop.receive(100)
    await sell(shop, "r", "evening", 60)
    await become(shop, "evening", "ended")
    await sell_elsewhere(shop, 20)
    await shop.ok(put(What.SKU, "cup", {}))
    await shop.ok(put(What.LISTING, "cup", {}, parent="evening"))
    assert (await row(shop, "evening", "cup")).offered == 0
    await shop.ok(Move("in", MoveKind.RECEIVE, "cup", 7, "supplier", "pool"))
    await shop.advance(CONTINUE_MS)
    await shop.ok(goes_on())
    record = await show_of(shop, "evening")
    assert (record.id, record.continued, record.ended_at_ms, record.ended_seq, record.ended_by) == (
        "evening.1",
        1,
        0,
        0,
        "",
    )
    assert [change.status for change in record.history] == ["live", "ended", "live"]
    found = await row(shop, "evening")
    assert (found.available, found.offered, found.sold_in_show) == (20, 100, 60)
    assert (await row(shop, "evening", "cup")).offered == 7
    status, action, continued = await shop.book.last_events(3)
    assert [one.type for one in (status, action, continued)] == ["action", "status", "continued"]
    assert (continued.room, continued.subject, continued.data, continued.action) == (
        "evening", "evening.1", {"show": "evening.1", "times": 1}, "on",
    )  # fmt: skip


async def sell_elsewhere(shop: Shop, qty: int) -> None:
    await shop.ok(External("elsewhere", "live", "mug", qty))


async def test_a_show_goes_on_within_its_time_and_through_its_channel_alone(shop: Shop) -> None:
    assert (await shop.book.apply(goes_on())).code is Code.OK, "it is live: nothing changes"
    await become(shop, "evening", "ended")
    other = await shop.book.apply(goes_on(channel="douyin"))
    assert (other.code, other.field, other.data[0]) == (Code.BAD_MESSAGE, "continue_show", "channel")
    await shop.advance(CONTINUE_MS + 1)
    late = await shop.book.apply(goes_on())
    assert (late.code, late.field, late.data) == (Code.BAD_MESSAGE, "continue_show", ["late", CONTINUE_MS])
    config = await shop.book.room_config("evening")
    assert config
    assert (config.status, config.show) == ("ended", 1)
    room = await shop.room_that_is("scheduled")
    never = await shop.book.apply(goes_on(room))
    assert (never.code, never.field, never.data[0]) == (Code.BAD_MESSAGE, "continue_show", "status")
    paused = await shop.room_that_is("paused")
    again = await shop.book.apply(goes_on(paused))
    assert again.data[0] == "status"


# --- undo -----------------------------------------------------------------------------------------------------------


async def undo(shop: Shop, action: str) -> Code:
    return (await shop.book.apply(Undo(undo_id(action), action, "li"))).code


def takes(room: str, status: str) -> Op:
    return put(What.ROOM, room, {"status": status}, by=By(f"{room}-{status}", "wang"))


@pytest.mark.parametrize(
    ("before", "after", "reversible"),
    [
        ("scheduled", "live", False),
        ("live", "paused", True),
        ("paused", "live", True),
        ("live", "ended", True),
        ("paused", "ended", False),
        ("ended", "live", True),
    ],
)
async def test_an_undo_of_a_status_goes_where_the_table_allows(
    shop: Shop, before: str, after: str, reversible: bool
) -> None:
    room = await shop.room_that_is(before)
    outcome = await shop.ok(takes(room, after))
    assert outcome.undoable is reversible
    shown = await shop.book.action(f"{room}-{after}")
    assert shown
    assert shown.action.why == ("" if reversible else "status")
    assert (await undo(shop, f"{room}-{after}") is Code.OK) is reversible
    config = await shop.book.room_config(room)
    assert config
    assert config.status == (before if reversible else after)


async def test_the_undo_of_an_end_goes_on_with_the_show_while_it_can(shop: Shop) -> None:
    await shop.advance(0)
    await shop.ok(takes("evening", "ended"))
    await shop.advance(CONTINUE_MS)
    assert await undo(shop, "evening-ended") is Code.OK
    assert (await show_of(shop, "evening")).continued == 1
    assert await undo(shop, undo_id("evening-ended")) is Code.OK
    assert (await show_of(shop, "evening")).id == "evening.1"
    await shop.ok(takes("morning", "ended"))
    await shop.advance(CONTINUE_MS + 1)
    shown = await shop.book.action("morning-ended")
    assert shown
    assert shown.refusal
    assert shown.refusal.field == "continue_show"
    assert await undo(shop, "morning-ended") is Code.BAD_MESSAGE


# --- bounds ---------------------------------------------------------------------------------------------------------


async def test_the_oldest_shows_that_are_over_go(shop: Shop, settings: Settings) -> None:
    book = StockBook(shop.engine, "p", msgspec.structs.replace(settings, shows_kept_max=3))
    few = Shop(book, shop.engine)
    await few.receive(10)
    await sell(few, "r", "evening", 2)
    for _ in range(4):
        await few.advance(1)
        await become(few, "evening", "ended", "live")
    kept = [one.id for one in await book.shows("evening", before=9, limit=9)]
    assert kept == ["evening.5", "evening.4"]
    assert await book.show("morning.1"), "it is live"
    base = shop.book.base
    for key in (f"{base}:show:evening.1", f"{base}:sold:evening.1"):
        assert await shop.engine.command("EXISTS", key, key=key) == 0
    await few.ok(CancelPaid("c", "r", 1))
    assert await shop.engine.command("EXISTS", f"{base}:sold:evening.1", key=f"{base}:sold:evening.1") == 0
    await book.close()


async def keys_of(shop: Shop, show: str) -> set[str]:
    """The kinds of keys that the pool has for this show."""
    found, cursor, base = set[bytes](), b"0", shop.book.base
    while True:
        cursor, keys = await shop.engine.command("SCAN", cursor, "MATCH", f"{base}:*", "COUNT", 1000, key=base)
        found.update(keys)
        if int(cursor) == 0:
            break
    names = [key.decode().removeprefix(base).split(":")[1:] for key in found]
    return {kind for kind, *of in names if show in of}


async def test_everything_of_a_show_goes_with_it(shop: Shop, settings: Settings) -> None:
    book = StockBook(shop.engine, "p", msgspec.structs.replace(settings, shows_kept_max=3))
    few = Shop(book, shop.engine)
    await few.receive(10)
    await few.terms(limit_per_user=5)
    await sell(few, "r", "evening", 2)
    await few.ok(AddRefusals([RefusedRow("evening.1", "mug", Code.SOLD_OUT, 1, 2, ["someone"])]))
    await few.ok(RingAlert(1, "evening", "evening.1", "share_left", "mug", 20, "watch", 0.2, 0.2, 2, 10, ""))
    minute = await few.book.now_ms() // MINUTE_MS
    pace = KeptPace(2.0, 2, minute, [2], 1)
    rows = [("mug", (8, 0, 2, 2))]
    for later in (0, 60):
        at = minute + later
        await few.ok(KeepMinute(1, "evening", "evening.1", at, rows, (2, []), [("mug", 2.0, pace)], at))
    everything = {"show", "sold", "units", "refused", "alerts", "alerts_last", "series", "series_of", "pace"}
    assert await keys_of(few, "evening.1") == everything
    assert await few.book.alerting() == {"evening.1": 1}
    for _ in range(4):
        await few.advance(1)
        await become(few, "evening", "ended", "live")
    assert await few.book.show("evening.1") is None
    assert await few.book.alerting() == {}
    assert "evening.1" not in await few.book.shows_with_units()
    # What is late for it leaves nothing behind either.
    late = KeepMinute(1, "evening", "evening.1", minute + 1, rows, (2, []), [("mug", 2.0, pace)], minute + 1)
    assert await few.refused(late) == (Code.NOT_FOUND, "show")
    await few.ok(CancelPaid("c", "r", 1))
    assert await keys_of(few, "evening.1") == set()
    await few.assert_sound()
    await book.close()


async def test_what_is_written_in_the_call_that_forgets_a_show_goes_too(shop: Shop, settings: Settings) -> None:
    book = StockBook(shop.engine, "p", msgspec.structs.replace(settings, shows_kept_max=2))
    few = Shop(book, shop.engine)
    await few.ok(RingAlert(1, "evening", "evening.1", "share_left", "mug", 20, "watch", 0.2, 0.2, 2, 10, ""))
    await few.advance(1)
    await become(few, "evening", "ended")
    minute = await few.book.now_ms() // MINUTE_MS
    ops: list[Op] = [
        AddRefusals([RefusedRow("evening.1", "mug", Code.SOLD_OUT, 1, 2, ["someone"])]),
        AcknowledgeAlert("a", "evening", "evening.1:1", "wang", ""),
        KeepMinute(1, "evening", "evening.1", minute, [("mug", (8, 0, 2, 2))], (2, []), [], minute),
        put(What.ROOM, "evening", {"status": RoomStatus.LIVE}),
    ]
    outcomes = await asyncio.gather(*(book.apply(op) for op in ops))
    assert {outcome.code for outcome in outcomes} == {Code.OK}
    assert await few.book.show("evening.1") is None
    assert await keys_of(few, "evening.1") == set()
    await book.close()


async def test_a_show_keeps_the_last_of_its_spotlights_and_statuses(shop: Shop) -> None:
    await shop.sell("cup")
    for n in range(1_010):
        await shop.ok(put(What.ROOM, "evening", {"spotlight": ("mug", "cup")[n % 2]}))
    for _ in range(110):
        await become(shop, "evening", "paused", "live")
    record = await show_of(shop, "evening")
    assert (len(record.spotlight), len(record.history)) == (1_000, 200)
    assert record.spotlight[-1].to_ms == 0


SKUS = 1_999
"""And the mug."""


async def test_a_show_of_two_thousand_skus_begins_in_one_call(shop: Shop) -> None:
    names = [f"sku-{n:04}" for n in range(SKUS)]
    await asyncio.gather(*[shop.ok(put(What.SKU, name, {})) for name in names])
    await asyncio.gather(*[shop.ok(put(What.LISTING, name, {}, parent="evening")) for name in names])
    await asyncio.gather(*[shop.ok(External(f"o-{name}", "live", name, 3)) for name in names])
    await become(shop, "evening", "ended", "live")
    record = await show_of(shop, "evening")
    key = f"{shop.book.base}:show:{record.id}"
    rows = await shop.engine.command("HGETALL", key, key=key)
    assert len(rows) == 2 * (SKUS + 1)
    assert msgspec.msgpack.decode(rows[1], type=BaseRow).seq == record.started_seq
