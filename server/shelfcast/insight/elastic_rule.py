"""When an elastic reserve is needed, and what somebody is asked then: pure decisions on what is left and how it sells.

Rules: docs/rules.md#elastic-reserve. Where a rule releases by itself, the book looks at units and shares
(stock/library/elastic.lua); here they are looked at where it asks.
"""

from __future__ import annotations

from typing import NamedTuple

from shelfcast.insight.alert_rules import ETA_REARM, ON_AIR_MIN_MS, ORDERS_MIN, Before, Change, Step
from shelfcast.insight.indicators import at_most_percent, sold_out_in_minutes
from shelfcast.insight.tiers import REARM_POINTS
from shelfcast.protocol.states import Severity


class Reserve(NamedTuple):
    """An elastic reserve: whether its rule asks somebody to release it, by which triggers, what is in it, how much of
    that a step is (None: all), and how often some of it was released."""

    asks: bool
    at_units: int | None
    at_share_percent: int | None
    at_eta_minutes: int | None
    units: int
    step_units: int | None
    releases: int

    @property
    def offer(self) -> int:
        """The units of the next step."""
        return self.units if self.step_units is None else min(self.units, self.step_units)


class Selling(NamedTuple):
    """How a SKU sells in a show: units left, units offered so far, units a minute (None before the first ended
    minute), orders, and how long it was on air."""

    remaining: int
    offered: int
    units_a_minute: float | None
    orders: int
    on_air_ms: int

    @property
    def minutes(self) -> float | None:
        """For how long what is left lasts; None where nothing sells, or what sells is chance."""
        if not self.units_a_minute or self.orders < ORDERS_MIN or self.on_air_ms < ON_AIR_MIN_MS:
            return None
        return sold_out_in_minutes(self.remaining, self.units_a_minute)


def needed(reserve: Reserve, selling: Selling, *, stands: bool) -> tuple[float, float] | None:
    """The value and the threshold of the first trigger that calls for the reserve, None where none does, and where the
    show was offered nothing that could have become less. What stands is over somewhat later than it came: REARM_POINTS
    above the share, a tenth above the minutes."""
    remaining, offered = selling.remaining, selling.offered
    if offered <= 0:
        return None
    if reserve.at_units is not None and remaining <= reserve.at_units:
        return float(remaining), float(reserve.at_units)
    share, points = reserve.at_share_percent, REARM_POINTS if stands else 0
    if share is not None and at_most_percent(remaining, offered, share + points):
        return remaining / offered, share / 100
    minutes, most = selling.minutes, reserve.at_eta_minutes
    if most is not None and minutes is not None and minutes <= most * (ETA_REARM if stands else 1):
        return minutes, float(most)
    return None


def elastic(before: Before, reserve: Reserve, selling: Selling) -> Change | None:
    """The elastic reserve is needed, and somebody has to release it: the advice says what a step makes of what is left,
    and how much longer that lasts. Where the step that was offered is made and more is needed, it rings again."""
    found = needed(reserve, selling, stands=before.stands) if reserve.asks and reserve.units > 0 else None
    if found is None:
        return Change(Step.RESOLVE, None, 0.0) if before.stands else None
    is_answered = 0 < before.step <= reserve.releases
    if before.stands and not is_answered:
        return None
    value, threshold = found
    step = Step.AGAIN if before.stands else Step.RING
    return Change(step, value, threshold, 0, Severity.WARNING, advice(reserve.offer, selling))


def advice(units: int, selling: Selling) -> str:
    """What a release makes of what is left, in words."""
    words = f"release {units}: {selling.remaining} → {selling.remaining + units}"
    if selling.units_a_minute:
        words += f", about {units / selling.units_a_minute:.0f} more minutes"
    return words
