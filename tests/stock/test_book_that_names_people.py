"""A book of format 4, whose ledgers say users, opens without loss; from its raising on nobody is named any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from old_books import opened_book
from people_data import raw
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.audit import audit
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Cancel, Confirm, Expire, Fulfil, Reserve, Ship
from shelfcast.stock.people_operations import NamePeople
from shelfcast.stock.reading.search import Wanted
from shelfcast.stock.records import LedgerEntry, Stream

BOOK = Path(__file__).parent / "books" / "version-11.tar.gz"
PEOPLE = {"ann", "bob", "cem", "dan", "eve"}
"""Who has bought something in it."""


@pytest.fixture
async def book(short_folder: Path) -> AsyncIterator[StockBook]:
    async with opened_book(BOOK, short_folder / "book") as opened:
        yield opened


@pytest.fixture
async def raised(book: StockBook) -> StockBook:
    """The same once no server of before has called for long enough."""
    await book.clock()
    engine, key = book._engine, f"{book.base}:meta"
    await engine.command("HSET", key, "rehearsal_clock_ms", await book.now_ms() + Settings().format_quiet_ms, key=key)
    assert (await book.apply(Expire(1))).code is Code.OK
    return book


async def entries(book: StockBook) -> list[LedgerEntry]:
    return [entry for stream in Stream for entry in await book.ledger(stream)]


async def assert_sound(book: StockBook) -> None:
    report = await audit(book)
    assert report.ok, report.violations


async def test_while_servers_of_before_call_it_goes_on_naming_people(book: StockBook) -> None:
    await assert_sound(book)
    assert await book.people_from() is None
    assert (await book.apply(Reserve("more", "evening", "mug", 1, "zoe"))).code is Code.OK
    assert {entry.user for entry in await entries(book) if entry.user} == PEOPLE | {"zoe"}
    assert await book.named(await entries(book)) == await entries(book)
    assert (await book.apply(NamePeople(["ann"]))).code is Code.UNAVAILABLE
    await assert_sound(book)


async def test_once_raised_its_ledgers_name_nobody_who_comes(raised: StockBook) -> None:
    before = await entries(raised)
    assert await raised.people_from() == len(before)
    assert {entry.user for entry in before if entry.user} == PEOPLE, "nobody has a pseudonym yet"
    assert (await raised.apply(Reserve("more", "evening", "mug", 1, "zoe-of-today"))).code is Code.OK
    assert (await raised.apply(Confirm("active", "order", "shop"))).code is Code.OK
    for stream in Stream:
        assert b"zoe-of-today" not in await raw(raised._engine, f"{raised.base}:{stream}")
    names = await raised.pseudonyms([*PEOPLE, "zoe-of-today"])
    assert set(names) == {"ann", "zoe-of-today"}
    told = {(entry.kind, entry.id): entry.user for entry in await entries(raised)}
    assert told["reserve", "active"] == told["confirm", "active"] == names["ann"]
    assert told["reserve", "paid"] == "cem"
    await assert_sound(raised)


async def test_orders_of_before_go_on(raised: StockBook) -> None:
    for op, code in (
        (Ship("rest", "shipped", 0, "shop", "DHL 2"), Code.OK),
        (Cancel("pending", "bob", "bob"), Code.OK),
        (Fulfil("goods", "presale-paid", "shop"), Code.INSUFFICIENT),
        (Reserve("active", "evening", "mug", 2, "ann"), Code.OK),
        (Reserve("r", "evening", "mug", 1, "mallory"), Code.BLOCKED),
    ):
        assert (await raised.apply(op)).code is code, op
    found = await raised.search_ledger(Wanted(user="dan"), limit=100, look_max=1_000)
    assert [(entry.kind, entry.user) for entry in found.entries] == [
        ("ship", "dan"), ("ship", "dan"), ("confirm", "dan"), ("reserve", "dan"),
    ]  # fmt: skip
    story = await raised.story("shipped", await raised.reservation("shipped"), holds_ms=[300_000], look_max=1_000)
    assert {step.user for step in story.steps} == {"dan"}
    assert (await raised.search_ledger(Wanted(actor="bob"), limit=9, look_max=1_000)).entries[0].kind == "cancel"
    await assert_sound(raised)


async def test_all_are_named_before_they_are_archived(raised: StockBook) -> None:
    users = sorted({entry.user for entry in await entries(raised) if entry.user})
    outcome = await raised.apply(NamePeople(users))
    now = {entry.user for entry in await entries(raised) if entry.user}
    assert now == set(outcome.data)
    assert {entry.user for entry in await raised.named(await entries(raised)) if entry.user} == PEOPLE
    await assert_sound(raised)
