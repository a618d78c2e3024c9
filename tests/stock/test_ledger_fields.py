"""What an entry of the ledger tells of its reservation: data in fields, of old entries those that their words had."""

from __future__ import annotations

from typing import Any

import pytest
from shelfcast.stock.operations import Cancel, Confirm, Move, MoveKind, Reserve
from shelfcast.stock.records import LedgerEntry, Stream
from shop import Shop

QUIET = {"price_minor": None, "currency": "", "limit": None, "paid_minor": None, "refunded_minor": None}


async def last(shop: Shop, count: int) -> list[LedgerEntry]:
    return await shop.book.named((await shop.book.ledger(Stream.STOCK))[-count:])


def told(entry: LedgerEntry, *fields: str) -> tuple[Any, ...]:
    return tuple(getattr(entry, field) for field in ("kind", *fields))


async def at_format_1(shop: Shop) -> None:
    key = f"{shop.book.base}:meta"
    await shop.engine.command("HDEL", key, "format", key=key)


async def test_what_a_reservation_is_made_with_stands_in_fields(shop: Shop) -> None:
    await shop.terms(limit_per_user=3, price_minor=890)
    await shop.receive(10)
    await shop.ok(Reserve("r", "evening", "mug", 2, "ann"))
    await shop.ok(Confirm("r", "order-1", "shop"))
    reserved, confirmed = await last(shop, 2)
    assert told(reserved, "actor", "reason", "room", "price_minor", "currency", "limit", "window") == (
        "reserve", "ann", "", "evening", 890, "CNY", 3, "evening.1",
    )  # fmt: skip
    assert told(confirmed, "actor", "reference", "room", "price_minor", "limit") == (
        "confirm", "shop", "order-1", "evening", 890, None,
    )  # fmt: skip


async def test_a_price_that_changes_later_is_not_that_of_what_was_sold_before(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Reserve("r1", "evening", "mug", 1, "ann"))
    await shop.terms(price_minor=500, currency="EUR")
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    await shop.ok(Cancel("r1"))
    assert [told(entry, "id", "price_minor", "currency") for entry in await last(shop, 3)] == [
        ("reserve", "r1", 990, "CNY"), ("reserve", "r2", 500, "EUR"), ("cancel", "r1", 990, "CNY"),
    ]  # fmt: skip


async def test_a_move_tells_nothing_of_a_reservation(shop: Shop) -> None:
    await shop.ok(Move("m", MoveKind.RECEIVE, "mug", 1, "supplier", "pool", "zhang", "limit 2"))
    (entry,) = await last(shop, 1)
    assert {field: getattr(entry, field) for field in QUIET} == QUIET
    assert told(entry, "actor", "reason", "room", "window") == ("receive", "zhang", "limit 2", "", "")


@pytest.mark.parametrize("limit", [None, 2])
async def test_an_old_entry_has_what_its_words_say(shop: Shop, limit: int | None) -> None:
    await shop.terms(limit_per_user=limit)
    await shop.receive(10)
    await at_format_1(shop)
    await shop.ok(Reserve("r", "evening", "mug", 1, "ann"))
    await shop.ok(Cancel("r", "ann", "ann"))
    reserved, cancelled = await last(shop, 2)
    assert told(reserved, "actor", "room", "limit", "window") == ("reserve", "room:evening", "evening", limit, "ever")
    assert told(cancelled, "actor", "room", "limit", "window") == ("cancel", "ann", "", None, "ever")
