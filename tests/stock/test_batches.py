"""Batches: opened and closed over as many calls as their SKUs need, bounded in number, and found when they are due."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from engine_commands import commands
from shelfcast.engine import Engine
from shelfcast.merchant import moves, upkeep
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import What
from shelfcast.stock.library import CLOCK, LIBRARY
from shelfcast.stock.operations import CloseBatch, Expire, Move, MoveKind, OpenBatch, OpenDue, Reserve, Undo, put
from shelfcast.stock.records import Stream
from shop import Shop

pytestmark = pytest.mark.each_engine

A_CALL = 4
"""Moves that a call of these tests makes."""


@pytest.fixture
async def small(engine: Engine, settings: Settings) -> AsyncIterator[Shop]:
    """A shop whose book does little in a call, and keeps few batches."""
    bounds = {"moves_a_call_max": A_CALL, "batches_planned_max": 3, "batches_opened_kept_max": 3}
    book = StockBook(engine, "p", msgspec.structs.replace(settings, **bounds))
    made = Shop(book, engine)
    await made.set_up()
    yield made
    await made.assert_sound()
    there = await book.batches()
    expected: dict[str, list[str]] = {"planned": [], "open": [], "opened": []}
    for name, batch in there.items():
        index = "opened" if batch.closed_at_ms else "open" if batch.opened_at_ms else "planned"
        expected[index].append(name)
    for index, names in expected.items():
        key = f"{book.base}:batches_{index}"
        stored = await engine.command("ZRANGE", key, 0, -1, key=key)
        assert sorted(name.decode() for name in stored) == sorted(names)
    await book.close()


async def fill(shop: Shop, batch: str, skus: int, **fields: Any) -> None:
    """A batch with one unit of each of so many SKUs."""
    await shop.ok(put(What.BATCH, batch, fields))
    for n in range(skus):
        await shop.ok(put(What.SKU, f"s{n:03}", {}))
        await shop.ok(Move(f"{batch}-{n}", MoveKind.RECEIVE, f"s{n:03}", 1, "supplier", f"batch:{batch}"))


async def locked(shop: Shop, batch: str) -> int:
    return sum(buckets.get(f"batch:{batch}", 0) for _, _, buckets in await shop.book.skus(limit=1000))


async def is_opened(shop: Shop, batch: str) -> bool:
    return (await shop.book.batches())[batch].opened_at_ms > 0


async def is_closed(shop: Shop, batch: str) -> bool:
    return (await shop.book.batches())[batch].closed_at_ms > 0


async def at_format_2(shop: Shop) -> None:
    """A server of the release before has written the book, and is still there."""
    key = f"{shop.book.base}:meta"
    await shop.receive(1)
    await shop.advance(0)
    await shop.engine.command("HSET", key, "format", 2, key=key)
    await shop.engine.call(CLOCK, shop.book.base, 2)


async def test_a_large_batch_opens_in_one_call_and_is_told_over_several(small: Shop) -> None:
    await fill(small, "b", 150)
    async with small.engine.subscribe(f"{small.book.base}:feed") as feed:
        messages = aiter(feed)
        outcome = await small.ok(OpenBatch("open", "b", "wang"))
        assert (outcome.left, await is_opened(small, "b"), await locked(small, "b")) == (0, True, 150)
        await upkeep.open_due_batches(small.book, 100)
        assert (await small.ok(OpenDue(10))).data == 0
        told: set[str] = set()
        while len(told) < 150:
            message = msgspec.msgpack.decode(await anext(messages), type=FeedMessage)
            told |= {row.sku for row in message.stock if row.batches}
    again = await small.ok(OpenBatch("open", "b", "wang"))
    assert again.data == outcome.data
    assert (await small.ok(OpenBatch("another", "b", "wang"))).data == 0
    (event,) = [event for event in await small.book.events() if event.type == "batch_opened"]
    assert (event.subject, event.actor, event.data) == ("b", "wang", {"skus": 150})


async def test_a_large_batch_closes_over_several_calls_and_counts_as_closed_with_the_last(small: Shop) -> None:
    await fill(small, "b", 2 * A_CALL + 1)
    await small.ok(OpenBatch("open", "b", "wang"))
    closed = [False]
    for left in (A_CALL + 1, 1, 0):
        outcome = await small.ok(CloseBatch("close", "b", "wang"))
        assert (outcome.left, await locked(small, "b")) == (left, left)
        closed.append(await is_closed(small, "b"))
    assert closed == [False, False, False, True]
    again = await small.ok(CloseBatch("close", "b", "wang"))
    assert (outcome.data, again.data, again.left) == (2 * A_CALL + 1, 2 * A_CALL + 1, 0)
    entries = [entry for entry in await small.book.ledger(Stream.STOCK) if entry.kind == "close_batch"]
    assert {(entry.id, entry.actor, entry.target) for entry in entries} == {("close", "wang", "pool")}


async def test_nothing_is_drawn_from_a_batch_that_is_being_closed(small: Shop) -> None:
    await fill(small, "b", A_CALL + 1)
    for n in range(A_CALL + 1):
        await small.ok(put(What.LISTING, f"s{n:03}", {}, parent="evening"))
    await small.ok(OpenBatch("open", "b"))
    assert (await small.ok(CloseBatch("close", "b"))).left == 1
    codes = [
        (await small.book.apply(Reserve(f"r{n}", "evening", f"s{n:03}", 1, "ann"))).code for n in range(A_CALL + 1)
    ]
    assert sorted(codes) == [Code.BATCH_EXHAUSTED, *[Code.OK] * A_CALL]
    late = Move("late", MoveKind.RECEIVE, "s001", 1, "supplier", "batch:b")
    assert await small.refused(late) == (Code.BAD_MESSAGE, "target")


async def test_whoever_asks_the_use_case_waits_for_all_of_it(small: Shop) -> None:
    await fill(small, "b", 3 * A_CALL)
    assert (await moves.open_batch(small.book, "open", "b", actor="wang")).data == 3 * A_CALL
    outcome = await moves.close_batch(small.book, "close", "b", actor="wang")
    assert (outcome.code, outcome.data, outcome.left) == (Code.OK, 3 * A_CALL, 0)
    assert await is_closed(small, "b")
    assert (await moves.close_batch(small.book, "close", "b", actor="wang")).data == 3 * A_CALL


async def test_where_nobody_goes_on_the_duty_does_and_the_same_id_hears_of_all(small: Shop) -> None:
    await fill(small, "b", 2 * A_CALL + 1)
    await small.ok(OpenBatch("open", "b", "wang"))
    await small.ok(CloseBatch("close", "b", "wang"))  # and then the server died
    await upkeep.open_due_batches(small.book, 100)
    assert await is_closed(small, "b")
    assert (await small.ok(CloseBatch("close", "b", "wang"))).data == 2 * A_CALL + 1
    assert (await small.ok(CloseBatch("another", "b", "wang"))).data == 0
    told = [event for event in await small.book.events() if event.type == "batch_closed"]
    assert [(event.subject, event.data, event.actor) for event in told] == [
        ("b", {"skus": 2 * A_CALL + 1, "to": "pool"}, "wang")
    ]


async def test_windows_that_are_over_share_the_moves_of_a_call(small: Shop) -> None:
    await small.advance(0)
    now = await small.book.now_ms()
    for batch in ("b1", "b2"):
        await fill(small, batch, A_CALL - 1, opens_at_ms=now + 1, closes_at_ms=now + 2)
    await fill(small, "later", 1, opens_at_ms=now + 3_600_000)
    await small.advance(2)
    before = len(await small.book.ledger(Stream.STOCK))
    outcome = await small.ok(OpenDue(10))
    assert (outcome.data, len(await small.book.ledger(Stream.STOCK)) - before) == (10, A_CALL)
    await upkeep.open_due_batches(small.book, 10)
    assert [await is_closed(small, batch) for batch in ("b1", "b2", "later")] == [True, True, False]
    there = await small.book.batches()
    assert [there[batch].missed for batch in ("b1", "b2", "later")] == [True, True, False]


async def test_an_operation_beside_it_in_the_call_is_not_kept_from_its_turn(small: Shop) -> None:
    await fill(small, "b", 3 * A_CALL)
    await small.receive(20)
    await small.ok(OpenBatch("open", "b"))
    asked = [small.book.apply(CloseBatch("close", "b"))]
    asked += [small.book.apply(Reserve(f"r{n}", "evening", "mug", 1, f"u{n}")) for n in range(3 * A_CALL)]
    asked += [small.book.apply(Expire(100)), small.book.apply(CloseBatch("close", "b"))]
    outcomes = await asyncio.gather(*asked)
    assert {outcome.code for outcome in outcomes} == {Code.OK}
    assert (await moves.close_batch(small.book, "close", "b", actor="")).data == 3 * A_CALL


async def test_only_those_that_wait_count_and_the_oldest_that_were_closed_are_forgotten(small: Shop) -> None:
    for n in range(6):
        await small.ok(put(What.BATCH, f"b{n}", {"title": str(n)}))
        await small.ok(OpenBatch(f"open-{n}", f"b{n}"))
        await small.ok(CloseBatch(f"close-{n}", f"b{n}"))
        await small.advance(1)
    assert sorted(await small.book.batches()) == ["b3", "b4", "b5"]
    for n in range(3):
        await small.ok(put(What.BATCH, f"next{n}", {}))
    assert (await small.book.apply(put(What.BATCH, "next3", {}))).code is Code.SHELF_FULL
    await small.ok(OpenBatch("open-next", "next0"))
    anew = await small.ok(put(What.BATCH, "b0", {}))
    assert anew.data[0] > 2, "what was read of the first one is stale"
    assert not await is_opened(small, "b0")
    assert await small.refused(Move("m", MoveKind.RECEIVE, "mug", 1, "supplier", "batch:b1")) == (
        Code.NOT_FOUND, "target",
    )  # fmt: skip


async def test_so_many_are_open_at_any_moment(shop: Shop, settings: Settings) -> None:
    await shop.advance(0)
    now = await shop.book.now_ms()
    most = settings.batches_open_max
    for n in range(most):
        await shop.ok(put(What.BATCH, f"b{n}", {"opens_at_ms": now + 100 + n, "closes_at_ms": now + 1_000}))
    full = (Code.SHELF_FULL, "batch")
    for opens, closes, expected in ((0, 131, None), (0, 132, full), (999, None, full), (1_000, None, None)):
        window = {"opens_at_ms": now + opens, "closes_at_ms": closes and now + closes}
        outcome = await shop.book.apply(put(What.BATCH, f"more-{opens}-{closes}", window))
        assert ((outcome.code, outcome.field) if outcome.code is not Code.OK else None) == expected, (opens, closes)
    await shop.ok(put(What.BATCH, "lot", {}))
    assert await shop.refused(OpenBatch("o", "lot")) == full
    await shop.advance(1_000)
    await shop.ok(OpenBatch("o", "lot"))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"opens_at_ms": 10, "closes_at_ms": 10}, "closes_at_ms"),
        ({"limit_per_user": 0}, "limit_per_user"),
        ({"leftover": "shop"}, "leftover"),
        ({"channel": "nowhere"}, "channel"),
        ({"target": "channel:nowhere"}, "target"),
    ],
)
async def test_a_definition_that_cannot_be_is_refused_with_its_field(
    shop: Shop, fields: dict[str, object], field: str
) -> None:
    assert (await shop.refused(put(What.BATCH, "b", fields)))[1] == field


async def test_looking_for_what_is_due_asks_nothing_of_what_was_looked_at(shop: Shop) -> None:
    now = await shop.book.now_ms()
    await asyncio.gather(
        *[shop.ok(put(What.BATCH, f"b{n}", {"opens_at_ms": now, "closes_at_ms": now + 1})) for n in range(30)]
    )
    await shop.advance(1)
    await shop.ok(OpenDue(100))
    assert all(batch.closed_at_ms for batch in (await shop.book.batches()).values())
    before = await commands(shop.engine, shop.book.base)
    assert (await shop.ok(OpenDue(100))).data == 0
    asked = await commands(shop.engine, shop.book.base) - before
    assert asked["hget"] == asked["hgetall"] == asked["hkeys"] == 0


async def test_the_batches_of_a_book_of_before_are_found_and_an_older_library_is_caught_up_with(shop: Shop) -> None:
    key = f"{shop.book.base}:batches"

    async def written_by_an_older_library(name: str, **fields: Any) -> None:
        await shop.engine.command("HSET", key, name, msgspec.msgpack.encode({**fields, "changed_at_ms": 1}), key=key)

    async def load_anew() -> None:
        await shop.engine.command("FUNCTION", "LOAD", "REPLACE", LIBRARY.code, key=key)
        await shop.engine.call(CLOCK, shop.book.base, 2)

    await at_format_2(shop)
    await written_by_an_older_library("due", opens_at_ms=1)
    await written_by_an_older_library("over", opens_at_ms=1, opened_at_ms=5)
    await load_anew()
    assert (await shop.ok(OpenDue(10))).data == 1
    await written_by_an_older_library("second", opens_at_ms=1)
    await load_anew()
    assert (await shop.ok(OpenDue(10))).data == 1
    assert {name for name, batch in (await shop.book.batches()).items() if batch.opened_at_ms} == {
        "due", "over", "second",
    }  # fmt: skip


async def test_at_format_2_an_opening_hands_everything_out_and_then_counts_as_a_closing(
    small: Shop, settings: Settings
) -> None:
    await fill(small, "b", 2 * A_CALL + 1, target="channel:live")
    await fill(small, "late", 1)
    await at_format_2(small)
    opened = []
    for left in (A_CALL + 1, 1, 0):
        outcome = await small.ok(OpenBatch("open", "b", "wang"))
        assert (outcome.left, await locked(small, "b")) == (left, left)
        opened.append(await is_opened(small, "b"))
    assert opened == [False, False, True]
    entries = [entry for entry in await small.book.ledger(Stream.STOCK) if entry.kind == "open_batch"]
    assert {(entry.id, entry.actor, entry.target) for entry in entries} == {("open", "wang", "channel:live")}
    assert (await small.book.apply(CloseBatch("c", "late"))).code is Code.UNAVAILABLE
    await small.advance(settings.format_quiet_ms)
    await small.ok(Expire(1))
    there = await small.book.batches()
    assert {name: (batch.opened_at_ms > 0, batch.closed_at_ms > 0) for name, batch in there.items()} == {
        "b": (True, True), "late": (False, False),
    }  # fmt: skip
    await small.ok(OpenBatch("open-late", "late"))
    assert await locked(small, "late") == 1


@pytest.mark.parametrize("seed", range(6))
async def test_however_it_is_closed_each_unit_arrives_once(small: Shop, seed: int) -> None:
    """Any mix of calls, by hand with several ids and by the duty, of batches that share their SKUs."""
    chance = random.Random(seed)
    units = 0
    for n in range(3):
        await small.ok(put(What.BATCH, f"b{n}", {"leftover": chance.choice(["pool", "elastic"])}))
        for sku in range(chance.randint(0, 3 * A_CALL)):
            await small.ok(put(What.SKU, f"s{sku}", {}))
            qty = chance.randint(1, 9)
            units += qty
            await small.ok(Move(f"m{n}-{sku}", MoveKind.RECEIVE, f"s{sku}", qty, "supplier", f"batch:b{n}"))
    waiting = {f"b{n}" for n in range(3)}
    while waiting:
        batch = chance.choice(sorted(waiting))
        calls = [CloseBatch(f"close-{chance.randint(0, 1)}-{batch}", batch), OpenBatch(f"o-{batch}", batch), OpenDue(2)]
        await asyncio.gather(*[small.book.apply(chance.choice(calls)) for _ in range(chance.randint(1, 3))])
        await small.ok(calls[0])
        there = await small.book.batches()
        waiting = {name for name in waiting if not there[name].closed_at_ms}
    rows = [buckets for _, _, buckets in await small.book.skus(limit=1000)]
    assert sum(sum(n for place, n in row.items() if place.startswith("batch:")) for row in rows) == 0
    assert sum(row.get("pool", 0) + row.get("elastic", 0) for row in rows) == units


async def test_a_closing_over_several_calls_is_one_action_that_nothing_undoes(small: Shop) -> None:
    """Whoever ends it: the operator who began, a duty, or another operator."""
    for batch, ends in (("b1", "same"), ("b2", "duty"), ("b3", "other")):
        await fill(small, batch, A_CALL + 2)
        await small.ok(CloseBatch(f"close-{batch}", batch, "wang"))
        assert await small.book.action(f"close-{batch}") is None
        if ends == "duty":
            await upkeep.open_due_batches(small.book, 100)
        else:
            name = "another" if ends == "other" else f"close-{batch}"
            await moves.close_batch(small.book, name, batch, actor="li")
        found = await small.book.action(f"close-{batch}")
        assert found, ends
        assert (found.action.actor, found.action.rows, found.action.why) == ("wang", A_CALL + 2, "many")
        assert (await small.book.apply(Undo(f"undo:close-{batch}", f"close-{batch}", "wang"))).field == "action"
    assert await small.book.action("another") is None


async def test_no_redo_closes_more_than_a_call_moves(small: Shop) -> None:
    await fill(small, "b", A_CALL - 1)
    await small.ok(OpenBatch("open", "b", "wang"))
    await small.ok(CloseBatch("close", "b", "wang"))
    await small.ok(Undo("undo:close", "close", "wang"))
    assert (await locked(small, "b"), await is_closed(small, "b")) == (A_CALL - 1, False)
    for n in range(2):
        await small.receive(1)
        await small.ok(put(What.SKU, f"more-{n}", {}))
        await small.ok(Move(f"more-{n}", MoveKind.RECEIVE, f"more-{n}", 1, "supplier", "batch:b"))
    redo = Undo("undo:undo:close", "undo:close", "wang")
    assert await small.refused(redo) == (Code.STALE, "batch:b")
