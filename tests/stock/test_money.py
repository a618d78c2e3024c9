"""What a reservation cost, what was paid for it and what went back: on its record, and once in the ledger."""

from __future__ import annotations

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.operations import Cancel, CancelPaid, Confirm, Expire, External, Refund, Reserve, Ship
from shelfcast.stock.records import Stream
from shop import Shop

HOLD_MS = 300_250


@pytest.fixture
async def shop(shop: Shop) -> Shop:
    """Ten mugs of 9.90, seven of them in the pool."""
    await shop.receive(7)
    await shop.move("receive", 3, "supplier", "channel:live")  # type: ignore[arg-type]
    return shop


async def money(shop: Shop, id_: str) -> tuple[int | None, str, int | None, int]:
    record = await shop.book.reservation(id_)
    assert record
    return record.price_minor, record.currency, record.paid_minor, record.refunded_minor


async def told(shop: Shop) -> list[tuple[str, int | None, int | None]]:
    """What entries tell of money, those that tell of any."""
    entries = await shop.book.ledger(Stream.STOCK)
    return [
        (entry.kind, entry.paid_minor, entry.refunded_minor)
        for entry in entries
        if entry.paid_minor is not None or entry.refunded_minor is not None
    ]


async def paid(shop: Shop, id_: str, qty: int, minor: int = -1, currency: str = "") -> None:
    await shop.ok(Reserve(id_, "evening", "mug", qty, "ann"))
    await shop.ok(Confirm(id_, "order", "shop", minor, currency))


async def test_a_payment_may_say_what_was_paid_and_the_first_one_counts(shop: Shop) -> None:
    await paid(shop, "r", 2, 1_500)
    assert await money(shop, "r") == (990, "CNY", 1_500, 0)
    await shop.ok(Confirm("r", "order", "shop", 1_400))
    assert await money(shop, "r") == (990, "CNY", 1_500, 0)
    assert await told(shop) == [("confirm", 1_500, None)]


async def test_one_that_says_nothing_leaves_the_price(shop: Shop) -> None:
    await paid(shop, "r", 2)
    assert await money(shop, "r") == (990, "CNY", None, 0)
    assert await told(shop) == []


async def test_another_currency_is_kept_as_it_was_said(shop: Shop) -> None:
    await paid(shop, "r", 1, 120, "USD")
    assert await money(shop, "r") == (990, "USD", 120, 0)
    (*_, reserved, confirmed) = await shop.book.ledger(Stream.STOCK)
    assert (reserved.currency, confirmed.currency) == ("CNY", "USD")


async def test_parts_go_back_by_their_share_and_the_last_gets_the_rest(shop: Shop) -> None:
    await paid(shop, "r", 3, 1_000)
    for n in range(3):
        await shop.ok(CancelPaid(f"back-{n}", "r", 1))
        await shop.ok(CancelPaid(f"back-{n}", "r", 1))  # the same again: nothing
    assert await told(shop) == [
        ("confirm", 1_000, None), ("cancel_paid", None, 333), ("cancel_paid", None, 333), ("cancel_paid", None, 334),
    ]  # fmt: skip
    assert (await money(shop, "r"))[3] == 1_000


async def test_units_that_were_in_two_places_are_told_of_once(shop: Shop) -> None:
    await paid(shop, "r", 8)
    await shop.ok(CancelPaid("back", "r"))
    assert await told(shop) == [("cancel_paid", None, 8 * 990)]


async def test_what_was_shipped_stays_paid(shop: Shop) -> None:
    await paid(shop, "r", 3, 1_000)
    await shop.ok(Ship("parcel", "r", 2))
    await shop.ok(CancelPaid("back", "r"))
    assert (await money(shop, "r"))[3] == 333


async def test_an_amount_that_is_said_goes_back_and_no_more_than_was_paid(shop: Shop) -> None:
    await paid(shop, "r", 2, 1_000)
    await shop.ok(CancelPaid("back", "r", 1, refunded_minor=900))
    outcome = await shop.book.apply(CancelPaid("more", "r", 1, refunded_minor=101))
    assert (outcome.code, outcome.field, outcome.available) == (Code.BAD_MESSAGE, "refunded_minor", 100)
    await shop.ok(CancelPaid("more", "r", 1))
    assert (await money(shop, "r"))[3] == 1_000


async def test_the_same_id_with_another_amount_is_a_conflict(shop: Shop) -> None:
    await paid(shop, "r", 2, 1_000)
    await shop.ok(CancelPaid("back", "r", 1, refunded_minor=400))
    assert await shop.refused(CancelPaid("back", "r", 1, refunded_minor=500)) == (Code.ID_CONFLICT, "refunded_minor")
    assert await shop.refused(CancelPaid("back", "r", 1)) == (Code.ID_CONFLICT, "refunded_minor")
    await shop.ok(CancelPaid("back", "r", 1, refunded_minor=400))
    await shop.ok(External("o", "live", "mug", 1, paid_minor=700, currency="EUR"))
    assert await shop.refused(External("o", "live", "mug", 1, paid_minor=800)) == (Code.ID_CONFLICT, "paid_minor")
    assert await shop.refused(External("o", "live", "mug", 1, paid_minor=700, currency="USD")) == (
        Code.ID_CONFLICT, "currency",
    )  # fmt: skip
    await shop.ok(External("o", "live", "mug", 1, paid_minor=700, currency="EUR"))


async def test_an_order_of_another_platform_has_the_skus_price(shop: Shop) -> None:
    await shop.terms(price_minor=100)
    await shop.ok(External("o", "live", "mug", 12, "", "D-1", "douyin", 9_000, "EUR"))
    assert await money(shop, "o") == (990, "EUR", 9_000, 0)
    assert await told(shop) == [("external", 9_000, None)]


async def test_a_payment_without_stock_goes_back_whole(shop: Shop) -> None:
    await shop.ok(Reserve("r", "evening", "mug", 2, "ann"))
    await shop.advance(HOLD_MS)
    await shop.ok(Expire(10))
    await shop.ok(Reserve("all", "evening", "mug", 10, "bob"))
    confirmed = await shop.book.apply(Confirm("r", "order", "shop", 1_900))
    assert confirmed.code is Code.PAID_NO_STOCK
    await shop.ok(Refund("r", "shop"))
    assert await money(shop, "r") == (990, "CNY", 1_900, 1_900)
    assert await told(shop) == [("paid_no_stock", 1_900, None), ("refund", None, 1_900)]


async def test_a_late_payment_that_finds_stock_is_told_of_once(shop: Shop) -> None:
    await shop.ok(Reserve("r", "evening", "mug", 8, "ann"))
    await shop.advance(HOLD_MS)
    await shop.ok(Expire(10))
    await shop.ok(Reserve("all", "evening", "mug", 10, "bob"))
    assert (await shop.book.apply(Confirm("r", "order", "shop", 1_900))).code is Code.PAID_NO_STOCK
    await shop.ok(Cancel("all"))
    await shop.ok(Confirm("r", "order", "shop", 1_900))
    assert await told(shop) == [("paid_no_stock", 1_900, None)]
    assert await money(shop, "r") == (990, "CNY", 1_900, 0)


async def test_a_record_of_before_keeps_what_is_said_of_it_now(shop: Shop) -> None:
    key = f"{shop.book.base}:meta"
    await shop.engine.command("HDEL", key, "format", key=key)
    await shop.ok(Reserve("r", "evening", "mug", 2, "ann"))
    await shop.ok(Reserve("s", "evening", "mug", 2, "ann"))
    await shop.ok(Confirm("s", "order", "shop"))
    await shop.engine.command("HSET", key, "format", 2, key=key)
    await shop.ok(Confirm("r", "order", "shop", 1_500, "EUR"))
    assert await money(shop, "r") == (None, "EUR", 1_500, 0)
    await shop.ok(CancelPaid("back", "r", 1))
    assert await money(shop, "r") == (None, "EUR", 1_500, 750)
    await shop.ok(CancelPaid("back-2", "s", 1))
    assert await money(shop, "s") == (None, "", None, 0)
