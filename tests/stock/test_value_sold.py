"""The value that was sold lately is the same whether the ledger says it or, for what has left that, the days."""

from __future__ import annotations

import datetime as dt

import pytest
from shelfcast.archive.store import ArchiveStore
from shelfcast.merchant.day_totals import make_days
from shelfcast.merchant.days import day_begins_ms
from shelfcast.merchant.value_sold import value_sold
from shelfcast.settings import Settings
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import CancelPaid, Confirm, External, Reserve, put
from shop import Shop
from trimming import note, note_days, place_at

HOUR_MS = 3_600_000
DAYS = 4


async def value_since(shop: Shop, settings: Settings, since_ms: int) -> tuple[dict[str, dict[str, int]], int]:
    sold, from_ms = await value_sold(shop.book, ArchiveStore(settings), since_ms, lambda done, total: None)
    return {currency: {sku: n for sku, n in each.items() if n} for currency, each in sold.by_currency.items()}, from_ms


async def evenings(shop: Shop) -> list[int]:
    """Four days with sales of each kind, one a day: when each began."""
    config = await shop.book.pool_config()
    await shop.advance(0)
    first = dt.datetime.fromtimestamp((await shop.book.now_ms()) / 1_000, dt.UTC).date() + dt.timedelta(days=2)
    begins = [day_begins_ms(first + dt.timedelta(days=n), config) for n in range(DAYS + 1)]
    await shop.sell("cup")
    for n, begins_ms in enumerate(begins[:DAYS]):
        await shop.advance(begins_ms + HOUR_MS - await shop.book.now_ms())
        await shop.receive(20)
        await shop.receive(20, "cup")
        for name, sku, qty, paid in (("a", "mug", 2, -1), ("b", "cup", 1, 1_500), ("c", "mug", 1, 700)):
            await shop.ok(Reserve(f"{name}{n}", "evening", sku, qty, f"u{n}"))
            await shop.ok(Confirm(f"{name}{n}", paid_minor=paid))
        await shop.ok(CancelPaid(f"back{n}", f"b{n}", 1))
        await shop.ok(External(f"jd{n}", "douyin", "cup", n + 1, paid_minor=100 * n + 1))
    await shop.advance(begins[-1] + HOUR_MS - await shop.book.now_ms())
    for room in ("evening", "morning"):
        await shop.ok(put(What.ROOM, room, {"status": "ended"}))
        await shop.final_report(f"{room}.1")
    return begins


@pytest.mark.parametrize("days_gone", [1, 3])
async def test_days_stand_in_for_what_has_left_the_ledger(shop: Shop, settings: Settings, days_gone: int) -> None:
    begins = await evenings(shop)
    async for _ in make_days(shop.book, ArchiveStore(settings), 400):
        pass
    since_ms = begins[0]
    from_the_ledger = await value_since(shop, settings, since_ms)
    assert set(from_the_ledger[0]["CNY"]) == {"mug", "cup"}
    day = next(day for day in await shop.book.days() if day.to_ms == begins[days_gone])
    seq = day.through.seq - 2  # the cut need not be where a day ends
    await note(shop.book, await place_at(shop.book, seq))
    await shop.trim(seq)
    assert await value_since(shop, settings, since_ms) == from_the_ledger
    later = await value_since(shop, settings, begins[DAYS - 1])
    assert later[1] == begins[DAYS - 1]
    assert 0 < later[0]["CNY"]["mug"] < from_the_ledger[0]["CNY"]["mug"]


async def test_where_there_are_no_days_it_says_since_when_it_is(shop: Shop, settings: Settings) -> None:
    begins = await evenings(shop)
    await note_days(shop.book)
    seq = (await place_at(shop.book, (await shop.book.clock())[1])).seq - 8
    await note(shop.book, await place_at(shop.book, seq))
    await shop.trim(seq)
    value, from_ms = await value_since(shop, settings, begins[0])
    assert from_ms == begins[DAYS - 1] + HOUR_MS
    assert value["CNY"]
