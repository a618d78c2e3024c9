"""What does not sell, why that may be, and what to do about it. Rules: docs/rules.md#slow-movers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from shelfcast.archive import names
from shelfcast.archive.store import ArchiveStore
from shelfcast.insight.air_time import AirTime
from shelfcast.insight.day_totals import DayRow
from shelfcast.insight.inventory import WINDOW_DAYS, OnAir, is_slow, reason_of, remedy_of
from shelfcast.merchant.day_figures import inventory_of, stocked_over, threshold_of
from shelfcast.merchant.day_files import MINUTE_MS, content_of, day_of
from shelfcast.merchant.day_items import Inventory, SkuStock, SlowMover, SlowMovers
from shelfcast.merchant.days import ends_week
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import SkuConfig

LISTED_MAX = 500
"""Of each list; the rest is counted alone."""
_decode = msgspec.json.Decoder(SlowMovers).decode


async def slow_movers(book: StockBook, store: ArchiveStore, through: str = "") -> SlowMovers:
    """The slow movers as of the last day whose totals are kept, or of the day `through`. Raises EngineError,
    ArchiveError."""
    marks = [mark for mark in await book.days() if not through or mark.date <= through][-WINDOW_DAYS:]
    now_ms = await book.now_ms()
    if not marks:
        return _listed(book.pool, None, now_ms, [], [])
    last = await asyncio.to_thread(day_of, await content_of(store, marks[-1]))
    stocked = await stocked_over(store, marks)
    slow = [row for row in last.rows if is_slow(row)]
    on_air = await _on_air(book, {row.sku for row in slow}, marks[0].from_ms, now_ms)
    slow_skus = {row.sku for row in slow}
    others = [row for row in last.rows if row.sku not in slow_skus and row.closing_sellable > 0]
    configs = await book.sku_configs([row.sku for row in (*slow, *others)])
    pool = await book.pool_config()

    def inventory(row: DayRow) -> Inventory:
        return inventory_of(stocked[row.sku], len(marks), threshold_of(pool, configs.get(row.sku)))

    movers = [_mover(row, configs.get(row.sku), on_air[row.sku], inventory(row), marks[0].date) for row in slow]
    stocks = [_stock(row, configs.get(row.sku), lasts) for row in others if (lasts := inventory(row)).is_over]
    return _listed(book.pool, last.head.date, now_ms, movers, stocks)


async def note_week(book: StockBook, store: ArchiveStore) -> None:
    """Keep the list that the last week ended with, in place of the one before, where that was not done yet."""
    ends = [mark.date for mark in await book.days() if ends_week(mark.date)]
    if not ends or (await last_week(book, store)).date == ends[-1]:
        return
    found = await slow_movers(book, store, ends[-1])
    await store.put(names.slow_movers(book.pool), await asyncio.to_thread(msgspec.json.encode, found))


async def last_week(book: StockBook, store: ArchiveStore) -> SlowMovers:
    """The list that the last week ended with; without a date before the first."""
    content = await store.get(names.slow_movers(book.pool))
    if content is None:
        return _listed(book.pool, None, await book.now_ms(), [], [])
    return _decode(content)


def _listed(
    pool: str, date: str | None, at_ms: int, movers: Sequence[SlowMover], stocks: Sequence[SkuStock]
) -> SlowMovers:
    by_money = sorted(movers, key=lambda mover: (-(mover.price_minor or 0) * mover.units, mover.sku))
    by_units = sorted(stocks, key=lambda stock: (-stock.units, stock.sku))
    return SlowMovers(
        pool=pool,
        date=date,
        at_ms=at_ms,
        slow=by_money[:LISTED_MAX],
        slow_count=len(by_money),
        overstocked=by_units[:LISTED_MAX],
        overstocked_count=len(by_units),
        listed_max=LISTED_MAX,
    )


def _mover(row: DayRow, config: SkuConfig | None, on_air: OnAir, inventory: Inventory, since: str) -> SlowMover:
    is_price_unchanged = row.price_minor >= 0 and row.price_since <= since
    reason = reason_of(on_air, is_price_unchanged=is_price_unchanged)
    price = None if row.price_minor < 0 else row.price_minor
    minutes = round(on_air.ms / MINUTE_MS, 1)
    numbers = {"units": row.closing_sellable, "idle_days": row.idle_days, "shows": on_air.shows, "minutes": minutes}
    if price is not None:
        numbers["value_minor"] = price * row.closing_sellable
    return SlowMover(
        sku=row.sku,
        title=config.title if config else "",
        category=config.category if config else "",
        units=row.closing_sellable,
        price_minor=price,
        currency=config.currency if config else "",
        idle_days=row.idle_days,
        last_sale=row.last_sale or None,
        shows_on_air=on_air.shows,
        minutes_on_air=minutes,
        reason=reason,
        remedy=remedy_of(reason, row),
        numbers=numbers,
        inventory=inventory,
    )


def _stock(row: DayRow, config: SkuConfig | None, inventory: Inventory) -> SkuStock:
    return SkuStock(
        sku=row.sku,
        title=config.title if config else "",
        category=config.category if config else "",
        units=row.closing_sellable,
        inventory=inventory,
    )


async def _on_air(book: StockBook, skus: set[str], since_ms: int, now_ms: int) -> defaultdict[str, OnAir]:
    """What each of these had of the shows since then."""
    found: defaultdict[str, OnAir] = defaultdict(lambda: OnAir(is_listed=False))
    if not skus:
        return found
    for room in await book.rooms():
        for sku in skus.intersection(await book.listed_skus(room)):
            found[sku] = found[sku]._replace(is_listed=True)
    for show in await book.shows_of(await book.show_ids()):
        ended_ms = show.ended_at_ms or now_ms
        if ended_ms < since_ms:
            continue
        air = AirTime((lit.sku, lit.from_ms, lit.to_ms) for lit in show.spotlight)
        for sku in skus.intersection(await book.show_skus(show.id)):
            ms = air.of(sku, since_ms=show.started_at_ms, now_ms=ended_ms)
            if ms > 0:
                before = found[sku]
                found[sku] = before._replace(shows=before.shows + 1, ms=before.ms + ms)
    return found
