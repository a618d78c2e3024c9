"""Events: what happened in a pool besides its moves, kept in order, told by the feed, and free for customers."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock import library
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage, PoolEvent
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    Cancel,
    Confirm,
    Drop,
    Expire,
    Freeze,
    MoveKind,
    Op,
    OpenBatch,
    OpenDue,
    Pay,
    Reserve,
    put,
)
from shop import Shop

pytestmark = pytest.mark.each_engine


async def told(shop: Shop, *ops: Op) -> list[PoolEvent]:
    """The events that the operations made, without those of the log of actions."""
    before = await shop.book.events()
    for op in ops:
        await shop.ok(op)
    events = await shop.book.events(before[-1].n if before else 0)
    return [event for event in events if event.type not in ("action", "undone")]


def spoken(events: list[PoolEvent]) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [(event.type, event.room, event.subject, event.data) for event in events]


async def test_a_room_tells_its_status_and_its_spotlight(shop: Shop) -> None:
    by = By("m1", "wang", "evening")
    events = await told(shop, put(What.ROOM, "evening", {"status": "paused", "spotlight": "mug"}, by=by))
    assert spoken(events) == [
        ("spotlight", "evening", "evening", {"sku": "mug", "before": ""}),
        ("status", "evening", "evening", {"status": "paused", "before": "live"}),
    ]
    assert {(event.actor, event.action) for event in events} == {("wang", "m1")}
    events = await told(shop, put(What.ROOM, "evening", {"spotlight": None, "title": "Late"}))
    assert [event.type for event in events] == ["spotlight", "definition"]
    assert events[0].data == {"sku": "", "before": "mug"}
    assert events[1].data["fields"] == ["title"]
    assert (events[0].actor, events[0].action) == ("", "")


async def test_a_definition_tells_what_changed(shop: Shop) -> None:
    events = await told(
        shop,
        put(What.SKU, "cup", {"title": "Cup"}),
        put(What.LISTING, "cup", {"limit_per_user": 2, "position": 3}, parent="evening"),
        put(What.LISTING, "cup", {"limit_per_user": 5, "position": 3}, parent="evening"),
        put(What.ROOM, "evening", {"run_order": ["mug", "cup"]}),
        put(What.ROOM, "evening", {"run_order": ["cup", "mug"]}),
        Drop("evening", "cup"),
    )
    sku = {"what": "sku", "parent": "", "key": "cup"}
    listing = {"what": "listing", "parent": "evening", "key": "cup"}
    room = {"what": "room", "parent": "", "key": "evening"}
    terms = ["limit_per_user", "link", "position"]
    assert spoken(events) == [
        ("definition", "", "cup", {**sku, "fields": ["title"], "made": True}),
        ("definition", "evening", "cup", {**listing, "fields": terms, "made": True}),
        ("definition", "evening", "cup", {**listing, "fields": ["limit_per_user"]}),
        ("definition", "evening", "evening", {**room, "fields": ["run_order"]}),
        ("definition", "evening", "evening", {**room, "fields": ["run_order"]}),
        ("definition", "evening", "cup", {**listing, "fields": terms, "dropped": True}),
    ]


async def test_a_write_that_changes_nothing_tells_nobody(shop: Shop) -> None:
    same = put(What.ROOM, "evening", {"title": "evening", "status": "live", "run_order": []})
    assert await told(shop, same, put(What.SKU, "mug", {"title": "Mug"})) == []
    refused = await shop.book.apply(put(What.ROOM, "evening", {"spotlight": "bowl"}))
    assert refused.code is Code.UNKNOWN_SKU
    assert await told(shop) == []


async def test_a_spotlight_goes_with_its_listing(shop: Shop) -> None:
    await shop.ok(put(What.ROOM, "evening", {"spotlight": "mug"}))
    events = await told(shop, Drop("evening", "mug", by=By("m7", "wang", "evening")))
    assert [(event.type, event.action) for event in events] == [("definition", "m7"), ("spotlight", "m7")]


async def test_a_freeze_and_a_batch_tell_once(shop: Shop) -> None:
    freeze = Freeze("f1", "mug", True, "wang", "wrong label")
    events = await told(shop, freeze, freeze, Freeze("f2", "mug", True), Freeze("f3", "mug", False))
    assert spoken(events) == [
        ("frozen", "", "mug", {"frozen": True, "scope": "sku"}),
        ("unfrozen", "", "mug", {"frozen": False, "scope": "sku"}),
    ]
    assert (events[0].actor, events[0].action) == ("wang", "f1")

    now = await shop.book.now_ms()
    await shop.receive(10)
    for batch, opens_at_ms in (("b1", None), ("b2", now - 1)):
        await shop.ok(put(What.BATCH, batch, {"opens_at_ms": opens_at_ms}))
        await shop.move(MoveKind.CARVE, 2, "pool", f"batch:{batch}")
    events = await told(shop, OpenBatch("o1", "b1", "wang"), OpenBatch("o2", "b1", "wang"), OpenDue(10), OpenDue(10))
    assert spoken(events) == [("batch_opened", "", "b1", {"skus": 1}), ("batch_opened", "", "b2", {"skus": 1})]
    assert [(event.actor, event.action) for event in events] == [("wang", "o1"), ("book", "")]


async def test_customers_make_none_and_pay_for_none(shop: Shop) -> None:
    await shop.receive(100)
    key = shop.book.base + ":events"
    before = await shop.book.events()
    log = await shop.engine.command("INFO", "commandstats", key=key)
    await asyncio.gather(*[shop.book.apply(Reserve(f"r{number}", "evening", "mug", 1, "ann")) for number in range(30)])
    await shop.ok(Pay("r1"))
    await shop.ok(Confirm("r1"))
    await shop.ok(Cancel("r2"))
    await shop.advance(300_250)
    assert (await shop.ok(Expire(100))).data == 28
    now = await shop.engine.command("INFO", "commandstats", key=key)
    assert _calls(now, "xtrim") == _calls(log, "xtrim"), "the stream of events is not touched"
    assert await shop.book.events() == before


def _calls(stats: Any, command: str) -> int:
    text = stats.decode() if isinstance(stats, bytes) else str(stats)
    lines = [line for line in text.splitlines() if line.startswith(f"cmdstat_{command}:")]
    return int(lines[0].partition("calls=")[2].partition(",")[0]) if lines else 0


async def test_events_are_counted_and_stand_at_the_sequence_of_their_call(shop: Shop) -> None:
    await shop.receive(3)
    await shop.ok(Freeze("f1", "mug", True))
    await shop.ok(put(What.SKU, "cup", {"title": "Cup"}))
    events = await shop.book.events()
    assert [event.n for event in events] == list(range(1, len(events) + 1))
    key = shop.book.base + ":events"
    last = await shop.engine.command("XREVRANGE", key, "+", "-", "COUNT", 2, key=key)
    assert [name.decode() for name, _ in last] == [f"{events[-1].n}-2", f"{events[-2].n}-2"]
    key = shop.book.base + ":meta"
    assert int(await shop.engine.command("HGET", key, "events", key=key)) == events[-1].n


async def test_the_oldest_go(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "p", msgspec.structs.replace(settings, events_kept_max=100))
    shop = Shop(book, engine)
    await shop.set_up()
    for turn in range(2):
        for number in range(0, 200, 50):
            ops = [put(What.SKU, f"s{n}", {"title": f"turn {turn}"}) for n in range(number, number + 50)]
            await asyncio.gather(*[book.apply(op) for op in ops])
    events = await book.events()
    made = 5 + 2 + 400
    assert events[-1].n >= made - 10
    assert 100 <= len(events) <= 300
    assert [event.n for event in events] == list(range(events[0].n, events[-1].n + 1)), "what is kept has no gap"
    await book.close()


async def test_the_feed_has_them_and_nothing_else_where_nothing_else_changed(shop: Shop) -> None:
    async with shop.engine.subscribe(f"{shop.book.base}:feed") as subscription:
        await shop.ok(Freeze("f1", "mug", True, "wang"))
        message = msgspec.msgpack.decode(await anext(aiter(subscription)), type=FeedMessage)
    assert [(event.type, event.action) for event in message.events] == [("frozen", "f1"), ("action", "f1")]
    assert message.events == (await shop.book.events())[-2:]


async def test_a_server_of_the_release_before_is_answered(engine: Engine, settings: Settings) -> None:
    """It says neither whose a write is nor how many events are kept, and reads a message without its last field."""
    book = StockBook(engine, "p", settings)
    parameters = msgspec.msgpack.encode({"hold_ms": 1, "payment_extension_ms": 1, "live_max": 1, "remember_ms": 1})
    ops: list[list[Any]] = [
        ["put", "channel", "", "live", {"kind": "shared"}, []],
        ["put", "sku", "", "mug", {"title": "Mug"}, []],
        ["put", "room", "", "evening", {"channel": "live", "status": "live"}, []],
        ["put", "listing", "evening", "mug", {"position": 1}, []],
        ["drop", "evening", "mug"],
        ["freeze", "f1", "mug", True, "ops", ""],
    ]
    raw = await engine.call(library.APPLY, book.base, msgspec.msgpack.encode(ops), parameters)
    assert [outcome[0] for outcome in msgspec.msgpack.decode(raw)[4]] == ["OK"] * len(ops)
    events = await book.events()
    assert [event.type for event in events] == [
        "definition", "definition", "status", "definition", "definition", "definition", "frozen", "action",
    ]  # fmt: skip
    assert [(event.actor, event.action) for event in events if event.type == "frozen"] == [("ops", "f1")]
    await book.close()
