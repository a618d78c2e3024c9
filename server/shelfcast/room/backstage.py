"""What the host and the operator watch: pace, minutes to sold out, sell-through, and the tiered alerts. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from shelfcast.insight.indicators import sell_through, share_left, sold_out_in_minutes
from shelfcast.insight.pace import Pace
from shelfcast.insight.tiers import ADVICE, TierLatch
from shelfcast.protocol.messages import Alert, MetricRow, Metrics
from shelfcast.room.shelf import Shelf
from shelfcast.stock.shelf import ShelfRow

PACE_AGAIN_MS = 10_000
"""A pace falls while nothing changes: it is told anew this often, until it is told to be none."""


class _Watched:
    """What is remembered of one SKU."""

    __slots__ = ("latch", "pace", "row", "told_at_ms", "told_pace")

    def __init__(self, row: ShelfRow, at_ms: int) -> None:
        self.row = row
        self.pace = Pace(at_ms)
        self.latch = TierLatch()
        self.told_pace = 0.0
        self.told_at_ms = at_ms

    def is_due(self, at_ms: int) -> bool:
        """Whether the pace that was told last is not the pace any more."""
        return self.told_pace > 0 and at_ms - self.told_at_ms >= PACE_AGAIN_MS


class Backstage:
    """Watches every row of a room. Times are the engine's."""

    __slots__ = ("_changed", "_watched")

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}
        self._changed: set[str] = set()

    def observe(self, shelf: Shelf, at_ms: int) -> Alert | None:
        """Take a row's new values; the alert to ring now, if a tier was crossed."""
        row = shelf.row
        watched = self._watched.get(shelf.sku)
        if watched is None:
            watched = self._watched[shelf.sku] = _Watched(row, at_ms)
        taken = row.taken - watched.row.taken
        if taken:
            watched.pace.took(taken, at_ms)
        watched.row = row
        self._changed.add(shelf.sku)
        tier = watched.latch.crossed(row.available, row.offered)
        return None if tier is None else _alert(shelf, tier, at_ms)

    def keep_only(self, skus: Iterable[str]) -> None:
        """Forget the SKUs that are not on the shelf any more."""
        kept = set(skus)
        self._watched = {sku: watched for sku, watched in self._watched.items() if sku in kept}

    def standing(self, shelves: Iterable[Shelf], at_ms: int) -> list[Alert]:
        """The alerts that have rung and still stand, for somebody who just came in."""
        return [
            _alert(shelf, tier, at_ms)
            for shelf in shelves
            if (watched := self._watched.get(shelf.sku)) and (tier := watched.latch.standing) is not None
        ]

    def metrics(self, viewers: int, at_ms: int, *, everything: bool = False) -> Metrics | None:
        """All rows, for somebody who just came in; or for everybody those that changed since this was last asked, and
        those that sold and whose pace has fallen meanwhile. None when there is none."""
        if everything:
            rows = [self._row(sku, watched, at_ms) for sku, watched in self._watched.items()]
        else:
            rows = []
            for sku, watched in self._watched.items():
                if sku in self._changed or watched.is_due(at_ms):
                    rows.append(row := self._row(sku, watched, at_ms))
                    watched.told_pace, watched.told_at_ms = row.units_a_minute, at_ms
            self._changed.clear()
        return Metrics(at_ms=at_ms, viewers=viewers, rows=rows) if rows else None

    @staticmethod
    def _row(sku: str, watched: _Watched, at_ms: int) -> MetricRow:
        row, pace = watched.row, watched.pace.units_a_minute(at_ms)
        return MetricRow(
            sku=sku,
            remaining=row.available,
            held=row.holding,
            sold=row.sold_in_show,
            units_a_minute=pace,
            sold_out_in_minutes=sold_out_in_minutes(row.available, pace),
            sell_through=sell_through(row.available, row.sold_in_show),
        )


def _alert(shelf: Shelf, tier: int, at_ms: int) -> Alert:
    row = shelf.row
    return Alert(
        sku=shelf.sku,
        tier_percent=tier,
        remaining=row.available,
        remaining_share=share_left(row.available, row.offered) or 0.0,
        advice=ADVICE[tier],
        at_ms=at_ms,
    )
