"""A pool has as many SKUs, channels, batches and rooms as its settings say, a room as many listings: never one more."""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec
import pytest
from shelfcast.engine.connection import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Drop, put

MOST = 3


@pytest.fixture
async def book(engine: Engine, settings: Settings) -> StockBook:
    bounds = ("skus_a_pool_max", "channels_a_pool_max", "batches_planned_max", "rooms_a_pool_max", "skus_a_room_max")
    return StockBook(engine, "main", msgspec.structs.replace(settings, **dict.fromkeys(bounds, MOST)))


@pytest.mark.parametrize(
    ("what", "values", "field"),
    [
        (What.SKU, {}, "sku"),
        (What.CHANNEL, {}, "channel"),
        (What.BATCH, {}, "batch"),
        (What.ROOM, {"channel": "live"}, "room"),
    ],
)
async def test_one_more_than_there_may_be_is_refused_however_many_come_at_once(
    book: StockBook, what: What, values: dict[str, str], field: str
) -> None:
    if what is not What.CHANNEL:
        await book.apply(put(What.CHANNEL, "live", {}))
    # They share calls of the engine: those that a call has added already count.
    outcomes = await asyncio.gather(*[book.apply(put(what, f"n{number}", values)) for number in range(40)])
    assert Counter(outcome.code for outcome in outcomes) == {Code.OK: MOST, Code.SHELF_FULL: 40 - MOST}
    refused = next(outcome for outcome in outcomes if outcome.code is Code.SHELF_FULL)
    assert (refused.field, refused.available) == (field, MOST)
    known = next(number for number, outcome in enumerate(outcomes) if outcome.code is Code.OK)
    again = await book.apply(put(what, f"n{known}", {**values, "title": "as it was"}))
    assert again.code is Code.OK, "one that is there can be changed"
    assert (await book.apply(put(what, "another", values))).code is Code.SHELF_FULL
    await book.close()


async def test_a_listing_that_leaves_makes_room_for_another(book: StockBook) -> None:
    await book.apply(put(What.CHANNEL, "live", {}))
    await book.apply(put(What.ROOM, "evening", {"channel": "live"}))
    for sku in ("a", "b", "c"):
        assert (await book.apply(put(What.SKU, sku, {}))).code is Code.OK
        assert (await book.apply(put(What.LISTING, sku, {"position": 1}, parent="evening"))).code is Code.OK
    assert (await book.apply(put(What.SKU, "d", {}))).field == "sku"
    await book.apply(Drop("evening", "a"))
    assert (await book.apply(put(What.LISTING, "a", {}, parent="evening"))).code is Code.OK
    await book.close()


async def test_a_users_standing_has_no_such_bound(book: StockBook) -> None:
    outcomes = await asyncio.gather(*[book.apply(put(What.USER, f"u{number}", {})) for number in range(2 * MOST)])
    assert {outcome.code for outcome in outcomes} == {Code.OK}
    await book.close()
