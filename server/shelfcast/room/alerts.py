"""The alerts of a room that stand, and how those backstage are told of them. Pure.

They are made by one duty for all processes (`duty.watch_shows`); here they are passed on.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from shelfcast.insight.indicators import share_left
from shelfcast.protocol.from_server import Alert
from shelfcast.protocol.states import AlertState
from shelfcast.stock.alerts import AlertRecord


class StandingAlerts:
    """What the book says of a room's alerts, as far as it is known here."""

    __slots__ = ("_records",)

    def __init__(self) -> None:
        self._records: dict[str, AlertRecord] = {}

    def reset(self, standing: Iterable[AlertRecord], at_ms: int) -> list[Alert]:
        """These stand, and no others; what those backstage do not know of them yet. What has ended while nobody heard
        it ended at `at_ms` at the latest."""
        former, self._records = self._records, {record.id: record for record in standing}
        over = [
            replace(record, state=AlertState.RESOLVED, resolved_at_ms=at_ms, changed_at_ms=at_ms)
            for record in former.values()
            if record.id not in self._records
        ]
        return [alert(record) for record in over] + [
            alert(record) for record in self._records.values() if record != former.get(record.id)
        ]

    def hear(self, record: AlertRecord) -> Alert:
        """One has changed."""
        if record.stands:
            self._records[record.id] = record
        else:
            self._records.pop(record.id, None)
        return alert(record)

    def all(self) -> list[Alert]:
        """Those that stand, in the order in which they rang."""
        return [alert(record) for record in sorted(self._records.values(), key=lambda record: record.number)]


def alert(record: AlertRecord) -> Alert:
    """An alert as those backstage hear it."""
    return Alert(
        id=record.id,
        room=record.room,
        show=record.show,
        rule=record.rule,
        sku=record.sku,
        tier_percent=record.tier_percent,
        state=record.state,
        severity=record.severity,
        value=record.value,
        threshold=record.threshold,
        peak=record.peak,
        remaining=record.remaining,
        offered=record.offered,
        remaining_share=share_left(record.remaining, record.offered) or 0.0,
        advice=record.advice,
        actions=record.actions,
        acknowledged_by=record.acknowledged_by,
        note=record.note,
        snoozed_until_ms=record.snoozed_until_ms,
        resolved_at_ms=record.resolved_at_ms,
        unsteady=record.unsteady,
        since_ms=record.since_ms,
        changed_at_ms=record.changed_at_ms,
        at_ms=record.rang_at_ms,
    )
