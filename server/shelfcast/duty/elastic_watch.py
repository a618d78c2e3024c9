"""The elastic reserves of the SKUs that a show sells, as the duty that watches it knows them from the feed.

Rules: docs/rules.md#elastic-reserve.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import partial

from shelfcast.duty.show_alerts import ShowAlerts
from shelfcast.insight import elastic_rule as rules
from shelfcast.insight.elastic_rule import Reserve, Selling
from shelfcast.merchant import elastic
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import AlertRule
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import SkuStock
from shelfcast.stock.configuration import ChannelKind, ElasticMode, ElasticRule
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import CHANNEL, POOL
from shelfcast.stock.records import RoomView


class ElasticWatch:
    """Knows what is in each reserve, and has the book release one whose rule says so where what is left does not last.
    `succeeded` is called when somebody else has the say."""

    def __init__(self, book: StockBook, fence: int, succeeded: Callable[[], None]) -> None:
        self._book = book
        self._fence = fence
        self._succeeded = succeeded
        self._target = POOL
        self._reserves: dict[str, tuple[int, int]] = {}
        """Of SKUs with a reserve: units in it, releases so far."""
        self._asked: dict[str, int] = {}
        """Of which release the book was asked last, by SKU."""
        self._released: set[str] = set()
        """SKUs of whose reserve some was just released: that is no change which is answered by another release."""

    def reset(self, view: RoomView) -> None:
        """The room as it is now."""
        shared = view.channel.kind is ChannelKind.SHARED
        self._target = POOL if shared else f"{CHANNEL}{view.room.channel}"
        self._reserves.clear()
        self._asked.clear()
        self._released.clear()
        self.hear(listed.stock for listed in view.skus)

    def hear(self, stocks: Iterable[SkuStock]) -> None:
        """The units of these SKUs have changed."""
        for stock in stocks:
            known = self._reserves.get(stock.sku)
            if known is not None and known[1] != stock.elastic[1]:
                self._released.add(stock.sku)
            if stock.elastic[0] > 0:
                self._reserves[stock.sku] = stock.elastic
            else:
                self._reserves.pop(stock.sku, None)

    def judge(
        self,
        alerts: ShowAlerts,
        sku: str,
        rule: ElasticRule | None,
        selling: Selling,
        sells_from: Container[str],
        now_ms: int,
    ) -> None:
        """Hold the rule of a SKU's reserve against how it sells. Where an exclusive batch keeps the pool for later, a
        release would not be sold, and none is needed."""
        key, reaches = (AlertRule.ELASTIC, sku), self._target != POOL or POOL in sells_from
        reserve = self._reserve(sku, rule if reaches else None)
        change = rules.elastic(alerts.before(key), reserve, selling)
        alerts.settle(key, change, selling.remaining, selling.offered, now_ms)
        found = rules.needed(reserve, selling, stands=True)
        if found is not None and found[1] == alerts.threshold(key):  # units, a share or minutes, as it rang
            alerts.note_peak(key, found[0])
        is_answer = sku in self._released
        self._released.discard(sku)
        if is_answer or not reaches or not reserve.units or rule is None or rule.mode is not ElasticMode.AUTO:
            return
        minutes, step = selling.minutes, reserve.releases + 1
        if rule.at_eta_minutes is None:
            return
        if minutes is not None and minutes <= rule.at_eta_minutes and self._asked.get(sku) != step:
            self._asked[sku] = step
            elastic.release_by_eta(self._book, self._fence, sku, step, self._target, partial(self._answered, sku))

    def _reserve(self, sku: str, rule: ElasticRule | None) -> Reserve:
        units, releases = self._reserves.get(sku, (0, 0))
        found = rule or ElasticRule(mode=ElasticMode.OFF)
        return Reserve(
            asks=found.mode is ElasticMode.ASK,
            at_units=found.at_units,
            at_share_percent=found.at_share_percent,
            at_eta_minutes=found.at_eta_minutes,
            units=units,
            step_units=found.step_units,
            releases=releases,
        )

    def _answered(self, sku: str, outcome: Outcome) -> None:
        if outcome.code is Code.STALE:
            self._succeeded()
        elif outcome.code is not Code.OK or outcome.data == 0:
            # It was not done, by a rule that is another one now: the next change or minute asks again.
            self._asked.pop(sku, None)
