"""What a show's report is made of, read once: both ledgers behind its beginning, and the pool's units as they are.

Rules: docs/rules.md#report.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

from shelfcast.errors import InvalidInput
from shelfcast.insight.after_show import ShowFold
from shelfcast.insight.pool_flows import PoolFlows
from shelfcast.insight.show_times import ShowTimes
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import BatchConfig, ChannelConfig, ChannelKind
from shelfcast.stock.entries import PackedEntry, of_show
from shelfcast.stock.places import BATCH, CHANNEL, POOL, PRESALE, Buckets
from shelfcast.stock.reading.rows import buckets_from, pairs, text
from shelfcast.stock.records import Stream
from shelfcast.stock.show import ShowRecord

Progress = Callable[[int, int], None]
"""Takes how many ledger entries were read, and of how many."""


@dataclass(frozen=True, kw_only=True)
class ShowRead:
    """A show that has ended, read as of the pool's sequence `seq`."""

    show: ShowRecord
    seq: int
    at_ms: int
    channels: Mapping[str, ChannelConfig]
    batches: Mapping[str, BatchConfig]
    buckets: Mapping[str, Buckets]
    """By SKU, of all that the pool has."""
    fold: ShowFold
    times: ShowTimes
    flows: PoolFlows


def sells_from(
    channel: str, kind: ChannelKind, batches: Mapping[str, BatchConfig], ended_at_ms: int
) -> Callable[[str], bool]:
    """Which places a show on this channel sold from: its channel's own, the presale's quota, of a shared one the pool,
    and the batches that serve it and had opened by its end. Such a batch counts from the show's beginning: what waits
    for it to open is not sold out."""
    shared = kind is ChannelKind.SHARED
    places = {CHANNEL + channel, PRESALE} | ({POOL} if shared else set())
    for name, batch in batches.items():
        serves = batch.serves == channel or (shared and not batch.serves)
        if serves and 0 < opening_of(batch) <= ended_at_ms:
            places.add(BATCH + name)
    return places.__contains__


def opening_of(batch: BatchConfig) -> int:
    """When a batch opened, or will; 0 where that is by hand, and nobody has. Of one by hand and time the first."""
    times = [at for at in (batch.opened_at_ms, batch.opens_at_ms) if at]
    return min(times) if times else 0


async def read_show(book: StockBook, show: ShowRecord, progress: Progress) -> ShowRead:
    """Read a show that has ended, in pages; the pool may be selling meanwhile.

    Raises InvalidInput where the ledgers lack entries, EngineError.
    """
    buckets: dict[str, Buckets] = {}
    read_at: dict[str, int] = {}
    async for read_seq, items in book.pages("skus"):
        for sku, flat in pairs(items):
            name = text(sku)
            buckets[name], read_at[name] = buckets_from(pairs(flat)), read_seq
        await asyncio.sleep(0)
    _, seq, now_ms = await book.clock()
    channels, batches = await book.channels(), await book.batches()
    kind = channels.get(show.channel, ChannelConfig()).kind
    bases = await book.show_bases(show.id)
    flows = PoolFlows(
        started_seq=show.started_seq,
        ended_seq=show.ended_seq,
        read_at=read_at,
        sells_from=sells_from(show.channel, kind, batches, show.ended_at_ms),
        listed_at={sku: base.seq for sku, base in bases.items() if base.seq > show.started_seq},
    )
    fold, times, total = ShowFold(show.id), ShowTimes(), seq - show.started_seq
    begun = perf_counter()
    async for stream, rows in book.entries_behind(show.started_seq, seq):
        _take(rows, show, flows, fold, times, of_presale=stream is Stream.PRESALE)
        progress(flows.entries, total)
        # Nobody waits for a report: between two pages those who sell have the machine as long as the page had.
        await asyncio.sleep(perf_counter() - begun)
        begun = perf_counter()
    if flows.entries != total:
        raise InvalidInput(
            f"the ledgers have {flows.entries:,} entries behind {show.started_seq:,} where the pool counts {total:,}: "
            "audit the pool"
        )
    return ShowRead(
        show=show,
        seq=seq,
        at_ms=now_ms,
        channels=channels,
        batches=batches,
        buckets=buckets,
        fold=fold,
        times=times,
        flows=flows,
    )


def _take(
    rows: list[tuple[int, PackedEntry]],
    show: ShowRecord,
    flows: PoolFlows,
    fold: ShowFold,
    times: ShowTimes,
    *,
    of_presale: bool,
) -> None:
    """One page. What is stamped with the show counts up to now, the rest of the pool up to its end."""
    room, number, name = show.room, show.n, show.id
    for pool_seq, entry in rows:
        flows.add(pool_seq, entry, of_presale=of_presale)
        if entry.show == number and entry.room == room:
            stamped = of_show(entry, name)
            fold.add(stamped, of_presale=of_presale)
            times.add(stamped)
