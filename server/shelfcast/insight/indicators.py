"""The room's indicators, each formula once: a page, a report and an alert that show the same number call these.

Formulas: docs/rules.md#indicators. Units are whole units, shares are 0 to 1, times are minutes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from shelfcast.insight.pace import Spread

SOLD_OUT_SOON_MINUTES = 60
"""A sold-out ETA below this is worth an alert."""
SELL_THROUGH_HIGH = 0.8
"""A sell-through rate above this is worth an alert."""
RANGE_MINUTES_MIN = 3
"""Minutes that say how far they lie apart."""
T_90 = (
    3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356, 1.350, 1.345, 1.341,
    1.337, 1.333, 1.330, 1.328, 1.325, 1.323, 1.321, 1.319, 1.318, 1.316, 1.315, 1.314, 1.313, 1.311,
)  # fmt: skip
"""The 0.9 quantiles of Student's t for 1 to 29 degrees of freedom: between them on both sides lie 80 %."""


def share_left(remaining: int, offered: int) -> float | None:
    """remaining ÷ offered; None where nothing was offered, as before a room's first show."""
    return remaining / offered if offered > 0 else None


def at_most_percent(remaining: int, offered: int, percent: int) -> bool:
    """Whether `remaining` is at most `percent` % of what was offered. Exact: no rounding at the edge."""
    return 100 * remaining <= percent * offered


def sell_through(remaining: int, sold: int) -> float:
    """sold ÷ (sold + remaining), 0 where there is nothing of either. `sold` are the net units sold in the show."""
    total = sold + remaining
    return sold / total if total > 0 else 0.0


def sold_out_in_minutes(remaining: int, units_a_minute: float) -> float | None:
    """remaining ÷ pace; 0 when nothing remains, None while nothing sells."""
    if remaining <= 0:
        return 0.0
    return remaining / units_a_minute if units_a_minute > 0 else None


class Between(NamedTuple):
    """A range of minutes; None where that end is not known, or without end."""

    low: float | None
    high: float | None


def sold_out_between(remaining: int, units_a_minute: float, spread: Spread) -> Between:
    """The 80 % range of `sold_out_in_minutes`: remaining ÷ (pace ± t × s × √(1/n + 1/T)), with s the spread of the n
    minutes of the pace and T = remaining ÷ pace. It predicts the mean of the next T minutes (docs/rules.md#pace)."""
    if remaining <= 0:
        return Between(0.0, 0.0)
    if units_a_minute <= 0 or spread.minutes < RANGE_MINUTES_MIN:
        return Between(None, None)
    t = T_90[min(spread.minutes - 1, len(T_90)) - 1]
    margin = t * spread.units * math.sqrt(1 / spread.minutes + units_a_minute / remaining)
    slowest = units_a_minute - margin
    return Between(remaining / (units_a_minute + margin), remaining / slowest if slowest > 0 else None)
