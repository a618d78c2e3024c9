"""The tables of a report beside its SKUs: channels, batches, minutes, events, alerts and counts.

Rules: docs/rules.md#report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from shelfcast.insight.channel_flows import BatchFlows, batch_flows, channel_flows
from shelfcast.insight.pool_flows import SkuFlows
from shelfcast.insight.series import SkuMinute
from shelfcast.merchant.minutes import SeriesPage
from shelfcast.merchant.report_items import (
    BatchDuring,
    ChannelDuring,
    CountDuring,
    ReportedAlert,
    ReportEvent,
    ReportMinute,
)
from shelfcast.merchant.report_read import ShowRead, opening_of
from shelfcast.stock.alerts import AlertRecord
from shelfcast.stock.configuration import BatchConfig
from shelfcast.stock.counts import CountRecord, CountState
from shelfcast.stock.places import BATCH
from shelfcast.stock.show import ShowRecord

STATUS, SPOTLIGHT, ALERT = "status", "spotlight", "alert"
"""Kinds of events."""


def channels_during(read: ShowRead) -> list[ChannelDuring]:
    """The pool's channels, the show's own first."""
    flows, own = channel_flows(read.flows.during), read.show.channel
    names = sorted({*read.channels, *flows}, key=lambda name: (name != own, name))
    found = []
    for name in names:
        config, flow = read.channels.get(name), flows.get(name)
        found.append(
            ChannelDuring(
                channel=name,
                title=config.title if config else "",
                is_show=name == own,
                orders=read.flows.orders[name],
                sold=flow.sold if flow else 0,
                cancelled=flow.cancelled if flow else 0,
                presale_sold=flow.presale_sold if flow else 0,
                shipped=flow.shipped if flow else 0,
                oversold=flow.oversold if flow else 0,
                moved_in=flow.moved_in if flow else 0,
                moved_out=flow.moved_out if flow else 0,
            )
        )
    return found


def closing_of(batch: BatchConfig, ended_at_ms: int) -> int:
    """When a batch closed, up to a moment; 0 where it was open still."""
    times = [at for at in (batch.closed_at_ms, batch.closes_at_ms) if at and at <= ended_at_ms]
    return min(times) if times else 0


def batches_during(read: ShowRead, rows: Iterable[SkuFlows]) -> list[BatchDuring]:
    """The batches that were open while the show was on, by when they opened."""
    show, flows = read.show, batch_flows(read.flows.during)
    opening, closing = Counter[str](), Counter[str]()
    for row in rows:
        for total, places in ((opening, row.opening), (closing, row.closing)):
            total.update({place: units for place, units in places.items() if place.startswith(BATCH)})
    found = []
    for name, batch in read.batches.items():
        opened, closed = opening_of(batch), closing_of(batch, show.ended_at_ms)
        if not 0 < opened <= show.ended_at_ms or 0 < closed < show.started_at_ms:
            continue
        flow, place = flows.get(name, BatchFlows()), BATCH + name
        found.append(
            BatchDuring(
                batch=name,
                channel=batch.serves,
                opened_at_ms=opened,
                closed_at_ms=closed or None,
                units=opening[place] + flow.filled,
                sold=flow.sold,
                left=flow.leftover or closing[place],
                leftover_to=batch.leftover_to if closed else "",
                missed=batch.missed,
            )
        )
    return sorted(found, key=lambda row: (row.opened_at_ms or 0, row.batch))


def minutes_of(series: SeriesPage) -> list[ReportMinute]:
    """The minutes of the show, each with what had been by its end."""
    found, current, taken, at = list[ReportMinute](), dict[str, SkuMinute](), 0, 0
    skus = sorted(series.skus, key=lambda row: row[0])
    for minute_ms, minute in series.show:
        while at < len(skus) and skus[at][0] <= minute_ms:
            _, sku, row = skus[at]
            before = current.get(sku)
            taken += row.taken - (before.taken if before else 0)
            current[sku] = row
            at += 1
        refused = sum(minute.refused.values())
        found.append(
            ReportMinute(at_ms=minute_ms, viewers=minute.viewers, paid=minute.paid, taken=taken, refused=refused)
        )
    return found


def events_of(show: ShowRecord, alerts: Sequence[AlertRecord], titles: Mapping[str, str]) -> list[ReportEvent]:
    """What charts show over their lines, in order."""
    found = [ReportEvent(at_ms=row.at_ms, kind=STATUS, sku="", text=row.status) for row in show.history]
    found += [
        ReportEvent(at_ms=row.from_ms, kind=SPOTLIGHT, sku=row.sku, text=titles.get(row.sku, ""))
        for row in show.spotlight
    ]
    found += [ReportEvent(at_ms=row.since_ms, kind=ALERT, sku=row.sku, text=row.rule) for row in alerts]
    return sorted(found, key=lambda row: row.at_ms)


def alerts_of(records: Iterable[AlertRecord]) -> list[ReportedAlert]:
    """The alerts of the show, in the order in which they rang."""
    return [
        ReportedAlert(
            id=record.id,
            rule=record.rule,
            sku=record.sku,
            severity=record.severity,
            value=record.value,
            threshold=record.threshold,
            fired_at_ms=record.since_ms,
            acknowledged_at_ms=record.acknowledged_at_ms or None,
            acknowledged_by=record.acknowledged_by,
            acted=record.acted,
            acted_by=record.acted_by,
            acted_at_ms=record.acted_at_ms or None,
            resolved_at_ms=record.resolved_at_ms or None,
            note=record.note,
        )
        for record in records
    ]


def counts_during(records: Iterable[CountRecord], show: ShowRecord, until_seq: int) -> list[CountDuring]:
    """The counts that were applied since the show began, in order."""
    applied = [
        record
        for record in records
        if record.state is CountState.APPLIED
        and (record.applied_seq, record.applied_at_ms) > (show.started_seq, show.started_at_ms)
        and record.applied_seq <= until_seq
    ]
    return [
        CountDuring(
            count=record.id,
            kind=record.kind,
            applied_at_ms=record.applied_at_ms,
            skus=record.counted_rows,
            gained=record.gained,
            lost=record.lost,
            shortage=record.shortage,
            signed_by=list(dict.fromkeys([*(signature.by for signature in record.signatures), record.applied_by])),
        )
        for record in sorted(applied, key=lambda record: (record.applied_seq, record.applied_at_ms, record.id))
    ]
