"""The elastic reserve: its rule is held against what is left after a change, and releases a step at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import undo_id
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import ElasticMode, ElasticRule, SkuConfig, What
from shelfcast.stock.operations import (
    Cancel,
    CloseBatch,
    Count,
    ElasticStep,
    External,
    Move,
    MoveKind,
    OpenBatch,
    ReleaseElastic,
    Reserve,
    Undo,
    put,
)
from shelfcast.stock.records import LedgerEntry, Stream
from shop import Shop

pytestmark = pytest.mark.each_engine


async def stocked(shop: Shop, pool: int, elastic: int, **rule: Any) -> None:
    """So many mugs in the pool and in the reserve, under this rule."""
    await shop.receive(pool + elastic)
    await shop.move(MoveKind.CARVE, elastic, "pool", "elastic")
    await ruled(shop, **rule)


async def ruled(shop: Shop, mode: str = "auto", **rule: Any) -> None:
    await shop.ok(put(What.SKU, "mug", {"elastic": ElasticRule(mode=ElasticMode(mode), **rule)}))


async def left(shop: Shop) -> tuple[int, int]:
    """Units in the pool, and in the reserve."""
    units = await shop.units()
    return units.get("pool", 0), units.get("elastic", 0)


async def released(book: StockBook) -> list[LedgerEntry]:
    return [entry for entry in await book.ledger(Stream.STOCK) if entry.kind == "release_elastic"]


async def test_what_is_left_after_an_order_releases_one_step(shop: Shop) -> None:
    await stocked(shop, 20, 100, at_units=12, step_units=50)
    await shop.ok(Reserve("r1", "evening", "mug", 7, "ann"))
    assert await left(shop) == (13, 100)
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    assert await left(shop) == (62, 50)
    [entry] = await released(shop.book)
    assert (entry.id, entry.qty, entry.source, entry.target) == ("elastic:mug:1", 50, "elastic", "pool")
    assert (entry.actor, entry.reason) == ("book", "at_units")
    shown = await shop.book.action("elastic:mug:1")
    assert shown
    action = shown.action
    assert (action.kind, action.actor, action.subject, action.text) == ("release_elastic", "book", "mug", "at_units")
    assert shown.refusal is False
    await shop.assert_sound()


async def test_a_step_that_does_not_suffice_is_followed_by_the_next_change(shop: Shop) -> None:
    await stocked(shop, 10, 100, at_units=12, step_units=1)
    for order in range(3):
        await shop.ok(Reserve(f"r{order}", "evening", "mug", 2, "ann"))
    assert await left(shop) == (7, 97)
    assert [entry.id for entry in await released(shop.book)] == [f"elastic:mug:{step}" for step in (1, 2, 3)]


async def test_without_a_step_all_of_it_joins(shop: Shop) -> None:
    await stocked(shop, 6, 4, at_units=2)
    await shop.ok(Reserve("r1", "evening", "mug", 4, "ann"))
    assert await left(shop) == (6, 0)


async def test_a_request_for_more_than_there_is_moves_nothing(shop: Shop) -> None:
    await stocked(shop, 30, 100, at_units=5)
    for qty in (31, 130, 500):
        outcome = await shop.book.apply(Reserve(f"r{qty}", "evening", "mug", qty, "ann"))
        assert (outcome.code, outcome.available) == (Code.INSUFFICIENT, 30)
    assert await left(shop) == (30, 100)
    await shop.ok(Reserve("r", "evening", "mug", 25, "ann"))
    assert await left(shop) == (105, 0)


async def test_a_rule_that_is_saved_acts_with_the_next_change(shop: Shop) -> None:
    await stocked(shop, 3, 10, mode="off", at_units=5)
    await shop.ok(Reserve("r1", "evening", "mug", 1, "ann"))
    await ruled(shop, at_units=5)
    assert await left(shop) == (2, 10)
    await shop.ok(Cancel("r1", "ann"))
    assert await left(shop) == (13, 0)


@pytest.mark.parametrize("mode", ["off", "ask"])
async def test_the_book_releases_nothing_that_it_is_not_told_to(shop: Shop, mode: str) -> None:
    await stocked(shop, 3, 10, mode=mode, at_units=5)
    await shop.ok(Reserve("r1", "evening", "mug", 3, "ann"))
    assert await left(shop) == (0, 10)


async def test_the_short_way_to_say_a_rule_is_that_rule(shop: Shop) -> None:
    await stocked(shop, 6, 4, mode="off")
    await shop.ok(put(What.SKU, "mug", {"elastic_release_at": 2, "elastic": None}))
    found = await shop.book.sku("mug")
    assert found
    assert found[0].rule == ElasticRule(mode=ElasticMode.AUTO, at_units=2)
    await shop.ok(Reserve("r1", "evening", "mug", 3, "ann"))
    assert await left(shop) == (3, 4)
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    assert await left(shop) == (6, 0)
    assert SkuConfig().rule is None


async def test_two_racing_orders_that_cross_the_trigger_release_once(shop: Shop) -> None:
    await stocked(shop, 20, 100, at_units=12, step_units=50)
    orders = [Reserve(f"r{order}", "evening", "mug", 8, f"user{order}") for order in range(2)]
    outcomes = await asyncio.gather(*[shop.book.apply(order) for order in orders])
    assert [outcome.code for outcome in outcomes] == [Code.OK, Code.OK]
    assert await left(shop) == (54, 50)
    assert len(await released(shop.book)) == 1


async def test_an_order_of_another_platform_takes_what_is_sold_and_releases_afterwards(shop: Shop) -> None:
    await stocked(shop, 30, 100, at_units=5)
    await shop.ok(External("e1", "live", "mug", 20))
    assert await left(shop) == (10, 100)
    await shop.ok(External("e2", "live", "mug", 50))
    assert await left(shop) == (100, 0)
    assert (await shop.units())["external_oversold:live"] == 40


async def test_a_count_and_a_move_that_take_from_the_pool_release(shop: Shop) -> None:
    await stocked(shop, 20, 30, at_units=10, step_units=5)
    await shop.ok(Count("c1", "mug", 40, "ops"))
    assert await left(shop) == (15, 25)
    await shop.move(MoveKind.CARVE, 6, "pool", "safety")
    assert await left(shop) == (14, 20)
    await shop.move(MoveKind.ALLOCATE, 5, "pool", "channel:douyin")
    assert (await shop.units())["channel:douyin"] == 10  # the dedicated one has the least
    assert await left(shop) == (9, 15)


async def test_a_dedicated_channel_gets_what_it_triggered(shop: Shop) -> None:
    await stocked(shop, 50, 30, at_units=3, step_units=10)
    await shop.move(MoveKind.ALLOCATE, 6, "pool", "channel:douyin")
    await shop.ok(Reserve("r1", "morning", "mug", 3, "ann"))
    assert await left(shop) == (44, 20)
    assert (await shop.units())["channel:douyin"] == 13
    [entry] = await released(shop.book)
    assert (entry.target, entry.channel) == ("channel:douyin", "douyin")


# --- the share left in a show ---------------------------------------------------------------------------------------


async def shown(shop: Shop, room: str) -> None:
    """The room's next show begins: what there is now is what it has to sell."""
    for status in ("ended", "live"):
        await shop.ok(put(What.ROOM, room, {"status": status}))


async def test_the_lowest_share_of_the_shows_on_air_counts(shop: Shop) -> None:
    await stocked(shop, 200, 30, at_share_percent=20, step_units=10)
    await shop.move(MoveKind.ALLOCATE, 100, "pool", "channel:douyin")
    for room in ("evening", "morning"):
        await shown(shop, room)
    await shop.ok(Reserve("r1", "morning", "mug", 79, "ann"))
    assert await left(shop) == (100, 30)
    await shop.ok(Reserve("r2", "morning", "mug", 1, "ann"))
    assert (await shop.units())["channel:douyin"] == 30
    await shop.ok(Reserve("r3", "evening", "mug", 80, "ann"))
    assert await left(shop) == (30, 10)
    assert [(entry.target, entry.reason) for entry in await released(shop.book)] == [
        ("channel:douyin", "at_share_percent"),
        ("pool", "at_share_percent"),
    ]


async def test_a_show_that_is_over_has_no_share(shop: Shop) -> None:
    await stocked(shop, 100, 30, at_share_percent=20)
    for room in ("evening", "morning"):
        await shop.ok(put(What.ROOM, room, {"status": "ended"}))
    await shop.move(MoveKind.CARVE, 99, "pool", "safety")
    assert await left(shop) == (1, 30)
    await shop.ok(put(What.ROOM, "evening", {"status": "live"}))
    await shop.ok(Reserve("r1", "evening", "mug", 1, "ann"))
    assert await left(shop) == (30, 0)


async def test_shows_that_were_on_air_before_the_index_are_found(shop: Shop) -> None:
    await stocked(shop, 10, 30, mode="off")
    await shown(shop, "evening")
    index = f"{shop.book.base}:on_air"
    assert await shop.engine.command("ZCARD", index, key=index) == 2
    await shop.engine.command("DEL", index, key=index)
    await ruled(shop, at_share_percent=50)
    await shop.ok(Reserve("r1", "evening", "mug", 5, "ann"))
    assert await left(shop) == (35, 0)
    assert await shop.engine.command("ZCARD", index, key=index) == 2


# --- by hand ----------------------------------------------------------------------------------------------------


async def test_by_hand_it_is_a_step_or_as_much_as_is_asked_for(shop: Shop) -> None:
    await stocked(shop, 0, 30, mode="ask", at_units=1, step_units=10)
    first = await shop.ok(ReleaseElastic("k1", "mug", 0, "pool", "ann", "more"))
    assert (first.data, first.undoable) == ([10, 1], True)
    assert await shop.ok(ReleaseElastic("k1", "mug", 0, "pool", "ann", "more")) == first
    assert (await shop.ok(ReleaseElastic("k2", "mug", 5, "channel:douyin"))).data == [5, 2]
    assert await left(shop) == (10, 15)
    refused = await shop.book.apply(ReleaseElastic("k3", "mug", 16, "pool"))
    assert (refused.code, refused.available, refused.field) == (Code.INSUFFICIENT, 15, "units")
    assert await shop.refused(ReleaseElastic("k1", "mug", 3, "pool")) == (Code.ID_CONFLICT, "units")
    assert await shop.refused(ReleaseElastic("k4", "mug", 3, "channel:none")) == (Code.NOT_FOUND, "target")
    assert await shop.refused(ReleaseElastic("k4", "mug", 3, "safety")) == (Code.BAD_MESSAGE, "target")
    assert await shop.refused(ReleaseElastic("k4", "none", 3, "pool")) == (Code.UNKNOWN_SKU, "sku")
    assert (await shop.ok(ReleaseElastic("k5", "mug", 15, "pool"))).data == [15, 3]
    assert await shop.refused(ReleaseElastic("k6", "mug", 0, "pool")) == (Code.INSUFFICIENT, "units")


async def test_a_release_by_hand_is_answered_by_no_other_one(shop: Shop) -> None:
    await stocked(shop, 1, 30, mode="off")
    await ruled(shop, at_units=5, step_units=3)
    await shop.ok(ReleaseElastic("k1", "mug", 2, "pool"))
    assert await left(shop) == (3, 28)
    await shop.ok(Move("k2", MoveKind.RELEASE_ELASTIC, "mug", 1, "elastic", "pool"))
    assert await left(shop) == (4, 27)


async def test_a_numbered_step_is_made_once_whoever_asks(shop: Shop) -> None:
    await stocked(shop, 5, 30, mode="ask", at_units=5, step_units=10)
    asked = [shop.book.apply(ElasticStep("mug", 1, 10, "pool", name, "alert")) for name in ("ann", "bob")]
    first, second = await asyncio.gather(*asked)
    assert (first.code, first.action, second.action) == (Code.OK, ("elastic:mug:1", True), ("elastic:mug:1", True))
    assert sorted((first.data, second.data)) == [0, 10]
    assert await left(shop) == (15, 20)
    assert await shop.refused(ElasticStep("mug", 3, 10, "pool")) == (Code.BAD_MESSAGE, "step")
    assert await shop.refused(ElasticStep("mug", 2, 21, "pool")) == (Code.INSUFFICIENT, "")


async def test_the_duty_releases_only_what_the_rule_still_says(shop: Shop) -> None:
    await stocked(shop, 5, 30, mode="ask", at_eta_minutes=5, step_units=10)
    assert (await shop.ok(ElasticStep("mug", 1, 0, "pool", "book", "at_eta_minutes", fence=7))).data == 0
    await ruled(shop, at_eta_minutes=5, step_units=10)
    assert (await shop.ok(ElasticStep("mug", 1, 0, "pool", "book", "at_eta_minutes", fence=7))).data == 10
    assert await left(shop) == (15, 20)
    assert (await shop.book.apply(ElasticStep("mug", 2, 0, "pool", "book", "", fence=6))).code is Code.STALE


async def test_a_release_is_undone_while_its_units_are_there(shop: Shop) -> None:
    await stocked(shop, 12, 50, at_units=5, step_units=20)
    await shop.ok(Reserve("r1", "evening", "mug", 7, "ann"))
    assert await left(shop) == (25, 30)
    undo = Undo(undo_id("elastic:mug:1"), "elastic:mug:1", "ops")
    await shop.ok(undo)
    assert await left(shop) == (5, 50)  # the rule waits for the next change
    await shop.ok(undo)
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    assert await left(shop) == (24, 30)
    await shop.ok(Reserve("r3", "evening", "mug", 5, "bob"))
    refused = await shop.book.apply(Undo(undo_id("elastic:mug:2"), "elastic:mug:2", "ops"))
    assert (refused.code, refused.available, refused.field) == (Code.INSUFFICIENT, 19, "pool")


@pytest.mark.parametrize("sku", ["杯子 1/2", "x" * 128])
async def test_an_action_has_an_id_whatever_the_sku_is_called(shop: Shop, sku: str) -> None:
    await shop.sell(sku)
    await shop.receive(10, sku)
    await shop.move(MoveKind.CARVE, 5, "pool", "elastic", sku)
    await shop.ok(put(What.SKU, sku, {"elastic": ElasticRule(mode=ElasticMode.AUTO, at_units=3)}))
    await shop.ok(Reserve("r1", "evening", sku, 2, "ann"))
    [entry] = await released(shop.book)
    assert (entry.sku, entry.id[:9], len(entry.id)) == (sku, "elastic:~", 27)
    await shop.ok(Undo(undo_id(entry.id), entry.id, "ops"))
    assert (await shop.units(sku))["elastic"] == 5


# --- batches ----------------------------------------------------------------------------------------------------


async def batch(shop: Shop, qty: int, **fields: Any) -> None:
    """A batch with so many mugs of the pool, open from now on."""
    await shop.ok(put(What.BATCH, "b", fields))
    await shop.move(MoveKind.CARVE, qty, "pool", "batch:b")
    await shop.ok(OpenBatch("open", "b", "ops"))


async def test_an_open_batch_is_part_of_what_is_left(shop: Shop) -> None:
    await stocked(shop, 20, 30, at_units=5, step_units=10)
    await batch(shop, 10)
    await shop.ok(Reserve("r1", "evening", "mug", 14, "ann"))
    assert await left(shop) == (6, 30)
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    assert await left(shop) == (15, 20)


async def test_what_an_exclusive_batch_keeps_the_pool_for_needs_no_reserve(shop: Shop) -> None:
    await stocked(shop, 10, 30, at_units=5, at_share_percent=90, step_units=10)
    await batch(shop, 4, exclusive=True)
    await shop.ok(Reserve("r1", "evening", "mug", 4, "ann"))
    assert await left(shop) == (6, 30)
    await shop.ok(CloseBatch("close", "b", "ops"))
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    assert await left(shop) == (15, 20)


async def test_a_batch_of_a_dedicated_channel_is_its_own(shop: Shop) -> None:
    await stocked(shop, 40, 30, at_units=5, step_units=10)
    await batch(shop, 8, channel="douyin")
    await shop.ok(Reserve("r1", "morning", "mug", 2, "ann"))
    assert (await shop.units()).get("channel:douyin", 0) == 0
    await shop.move(MoveKind.QUARANTINE, 1, "batch:b", "unsellable")
    units = await shop.units()
    assert (units["channel:douyin"], units["elastic"], units["pool"]) == (10, 20, 32)
