"""The room's indicators, each formula once: a page, a report and an alert that show the same number call these.

Formulas: docs/rules.md#indicators. Units are whole units, shares are 0 to 1, times are minutes.
"""

from __future__ import annotations

SOLD_OUT_SOON_MINUTES = 60
"""A sold-out ETA below this is worth an alert."""
SELL_THROUGH_HIGH = 0.8
"""A sell-through rate above this is worth an alert."""


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
