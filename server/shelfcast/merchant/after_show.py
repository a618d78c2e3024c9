"""What a show's differences are afterwards: its reservations by what became of them, beside what was counted.

Rules: docs/rules.md#after-the-show.
"""

from __future__ import annotations

from collections.abc import Callable

from shelfcast.insight.after_show import ShowFold
from shelfcast.merchant.after_show_items import (
    MoneyTotal,
    ReconciledSku,
    Reconciliation,
    ReconciliationTotals,
    SoldUnits,
)
from shelfcast.merchant.show_counts import counted, open_counts
from shelfcast.merchant.show_sums import asked_refunds, money_of, money_sum, paying, sum_of, titles_of, units_of
from shelfcast.stock.book import StockBook
from shelfcast.stock.records import Stream
from shelfcast.stock.show import ShowRecord

Progress = Callable[[int, int], None]
"""Takes how many ledger entries were read, and of how many."""


async def reconcile(book: StockBook, show: ShowRecord, progress: Progress = lambda done, total: None) -> Reconciliation:
    """Hold a show's reservations beside what was counted; the pool may be selling meanwhile. Raises EngineError."""
    _, seq, now_ms = await book.clock()
    fold = await _folded(book, show, seq, progress)
    listed = await book.listings(show.room)
    skus = sorted({*await book.show_skus(show.id), *fold.stock, *fold.presale})
    titles = titles_of(await book.sku_configs(skus))
    requests = [request for request in await book.refund_requests() if request.show == show.id]
    units = units_of(fold, await paying(book, fold), requests)
    counts, on_counts = await counted(book, show, skus), await open_counts(book, skus)
    rows = [
        ReconciledSku(
            sku=sku,
            title=titles.get(sku, ""),
            link=listed[sku].link if sku in listed else None,
            stock=units.get((sku, False)) or SoldUnits(),
            presale=units.get((sku, True)),
            count=counts.get(sku),
            open_count=on_counts.get(sku),
        )
        for sku in skus
    ]
    rows.sort(key=lambda row: (row.link is None, row.link, row.sku))
    return Reconciliation(
        show=show.id,
        room=show.room,
        pool=book.pool,
        channel=show.channel,
        started_at_ms=show.started_at_ms,
        ended_at_ms=show.ended_at_ms or None,
        seq=seq,
        at_ms=now_ms,
        skus=rows,
        totals=_totals(rows, money_sum(money_of(fold, requests).values())),
        refund_requests=asked_refunds(requests, fold, titles, {}, now_ms),
    )


async def _folded(book: StockBook, show: ShowRecord, seq: int, progress: Progress) -> ShowFold:
    fold, done = ShowFold(show.id), 0
    async for stream, looked_at, entries in book.show_entries(show, seq):
        for entry in entries:
            fold.add(entry, of_presale=stream is Stream.PRESALE)
        done += looked_at
        progress(done, max(done, seq - show.started_seq))
    return fold


def _totals(rows: list[ReconciledSku], money: list[MoneyTotal]) -> ReconciliationTotals:
    counts = [row.count for row in rows if row.count is not None]
    presale = [row.presale for row in rows if row.presale is not None]
    return ReconciliationTotals(
        skus=len(rows),
        stock=sum_of(row.stock for row in rows),
        presale=sum_of(presale) if presale else None,
        counted=len(counts),
        differing=sum(count.difference != 0 for count in counts),
        gained=sum(max(0, count.difference) for count in counts),
        lost=sum(max(0, -count.difference) for count in counts),
        shortage=sum(count.shortage for count in counts),
        open_differences=sum(bool(row.open_count and row.open_count.difference) for row in rows),
        money=money,
    )
