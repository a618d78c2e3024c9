"""Business days as they are asked for: each day over all SKUs or of one, each SKU over some days, and how long its
stock lasts."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from shelfcast.archive.store import ArchiveStore
from shelfcast.insight.day_totals import DayRow
from shelfcast.insight.inventory import WINDOW_DAYS, Stocked
from shelfcast.merchant.day_files import Sum, content_of, day_of, head_of, row_of
from shelfcast.merchant.day_items import DayHead, DaysBy, DayTotal, DayTotals, DayUnits, Inventory, SkuTotal
from shelfcast.merchant.day_totals import Progress
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import INVENTORY_DAYS_MAX, PoolConfig, SkuConfig
from shelfcast.stock.days import DayMark


class DaysAsked(Struct, frozen=True, kw_only=True):
    """Which days are asked for, both ends included, and how. `sku` empty: all; by SKU, a page of them by name behind
    `after`."""

    first: str
    last: str
    by: DaysBy = DaysBy.DAY
    sku: str = ""
    after: str = ""
    limit: int = 100


async def day_figures(
    book: StockBook, store: ArchiveStore, asked: DaysAsked, say: Progress = lambda done, total: None
) -> DayTotals:
    """Read the days from the archive. Raises EngineError, ArchiveError."""
    config, kept = await book.pool_config(), await book.days()
    marks = [mark for mark in kept if asked.first <= mark.date <= asked.last]
    window = [mark for mark in kept if marks and mark.date <= marks[-1].date][-WINDOW_DAYS:]
    days: list[DayTotal] = []
    skus: list[SkuTotal] = []
    following, inventory = None, None
    if asked.sku:
        known = (await book.sku_configs([asked.sku])).get(asked.sku)
        days, inventory = await _of_one(store, marks, window, asked.sku, threshold_of(config, known), say)
    elif asked.by is DaysBy.DAY:
        for done, mark in enumerate(marks):
            head = head_of(await content_of(store, mark))
            days.append(_day(head, head.totals))
            say(done + 1, len(marks))
    else:
        skus, following = await _by_sku(book, store, marks, window, asked, say)
    return DayTotals(
        pool=book.pool,
        time_zone=config.time_zone,
        day_starts=config.day_starts,
        first=kept[0].date if kept else None,
        last=kept[-1].date if kept else None,
        sku=asked.sku,
        days=days,
        skus=skus,
        inventory=inventory,
        next=following,
    )


def _day(head: DayHead, units: DayUnits) -> DayTotal:
    return DayTotal(
        date=head.date,
        from_ms=head.from_ms,
        to_ms=head.to_ms,
        from_seq=head.begin.seq,
        through_seq=head.through.seq,
        units=units,
    )


async def _of_one(
    store: ArchiveStore,
    marks: Sequence[DayMark],
    window: Sequence[DayMark],
    sku: str,
    threshold_days: int,
    say: Progress,
) -> tuple[list[DayTotal], Inventory | None]:
    wanted, looked_at = {mark.date for mark in marks}, {mark.date for mark in window}
    days, stocked = [], Stocked()
    both = sorted({mark.date: mark for mark in (*marks, *window)}.values(), key=lambda mark: mark.date)
    for done, mark in enumerate(both):
        content = await content_of(store, mark)
        head, row = head_of(content), row_of(content, sku) or DayRow(sku)
        if mark.date in looked_at:
            stocked.add(row)
        if mark.date in wanted:
            total = Sum()
            total.add(row)
            days.append(_day(head, total.units(of_one=True)))
        say(done + 1, len(both))
    return days, inventory_of(stocked, len(window), threshold_days) if marks else None


async def _by_sku(
    book: StockBook,
    store: ArchiveStore,
    marks: Sequence[DayMark],
    window: Sequence[DayMark],
    asked: DaysAsked,
    say: Progress,
) -> tuple[list[SkuTotal], str | None]:
    """A page of the SKUs that have a row on any of the days."""
    by_date: dict[str, dict[str, DayRow]] = {}
    names: set[str] = set()
    wanted = {mark.date for mark in marks}
    stocked: defaultdict[str, Stocked] = defaultdict(Stocked)
    both = sorted({mark.date: mark for mark in (*marks, *window)}.values(), key=lambda mark: mark.date)
    looked_at = {mark.date for mark in window}
    for done, mark in enumerate(both):
        rows = (await asyncio.to_thread(day_of, await content_of(store, mark))).rows
        if mark.date in wanted:
            by_date[mark.date] = {row.sku: row for row in rows if row.sku > asked.after}
            names |= by_date[mark.date].keys()
        if mark.date in looked_at:
            for row in rows:
                stocked[row.sku].add(row)
        say(done + 1, len(both))
    page = sorted(names)[: asked.limit]
    configs, pool = await book.sku_configs(page), await book.pool_config()
    found = []
    for sku in page:
        total = Sum()
        for date in sorted(by_date):
            total.go_on(by_date[date].get(sku), is_first=date == marks[0].date)
        config = configs.get(sku)
        found.append(
            SkuTotal(
                sku=sku,
                title=config.title if config else "",
                category=config.category if config else "",
                units=total.units(of_one=True),
                inventory=inventory_of(stocked[sku], len(window), threshold_of(pool, config)),
            )
        )
    return found, page[-1] if len(names) > len(page) else None


async def stocked_over(store: ArchiveStore, marks: Sequence[DayMark]) -> dict[str, Stocked]:
    """What is counted of each SKU over these days. Raises ArchiveError."""
    stocked: defaultdict[str, Stocked] = defaultdict(Stocked)
    for mark in marks:
        for row in (await asyncio.to_thread(day_of, await content_of(store, mark))).rows:
            stocked[row.sku].add(row)
    return stocked


def threshold_of(pool: PoolConfig, config: SkuConfig | None) -> int:
    """For how many days the stock of a SKU may last before it is too much."""
    most = INVENTORY_DAYS_MAX if pool.inventory_days_max is None else pool.inventory_days_max
    return pool.inventory_days_max_of.get(config.category, most) if config else most


def inventory_of(stocked: Stocked, days: int, threshold_days: int) -> Inventory:
    """As an answer has it; `days` were looked at."""
    lasts = stocked.days_of_inventory
    return Inventory(
        state=stocked.state,
        days_of_inventory=None if lasts is None else round(lasts, 2),
        mean_closing=round(stocked.mean_closing, 2),
        mean_sold=round(stocked.mean_sold, 4),
        days=stocked.days,
        days_without_stock=days - stocked.days,
        threshold_days=threshold_days,
        is_over=stocked.is_over(threshold_days),
    )
