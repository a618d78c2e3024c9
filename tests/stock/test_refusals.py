"""What a show's customers did not get is counted by SKU and code, each person once, within a bound."""

from __future__ import annotations

import msgspec
from shelfcast.engine.connection import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import AddRefusals
from shelfcast.stock.refusals import Refusals, RefusedRow
from shop import Shop

SHOW = "evening.3"


def users(first: int, last: int) -> list[str]:
    return [f"{number:016x}" for number in range(first, last)]


def row(sku: str, code: Code, count: int, units: int, who: list[str]) -> RefusedRow:
    return RefusedRow(SHOW, sku, code, count, units, who)


async def added(book: StockBook, *rows: RefusedRow) -> None:
    assert (await book.apply(AddRefusals(list(rows)))).code is Code.OK


async def test_attempts_and_units_add_up_and_people_count_once(shop: Shop) -> None:
    before = shop.book.seq
    await added(shop.book, row("mug", Code.SOLD_OUT, 3, 5, users(0, 2)), row("tea", Code.FROZEN, 1, 1, users(0, 1)))
    await added(shop.book, row("mug", Code.SOLD_OUT, 2, 2, users(1, 3)), row("mug", Code.ALL_HELD, 1, 4, users(2, 4)))
    read = Refusals(shop.engine, shop.book.base)
    found = await read.of_show(SHOW)
    assert [(c.code, c.count, c.units, c.people) for c in found.codes] == [
        (Code.ALL_HELD, 1, 4, 2),
        (Code.FROZEN, 1, 1, 1),
        (Code.SOLD_OUT, 5, 7, 3),
    ]
    mug, tea = found.skus
    assert [(c.code, c.count, c.people) for c in mug.codes] == [(Code.ALL_HELD, 1, 2), (Code.SOLD_OUT, 5, 3)]
    lack = mug.lack_of_stock
    assert (lack.count, lack.units, lack.people) == (6, 11, 4), "one of them is in both rows"
    assert (tea.sku, tea.lack_of_stock.people) == ("tea", 0), "a frozen sale lacks no stock"
    assert shop.book.seq == before, "no unit has moved"
    assert (await read.of_show("evening.4")).codes == [], "another show has its own"


async def test_several_processes_in_one_call_and_pages_of_skus(shop: Shop) -> None:
    codes = [Code.SOLD_OUT, Code.INSUFFICIENT]
    for first in (0, 50):
        who = users(first, first + 50)
        await added(shop.book, *(row(f"s{n}", code, 1, 2, who) for n in range(5) for code in codes))
    read = Refusals(shop.engine, shop.book.base)
    page = await read.of_show(SHOW, limit=2)
    assert ([sku.sku for sku in page.skus], page.next) == (["s0", "s1"], "s1")
    rest = await read.of_show(SHOW, after="s1", limit=3)
    assert ([sku.sku for sku in rest.skus], rest.next) == (["s2", "s3", "s4"], None)
    assert [(c.count, c.units) for c in rest.codes] == [(10, 20), (10, 20)], "the totals are of the whole show"
    assert all(abs(sku.lack_of_stock.people - 100) <= 3 for sku in page.skus + rest.skus)


async def test_beyond_its_rows_a_show_counts_in_its_totals_alone(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "main", msgspec.structs.replace(settings, refusal_rows_a_show_max=100))
    await added(book, *(row(f"s{n:03}", Code.SOLD_OUT, 1, 1, []) for n in range(150)))
    await added(book, row("s000", Code.SOLD_OUT, 1, 1, users(0, 1)), row("s149", Code.SOLD_OUT, 1, 1, users(1, 2)))
    found = await Refusals(engine, book.base).of_show(SHOW, limit=1000)
    assert [(c.count, c.people) for c in found.codes] == [(152, 2)]
    assert len(found.skus) == 100 - 1, "one row is the total"
    assert (found.skus[0].sku, found.skus[0].lack_of_stock.count) == ("s000", 2), "a row that is there goes on"
    await book.close()


async def test_everything_of_a_show_goes_after_its_time(engine: Engine, settings: Settings) -> None:
    kept_ms = 864_000_000
    book = StockBook(engine, "main", msgspec.structs.replace(settings, refusals_kept_ms=kept_ms))
    await added(book, row("mug", Code.SOLD_OUT, 1, 1, []))
    await added(book, row("mug", Code.SOLD_OUT, 1, 1, users(0, 9)), row("mug", Code.PAUSED, 1, 1, users(0, 9)))
    pattern = f"{book.base}:refused*"
    keys = await engine.command("KEYS", pattern, key=pattern)
    assert len(keys) == 1 + 2 * 2
    for key in keys:
        assert 0 < await engine.command("PTTL", key.decode(), key=key.decode()) <= kept_ms
    await book.close()


async def test_nothing_of_a_show_goes_before_its_final_report_is_due(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "main", msgspec.structs.replace(settings, refusals_kept_ms=60_000))
    await added(book, row("mug", Code.SOLD_OUT, 1, 1, users(0, 9)))
    key = f"{book.base}:refused:{SHOW}"
    longest_ms = 3_600_000 * settings.series_hours_max
    assert await engine.command("PTTL", key, key=key) > longest_ms + settings.report_final_after_ms
    await book.close()
