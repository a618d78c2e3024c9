"""Shows: what a room's stretches from live to ended keep, and how one goes on."""

from __future__ import annotations

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By, undo_id
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    CancelPaid,
    Confirm,
    Drop,
    External,
    Move,
    MoveKind,
    Op,
    Put,
    Reserve,
    Undo,
    put,
)
from shop import Shop
from shows import become, row, sell, show_of

CONTINUE_MS = Settings().show_continue_max_ms


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


# --- the table and the channel -----------------------------------------------------------------------------------


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


# --- continuing --------------------------------------------------------------------------------------------------


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


# --- undo --------------------------------------------------------------------------------------------------------


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
