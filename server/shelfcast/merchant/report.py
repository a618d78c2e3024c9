"""A show's report: what was read of it, put together. Rules and formulas: docs/rules.md#report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from shelfcast.insight.channel_flows import batches_drawn
from shelfcast.insight.indicators import sell_through
from shelfcast.insight.pool_flows import SkuFlows, is_on_hand, sku_flows, sums_of
from shelfcast.insight.show_times import common_ms, live_stretches, on_air_ms
from shelfcast.merchant import minutes
from shelfcast.merchant.people import pseudonyms_of
from shelfcast.merchant.report_advice import suggestions
from shelfcast.merchant.report_archive import sealed
from shelfcast.merchant.report_items import (
    LostDemand,
    PoolSkuDuring,
    PoolTotals,
    Report,
    ReportedSku,
    ReportTotals,
)
from shelfcast.merchant.report_read import Progress, read_show
from shelfcast.merchant.report_skus import KnownSkus, in_minutes, reported_sku
from shelfcast.merchant.report_tables import (
    alerts_of,
    batches_during,
    channels_during,
    counts_during,
    events_of,
    minutes_of,
)
from shelfcast.merchant.show_counts import counted
from shelfcast.merchant.show_sums import (
    asked_refunds,
    money_of,
    money_sum,
    paying,
    sum_of,
    titles_of,
    units_of,
)
from shelfcast.stock.book import StockBook
from shelfcast.stock.refusals import Refusals, ShowRefusals
from shelfcast.stock.reports import PENDING_MAX, ReportState, SkuHistory
from shelfcast.stock.show import ShowRecord

REFUSED_SKUS_A_PAGE = 100


class Built(NamedTuple):
    """A report, sealed; the reservations that are pending, the first PENDING_MAX; and what to remember of each SKU."""

    report: Report
    pending: list[str]
    history: dict[str, SkuHistory]

    @property
    def provisional(self) -> Built:
        """The same as a provisional report."""
        return self._replace(report=sealed(replace(self.report, state=ReportState.PROVISIONAL)))


async def build(
    book: StockBook,
    refusals: Refusals,
    show: ShowRecord,
    state: ReportState,
    progress: Progress = lambda done, total: None,
) -> Built:
    """Read a show that has ended, and report it; the pool may be selling meanwhile. Raises InvalidInput where the
    ledgers lack entries, EngineError."""
    read = await read_show(book, show, progress)
    fold = read.fold
    bases = await book.show_bases(show.id)
    skus = sorted({*bases, *fold.stock, *fold.presale})
    requests = [request for request in await book.refund_requests() if request.show == show.id]
    refused = await _refusals(refusals, show.id)
    moved = {flow.sku for flow in read.flows.during if flow.sku} | set(skus)
    pool = sku_flows(read.flows, {sku: read.buckets.get(sku, {}) for sku in moved})
    catalogue = await book.sku_configs(sorted(moved))
    titles = titles_of(catalogue)
    live = live_stretches(show.started_at_ms, show.ended_at_ms, [(row.status, row.at_ms) for row in show.history])
    known = KnownSkus(
        read=read,
        live=live,
        on_air=on_air_ms(live, [(row.sku, row.from_ms, row.to_ms) for row in show.spotlight], show.ended_at_ms),
        bases=bases,
        catalogue=catalogue,
        listings=await book.listings(show.room),
        units=units_of(fold, await paying(book, fold), requests),
        pool=pool,
        drawn=batches_drawn(read.flows.during),
        forecast=await book.forecast(show.id),
        refused={row.sku: row for row in refused.skus},
        waited=await book.waited_at_end(show.id),
        counts=await counted(book, show, skus),
    )
    money = money_of(fold, requests)
    rows = [replace(reported_sku(known, sku), money=money.get(sku, [])) for sku in skus]
    advice = await suggestions(book, rows, pool, show)
    rows = [replace(row, suggestions=advice[row.sku]) for row in rows]
    rows.sort(key=lambda row: (row.link is None, row.link, row.sku))
    series = minutes_of(await minutes.series(book, show.id, await book.series_hours(show.id)))
    alerts = await book.alerts(show.id)
    users = await pseudonyms_of(book, {request.user for request in requests})
    # What a customer has said is in no report: it goes with what else is kept of that person.
    asked = [replace(one, reason="") for one in asked_refunds(requests, fold, titles, users, read.at_ms)]
    pool_config, room = await book.pool_config(), await book.room_config(show.room)
    report = Report(
        show=show.id,
        room=show.room,
        title=room.title if room else "",
        pool=book.pool,
        channel=show.channel,
        time_zone=show.time_zone or pool_config.time_zone,
        currency=pool_config.currency,
        state=state,
        started_at_ms=show.started_at_ms,
        ended_at_ms=show.ended_at_ms,
        started_seq=show.started_seq,
        ended_seq=show.ended_seq,
        planned_start_ms=show.planned_start_ms or None,
        planned_minutes=show.planned_minutes or None,
        live_minutes=in_minutes(common_ms(live, 0, show.ended_at_ms)),
        continued=show.continued,
        seq=read.seq,
        at_ms=read.at_ms,
        totals=_totals(rows, refused, viewers_most=max((minute.viewers for minute in series), default=0)),
        skus=rows,
        pool_totals=_pool_totals(pool),
        pool_skus=[_pool_sku(sku, row, titles.get(sku, "")) for sku, row in pool.items()],
        channels=channels_during(read),
        batches=batches_during(read, pool.values()),
        minutes=series,
        events=events_of(show, alerts, titles),
        refusals=refused.codes,
        alerts=alerts_of(alerts),
        counts=counts_during(await book.counts(), show, read.seq),
        refund_requests=asked,
    )
    pending = sorted({*fold.held, *fold.owed})
    return Built(sealed(report), pending[:PENDING_MAX], history_of(report))


def _totals(rows: Sequence[ReportedSku], refused: ShowRefusals, *, viewers_most: int) -> ReportTotals:
    sold = [row for row in rows if row.sold > 0]
    all_left = sum(row.left_to_sell for row in rows)
    all_sold = sum(row.sold for row in rows)
    presale = [row.presale for row in rows if row.presale is not None]
    planned = [row for row in rows if row.expected is not None]
    return ReportTotals(
        skus=len(rows),
        skus_sold=len(sold),
        active_sku_rate=len(sold) / len(rows) if rows else None,
        orders=sum(row.orders for row in rows),
        stock=sum_of(row.stock for row in rows),
        presale=sum_of(presale) if presale else None,
        pending=sum(row.pending for row in rows),
        money=money_sum(row.money for row in rows),
        sell_through=sell_through(all_left, all_sold) if all_left + all_sold > 0 else None,
        lost=LostDemand(
            people=refused.lack_of_stock.people,
            units=refused.lack_of_stock.units,
            attempts=refused.lack_of_stock.count,
        ),
        viewers_most=viewers_most,
        expected=sum(row.expected or 0 for row in planned) if planned else None,
        forecast_error=sum(row.forecast_error or 0 for row in planned) if planned else None,
        sold_out=sum(row.sold_out_at_ms is not None for row in rows),
    )


def _pool_sku(sku: str, row: SkuFlows, title: str) -> PoolSkuDuring:
    return PoolSkuDuring(
        sku=sku,
        title=title,
        opening=row.opening_units,
        received=row.received,
        returned=row.returned,
        gained=row.gained,
        shipped=row.shipped,
        written_off=row.written_off,
        lost=row.lost,
        closing=row.closing_units,
        difference=row.difference,
        moved_in=row.moved_in,
        moved_out=row.moved_out,
        external_sold=row.external_sold,
        oversold=row.oversold,
        closing_places={place: units for place, units in row.closing.items() if is_on_hand(place)},
    )


def _pool_totals(pool: Mapping[str, SkuFlows]) -> PoolTotals:
    sums = sums_of(pool.values())
    return PoolTotals(
        skus=len(pool),
        opening=sum(row.opening_units for row in pool.values()),
        received=sums["received"],
        returned=sums["returned"],
        gained=sums["gained"],
        shipped=sums["shipped"],
        written_off=sums["written_off"],
        lost=sums["lost"],
        closing=sum(row.closing_units for row in pool.values()),
        difference=sum(abs(row.difference) for row in pool.values()),
        external_sold=sums["external_sold"],
        oversold=sums["oversold"],
    )


async def _refusals(refusals: Refusals, show: str) -> ShowRefusals:
    """All SKUs' refusals of a show, read in pages."""
    page = await refusals.of_show(show, limit=REFUSED_SKUS_A_PAGE)
    skus = list(page.skus)
    while page.next is not None:
        page = await refusals.of_show(show, after=page.next, limit=REFUSED_SKUS_A_PAGE)
        skus += page.skus
    return replace(page, skus=skus)


def history_of(report: Report) -> dict[str, SkuHistory]:
    """What to remember of each SKU of a show."""
    closing = {row.sku: row.closing for row in report.pool_skus}
    return {
        row.sku: SkuHistory(
            show=report.show,
            started_at_ms=report.started_at_ms,
            expected=row.expected,
            sold=row.sold,
            lost_people=row.lost.people,
            lost_units=row.lost.units,
            variance=row.count.difference if row.count else None,
            closing=closing.get(row.sku, 0),
            sold_out_at_ms=row.sold_out_at_ms,
        )
        for row in report.skus
    }
