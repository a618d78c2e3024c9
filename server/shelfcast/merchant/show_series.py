"""The minute series of a show, from the engine, or from the archive once that has it alone."""

from __future__ import annotations

import asyncio

from shelfcast.archive.minutes import MinutesPart, part_of, read_part, unpacked
from shelfcast.archive.store import ArchiveStore
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import MINUTES_AN_HOUR, ShowMinute, SkuMinute
from shelfcast.merchant.minutes import SeriesPage, series
from shelfcast.stock.book import StockBook
from shelfcast.stock.show import ShowRecord


async def series_hours(book: StockBook, record: ShowRecord) -> list[int]:
    """The hours (since 1970) of which minutes of a show are there, in order. Raises EngineError."""
    kept = await book.series_kept(record.id)
    if kept.archived is None:
        return kept.hours
    first = record.started_at_ms // MINUTE_MS
    last = first + kept.archived - 1
    return list(range(first // MINUTES_AN_HOUR, last // MINUTES_AN_HOUR + 1)) if kept.archived else []


async def series_of_hour(book: StockBook, store: ArchiveStore, record: ShowRecord, hour: int) -> SeriesPage:
    """The minutes of a show in one of its hours. From the archive a SKU may have a row in a minute in which it did not
    change: the first one of a part. Raises EngineError, ArchiveError."""
    if (await book.series_kept(record.id)).archived is None:
        page = await series(book, record.id, [hour])
        if page.show or (await book.series_kept(record.id)).archived is None:
            return page
    first = record.started_at_ms // MINUTE_MS
    begin = max(0, hour * MINUTES_AN_HOUR - first)
    kept = await book.series_kept(record.id)
    end = min(kept.archived or 0, (hour + 1) * MINUTES_AN_HOUR - first)
    page = SeriesPage(skus=[], show=[])
    for number in range(part_of(begin), part_of(end - 1) + 1) if end > begin else ():
        part = await asyncio.to_thread(unpacked, *await read_part(store, book.pool, record.id, number))
        await asyncio.to_thread(_add, page, part, range(begin, end))
    return page


def _add(page: SeriesPage, part: MinutesPart, minutes: range) -> None:
    for state in (part.state, *part.changes):
        if state.minute in minutes:
            page.show.append((state.minute_ms, ShowMinute(state.viewers, state.paid, state.refused)))
            for row in state.units:
                values = SkuMinute(row.available, row.held, row.sold, row.taken)
                page.skus.append((state.minute_ms, row.sku, values))
