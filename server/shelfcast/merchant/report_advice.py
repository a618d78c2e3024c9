"""What a report suggests for each SKU, from its own numbers, the pool's, and the shows before.

Rules: docs/rules.md#suggestions.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from shelfcast.insight.pool_flows import SkuFlows, is_unsold
from shelfcast.insight.suggestions import Advice, SkuOutcome, advise
from shelfcast.merchant.days import date_of
from shelfcast.merchant.report_items import ReportedSku, Suggestion
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import EXPIRY_DAYS
from shelfcast.stock.places import UNSELLABLE
from shelfcast.stock.reports import Decided, SkuHistory
from shelfcast.stock.show import ShowRecord


async def suggestions(
    book: StockBook, rows: Sequence[ReportedSku], pool: Mapping[str, SkuFlows], show: ShowRecord
) -> dict[str, list[Suggestion]]:
    """The suggestions for each SKU of a show. Raises EngineError."""
    skus = [row.sku for row in rows]
    histories, expiring = await book.histories(skus), await _expiring(book, skus, show)
    outcomes = [
        SkuOutcome(
            sku=row.sku,
            category=row.category,
            sold=row.sold,
            orders=row.orders,
            left=row.left_to_sell,
            unsold=_unsold(pool[row.sku]),
            lost_people=row.lost.people,
            lost_units=row.lost.units,
            expected=row.expected,
            on_air_minutes=row.on_air_minutes,
            minutes_to_sold_out=row.minutes_to_sold_out,
            expiring=expiring[row.sku],
            shows_without_sale=_shows_without_sale(row, histories.get(row.sku, []), show),
        )
        for row in rows
    ]
    return {sku: [_suggestion(advice) for advice in some] for sku, some in advise(outcomes).items()}


def _unsold(flows: SkuFlows) -> int:
    """What the pool had at the show's end that was nobody's, and can be sold."""
    return sum(units for place, units in flows.closing.items() if is_unsold(place) and place != UNSELLABLE)


def _shows_without_sale(row: ReportedSku, history: Sequence[SkuHistory], show: ShowRecord) -> int:
    if row.sold > 0:
        return 0
    count = 1
    for before in history:
        if before.show == show.id or before.started_at_ms >= show.started_at_ms:
            continue
        if before.sold > 0:
            break
        count += 1
    return count


async def _expiring(book: StockBook, skus: Sequence[str], show: ShowRecord) -> Counter[str]:
    """Units of lots that expire within the pool's days of the show's end, those that were pulled left out."""
    pool = await book.pool_config()
    last = date_of(show.ended_at_ms, pool.time_zone) + dt.timedelta(days=pool.expiry_days or EXPIRY_DAYS)
    found: Counter[str] = Counter()
    for lot in await book.lots(skus):
        if lot.expires_on and lot.expires_on <= last.isoformat():
            found[lot.sku] += max(0, lot.units - lot.pulled)
    return found


def _suggestion(advice: Advice) -> Suggestion:
    return Suggestion(
        kind=Decided(advice.kind),
        units=advice.units,
        because=advice.because,
        numbers=dict(advice.numbers),
        with_sku=advice.with_sku,
    )
