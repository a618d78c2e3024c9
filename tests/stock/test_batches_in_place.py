"""Batches drawn from in place: in which order, until when by the engine's clock, and where their units go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.audit import audit
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import OpenBatch as OpenRow
from shelfcast.stock.changes import SkuStock
from shelfcast.stock.configuration import What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    CloseBatch,
    Confirm,
    Expire,
    External,
    Move,
    MoveKind,
    OpenBatch,
    OpenDue,
    ReleaseLot,
    Reserve,
    SettleOversold,
    Ship,
    Undo,
    put,
)
from shelfcast.stock.records import Reservation
from shelfcast.stock.shelf import ShelfRow, shelf_row
from shop import Shop

pytestmark = pytest.mark.each_engine

MINUTE_MS = 60_000


async def batch(shop: Shop, name: str, units: int, *, now: int = 0, opens: int | None = None,
                closes: int | None = None, **fields: Any) -> None:  # fmt: skip
    """A batch with so many mugs; its times are minutes from `now`."""
    times = {"opens_at_ms": opens, "closes_at_ms": closes}
    said = {field: now + minutes * MINUTE_MS for field, minutes in times.items() if minutes is not None}
    await shop.ok(put(What.BATCH, name, {**said, **fields}))
    await shop.ok(Move(f"fill-{name}", MoveKind.RECEIVE, "mug", units, "supplier", f"batch:{name}"))


async def clock(shop: Shop) -> int:
    """The time at which the pool's clock stands from here on."""
    await shop.advance(0)
    return await shop.book.now_ms()


async def row(shop: Shop, room: str = "evening") -> ShelfRow:
    view = await shop.book.room_view(room)
    assert view
    (listed,) = view.skus
    return shelf_row(listed.stock, view.room.channel, view.channel.kind, presale=False, base=listed.base_row)


async def sellable(shop: Shop) -> dict[str, int]:
    places = ("pool", "channel:", "batch:", "held:", "sold:", "elastic")
    return {place: n for place, n in (await shop.units()).items() if place.startswith(places)}


async def record(shop: Shop, name: str) -> Reservation:
    found = await shop.book.reservation(name)
    assert found
    return found


# --- drawing


async def test_a_draw_takes_own_units_then_batches_by_their_end_then_the_pool_and_gives_back_backwards(
    shop: Shop,
) -> None:
    now = await clock(shop)
    await shop.receive(4)
    await shop.ok(Move("own", MoveKind.RECEIVE, "mug", 1, "supplier", "channel:live"))
    await batch(shop, "no-end", 2, now=now, opens=0)
    await batch(shop, "late", 2, now=now, opens=0, closes=30)
    await batch(shop, "b-soon", 2, now=now, opens=0, closes=10)
    await batch(shop, "a-soon", 2, now=now, opens=0, closes=10)
    await batch(shop, "planned", 9, now=now, opens=1)
    await batch(shop, "elsewhere", 9, now=now, opens=0, channel="douyin")
    await shop.ok(Reserve("r", "evening", "mug", 10, "ann"))
    made = await record(shop, "r")
    assert (made.from_channel, made.from_batches, made.from_pool, made.left) == (
        1, {"a-soon": 2, "b-soon": 2, "late": 2, "no-end": 2}, 1, 10,
    )  # fmt: skip
    await shop.ok(Confirm("r"))
    for qty, left in ((1, {"pool": 4}), (3, {"pool": 4, "batch:no-end": 2, "batch:late": 1})):
        await shop.ok(CancelPaid(f"c{qty}", "r", qty))
        there = {place: n for place, n in (await sellable(shop)).items() if "planned" not in place}
        assert there == {**left, "batch:elsewhere": 9, "sold:live": 10 - sum(left.values()) + 3}
    await shop.ok(Ship("s", "r", 4))
    made = await record(shop, "r")
    assert (made.from_channel, made.from_batches, made.from_pool, made.shipped) == (1, {"a-soon": 1}, 0, 4)


async def test_the_clock_decides_whoever_has_looked(shop: Shop) -> None:
    now = await clock(shop)
    await batch(shop, "b", 10, now=now, opens=10, closes=20)
    before = await shop.book.apply(Reserve("before", "evening", "mug", 1, "ann"))
    assert (before.code, before.retry_at_ms) == (Code.BATCH_EXHAUSTED, now + 10 * MINUTE_MS)
    await shop.advance(10 * MINUTE_MS - 1)
    assert (await shop.refused(Reserve("before", "evening", "mug", 1, "ann")))[0] is Code.BATCH_EXHAUSTED
    await shop.advance(1)
    await shop.ok(Reserve("first", "evening", "mug", 1, "ann"))
    await shop.advance(10 * MINUTE_MS - 1)
    await shop.ok(Reserve("last", "evening", "mug", 1, "ann"))
    await shop.advance(1)
    assert (await shop.refused(Reserve("after", "evening", "mug", 1, "ann")))[0] is Code.ALL_HELD
    assert (await shop.ok(OpenDue(10))).data == 1
    await shop.ok(Reserve("after", "evening", "mug", 1, "ann"))
    told = [(e.type, e.data) for e in await shop.book.events() if e.type.startswith("batch")]
    assert told == [("batch_opened", {"skus": 1}), ("batch_closed", {"skus": 1, "to": "pool"})]
    assert not (await shop.book.batches())["b"].missed, "somebody bought from it"


async def test_a_window_that_nobody_saw_opens_and_closes_at_once_and_is_told_as_missed(shop: Shop) -> None:
    now = await clock(shop)
    await batch(shop, "b", 10, now=now, opens=10, closes=20)
    await shop.advance(25 * MINUTE_MS)
    assert (await shop.ok(OpenDue(10))).data == 1
    missed = (await shop.book.batches())["b"]
    assert (missed.missed, missed.opened_at_ms, missed.closed_at_ms, missed.leftover_to) == (
        True, now + 10 * MINUTE_MS, now + 25 * MINUTE_MS, "pool",
    )  # fmt: skip
    assert await sellable(shop) == {"pool": 10}
    told = [(e.type, e.data["missed"]) for e in await shop.book.events() if e.type.startswith("batch")]
    assert told == [("batch_opened", True), ("batch_closed", True)]


async def test_while_an_exclusive_batch_is_open_the_pool_waits(shop: Shop) -> None:
    now = await clock(shop)
    await shop.receive(100)
    await batch(shop, "b", 3, now=now, opens=0, closes=10, exclusive=True)
    assert (await shop.refused(Reserve("much", "evening", "mug", 4, "ann")))[0] is Code.INSUFFICIENT
    await shop.ok(Reserve("r", "evening", "mug", 3, "ann"))
    await shop.ok(Confirm("r"))
    refused = await shop.book.apply(Reserve("more", "evening", "mug", 1, "ann"))
    assert (refused.code, refused.retry_at_ms) == (Code.BATCH_EXHAUSTED, now + 10 * MINUTE_MS)
    shelf = await row(shop)
    assert (shelf.available, shelf.kept, shelf.locked) == (0, 100, 0)
    await shop.ok(External("theirs", "live", "mug", 5))
    assert (await shop.units())["pool"] == 95, "an order of another platform draws from no such batch"
    await shop.advance(10 * MINUTE_MS)
    await shop.ok(Reserve("more", "evening", "mug", 1, "ann"))


async def test_an_exclusive_batch_without_the_sku_keeps_no_pool(shop: Shop) -> None:
    await shop.receive(5)
    await shop.sell("cup")
    await shop.ok(put(What.BATCH, "b", {"exclusive": True}))
    await shop.ok(Move("m", MoveKind.RECEIVE, "cup", 5, "supplier", "batch:b"))
    await shop.ok(OpenBatch("o", "b"))
    await shop.ok(Reserve("r", "evening", "mug", 5, "ann"))


async def test_a_batchs_limit_of_a_user_sends_the_rest_to_the_pool_unless_it_is_exclusive(shop: Shop) -> None:
    now = await clock(shop)
    await shop.receive(10)
    await batch(shop, "b", 10, now=now, opens=0, limit_per_user=2)
    await shop.ok(Reserve("r", "evening", "mug", 5, "ann"))
    assert (await record(shop, "r")).from_batches == {"b": 2}
    assert (await record(shop, "r")).from_pool == 3
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    assert (await record(shop, "r2")).from_batches == {}
    await shop.ok(put(What.BATCH, "b", {"exclusive": True}))
    refused = await shop.book.apply(Reserve("r3", "evening", "mug", 1, "ann"))
    assert (refused.code, refused.field, refused.available) == (Code.LIMIT_PER_USER, "batch", 0)
    await shop.ok(Reserve("bob", "evening", "mug", 2, "bob"))
    await shop.ok(Cancel("r"))
    await shop.ok(Reserve("r3", "evening", "mug", 1, "ann"))
    refused = await shop.book.apply(Reserve("r4", "evening", "mug", 2, "ann"))
    assert (refused.code, refused.available) == (Code.LIMIT_PER_USER, 1)


async def test_the_audit_holds_a_users_units_from_a_batch_against_the_ledger(shop: Shop) -> None:
    await batch(shop, "b", 10, opens=0)
    await shop.ok(Reserve("r", "evening", "mug", 3, "ann"))
    await shop.assert_sound()
    key = f"{shop.book.base}:units:batch:b"
    await shop.engine.command("HSET", key, "ann\x1fmug", 2, key=key)
    report = await audit(shop.book)
    assert [(found.invariant, found.subject) for found in report.violations] == [(6, "ann mug")]
    await shop.engine.command("HSET", key, "ann\x1fmug", 3, key=key)


async def test_orders_of_other_platforms_draw_from_batches_of_their_channel_alone(shop: Shop) -> None:
    now = await clock(shop)
    await batch(shop, "shared", 5, now=now, opens=0)
    await batch(shop, "own", 2, now=now, opens=0, channel="live")
    await shop.ok(External("o", "live", "mug", 4))
    made = await record(shop, "o")
    assert (made.from_batches, made.oversold) == ({"own": 2}, 2)
    assert await shop.refused(SettleOversold("s", "o", 2)) == (Code.INSUFFICIENT, "")
    await shop.ok(Move("more", MoveKind.RECEIVE, "mug", 2, "supplier", "batch:own"))
    await shop.ok(SettleOversold("s", "o", 2))
    assert (await record(shop, "o")).from_batches == {"own": 4}


# --- leftovers


async def test_what_is_left_goes_on_to_the_next_batch_and_what_comes_back_follows(shop: Shop) -> None:
    now = await clock(shop)
    await batch(shop, "b1", 5, now=now, opens=0, closes=10, leftover="next")
    await batch(shop, "b2", 5, now=now, opens=20, closes=30, leftover="elastic")
    await batch(shop, "b3", 5, now=now, opens=25, closes=40)
    await batch(shop, "other", 5, now=now, opens=15, channel="douyin")
    await shop.ok(put(What.ROOM, "evening", {"hold_ms": 24 * 60 * MINUTE_MS}))
    for name in ("a", "b", "c"):
        await shop.ok(Reserve(name, "evening", "mug", 1, "ann"))
    await shop.advance(10 * MINUTE_MS)
    await shop.ok(Cancel("a"))
    assert (await shop.units())["batch:b2"] == 6, "before anybody has looked"
    await shop.ok(OpenDue(10))
    assert (await shop.book.batches())["b1"].leftover_to == "batch:b2"
    assert (await shop.units())["batch:b2"] == 8
    await shop.ok(Cancel("b"))
    assert (await shop.units())["batch:b2"] == 9
    await shop.advance(20 * MINUTE_MS)
    await shop.ok(Cancel("c"))
    assert await sellable(shop) == {"elastic": 1, "batch:b2": 9, "batch:b3": 5, "batch:other": 5}
    await shop.ok(OpenDue(10))
    assert await sellable(shop) == {"elastic": 10, "batch:b3": 5, "batch:other": 5}


async def test_next_without_a_next_is_the_pool(shop: Shop) -> None:
    now = await clock(shop)
    await batch(shop, "lot", 1)
    await batch(shop, "b", 3, now=now, opens=0, leftover="next")
    await shop.ok(CloseBatch("c", "b"))
    assert (await shop.book.batches())["b"].leftover_to == "pool"


async def test_a_hold_that_outlives_its_batch_comes_back_to_the_pool_and_counts_as_new_there(shop: Shop) -> None:
    now = await clock(shop)
    await shop.receive(10)
    await batch(shop, "b", 5, now=now, opens=0, closes=2)
    await shop.ok(Reserve("r", "evening", "mug", 5, "ann"))
    assert (await row(shop)).offered == 15
    await shop.advance(2 * MINUTE_MS)
    await shop.ok(OpenDue(10))
    closed = await row(shop)
    assert (closed.available, closed.offered, closed.holding) == (10, 10, 5)
    await shop.advance(10 * MINUTE_MS)
    await shop.ok(Expire(10))
    after = await row(shop)
    assert (after.available, after.offered, after.holding) == (15, 15, 0)


# --- undo


async def test_what_a_closing_forgot_counts_again_when_it_is_undone(shop: Shop) -> None:
    await shop.receive(10)
    await batch(shop, "b", 4, opens=0)
    await shop.ok(Reserve("r", "evening", "mug", 4, "ann"))
    before = await row(shop)
    await shop.ok(CloseBatch("c", "b", "wang"))
    assert (await row(shop)).offered == 10
    await shop.ok(Undo("undo:c", "c", "wang"))
    assert await row(shop) == before
    await shop.ok(Cancel("r"))
    assert (await shop.units())["batch:b"] == 4
    await shop.assert_sound()


# --- lots on call


async def test_a_lot_on_call_is_released_to_where_its_rooms_sell(shop: Shop) -> None:
    now = await clock(shop)
    await batch(shop, "lot-b", 5)
    await batch(shop, "lot-a", 2)
    await batch(shop, "theirs", 4, channel="douyin")
    await batch(shop, "timed", 9, now=now, opens=5)
    outcome = await shop.book.apply(ReleaseLot("much", "evening", "mug", 8, "wang"))
    assert (outcome.code, outcome.available) == (Code.INSUFFICIENT, 7)
    await shop.ok(ReleaseLot("put", "evening", "mug", 4, "wang", "link 3"))
    await shop.ok(ReleaseLot("put", "evening", "mug", 4, "wang", "link 3"))
    await shop.ok(ReleaseLot("theirs", "morning", "mug", 1, "wang"))
    assert await sellable(shop) == {
        "pool": 4, "batch:lot-b": 3, "batch:timed": 9, "batch:theirs": 3, "channel:douyin": 1,
    }  # fmt: skip
    await shop.ok(Undo("undo:put", "put", "wang"))
    assert (await shop.units())["batch:lot-a"] == 2
    action = await shop.book.action("put")
    assert action
    assert (action.action.kind, action.action.room, action.action.text) == ("release_lot", "evening", "link 3")


async def test_without_a_lot_a_dedicated_channel_gets_units_of_the_pool_and_a_shared_one_sells_them_already(
    shop: Shop,
) -> None:
    await shop.receive(10)
    await shop.ok(ReleaseLot("d", "morning", "mug", 4))
    assert await sellable(shop) == {"pool": 6, "channel:douyin": 4}
    outcome = await shop.book.apply(ReleaseLot("s", "evening", "mug", 4))
    assert (outcome.code, outcome.field, outcome.data) == (Code.BAD_MESSAGE, "sku", "on_sale")
    assert await shop.refused(ReleaseLot("n", "nowhere", "mug", 4)) == (Code.NOT_FOUND, "room")
    assert await shop.refused(ReleaseLot("u", "evening", "cup", 4)) == (Code.UNKNOWN_SKU, "sku")


# --- the feed, and the shares of a show


async def test_the_row_of_the_feed_tells_open_batches_and_the_next_openings(shop: Shop) -> None:
    now = await clock(shop)
    await batch(shop, "b", 5, now=now, opens=0, closes=10, exclusive=True)
    await batch(shop, "c", 2, now=now, opens=5)
    await batch(shop, "d", 1, now=now, opens=4)
    await batch(shop, "e", 1, channel="douyin")
    await shop.ok(Reserve("r", "evening", "mug", 2, "ann"))
    view = await shop.book.room_view("evening")
    assert view
    stock = view.skus[0].stock
    assert stock.batches == [OpenRow("b", "", 3, 2, 2, True, now + 10 * MINUTE_MS)]
    assert (stock.openings, stock.locked, stock.pool_locked) == ([("", now + 4 * MINUTE_MS), ("douyin", 0)], 4, 3)
    found = await row(shop)
    assert (found.batches, found.next_batch_at_ms, found.locked) == (frozenset({"batch:b"}), now + 4 * MINUTE_MS, 3)


async def test_a_show_that_begins_while_a_batch_is_open_begins_at_100_percent(shop: Shop) -> None:
    now = await clock(shop)
    await batch(shop, "b", 10, now=now, opens=0)
    await shop.ok(Reserve("paid", "evening", "mug", 4, "ann"))
    await shop.ok(Confirm("paid"))
    await shop.ok(Reserve("held", "evening", "mug", 1, "ann"))
    for status in ("ended", "live"):
        await shop.ok(put(What.ROOM, "evening", {"status": status}))
    view = await shop.book.room_view("evening")
    assert view
    base = view.skus[0].base_row
    assert base
    assert base.batches == {"b": (4, 1)}
    found = await row(shop)
    assert (found.available, found.offered, found.holding) == (5, 6, 1)


# --- a restart


async def test_a_restart_between_opening_and_closing_changes_nothing(short_folder: Path) -> None:
    folder = short_folder / "book"
    settings = Settings(data_dir=str(folder))

    async def start() -> tuple[EmbeddedEngine, Engine, Shop]:
        embedded = EmbeddedEngine(folder, settings)
        engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
        return embedded, engine, Shop(StockBook(engine, "p", settings), engine)

    async def stop(embedded: EmbeddedEngine, engine: Engine, shop: Shop) -> None:
        await shop.book.close()
        await engine.close()
        await embedded.stop()

    running = await start()
    shop = running[2]
    await shop.set_up()
    now = await clock(shop)
    await batch(shop, "b", 5, now=now, opens=0, closes=10)
    await batch(shop, "lot", 5)
    await shop.ok(OpenBatch("o", "lot"))
    await shop.ok(Reserve("r", "evening", "mug", 2, "ann"))
    units, before = await shop.units(), await shop.book.batches()
    await stop(*running)

    running = await start()
    shop = running[2]
    assert (await shop.units(), await shop.book.batches()) == (units, before)
    await shop.ok(Reserve("r2", "evening", "mug", 4, "ann"))
    assert (await record(shop, "r2")).from_batches == {"b": 3, "lot": 1}
    await stop(*running)

    running = await start()
    shop = running[2]
    await shop.advance(10 * MINUTE_MS)
    await shop.ok(Expire(10))
    assert (await shop.ok(OpenDue(10))).data == 1
    assert await sellable(shop) == {"pool": 5, "batch:lot": 5}
    await shop.assert_sound()
    await stop(*running)


def test_a_row_of_before_has_no_batches() -> None:
    """A server of today reads what the library of before tells."""
    row = ["mug", 3, False, 0, 0, [], 0, 0, 0, 0, []]
    stock = msgspec.convert(row, SkuStock)
    assert (stock.batches, stock.openings) == ([], [])
