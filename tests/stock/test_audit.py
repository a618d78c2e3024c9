"""The audit finds what somebody wrote behind the book's back, and keeps calm while the book sells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.audit import AuditReport, audit
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Confirm, Reserve
from shop import Shop


@pytest.fixture
async def sold(engine: Engine, settings: Settings) -> AsyncIterator[Shop]:
    """A shop that sold something, and is not checked at the end."""
    book = StockBook(engine, "p", settings)
    shop = Shop(book, engine)
    await shop.set_up()
    await shop.receive(10)
    await shop.terms(limit_per_user=3)
    await shop.ok(Reserve("r1", "evening", "mug", 2, "ann"))
    await shop.ok(Reserve("r2", "evening", "mug", 3, "bob"))
    await shop.ok(Confirm("r1"))
    yield shop
    await book.close()


async def plant(shop: Shop, command: str, suffix: str, *args: str | int) -> AuditReport:
    key = shop.book.base + suffix
    await shop.engine.command(command, key, *args, key=key)
    report = await audit(shop.book)
    assert not report.ok
    return report


async def test_a_sound_book_passes_with_its_figures(sold: Shop) -> None:
    report = await audit(sold.book)
    assert report.ok, report.violations
    assert (report.entries, report.skus, report.reservations, report.users) == (4, 1, 2, 2)
    assert report.units_on_hand == 10


async def test_a_bucket_that_was_changed_by_hand(sold: Shop) -> None:
    report = await plant(sold, "HSET", ":sku:mug", "pool", 6)
    assert report.count_of(4) == 1
    assert report.count_of(1) == 1
    assert "the book says 6, the ledger 5" in report.violations[0].detail


async def test_a_negative_bucket(sold: Shop) -> None:
    report = await plant(sold, "HSET", ":sku:mug", "pool", -1)
    assert report.count_of(2) == 1


async def test_a_reservation_that_vanished(sold: Shop) -> None:
    report = await plant(sold, "HDEL", ":reservations", "r2")
    assert [(v.invariant, v.subject) for v in report.violations] == [(3, "r2")]


async def test_a_record_that_was_exchanged(sold: Shop) -> None:
    key = sold.book.base + ":reservations"
    other = await sold.engine.command("HGET", key, "r1", key=key)
    await sold.engine.command("HSET", key, "r2", other, key=key)
    report = await audit(sold.book)
    assert {(v.invariant, v.subject) for v in report.violations} == {(3, "r2"), (5, "r2")}


async def test_a_ledger_entry_that_was_deleted(sold: Shop) -> None:
    report = await plant(sold, "XDEL", ":ledger", "2-2")
    assert report.count_of(4) >= 1
    assert any("gap" in violation.detail for violation in report.violations)


async def test_a_ledger_that_lost_its_end(sold: Shop) -> None:
    report = await plant(sold, "XDEL", ":ledger", "4-4")
    assert any("missing" in violation.detail for violation in report.violations)


async def test_a_users_units_that_were_forgotten(sold: Shop) -> None:
    report = await plant(sold, "HSET", ":units:evening.1", "ann\x1fmug", 0)
    assert [(v.invariant, v.subject) for v in report.violations] == [(6, "ann mug")]


async def test_a_user_above_the_limit_is_seen_in_the_ledger(sold: Shop) -> None:
    # The rule is switched off by hand: the entry still names the limit it should have been decided under.
    await sold.engine.command(
        "HSET", sold.book.base + ":units:evening.1", "ann\x1fmug", 0, key=sold.book.base + ":units"
    )
    await sold.ok(Reserve("r3", "evening", "mug", 3, "ann"))
    report = await audit(sold.book)
    assert any(v.invariant == 6 and "5 units in evening.1, limit 3" in v.detail for v in report.violations)


async def test_selling_while_it_is_audited_is_no_violation(shop: Shop) -> None:
    await shop.receive(100_000)
    selling = True

    async def customer(number: int) -> None:
        n = 0
        while selling:
            n += 1
            name = f"c{number}-{n}"
            await shop.ok(Reserve(name, "evening", "mug", 1, f"u{number}"))
            await shop.ok(Confirm(name))

    customers = [asyncio.ensure_future(customer(number)) for number in range(20)]
    reports = [await audit(shop.book) for _ in range(3)]
    selling = False
    await asyncio.gather(*customers)
    assert [report.violations for report in reports] == [[], [], []]
    assert reports[0].entries < reports[2].entries


async def test_a_record_that_the_ledger_does_not_know(sold: Shop) -> None:
    key = sold.book.base + ":reservations"
    record = await sold.engine.command("HGET", key, "r1", key=key)
    await sold.engine.command("HSET", key, "made-up", record, key=key)
    report = await audit(sold.book)
    assert [(v.invariant, v.subject) for v in report.violations] == [(3, "made-up")]


async def test_a_sku_that_left_the_catalogue_behind_its_units(sold: Shop) -> None:
    report = await plant(sold, "HDEL", ":skus", "mug")
    assert (4, "mug") in {(v.invariant, v.subject) for v in report.violations}


@pytest.mark.parametrize(
    ("key", "field", "subject"),
    [
        (":sku:mug", "taken:pool", "mug taken:pool"),
        (":sku:mug", "holding:pool", "mug holding:pool"),
        (":sku:mug", "taken:channel:live", "mug taken:channel:live"),
        (":sold:evening.1", "mug", "mug sold in evening.1"),
        (":sold:evening.1", "cup", "cup sold in evening.1"),
    ],
)
async def test_a_counter_that_is_not_the_ledgers_is_found(shop: Shop, key: str, field: str, subject: str) -> None:
    await shop.receive(10)
    await shop.ok(Reserve("paid", "evening", "mug", 3, "ann"))
    await shop.ok(Confirm("paid"))
    await shop.ok(Reserve("held", "evening", "mug", 2, "ann"))
    await shop.assert_sound()
    key = shop.book.base + key
    await shop.engine.command("HINCRBY", key, field, 1, key=key)
    report = await audit(shop.book)
    assert [(found.invariant, found.subject) for found in report.violations] == [(8, subject)]
    await shop.engine.command("HINCRBY", key, field, -1, key=key)


async def test_sales_of_a_show_that_are_not_counted_are_found(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Reserve("paid", "evening", "mug", 3, "ann"))
    await shop.ok(Confirm("paid"))
    key = f"{shop.book.base}:sold:evening.1"
    await shop.engine.command("HDEL", key, "mug", key=key)
    report = await audit(shop.book)
    assert [(found.invariant, found.subject) for found in report.violations] == [(8, "mug sold in evening.1")]
    await shop.engine.command("HSET", key, "mug", 3, key=key)
