"""Days of inventory and slow movers, from the totals of days. No I/O. Formulas: docs/rules.md#days."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from shelfcast.insight.day_totals import DayRow

WINDOW_DAYS = 30
"""Days that both look at."""
DAYS_MIN = 7
"""Days with stock below which nothing is said."""
LONG_IDLE_DAYS = 60
"""What nothing was sold of for so long, and was offered, is let go."""
FEW_UNITS = 5
"""So few are not worth a clearance of their own."""


class InventoryState(StrEnum):
    """What can be said of a SKU's days of inventory."""

    KNOWN = "known"
    NOT_ENOUGH_DAYS = "not_enough_days"
    NO_SALES = "no_sales"
    """There was stock on enough days, and nothing was sold net."""


class Stocked:
    """What is counted of a SKU over the last days: those with stock, their closing stock and what was sold, summed."""

    __slots__ = ("closing", "days", "sold")

    def __init__(self) -> None:
        self.days = 0
        self.closing = 0
        self.sold = 0

    def add(self, row: DayRow) -> None:
        """Count a day; one without stock is left out."""
        if row.had_stock:
            self.days += 1
            self.closing += row.closing_sellable
            self.sold += row.units_sold

    @property
    def state(self) -> InventoryState:
        """What can be said."""
        if self.days < DAYS_MIN:
            return InventoryState.NOT_ENOUGH_DAYS
        return InventoryState.KNOWN if self.sold > 0 else InventoryState.NO_SALES

    @property
    def mean_closing(self) -> float:
        """Units at the end of a day with stock."""
        return self.closing / self.days if self.days else 0.0

    @property
    def mean_sold(self) -> float:
        """Units sold net on a day with stock; more given back than sold is none."""
        return max(0, self.sold) / self.days if self.days else 0.0

    @property
    def days_of_inventory(self) -> float | None:
        """Mean closing stock ÷ mean units sold a day; None where that cannot be said."""
        return self.mean_closing / self.mean_sold if self.state is InventoryState.KNOWN else None

    def is_over(self, threshold_days: int) -> bool:
        """Whether there is stock for more days; where nothing is sold, any stock is."""
        if self.state is InventoryState.NO_SALES:
            return self.closing > 0
        days = self.days_of_inventory
        return days is not None and days > threshold_days


class SlowReason(StrEnum):
    """Why a SKU may not sell. The first that holds is said."""

    NOT_LISTED = "not_listed"
    """No room lists it."""
    NEVER_ON_AIR = "never_on_air"
    """It is listed, and no show of the last days had it on air."""
    PRICE_UNCHANGED = "price_unchanged"
    """It was on air, nobody bought it, and its price was the same all the time."""
    ON_AIR_NOT_SOLD = "on_air_not_sold"
    """It was on air, and nobody bought it although its price has changed."""


class SlowRemedy(StrEnum):
    """What to do about it."""

    PUT_ON_AIR = "put_on_air"
    DISCOUNT = "discount"
    BUNDLE = "bundle"
    CLEAR = "clear"
    DROP = "drop"


class OnAir(NamedTuple):
    """What a SKU had of the shows of the last days."""

    is_listed: bool
    shows: int = 0
    ms: int = 0


def is_slow(row: DayRow) -> bool:
    """No sale for `WINDOW_DAYS` days in which it was available, and there is something to sell."""
    return row.idle_days >= WINDOW_DAYS and row.closing_sellable > 0


def reason_of(on_air: OnAir, *, is_price_unchanged: bool) -> SlowReason:
    """Why nothing is sold of it."""
    if not on_air.is_listed:
        return SlowReason.NOT_LISTED
    if not on_air.shows:
        return SlowReason.NEVER_ON_AIR
    return SlowReason.PRICE_UNCHANGED if is_price_unchanged else SlowReason.ON_AIR_NOT_SOLD


def remedy_of(reason: SlowReason, row: DayRow) -> SlowRemedy:
    """What nobody has seen is shown; what was shown at one price gets another; what did not sell at that either goes
    with something else, and after `LONG_IDLE_DAYS` goes for good."""
    if reason in (SlowReason.NOT_LISTED, SlowReason.NEVER_ON_AIR):
        return SlowRemedy.PUT_ON_AIR
    if reason is SlowReason.PRICE_UNCHANGED:
        return SlowRemedy.DISCOUNT
    if row.idle_days < LONG_IDLE_DAYS:
        return SlowRemedy.BUNDLE
    return SlowRemedy.DROP if row.closing_sellable <= FEW_UNITS else SlowRemedy.CLEAR
