"""The minutes of a show, from the engine or from the archive, and their way from the one to the other.

Rules: docs/rules.md#replay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import NamedTuple

import structlog

from shelfcast.archive import minutes as parts
from shelfcast.archive import names
from shelfcast.archive.minutes import PART_MINUTES, MinutesPart, MinuteState, part_of, read_part, unpacked
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import InvalidInput
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import MINUTES_AN_HOUR, SkuTerms
from shelfcast.merchant.show_reel import KeptRows, ShowReel, rows_by_minute
from shelfcast.protocol.codes import Code
from shelfcast.stock.alert_operations import DropSeries
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import Listing, SkuConfig
from shelfcast.stock.reading.shows import SeriesKept
from shelfcast.stock.show import ShowRecord

_log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Takes how many minutes were archived, and of how many."""
TRIES_MAX = 3
"""How often a show is read again of which a minute was written meanwhile."""
LAST_PLACE = 1_000_000
"""On the shelf, of a SKU that is not there any more."""


class Extent(NamedTuple):
    """How many minutes of a show there are, counted from 0, and whether no more were kept of it because its series has
    reached a bound."""

    minutes: int
    is_full: bool


class Played(NamedTuple):
    """A part of a show's minutes, how many the show has, and where they were read."""

    part: MinutesPart
    extent: Extent
    from_archive: bool


def extent_of(record: ShowRecord, kept: SeriesKept) -> Extent:
    """How many minutes there are by now; 0 where nobody watched the show, or its first minute has not ended."""
    is_full = kept.full_from is not None
    if kept.archived is not None:
        return Extent(kept.archived, is_full)
    last = -1 if kept.through is None else kept.through
    if kept.full_from is not None:
        last = min(last, kept.full_from - 1)
    if record.ended_at_ms:
        last = min(last, record.ended_at_ms // MINUTE_MS)
    return Extent(max(0, last - record.started_at_ms // MINUTE_MS + 1), is_full)


async def read_minutes(book: StockBook, store: ArchiveStore, record: ShowRecord, minute: int) -> Played | Extent:
    """The part of a show's minutes that has this one; where there is no such minute, how many there are. Raises
    EngineError, ArchiveError."""
    kept = await book.series_kept(record.id)
    extent = extent_of(record, kept)
    if minute >= extent.minutes:
        return extent
    if kept.archived is None:
        part = await _from_engine(book, record, kept, extent, part_of(minute))
        if part is not None:
            return Played(part, extent, from_archive=False)
        # They went to the archive while they were read.
        extent = extent_of(record, await book.series_kept(record.id))
    name, content = await read_part(store, book.pool, record.id, part_of(minute))
    return Played(await asyncio.to_thread(unpacked, name, content), extent, from_archive=True)


async def archive_minutes(
    book: StockBook, store: ArchiveStore, record: ShowRecord, progress: Progress = lambda done, total: None
) -> int:
    """Write the minutes of a show that is over for good to the archive, read them back, and take them out of the
    engine. How many the archive has then; 0 where none were kept. May be done again, also where it was stopped.

    Raises InvalidInput where the show is on, or may go on; EngineError; ArchiveError, and then the engine has them.
    """
    for _ in range(TRIES_MAX):
        kept = await book.series_kept(record.id)
        extent = extent_of(record, kept)
        if kept.archived is not None or extent.minutes == 0 or kept.through is None:
            return extent.minutes
        async for part in _parts(book, record, kept, extent):
            await _write(store, part)
            progress(part.state.minute + len(part.changes) + 1, extent.minutes)
        outcome = await book.apply(DropSeries(record.id, kept.through, extent.minutes))
        if outcome.code is Code.OK:
            _log.info("minutes.archived", pool=book.pool, show=record.id, minutes=extent.minutes)
            return extent.minutes
        if outcome.code is not Code.STALE:
            break
    raise InvalidInput("expected a show that is over and cannot go on any more", field="show")


async def _write(store: ArchiveStore, part: MinutesPart) -> None:
    """Write a part and read it back. Raises ArchiveError."""
    name = names.minutes(part.pool, part.show, part.part)
    await store.keep(name, await asyncio.to_thread(parts.packed, part))


async def _from_engine(
    book: StockBook, record: ShowRecord, kept: SeriesKept, extent: Extent, number: int
) -> MinutesPart | None:
    """A part of what the engine has. None where it has not any more."""
    found = [part async for part in _parts(book, record, kept, extent, only=number)]
    return found[0] if found and (await book.series_kept(record.id)).archived is None else None


async def _parts(
    book: StockBook, record: ShowRecord, kept: SeriesKept, extent: Extent, only: int | None = None
) -> AsyncIterator[MinutesPart]:
    """The parts of what the engine has of a show, in order; `only` one of them. Raises EngineError."""
    reel = ShowReel(record, await book.alerts(record.id))
    cutter = _Cutter(reel, record, book.pool, extent)
    last = reel.first + extent.minutes - 1
    begin = reel.first
    if only is not None:
        begin += only * PART_MINUTES
        last = min(last, begin + PART_MINUTES - 1)
    for hour in kept.hours:
        if hour * MINUTES_AN_HOUR > last:
            break
        series, shown = await book.series_packed(record.id, hour), await book.shown_packed(record.id, hour)
        rows = await asyncio.to_thread(rows_by_minute, hour, series, shown)
        unnamed = reel.unnamed(rows)
        if unnamed:
            reel.terms_now |= await _terms_now(book, record.room, sorted(unnamed))
        end = min(last, (hour + 1) * MINUTES_AN_HOUR - 1)
        for part in await asyncio.to_thread(cutter.feed, rows, begin, end):
            yield part
    for part in await asyncio.to_thread(cutter.end, begin, last):
        yield part


class _Cutter:
    """Cuts what a reel plays into parts."""

    def __init__(self, reel: ShowReel, record: ShowRecord, pool: str, extent: Extent) -> None:
        self._reel = reel
        self._record = record
        self._pool = pool
        self._extent = extent
        self._state: MinuteState | None = None
        self._changes: list[MinuteState] = []

    def feed(self, rows: Mapping[int, KeptRows], begin: int, through: int) -> list[MinutesPart]:
        """The parts that are whole with the minutes up to `through`, since 1970; these are their rows. Those before
        `begin`, where a part begins, are passed over."""
        found: list[MinutesPart] = []
        self._reel.pass_over(rows, min(begin - 1, through))
        for state in self._reel.play(rows, through):
            if state.minute % PART_MINUTES == 0:
                found += self._take()
                self._state = self._reel.whole()
            else:
                self._changes.append(state)
        return found

    def end(self, begin: int, last: int) -> list[MinutesPart]:
        """What is left: there are no more rows, up to the last minute."""
        return [*self.feed({}, begin, last), *self._take()]

    def _take(self) -> list[MinutesPart]:
        state, changes = self._state, self._changes
        if state is None:
            return []
        self._state, self._changes = None, []
        return [
            MinutesPart(
                show=self._record.id,
                pool=self._pool,
                part=part_of(state.minute),
                minutes=self._extent.minutes,
                is_full=self._extent.is_full,
                state=state,
                changes=changes,
            )
        ]


async def _terms_now(book: StockBook, room: str, skus: list[str]) -> dict[str, SkuTerms]:
    """What these are called and cost now in the room, or in the catalogue where it does not list them any more."""
    listed, catalogue = await book.listings(room), await book.sku_configs(skus)
    return {sku: _named(listed.get(sku), catalogue.get(sku) or SkuConfig()) for sku in skus}


def _named(listing: Listing | None, sku: SkuConfig) -> SkuTerms:
    if listing is None:
        return SkuTerms(LAST_PLACE, 0, sku.title, sku.price_minor, sku.currency)
    price_minor = listing.price_minor if listing.price_minor >= 0 else sku.price_minor
    currency = listing.currency or sku.currency
    return SkuTerms(listing.position, listing.link or 0, listing.title or sku.title, price_minor, currency)
