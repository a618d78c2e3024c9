"""What a call walks: a SKU's own places with units in them, never every batch and channel there ever was."""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec
import pytest
from engine_commands import commands
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import CloseBatch, Count, Move, MoveKind, OpenBatch, Reserve, put
from shop import Shop

BATCHES = 60
CHANNELS = 40


async def asked_by_a_reservation(shop: Shop, id_: str) -> Counter[str]:
    before = await commands(shop.engine, shop.book.base)
    await shop.ok(Reserve(id_, "evening", "mug", 1, "ann"))
    asked = await commands(shop.engine, shop.book.base) - before
    return Counter({name: n for name, n in asked.items() if name not in ("info", "ping", "multi", "exec")})


async def open_many(shop: Shop) -> None:
    """Batches that were opened and closed, and channels: the mug has been in all of them."""
    await asyncio.gather(*[shop.ok(put(What.CHANNEL, f"c{n:03}", {})) for n in range(CHANNELS)])
    await asyncio.gather(*[shop.ok(put(What.BATCH, f"b{n:03}", {})) for n in range(BATCHES)])
    for n in range(BATCHES):
        await shop.move(MoveKind.CARVE, 1, "pool", f"batch:b{n:03}")
        await shop.ok(OpenBatch(f"open-{n}", f"b{n:03}"))
        await shop.ok(CloseBatch(f"close-{n}", f"b{n:03}"))
    for n in range(CHANNELS):
        await shop.move(MoveKind.ALLOCATE, 1, "pool", f"channel:c{n:03}")
        await shop.move(MoveKind.ALLOCATE, 1, f"channel:c{n:03}", "pool")


async def test_a_reservation_asks_nothing_of_batches_and_channels_that_are_over(shop: Shop) -> None:
    await shop.receive(100)
    await shop.ok(Reserve("first", "evening", "mug", 1, "ann"))
    bare = await asked_by_a_reservation(shop, "bare")
    await open_many(shop)
    assert await asked_by_a_reservation(shop, "after") == bare
    assert "hkeys" not in bare
    key = f"{shop.book.base}:sku:mug"
    places = await shop.engine.command("HKEYS", key, key=key)
    assert sorted(place.decode() for place in places) == [
        "frozen",
        "held:live",
        "holding:pool",
        "pool",
        "supplier",
        "taken:pool",
    ]


async def test_a_refusal_asks_nothing_of_batches_that_are_over(shop: Shop) -> None:
    await shop.receive(BATCHES + 1)
    await open_many(shop)
    await shop.ok(put(What.BATCH, "next", {"opens_at_ms": 4_000_000_000_000}))
    await shop.move(MoveKind.CARVE, BATCHES + 1, "pool", "batch:next")
    before = await commands(shop.engine, shop.book.base)
    refused = await shop.book.apply(Reserve("r", "evening", "mug", 1, "ann"))
    assert (refused.code, refused.retry_at_ms) == ("BATCH_EXHAUSTED", 4_000_000_000_000)
    asked = await commands(shop.engine, shop.book.base) - before
    assert "hkeys" not in asked
    assert asked["hget"] < 15


async def test_the_empty_places_that_a_book_of_before_keeps_leave_with_the_next_change(shop: Shop) -> None:
    key = f"{shop.book.base}:sku:mug"
    await shop.receive(5)
    await shop.engine.command("HSET", key, "batch:gone", 0, "channel:gone", 0, "held:live", 0, key=key)
    await shop.ok(Reserve("r", "evening", "mug", 1, "ann"))
    places = await shop.engine.command("HGETALL", key, key=key)
    assert sorted(place.decode() for place in places[::2]) == [
        "frozen",
        "held:live",
        "holding:pool",
        "pool",
        "supplier",
        "taken:pool",
    ]


async def test_the_row_of_the_feed_has_every_channel_with_units_by_name(shop: Shop) -> None:
    await shop.receive(50)
    for channel in ("zeta", "alpha"):
        await shop.ok(put(What.CHANNEL, channel, {}))
    await shop.ok(put(What.BATCH, "later", {}))
    async with shop.engine.subscribe(f"{shop.book.base}:feed") as feed:
        messages = aiter(feed)
        for target in ("channel:zeta", "channel:alpha"):
            await shop.move(MoveKind.ALLOCATE, 3, "pool", target)
        await shop.move(MoveKind.CARVE, 4, "pool", "batch:later")
        await shop.ok(Reserve("r", "evening", "mug", 2, "ann"))
        rows = [msgspec.msgpack.decode(await anext(messages), type=FeedMessage).stock[0] for _ in range(4)]
    assert msgspec.to_builtins(rows[-1]) == [
        "mug", 38, False, 4, 0,
        [
            ["alpha", 3, 0, 0, 0, 0, 0, 0, 0],
            ["live", 0, 2, 0, 0, 0, 0, 0, 0],
            ["zeta", 3, 0, 0, 0, 0, 0, 0, 0],
        ],
        2, 2, 0, 0, [], [], [("", 0)], (0, 0), [False, [], []],
        [0, 0, [("later", "", 4)]],
    ]  # fmt: skip


TARGETS = ("pool", "safety", "elastic", "channel:live", "channel:douyin", "batch:b1", "batch:b2")


@pytest.mark.parametrize("seed", range(3))
async def test_a_count_takes_the_shortfall_place_by_place(shop: Shop, seed: int) -> None:
    """The pool first, then safety, elastic, batches that are not open, open ones, channels, each by name."""
    for batch in ("b1", "b2"):
        await shop.ok(put(What.BATCH, batch, {}))
    for n, target in enumerate(TARGETS):
        await shop.ok(Move(f"in-{n}", MoveKind.RECEIVE, "mug", n + 1, "supplier", target))
    await shop.ok(OpenBatch("open", "b1"))
    order = ["pool", "safety", "elastic", "batch:b2", "batch:b1", "channel:douyin", "channel:live"]
    units = await shop.units()
    missing = seed * 9 + 1
    await shop.ok(Count(f"count-{seed}", "mug", sum(units[place] for place in order) - missing))
    for place in order:
        taken = min(missing, units[place])
        units[place] -= taken
        missing -= taken
    assert {place: n for place, n in (await shop.units()).items() if place in order} == {
        place: units[place] for place in order if units[place]
    }
