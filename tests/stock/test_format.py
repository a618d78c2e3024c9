"""The format of a pool's book: raised to the new one when no server of the release before calls any more, and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from old_node import OldNode, format_of, make_old
from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock import library
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import FreezeScope, What
from shelfcast.stock.operations import Freeze, Move, MoveKind, Reserve, put
from shelfcast.stock.records import Stream
from shop import Shop

QUIET_MS = Settings().format_quiet_ms


@pytest.fixture
def old(shop: Shop) -> OldNode:
    return OldNode(shop)


async def stored(shop: Shop, id_: str) -> list[Any]:
    key = f"{shop.book.base}:reservations"
    row: list[Any] = msgspec.msgpack.decode(await shop.engine.command("HGET", key, id_, key=key))
    return row


async def reserve(shop: Shop, id_: str) -> None:
    await shop.ok(Reserve(id_, "evening", "mug", 1, "ann"))


async def test_a_new_pool_is_at_the_new_one_at_once(shop: Shop) -> None:
    assert await format_of(shop) == library.FORMAT
    await shop.receive(10)
    await reserve(shop, "r")
    record = await shop.book.reservation("r")
    assert record
    assert (record.price_minor, record.currency, record.paid_minor, record.show) == (990, "CNY", None, "evening.1")


async def test_while_an_old_node_calls_nothing_new_is_written(shop: Shop, old: OldNode) -> None:
    await make_old(shop, old)
    for n, calls in enumerate((old.clock(), old.apply(Move("m", MoveKind.RECEIVE, "mug", 1, "supplier", "pool")))):
        await shop.advance(QUIET_MS - 1)
        await calls
        await reserve(shop, f"r{n}")
        assert await format_of(shop) == 1
        assert len(await stored(shop, f"r{n}")) == 9
    await shop.advance(QUIET_MS - 1)
    await reserve(shop, "still")
    assert await format_of(shop) == 1


async def test_when_it_has_been_quiet_the_format_is_raised_for_good(shop: Shop, old: OldNode) -> None:
    await make_old(shop, old)
    await reserve(shop, "before")
    await shop.advance(QUIET_MS)
    await reserve(shop, "after")
    assert await format_of(shop) == library.FORMAT
    assert [len(await stored(shop, id_)) for id_ in ("before", "after")] == [9, 19]
    await old.clock()
    assert await old.apply(Reserve("late", "evening", "mug", 1, "ann")) is Code.OK
    assert await format_of(shop) == library.FORMAT
    assert len(await stored(shop, "late")) == 19
    before = await shop.book.reservation("before")
    assert before
    assert (before.price_minor, before.currency, before.show) == (None, "", "")


@pytest.mark.parametrize(("named", "then"), [(None, 0), (15, 15)])
async def test_a_book_of_before_sets_nothing_aside(shop: Shop, old: OldNode, named: int | None, then: int) -> None:
    assert (await shop.book.pool_config()).safety_percent is None, "a new pool has the default"
    await make_old(shop, old)
    await shop.ok(put(What.POOL, "", {"title": "Main", "safety_percent": named}))
    await shop.advance(QUIET_MS)
    await reserve(shop, "r")
    assert await format_of(shop) == library.FORMAT
    found = await shop.book.pool_config()
    assert (found.safety_percent, found.title, found.revision) == (then, "Main", 1)


async def test_a_freeze_has_its_entry_once_no_old_node_could_stumble_over_it(shop: Shop, old: OldNode) -> None:
    await make_old(shop, old)
    entries = len(await shop.book.ledger(Stream.STOCK))
    for scope, name in ((FreezeScope.CHANNEL, "live"), (FreezeScope.ROOM, "evening"), (FreezeScope.POOL, "")):
        await shop.ok(Freeze(f"on-{scope}", name, True, "wang", "smoke", scope=scope))
        view = await shop.book.room_view("evening")
        assert view
        assert view.stopped
        await shop.ok(Freeze(f"off-{scope}", name, False, scope=scope))
    assert len(await shop.book.ledger(Stream.STOCK)) == entries
    await shop.advance(QUIET_MS)
    await shop.ok(Freeze("new", "live", True, "wang", "smoke", scope=FreezeScope.CHANNEL))
    [entry] = await shop.book.ledger(Stream.STOCK, entries)
    assert (entry.kind, entry.sku, entry.reference, entry.reason) == ("freeze", "", "channel:live", "smoke")


async def test_reading_neither_raises_it_nor_counts_as_an_old_node(shop: Shop, old: OldNode) -> None:
    await make_old(shop, old)
    await shop.advance(QUIET_MS)
    await shop.book.room_view("evening")
    await shop.book.skus()
    assert await format_of(shop) == 1
    await reserve(shop, "r")
    assert await format_of(shop) == library.FORMAT


async def test_an_empty_pool_that_an_old_node_uses_waits_as_others_do(shop: Shop, old: OldNode) -> None:
    key = f"{shop.book.base}:meta"
    await shop.engine.command("HDEL", key, "format", key=key)
    await shop.advance(0)
    await old.clock()
    await shop.ok(Move("m", MoveKind.RECEIVE, "mug", 1, "supplier", "pool"))
    assert await format_of(shop) == 1


class Restarting:
    """A book on an engine that can be started anew on its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._settings = folder, Settings(data_dir=str(folder))

    async def start(self) -> Shop:
        self._embedded = EmbeddedEngine(self._folder, self._settings)
        self._engine = await Engine.connect(
            await self._embedded.start(), settings=self._settings, library=library.LIBRARY
        )
        return Shop(StockBook(self._engine, "p", self._settings), self._engine)

    async def stop(self, shop: Shop) -> None:
        await shop.book.close()
        await self._engine.close()
        await self._embedded.stop()


@pytest.fixture
def restarting(short_folder: Path) -> Restarting:
    return Restarting(short_folder / "book")


async def test_a_start_of_the_engine_keeps_what_was_raised_and_waits_anew_where_it_was_not(
    restarting: Restarting,
) -> None:
    shop = await restarting.start()
    await shop.set_up()
    await make_old(shop, OldNode(shop))
    await shop.advance(QUIET_MS)
    await restarting.stop(shop)

    shop = await restarting.start()  # nobody knows who called while the engine was away
    await reserve(shop, "first")
    assert await format_of(shop) == 1
    await shop.advance(QUIET_MS)
    await reserve(shop, "second")
    assert await format_of(shop) == library.FORMAT
    await restarting.stop(shop)

    shop = await restarting.start()
    await OldNode(shop).clock()
    await reserve(shop, "third")
    assert await format_of(shop) == library.FORMAT
    assert len(await stored(shop, "third")) == 19
    await shop.assert_sound()
    await restarting.stop(shop)
