"""The metrics that the host and the operator watch: the shelf's values, and the paces that the book keeps. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shelfcast.insight.indicators import Between, sell_through, share_left, sold_out_between, sold_out_in_minutes
from shelfcast.insight.pace import Spread
from shelfcast.protocol.from_server import MetricRow, Metrics
from shelfcast.room.shelf import Shelf


class Backstage:
    """Passes on what has changed since it was last asked."""

    __slots__ = ("_changed",)

    def __init__(self) -> None:
        self._changed: dict[str, None] = {}

    def note(self, skus: Iterable[str]) -> None:
        """Something about these has changed."""
        self._changed.update(dict.fromkeys(skus))

    def metrics(
        self,
        shelves: Mapping[str, Shelf],
        paces: Mapping[str, float],
        spreads: Mapping[str, Spread],
        *,
        viewers: int,
        at_ms: int,
        everything: bool = False,
    ) -> Metrics | None:
        """The rows of all SKUs, for somebody who just came in; or those that changed since this was last asked, for
        everybody. None when there is none."""
        skus: Iterable[str] = shelves
        if not everything:
            skus, self._changed = self._changed, {}
        rows = [_row(shelves[sku], paces.get(sku), spreads.get(sku)) for sku in skus if sku in shelves]
        return Metrics(at_ms=at_ms, viewers=viewers, rows=rows) if rows else None


def _row(shelf: Shelf, pace: float | None, spread: Spread | None) -> MetricRow:
    row = shelf.row
    between = Between(None, None)
    if pace is not None and spread is not None:
        between = sold_out_between(row.available, pace, spread)
    return MetricRow(
        sku=shelf.sku,
        remaining=row.available,
        held=row.holding,
        offered=row.offered,
        share_left=share_left(row.available, row.offered),
        sold=row.sold_in_show,
        units_a_minute=pace,
        sold_out_in_minutes=None if pace is None else sold_out_in_minutes(row.available, pace),
        sell_through=sell_through(row.available, row.sold_in_show),
        waiting=shelf.waiting,
        sold_out_in_minutes_low=between.low,
        sold_out_in_minutes_high=between.high,
    )
