"""Business days are totalled: what lies between two cuts of the ledgers is folded and written to the archive.

Rules: docs/rules.md#days. A day that was written is enough to make the next; days that nobody made are made in order.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from time import perf_counter

from shelfcast.archive import names
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged, EngineUnavailable
from shelfcast.insight.day_totals import DayFold, DayRow
from shelfcast.merchant.day_files import Day, content_of, day_of, packed, summed
from shelfcast.merchant.day_items import DayHead
from shelfcast.merchant.days import business_day, day_begins_ms
from shelfcast.protocol.codes import Code
from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import PoolConfig
from shelfcast.stock.day_operations import NoteDay

Progress = Callable[[int, int], None]
"""Takes how many ledger entries were folded, and of how many."""
ONE_DAY = dt.timedelta(days=1)
_NOT_DONE = frozenset({Code.UNAVAILABLE, Code.OVERLOADED})


async def due_day(book: StockBook, config: PoolConfig, now_ms: int) -> dt.date | None:
    """The first day that is over and has no totals; None where there is none, or the pool has no days: a rehearsal, or
    one without a ledger entry. Raises EngineError."""
    if config.rehearsal:
        return None
    last = await book.last_day()
    if last is not None:
        date = dt.date.fromisoformat(last.date) + ONE_DAY
    else:
        first_ms = await book.first_entry_ms()
        if first_ms is None:
            return None
        date = business_day(first_ms, config)
    return date if day_begins_ms(date + ONE_DAY, config) <= now_ms else None


async def make_days(
    book: StockBook, store: ArchiveStore, kept: int, say: Progress = lambda done, total: None
) -> AsyncIterator[Day]:
    """Make the totals of every day that is over and has none; each is yielded once it is noted. Of days older than
    `kept` nothing is written. Raises EngineError, ArchiveError."""
    config = await book.pool_config()
    _, seq, now_ms = await book.clock()
    date = await due_day(book, config, now_ms)
    if date is None:
        return
    last_due = business_day(now_ms, config) - ONE_DAY
    mark = await book.last_day()
    before = None if mark is None else await asyncio.to_thread(day_of, await content_of(store, mark))
    done_before = before.head.through.seq if before else 0
    while date <= last_due:
        day = await _made(book, config, date, before, lambda done: say(done - done_before, seq - done_before))
        if (last_due - date).days < kept:
            if not await _kept(book, store, day, kept):
                return  # somebody else has made it
            yield day
        before, date = day, date + ONE_DAY


async def _made(
    book: StockBook, config: PoolConfig, date: dt.date, before: Day | None, say: Callable[[int], None]
) -> Day:
    """Fold what happened on a day behind the one before."""
    begin = before.head.through if before else LedgerPlace()
    from_ms = before.head.to_ms if before else day_begins_ms(date, config)
    # Where the hour or the zone was changed, a day begins where the last one ended all the same.
    to_ms = max(from_ms, day_begins_ms(date + ONE_DAY, config))
    through = await book.place_before(to_ms)
    if through.seq < begin.seq:
        through = begin  # the clock was set back
    opening, paid_ahead = (before.rows, before.head.paid_ahead) if before else ((), ())
    fold = await asyncio.to_thread(DayFold, from_ms, to_ms, opening, paid_ahead)
    done = 0
    async for entries in book.entries_between(begin, through):
        begun = perf_counter()
        for entry in entries:
            fold.add(entry)
        done += len(entries)
        say(begin.seq + done)
        # The engine is everybody's: between two pages it has as long as one takes here.
        await asyncio.sleep(perf_counter() - begun)
    if done < through.seq - begin.seq:
        raise EngineUnavailable(
            f"the ledgers of pool {book.pool} have {done:,} of the {through.seq - begin.seq:,} entries of {date}"
        )
    rows = await asyncio.to_thread(fold.closed, str(date))
    await _price(book, rows, str(date))
    head = DayHead(
        date=str(date),
        pool=book.pool,
        time_zone=config.time_zone,
        day_starts=config.day_starts,
        from_ms=from_ms,
        to_ms=to_ms,
        begin=begin,
        through=through,
        totals=await asyncio.to_thread(summed, rows),
        paid_ahead=sorted(fold.paid_ahead),
    )
    return Day(head, rows)


async def _price(book: StockBook, rows: list[DayRow], date: str) -> None:
    """Note the catalogue's prices, and since when they are so."""
    configs = await book.sku_configs([row.sku for row in rows])
    for row in rows:
        config = configs.get(row.sku)
        price = -1 if config is None or config.price_minor is None else config.price_minor
        if price != row.price_minor or not row.price_since:
            row.price_minor, row.price_since = price, date


async def _kept(book: StockBook, store: ArchiveStore, day: Day, kept: int) -> bool:
    """Write a day, read it back, and note it; whether this is who did. Days too many are deleted first: what is noted
    can be read."""
    head = day.head
    content, checksum = await asyncio.to_thread(packed, head, day.rows)
    name = names.day(book.pool, head.date)
    noted = await book.days()
    if noted and noted[-1].date >= head.date:
        return False
    await store.put(name, content)
    if await store.get(name) != content:
        raise ArchiveDamaged(f"{name} read back is not what was written")
    for old in noted[: max(0, len(noted) + 1 - kept)]:
        await store.delete(old.name)
    through = head.through
    outcome = await book.apply(
        NoteDay(
            head.date,
            through.seq,
            through.ledger,
            through.presale,
            head.from_ms,
            head.to_ms,
            name,
            checksum,
            len(day.rows),
            kept,
        )
    )
    if outcome.code in _NOT_DONE:
        raise EngineUnavailable(f"the totals of {head.date} of pool {book.pool}: {outcome.code}")
    return outcome.code is Code.OK
