"""What a checklist knows of counts, receipts, lots and an ERP's figures, some SKUs at a time.

Rules: docs/rules.md#go-live-gate.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from shelfcast.insight.checks.counting import COUNTED_WITHIN_MS
from shelfcast.insight.checks.facts import CountedFacts, ErpFacts, LotFacts, OpenCountFacts, SkuFacts
from shelfcast.merchant.receipts import received_units
from shelfcast.stock.book import StockBook
from shelfcast.stock.counts import CountRecord, CountRow, CountState, LastCount
from shelfcast.stock.receipts import ErpLevel, Lot, ReceiptRecord, ReceiptState
from shelfcast.stock.records import Owed

RECEIPTS_LOOKED_AT_MAX = 50
"""Receipts of the last day that are read, the newest first: what came by others is to be counted."""
_IN_REVIEW = (CountState.REVIEW, CountState.APPLYING)


class Received(NamedTuple):
    """Units of a SKU that came lately by receipts that two people counted, and since when."""

    units: int
    since_ms: int


class Records(NamedTuple):
    """What is read once for all SKUs of a checklist: the day that it is, the counts that are open, what came lately."""

    today: dt.date
    counts: Mapping[str, CountRecord]
    received: Mapping[str, Received]
    hears_erp: bool


class Some(NamedTuple):
    """What was read of some SKUs."""

    owed: Mapping[str, Owed]
    last_counts: Mapping[str, LastCount]
    counting: Mapping[str, str]
    rows: Mapping[str, CountRow]
    lots: Mapping[str, list[Lot]]
    erp: Mapping[str, ErpLevel]


async def read_records(book: StockBook, today: dt.date, now_ms: int) -> Records:
    """What is read once. Raises EngineError."""
    counts, receipts, hears_erp = await asyncio.gather(book.counts(), book.receipts(), book.has_erp_levels())
    lately = [receipt for receipt in receipts if _is_counted(receipt, now_ms)]
    lately.sort(key=lambda receipt: -receipt.received_at_ms)
    whole = await asyncio.gather(*[book.receipt(receipt.id) for receipt in lately[:RECEIPTS_LOOKED_AT_MAX]])
    received: dict[str, Received] = {}
    for receipt in whole:
        if receipt is None:
            continue
        for sku, units in received_units(receipt).items():
            before = received.get(sku, Received(0, now_ms))
            received[sku] = Received(before.units + units, min(before.since_ms, receipt.received_at_ms))
    return Records(today, {count.id: count for count in counts}, received, hears_erp)


async def read_some(book: StockBook, records: Records, skus: Sequence[str]) -> Some:
    """What is read of some SKUs: a call of the engine for each kind. Raises EngineError."""
    owed, last_counts, counting, lots, erp = await asyncio.gather(
        book.owed(skus), book.last_counts(skus), book.counting(skus), book.lots(skus), book.erp_levels(skus)
    )
    in_review: dict[str, list[str]] = defaultdict(list)
    for sku, name in counting.items():
        if name in records.counts and records.counts[name].state in _IN_REVIEW:
            in_review[name].append(sku)
    rows = await asyncio.gather(*[book.count_rows_of(name, on) for name, on in in_review.items()])
    by_sku: dict[str, list[Lot]] = defaultdict(list)
    for lot in lots:
        by_sku[lot.sku].append(lot)
    return Some(owed, last_counts, counting, {row.sku: row for page in rows for row in page}, by_sku, erp)


def with_records(facts: SkuFacts, records: Records, some: Some) -> SkuFacts:
    """The facts of a listed SKU, with what its counts, receipts and lots say."""
    sku = facts.sku
    owed, last, erp = some.owed.get(sku), some.last_counts.get(sku), some.erp.get(sku)
    return replace(
        facts,
        oversold=owed.oversold if owed else 0,
        unfilled=owed.unfilled if owed else 0,
        lots=tuple(_lot(lot, records.today) for lot in some.lots.get(sku, ()) if lot.expires_on),
        erp=ErpFacts(at_ms=erp.at_ms, units=erp.units, on_hand=erp.on_hand) if erp else None,
        counted=CountedFacts(at_ms=last.at_ms, count=last.count, counted=last.counted) if last else None,
        received_at_ms=_received_at_ms(records.received.get(sku), owed),
        open_count=_open_count(records, some, sku),
    )


def _is_counted(receipt: ReceiptRecord, now_ms: int) -> bool:
    """Whether it came in lately, and two people counted it."""
    is_late = now_ms - receipt.received_at_ms <= COUNTED_WITHIN_MS
    return receipt.state is ReceiptState.RECEIVED and receipt.by_two and is_late


def _received_at_ms(received: Received | None, owed: Owed | None) -> int | None:
    """Since when all units of a SKU came, by receipts that two people counted; None where some came otherwise, or
    before that."""
    if received is None or owed is None or owed.gained or received.units != owed.came:
        return None
    return received.since_ms


def _lot(lot: Lot, today: dt.date) -> LotFacts:
    days = (dt.date.fromisoformat(lot.expires_on) - today).days
    return LotFacts(lot=lot.lot, expires_on=lot.expires_on, units=max(0, lot.units - lot.pulled), days_left=days)


def _open_count(records: Records, some: Some, sku: str) -> OpenCountFacts | None:
    name = some.counting.get(sku)
    if name is None:
        return None
    count, row = records.counts.get(name), some.rows.get(sku)
    state = count.state if count is not None else CountState.COUNTING
    return OpenCountFacts(
        count=name, state=state, in_review=state in _IN_REVIEW, difference=row.difference if row else None
    )
