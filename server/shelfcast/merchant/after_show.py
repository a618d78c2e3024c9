"""What a show's differences are afterwards: its reservations by what became of them, beside what was counted.

Rules: docs/rules.md#after-the-show.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import fields

from shelfcast.insight.after_show import ShowFold, Tally
from shelfcast.merchant.after_show_items import (
    AskedRefund,
    MoneyTotal,
    ReconciledSku,
    Reconciliation,
    ReconciliationTotals,
    SoldUnits,
)
from shelfcast.merchant.show_counts import counted, open_counts
from shelfcast.protocol.states import ReservationState
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import SkuConfig
from shelfcast.stock.reading.book_keys import SCAN_COUNT
from shelfcast.stock.records import Stream
from shelfcast.stock.refund_requests import RefundRequest, RefundState
from shelfcast.stock.show import ShowRecord

Progress = Callable[[int, int], None]
"""Takes how many ledger entries were read, and of how many."""
PAYING = (ReservationState.PAYMENT_PENDING, ReservationState.CONFIRMED)
"""States of a hold in which its payment was under way when the ledgers were read, or has ended since."""


async def reconcile(book: StockBook, show: ShowRecord, progress: Progress = lambda done, total: None) -> Reconciliation:
    """Hold a show's reservations beside what was counted; the pool may be selling meanwhile. Raises EngineError."""
    _, seq, now_ms = await book.clock()
    fold = await _folded(book, show, seq, progress)
    paying = await _paying(book, fold)
    listed = await book.listings(show.room)
    skus = sorted({*await book.show_skus(show.id), *fold.stock, *fold.presale})
    catalogue = await book.sku_configs(skus)
    requests = [request for request in await book.refund_requests() if request.show == show.id]
    units = _units(fold, paying, requests)
    counts, on_counts = await counted(book, show, skus), await open_counts(book, skus)
    rows = [
        ReconciledSku(
            sku=sku,
            title=_title(catalogue, sku),
            link=listed[sku].link if sku in listed else None,
            stock=units.get((sku, False)) or SoldUnits(),
            presale=units.get((sku, True)),
            count=counts.get(sku),
            open_count=on_counts.get(sku),
        )
        for sku in skus
    ]
    rows.sort(key=lambda row: (row.link is None, row.link, row.sku))
    asked = sorted((r for r in requests if r.state is RefundState.OPEN), key=lambda r: (r.asked_at_ms, r.reservation))
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
        totals=_totals(rows, fold, requests),
        refund_requests=[
            AskedRefund(
                reservation=request.reservation,
                sku=request.sku,
                title=_title(catalogue, request.sku),
                presale=request.reservation in fold.presale_orders,
                units=request.units,
                done_units=request.done_units,
                reason=request.reason,
                user=request.user,
                asked_by=request.asked_by,
                asked_at_ms=request.asked_at_ms,
                age_ms=max(0, now_ms - request.asked_at_ms),
            )
            for request in asked
        ],
    )


async def _folded(book: StockBook, show: ShowRecord, seq: int, progress: Progress) -> ShowFold:
    fold, done = ShowFold(show.id), 0
    async for stream, looked_at, entries in book.show_entries(show, seq):
        for entry in entries:
            fold.add(entry, of_presale=stream is Stream.PRESALE)
        done += looked_at
        progress(done, max(done, seq - show.started_seq))
    return fold


async def _paying(book: StockBook, fold: ShowFold) -> set[str]:
    """Those of the live holds whose payment is under way."""
    ids, paying = list(fold.held), set[str]()
    for first in range(0, len(ids), SCAN_COUNT):
        found = await book.reservations(ids[first : first + SCAN_COUNT])
        paying |= {reservation.id for reservation in found if reservation.state in PAYING}
    return paying


_ByPlace = dict[tuple[str, bool], SoldUnits]
"""By SKU, and whether of a presale."""


def _units(fold: ShowFold, paying: set[str], requests: Iterable[RefundRequest]) -> _ByPlace:
    beside: defaultdict[tuple[str, bool], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, hold in fold.held.items():
        column = "payment_pending" if name in paying else "held"
        beside[hold.sku, hold.is_presale][column] += hold.units
    for waiting in fold.owed.values():
        beside[waiting.sku, waiting.is_presale]["paid_no_stock"] += waiting.units
    for request in requests:
        place = request.sku, request.reservation in fold.presale_orders
        if request.earlier_units:
            beside[place]["refunded_without_goods"] += request.earlier_units
        if request.state is RefundState.WITHOUT_GOODS:
            beside[place]["refunded_without_goods"] += request.units - request.done_units
        elif request.state is RefundState.OPEN:
            beside[place]["refund_asked"] += request.units - request.done_units
    places = {*beside, *((sku, False) for sku in fold.stock), *((sku, True) for sku in fold.presale)}
    return {
        (sku, is_presale): _sold((fold.presale if is_presale else fold.stock)[sku], is_presale, beside[sku, is_presale])
        for sku, is_presale in places
    }


def _sold(tally: Tally, is_presale: bool, beside: dict[str, int]) -> SoldUnits:
    return SoldUnits(
        sold=tally.sold,
        cancelled=tally.cancelled,
        shipped=tally.shipped,
        unshipped=tally.unshipped,
        awaiting_goods=tally.awaiting_goods if is_presale else 0,
        refunded_no_stock=tally.refunded_no_stock,
        **beside,
    )


def _title(catalogue: Mapping[str, SkuConfig], sku: str) -> str:
    config = catalogue.get(sku)
    return config.title if config else ""


def _totals(rows: list[ReconciledSku], fold: ShowFold, requests: Iterable[RefundRequest]) -> ReconciliationTotals:
    counts = [row.count for row in rows if row.count is not None]
    presale = [row.presale for row in rows if row.presale is not None]
    return ReconciliationTotals(
        skus=len(rows),
        stock=_sum(row.stock for row in rows),
        presale=_sum(presale) if presale else None,
        counted=len(counts),
        differing=sum(count.difference != 0 for count in counts),
        gained=sum(max(0, count.difference) for count in counts),
        lost=sum(max(0, -count.difference) for count in counts),
        shortage=sum(count.shortage for count in counts),
        open_differences=sum(bool(row.open_count and row.open_count.difference) for row in rows),
        money=_money(fold, requests),
    )


def _money(fold: ShowFold, requests: Iterable[RefundRequest]) -> list[MoneyTotal]:
    refunded = Counter({currency: money.refunded for currency, money in fold.money.items()})
    for request in requests:
        # Of a reservation that was not remembered any more, the request alone says what went back.
        is_told = request.reservation in fold.refunded_alone
        if request.state is RefundState.WITHOUT_GOODS and not is_told and request.refunded_minor > 0:
            refunded[request.currency] += request.refunded_minor
    return [
        MoneyTotal(
            currency=currency,
            paid_minor=fold.money[currency].paid,
            by_price_minor=fold.money[currency].by_price,
            refunded_minor=refunded[currency],
        )
        for currency in sorted(refunded)
    ]


def _sum(units: Iterable[SoldUnits]) -> SoldUnits:
    found = list(units)
    return SoldUnits(**{field.name: sum(getattr(one, field.name) for one in found) for field in fields(SoldUnits)})
