"""A book that a release of before has written opens without loss, and goes on. books/write_book.py made them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from old_books import opened_book
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.audit import audit
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import Standing, What
from shelfcast.stock.operations import (
    Acknowledge,
    Cancel,
    CancelPaid,
    Confirm,
    Expire,
    Freeze,
    Fulfil,
    Move,
    MoveKind,
    Op,
    OpenBatch,
    Reserve,
    SettleOversold,
    Ship,
    put,
)
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.records import Stream
from shelfcast.stock.shelf import ShelfRow, shelf_row
from trimming import entries_of, folded

BOOKS = sorted((Path(__file__).parent / "books").glob("version-?.tar.gz"))
"""Of releases without shows; test_book_that_names_people.py has the one of format 4."""


@pytest.fixture(params=BOOKS, ids=lambda path: path.name.partition(".")[0])
async def book(request: pytest.FixtureRequest, short_folder: Path) -> AsyncIterator[StockBook]:
    """An old book, opened with the server of today."""
    async with opened_book(request.param, short_folder / "book") as book:
        yield book


async def ok(book: StockBook, op: Op) -> Outcome:
    outcome = await book.apply(op)
    assert outcome.code is Code.OK, (op, outcome)
    return outcome


@pytest.fixture
async def upgraded(book: StockBook) -> StockBook:
    """The same once no server of the release before has called for long enough."""
    await book.clock()
    await set_clock(book, await book.now_ms() + Settings().format_quiet_ms)
    await ok(book, Expire(1))
    return book


async def set_clock(book: StockBook, ms: int) -> None:
    """Stop the pool's clock at a time."""
    engine, key = book._engine, f"{book.base}:meta"
    await engine.command("HSET", key, "rehearsal_clock_ms", ms, key=key)


async def units(book: StockBook, sku: str) -> dict[str, int]:
    found = await book.sku(sku)
    assert found
    return {place: n for place, n in found[1].items() if n}


async def test_nothing_of_it_is_lost(book: StockBook) -> None:
    report = await audit(book)
    assert report.ok, report.violations
    assert report.entries >= 25
    assert await units(book, "mug") == {
        "supplier": -100, "pool": 51, "safety": 10, "batch:late": 6, "unsellable": 1, "held:live": 3, "sold:live": 4,
        "sold:douyin": 20, "external_oversold:douyin": 5, "shipped": 2, "count_loss": 3,
    }  # fmt: skip
    assert await units(book, "bowl") == {"promise": -20, "presale": 17, "presale_held:live": 2, "presale_sold:live": 1}
    view = await book.room_view("evening")
    assert view
    assert (view.room.title, view.room.status, view.room.spotlight) == ("Evening", "live", "mug")
    listed = {each.sku: (each.config.title, each.stock.frozen) for each in view.skus}
    assert listed == {"bowl": ("Schüssel 碗", True), "mug": ("Mug", False)}
    assert view.notices_and_cues.notice
    assert view.notices_and_cues.notice.text == "Free shipping"
    assert [cue.text for cue in view.notices_and_cues.cues] == ["Show the handle"]
    assert (await book.user("mallory")).standing is Standing.BLOCKED
    assert {name: batch.opened_at_ms > 0 for name, batch in (await book.batches()).items()} == {
        "early": True, "late": False
    }  # fmt: skip
    assert [r.id for r in await book.user_reservations("ann")] == ["active", "presale"]


async def test_it_sells_on(book: StockBook) -> None:
    assert (await book.apply(Reserve("more", "evening", "mug", 2, "ann"))).code is Code.LIMIT_PER_USER
    await ok(book, Reserve("more", "evening", "mug", 1, "ann"))
    await ok(book, Reserve("active", "evening", "mug", 2, "ann"))  # sent again: the answer of then
    for name in ("active", "pending", "more", "presale"):
        await ok(book, Confirm(name, f"order-{name}", "shop"))
    await ok(book, Ship("rest", "shipped", 0, "shop", "DHL 2"))
    await ok(book, OpenBatch("open-late", "late", "zhang"))
    await ok(book, Move("more", MoveKind.ALLOCATE, "mug", 5, "pool", "channel:douyin", "zhang"))
    await ok(book, SettleOversold("owed", "platform", 5, "zhang"))
    await ok(book, Freeze("thaw", "bowl", frozen=False, actor="zhang"))
    await ok(book, put(What.SKU, "bowl", {"title": "Bowl"}))
    await ok(book, Acknowledge("seen-2", "evening", "cue", "host"))
    assert (await book.apply(Fulfil("goods", "presale-paid", "shop"))).code is Code.INSUFFICIENT
    assert (await book.apply(Reserve("r", "evening", "mug", 1, "mallory"))).code is Code.BLOCKED
    assert (await book.apply(Reserve("r", "morning", "mug", 1, "ann"))).code is Code.SALE_ENDED
    assert await units(book, "mug") == {
        "supplier": -100, "pool": 51, "safety": 10, "unsellable": 1, "sold:live": 7, "sold:douyin": 25, "shipped": 3,
        "count_loss": 3,
    }  # fmt: skip
    report = await audit(book)
    assert report.ok, report.violations


async def test_its_entries_say_what_their_words_had(book: StockBook) -> None:
    entries = {(entry.kind, entry.id): entry for entry in await book.ledger(Stream.STOCK)}
    active, parcel = entries["reserve", "active"], entries["ship", "shipped"]
    assert (active.actor, active.room, active.limit, active.window, active.price_minor, active.show) == (
        "room:evening", "evening", 3, "ever", None, "",
    )  # fmt: skip
    assert (parcel.actor, parcel.room, parcel.limit, parcel.window) == ("shop", "", None, "ever")


async def test_the_room_that_was_live_has_its_show_when_the_format_is_raised(upgraded: StockBook) -> None:
    room = await upgraded.room_config("evening")
    assert room
    assert room.show == 1
    show = await upgraded.show("evening.1")
    assert show
    assert (show.room, show.status, show.upgraded) == ("evening", "live", True)
    assert await upgraded.upgraded_shows() == {"evening.1"}
    morning = await upgraded.room_config("morning")
    assert morning
    assert morning.show == 0
    report = await audit(upgraded)
    assert report.ok, report.violations


async def test_a_show_that_was_live_counts_what_was_bought_before(upgraded: StockBook) -> None:
    """ann has 2 of 3, dan 3 of 3 in the old book."""
    assert (await upgraded.apply(Reserve("two", "evening", "mug", 2, "ann"))).code is Code.LIMIT_PER_USER
    await ok(upgraded, Reserve("one", "evening", "mug", 1, "ann"))
    assert (await upgraded.apply(Reserve("more", "evening", "mug", 1, "ann"))).code is Code.LIMIT_PER_USER
    assert (await upgraded.apply(Reserve("dan", "evening", "mug", 1, "dan"))).code is Code.LIMIT_PER_USER
    await ok(upgraded, Cancel("active", "ann", "ann"))  # goes where it was counted, and makes room
    await ok(upgraded, Reserve("two-more", "evening", "mug", 2, "ann"))
    await ok(upgraded, CancelPaid("back", "paid", 1, "shop"))
    await ok(upgraded, Reserve("cem", "evening", "mug", 1, "cem"))
    made = {r.id: (r.show, r.price_minor, r.currency, r.window) for r in await upgraded.user_reservations("ann")}
    assert made["two-more"] == ("evening.1", 990, "EUR", "evening.1")
    for status in ("ended", "live"):
        await ok(upgraded, put(What.ROOM, "evening", {"status": status}))
    await ok(upgraded, Reserve("dan", "evening", "mug", 3, "dan"))  # of the next show
    report = await audit(upgraded)
    assert report.ok, report.violations


async def test_it_sells_on_while_servers_of_before_still_call(book: StockBook) -> None:
    await ok(book, Reserve("more", "evening", "mug", 1, "ann"))
    (*_, entry) = await book.ledger(Stream.STOCK)
    assert (entry.kind, entry.actor, entry.reason) == ("reserve", "room:evening", "limit 3")
    room = await book.room_config("evening")
    assert room
    assert room.show == 0


async def shelf_of(book: StockBook, sku: str = "mug") -> ShelfRow:
    view = await book.room_view("evening")
    assert view
    listed = next(one for one in view.skus if one.sku == sku)
    base, sold = listed.base_row, listed.sold_in_show
    return shelf_row(listed.stock, "live", view.channel.kind, presale=False, base=base, sold_in_show=sold)


async def test_a_room_that_was_live_begins_a_show_once_the_book_has_shows(book: StockBook) -> None:
    """Its share begins at 100 %, and what the book has not counted comes in where it comes back."""
    view = await book.room_view("evening")
    assert view
    assert (view.room.show, view.show_record) == (0, None)
    now = await book.now_ms()
    later = now + Settings().format_quiet_ms
    key = f"{book.base}:meta"
    await book._engine.command("HSET", key, "rehearsal_clock_ms", later, key=key)
    await ok(book, Expire(1))
    record = await book.show("evening.1")
    assert record
    assert (record.status, record.started_by, record.started_at_ms, record.channel) == ("live", "", later, "live")
    assert [(row.sku, row.to_ms) for row in record.spotlight] == [("mug", 0)]
    assert await book.show("morning.1") is None
    row = await shelf_of(book)
    assert (row.available, row.offered, row.holding, row.sold_in_show) == (51, 51, 3, 0)

    await ok(book, Reserve("new", "evening", "mug", 1, "zoe"))
    await ok(book, Confirm("new"))
    await ok(book, Confirm("active"))
    row = await shelf_of(book)
    assert (row.available, row.offered, row.sold_in_show) == (50, 51, 1)
    await ok(book, Cancel("pending"))
    returned = await shelf_of(book)
    assert returned.offered - row.offered == returned.available - row.available > 0
    report = await audit(book)
    assert report.ok, report.violations


async def test_an_audit_of_it_may_begin_behind_any_entry(upgraded: StockBook) -> None:
    await ok(upgraded, Reserve("new", "evening", "mug", 1, "zoe"))
    await ok(upgraded, Confirm("new"))
    entries, whole = await entries_of(upgraded), await audit(upgraded)
    assert whole.ok, whole.violations
    for at in range(len(entries) + 1):
        begin = await folded(upgraded, None, entries[:at])
        assert await audit(upgraded, begin=begin) == whole, at
