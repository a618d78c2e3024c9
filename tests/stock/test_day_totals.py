"""The totals of business days, held against what the raw entries of the ledgers say."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from msgspec.structs import replace
from shelfcast.archive.store import ArchiveStore
from shelfcast.engine import Engine
from shelfcast.errors import ArchiveDamaged
from shelfcast.insight.day_totals import SALES, DayFold
from shelfcast.merchant.day_figures import DaysAsked, day_figures
from shelfcast.merchant.day_files import Day, content_of, day_of, row_of
from shelfcast.merchant.day_items import DaysBy
from shelfcast.merchant.day_totals import due_day, make_days
from shelfcast.merchant.days import day_begins_ms
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.archive_operations import NoteCheckpoint, Trim
from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import PoolConfig, What
from shelfcast.stock.day_operations import NoteDay
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    Count,
    Expire,
    External,
    Freeze,
    Move,
    MoveKind,
    Quota,
    Refund,
    Reserve,
    Ship,
    put,
)
from shelfcast.stock.records import Stream
from shop import Shop
from stock.raw_days import FLOWS, all_entries, check_chain, check_rows, is_here

ZONE = "Europe/Berlin"
HOUR_MS = 3_600_000
FIRST = dt.date(2026, 3, 26)
"""Three days before the clocks are put forward."""
KEPT = 400


@pytest.fixture
async def shop(engine: Engine, settings: Settings) -> AsyncIterator[Shop]:
    """A shop whose clock stands at the beginning of a day."""
    book = StockBook(engine, "days", settings)
    shop = Shop(book, engine)
    await set_clock(shop, day_begins_ms(FIRST, PoolConfig(time_zone=ZONE)))
    await shop.ok(put(What.POOL, "", {"time_zone": ZONE}))
    await shop.set_up()
    yield shop
    await book.close()


@pytest.fixture
def store(settings: Settings) -> ArchiveStore:
    return ArchiveStore(settings)


async def set_clock(shop: Shop, at_ms: int) -> None:
    key = f"{shop.book.base}:meta"
    await shop.engine.command("HSET", key, "rehearsal_clock_ms", at_ms, key=key)


async def until(shop: Shop, date: dt.date, hours: float = 0) -> None:
    """It is so many hours into a business day."""
    await set_clock(shop, day_begins_ms(date, await shop.book.pool_config()) + int(hours * HOUR_MS))


async def made(shop: Shop, store: ArchiveStore, kept: int = KEPT) -> list[Day]:
    return [day async for day in make_days(shop.book, store, kept)]


def date(n: int) -> dt.date:
    return FIRST + dt.timedelta(days=n)


class Trade:
    """What happens in the shop, drawn by chance."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self._shop = shop
        self._random = random.Random(seed)
        self._number = 0
        self._orders: list[str] = []

    async def step(self) -> None:
        shop, draw, number = self._shop, self._random, self._number
        self._number += 1
        sku, name, qty = draw.choice(("mug", "cup", "jar")), f"n{number}", draw.randint(1, 5)
        about = draw.choice(self._orders) if self._orders else "none"
        op = draw.choice(
            [
                Move(name, MoveKind.RECEIVE, sku, qty * 4, "supplier", "pool"),
                Move(name, MoveKind.ALLOCATE, sku, qty, "pool", "channel:douyin"),
                Move(name, MoveKind.WRITE_OFF, sku, qty, "pool", "written_off"),
                Move(name, MoveKind.QUARANTINE, sku, qty, "pool", "unsellable"),
                Move(name, MoveKind.CARVE, sku, qty, "pool", "safety"),
                Move(name, MoveKind.RETURN, sku, qty, "shipped", "returned"),
                Move(name, MoveKind.RETURN, sku, qty, "returned", "pool"),
                Count(name, sku, draw.randint(0, 40)),
                Freeze(name, sku, frozen=draw.random() < 0.5),
                Quota(name, sku, qty),
                Reserve(name, "evening", sku, qty, f"user{number}"),
                Reserve(name, "morning", sku, qty, f"user{number}"),
                External(name, "douyin", sku, qty, paid_minor=draw.choice((-1, 500)), currency="CNY"),
                Confirm(about, paid_minor=draw.choice((-1, 700)), currency="EUR"),
                Confirm(about),
                Cancel(about),
                CancelPaid(name, about, 0),
                Ship(name, about, 0),
                Refund(about),
                Expire(100),
            ]
        )
        if isinstance(op, Reserve | External):
            self._orders.append(name)
        await shop.book.apply(op)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_days_are_what_the_entries_of_their_hours_come_to(shop: Shop, store: ArchiveStore, seed: int) -> None:
    for sku in ("cup", "jar"):
        await shop.sell(sku)
    trade = Trade(shop, seed)
    days = 6
    for n in range(days):
        for hours in (0, 1, 9, 21.5):
            await until(shop, date(n), hours)
            for _ in range(12):
                await trade.step()
    await until(shop, date(days))
    await trade.step()
    found = await made(shop, store)
    assert [day.head.date for day in found] == [str(date(n)) for n in range(days)]
    entries = await all_entries(shop.book)
    check_chain(found)
    for day in found:
        check_rows(day, entries)
    paid: Counter[str] = Counter()
    for entry in entries:
        if entry.at_ms < found[-1].head.to_ms and entry.paid_minor is not None:
            paid[entry.currency] += entry.paid_minor
    told: Counter[str] = Counter()
    for day in found:
        for money in day.head.totals.money:
            told[money.currency] += money.paid_minor
    assert +told == +paid


async def test_the_days_together_are_the_fold_of_the_ledger(shop: Shop, store: ArchiveStore) -> None:
    trade = Trade(shop, 7)
    for n in range(4):
        await until(shop, date(n), 3)
        for _ in range(20):
            await trade.step()
    await until(shop, date(4))
    found = await made(shop, store)
    fold = DayFold(0, 1)
    for stream in (Stream.PRESALE, Stream.STOCK):
        for entry in await shop.book.ledger(stream, limit=10_000):
            fold.add(entry)
    [whole] = [row for row in fold.closed("2026-03-30") if row.sku == "mug"]
    rows = [row for day in found for row in day.rows if row.sku == "mug"]
    for name in (*FLOWS, *SALES):
        assert getattr(whole, name) == sum(getattr(row, name) for row in rows), name
    assert (whole.closing, whole.closing_sellable) == (rows[-1].closing, rows[-1].closing_sellable)
    units = await shop.units()
    assert whole.closing == sum(n for place, n in units.items() if is_here(place))


async def test_a_day_is_cut_where_it_ends(shop: Shop, store: ArchiveStore) -> None:
    ends = day_begins_ms(date(1), await shop.book.pool_config())
    await shop.receive(10)
    await set_clock(shop, ends - 1)
    await shop.receive(1)
    await set_clock(shop, ends)
    await shop.receive(100)
    [day] = await made(shop, store)
    [row] = day.rows
    assert (row.received, row.closing) == (11, 11)
    assert day.head.through == LedgerPlace(seq=2, ledger=2, presale=0)
    assert day.head.to_ms == ends


async def test_a_day_of_23_hours_ends_an_hour_sooner(shop: Shop, store: ArchiveStore) -> None:
    """The clocks are put forward in the night before the 29th begins at four."""
    await shop.receive(10)
    await until(shop, date(3))
    days = await made(shop, store)
    assert [(day.head.to_ms - day.head.from_ms) // HOUR_MS for day in days] == [24, 24, 23]
    assert [day.rows[0].available_ms // HOUR_MS for day in days] == [24, 24, 23]


async def test_a_day_is_made_once_it_is_over_and_once(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(10)
    await until(shop, date(1), -0.001)
    assert await made(shop, store) == []
    await until(shop, date(1))
    assert len(await made(shop, store)) == 1
    assert await made(shop, store) == []
    [mark] = await shop.book.days()
    assert (mark.date, mark.skus, mark.through.seq) == (str(FIRST), 1, 1)
    assert day_of(await content_of(store, mark)).rows[0].closing == 10
    assert await shop.book.last_day() == mark


async def test_days_that_no_server_saw_are_made_in_order(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(10)
    await until(shop, date(20), 5)
    days = await made(shop, store)
    assert [day.head.date for day in days] == [str(date(n)) for n in range(20)]
    assert {day.rows[0].closing for day in days} == {10}


async def test_one_that_was_killed_goes_on(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(10)
    await until(shop, date(3))
    first = await anext(make_days(shop.book, store, KEPT))
    rest = await made(shop, store)
    assert [day.head.date for day in (first, *rest)] == [str(date(n)) for n in range(3)]
    assert rest[0].rows[0].opening == 10


async def test_the_oldest_days_are_forgotten_with_their_objects(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(10)
    await until(shop, date(5))
    assert [day.head.date for day in await made(shop, store, kept=3)] == [str(date(n)) for n in (2, 3, 4)]
    kept = [str(date(n)) for n in (2, 3, 4)]
    assert [mark.date for mark in await shop.book.days()] == kept
    await until(shop, date(6))
    await made(shop, store, kept=3)
    names = [name for name, _ in await store.list("days/days")]
    assert [mark.date for mark in await shop.book.days()] == [str(date(n)) for n in (3, 4, 5)]
    assert names == [mark.name for mark in await shop.book.days()]


async def test_a_rehearsal_and_an_empty_pool_have_no_days(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "drill", settings)
    assert await due_day(book, await book.pool_config(), 4_000_000_000_000) is None
    await book.apply(put(What.POOL, "", {"rehearsal": True}))
    await book.apply(put(What.SKU, "mug", {"title": "Mug"}))
    await book.apply(Move("m", MoveKind.RECEIVE, "mug", 5, "supplier", "pool"))
    assert await due_day(book, await book.pool_config(), 4_000_000_000_000) is None
    await book.close()


async def test_days_chain_where_hour_and_zone_are_changed(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(10)
    await until(shop, date(1), 1)
    [first] = await made(shop, store)
    await shop.ok(put(What.POOL, "", {"time_zone": "Asia/Shanghai", "day_starts": "00:00"}))
    await until(shop, date(3), 1)
    second, third = await made(shop, store)
    assert second.head.from_ms == first.head.to_ms
    assert third.head.from_ms == second.head.to_ms == day_begins_ms(date(2), await shop.book.pool_config())


async def test_a_clock_that_is_set_back_loses_and_doubles_nothing(shop: Shop, store: ArchiveStore) -> None:
    await until(shop, date(2), 1)
    await shop.receive(10)
    await until(shop, date(1), 1)
    await shop.receive(5)
    await until(shop, date(4), 1)
    await shop.receive(1)
    await until(shop, date(5))
    days = await made(shop, store)
    assert sum(row.received for day in days for row in day.rows) == 16
    assert days[-1].rows[0].closing == 16
    assert all(before.head.through == after.head.begin for before, after in pairwise(days))


async def test_what_has_no_stock_and_did_not_move_is_left_out(shop: Shop, store: ArchiveStore) -> None:
    await shop.sell("cup")
    await shop.receive(1)
    await shop.ok(Reserve("r", "evening", "mug", 1, "li"))
    await shop.ok(Confirm("r"))
    await shop.ok(Ship("s", "r", 0))
    await until(shop, date(2))
    first, second = await made(shop, store)
    assert [(row.sku, row.closing) for row in first.rows] == [("mug", 0)]
    assert second.rows == []


async def test_a_payment_is_counted_once_however_late_its_goods_come(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(2)
    await shop.ok(Reserve("late", "evening", "mug", 2, "li"))
    await set_clock(shop, await shop.book.now_ms() + HOUR_MS)
    await shop.ok(Expire(10))
    await shop.ok(Reserve("other", "evening", "mug", 2, "wang"))
    outcome = await shop.book.apply(Confirm("late", paid_minor=1_500))
    assert outcome.code is Code.PAID_NO_STOCK
    await until(shop, date(1), 1)
    await shop.ok(Expire(10))
    await shop.ok(Confirm("late"))
    await until(shop, date(2))
    first, second = await made(shop, store)
    assert [money.paid for money in first.rows[0].money] == [1_500]
    assert first.head.paid_ahead == ["late"]
    assert (second.rows[0].sold, second.rows[0].money, second.head.paid_ahead) == (2, [], [])


async def test_a_late_payment_whose_goods_come_from_two_places_is_counted_once(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(3)
    await shop.move(MoveKind.ALLOCATE, 1, "pool", "channel:live")
    await shop.ok(Reserve("late", "evening", "mug", 3, "li"))
    await set_clock(shop, await shop.book.now_ms() + HOUR_MS)
    await shop.ok(Expire(10))
    await shop.ok(Confirm("late", paid_minor=2_500))
    entries = await shop.book.ledger(Stream.STOCK)
    assert [entry.kind for entry in entries].count("reacquire") == 2
    await until(shop, date(1))
    [day] = await made(shop, store)
    assert day.rows[0].sold == 3
    assert [(money.paid, money.by_price) for money in day.rows[0].money] == [(2_500, 0)]


async def test_a_frozen_sku_is_not_available(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(2)
    await until(shop, FIRST, 6)
    await shop.ok(Freeze("f", "mug", frozen=True))
    await until(shop, date(1), 6)
    await shop.ok(Freeze("u", "mug", frozen=False))
    await until(shop, date(2))
    first, second = await made(shop, store)
    assert (first.rows[0].available_ms, first.rows[0].is_frozen) == (6 * HOUR_MS, True)
    assert (second.rows[0].available_ms, second.rows[0].is_frozen) == (18 * HOUR_MS, False)


async def test_idle_days_count_since_the_last_sale(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(5)
    await until(shop, date(1), 1)
    await shop.ok(Reserve("r", "evening", "mug", 1, "li"))
    await shop.ok(Confirm("r"))
    await until(shop, date(4))
    days = await made(shop, store)
    assert [(day.rows[0].idle_days, day.rows[0].last_sale) for day in days] == [
        (1, ""), (0, str(date(1))), (1, str(date(1))), (2, str(date(1))),
    ]  # fmt: skip


async def test_an_object_that_was_changed_is_refused(shop: Shop, store: ArchiveStore) -> None:
    await shop.receive(5)
    await until(shop, date(1))
    await made(shop, store)
    [mark] = await shop.book.days()
    await store.put(mark.name, b"{}\n")
    with pytest.raises(ArchiveDamaged, match="checksum"):
        await content_of(store, mark)
    await store.delete(mark.name)
    await until(shop, date(2))
    with pytest.raises(ArchiveDamaged, match="not in the archive"):
        await made(shop, store)


async def test_the_book_takes_days_in_order_alone(shop: Shop) -> None:
    await shop.receive(5)
    note = NoteDay("2026-03-26", 1, 1, 0, 0, 1, "name", "sum", 1, KEPT)
    assert (await shop.ok(note)).data == 1
    assert (await shop.ok(note)).data == 1
    assert await shop.refused(replace(note, checksum="other")) == (Code.STALE, "date")
    assert await shop.refused(replace(note, date="2026-03-25")) == (Code.STALE, "date")
    assert await shop.refused(replace(note, date="2026-03-27", seq=0)) == (Code.STALE, "seq")
    assert await shop.refused(replace(note, date="2026-03-27", seq=2)) == (Code.BAD_MESSAGE, "seq")
    later = [replace(note, date=f"2026-03-{day}", kept=2) for day in (27, 28, 29)]
    assert [outcome.code for outcome in await shop.together(*later)] == [Code.OK] * 3
    assert [mark.date for mark in await shop.book.days()] == ["2026-03-28", "2026-03-29"]


# --- what is asked of them ------------------------------------------------------------------------------------


async def test_a_sku_is_found_in_a_days_object_without_reading_the_others(shop: Shop, store: ArchiveStore) -> None:
    for sku in ('a"b', "中文", "mu"):
        await shop.sell(sku)
        await shop.receive(3, sku)
    await shop.receive(5)
    await until(shop, date(1))
    await made(shop, store)
    [mark] = await shop.book.days()
    content = await content_of(store, mark)
    for row in day_of(content).rows:
        assert row_of(content, row.sku) == row
    assert row_of(content, "cup") is None


async def test_days_are_read_as_sums_by_sku_and_of_one_sku(shop: Shop, store: ArchiveStore) -> None:
    await shop.sell("cup")
    await shop.receive(20)
    for n in range(8):
        await until(shop, date(n), 1)
        await shop.ok(Reserve(f"r{n}", "evening", "mug", 1, "li"))
        await shop.ok(Confirm(f"r{n}"))
    await shop.receive(7, "cup")
    await until(shop, date(8))
    await made(shop, store)
    asked = DaysAsked(first=str(date(1)), last=str(date(7)))
    sums = await day_figures(shop.book, store, asked)
    assert [day.date for day in sums.days] == [str(date(n)) for n in range(1, 8)]
    assert (sums.first, sums.last) == (str(FIRST), str(date(7)))
    assert [day.units.closing for day in sums.days] == [20] * 6 + [27]
    assert [day.units.sold for day in sums.days] == [1] * 7
    one = await day_figures(shop.book, store, replace(asked, sku="mug"))
    assert [day.units.closing_sellable for day in one.days] == [18, 17, 16, 15, 14, 13, 12]
    assert one.inventory is not None
    assert (one.inventory.days, one.inventory.mean_closing, one.inventory.mean_sold) == (8, 15.5, 1.0)
    assert (one.inventory.days_of_inventory, one.inventory.is_over) == (15.5, False)
    page = await day_figures(shop.book, store, replace(asked, by=DaysBy.SKU, limit=1))
    assert ([sku.sku for sku in page.skus], page.next) == (["cup"], "cup")
    rest = await day_figures(shop.book, store, replace(asked, by=DaysBy.SKU, limit=1, after="cup"))
    [mug] = rest.skus
    assert rest.next is None
    assert (mug.units.opening_sellable, mug.units.sold, mug.units.closing_sellable) == (19, 7, 12)
    assert mug.inventory == one.inventory
    [cup] = page.skus
    assert (cup.units.opening, cup.units.received, cup.units.closing) == (0, 7, 7)
    assert (cup.inventory.state, cup.inventory.days, cup.inventory.days_without_stock) == ("not_enough_days", 1, 7)


async def test_entries_of_a_day_without_totals_stay_in_the_ledger(
    engine: Engine, settings: Settings, store: ArchiveStore
) -> None:
    """Of a pool without a show: those of its shows hold entries back, too."""
    book = StockBook(engine, "still", settings)
    shop = Shop(book, engine)
    await set_clock(shop, day_begins_ms(FIRST, PoolConfig()))
    await shop.ok(put(What.SKU, "mug", {"title": "Mug"}))
    key = f"{book.base}:meta"
    await engine.command("HSET", key, "format", 5, key=key)
    for _ in range(3):
        await shop.receive(1)
    await shop.ok(NoteCheckpoint(2, 2, 0, "name", "hash", 0))
    await shop.ok(NoteCheckpoint(3, 3, 0, "name", "hash", 0))
    assert await shop.refused(Trim(2, 100)) == (Code.GATE, "days")
    await until(shop, date(1))
    await shop.receive(1)
    await made(shop, store)
    assert (await shop.ok(Trim(3, 100))).data == 0
    await shop.ok(NoteCheckpoint(4, 4, 0, "name", "hash", 0))
    assert await shop.refused(Trim(4, 100)) == (Code.GATE, "days")
    await until(shop, date(2))
    [day] = await made(shop, store)
    assert (day.rows[0].opening, day.rows[0].received) == (3, 1)
    await shop.ok(Trim(4, 100))
    await book.close()


async def test_a_rehearsal_has_no_days_to_wait_for(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "drill", settings)
    shop = Shop(book, engine)
    await shop.ok(put(What.POOL, "", {"rehearsal": True}))
    await shop.ok(put(What.SKU, "mug", {"title": "Mug"}))
    key = f"{book.base}:meta"
    await engine.command("HSET", key, "format", 5, key=key)
    await shop.receive(1)
    await shop.ok(NoteCheckpoint(1, 1, 0, "name", "hash", 0))
    await shop.ok(Trim(1, 100))
    await book.close()
