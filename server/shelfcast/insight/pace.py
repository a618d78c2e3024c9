"""How fast a SKU leaves the shelf: a sliding window of ended minutes.

Formula: docs/rules.md#pace.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

WINDOW_MINUTES = 30
MINUTE_MS = 60_000


class Spread(NamedTuple):
    """How far the units of so many `minutes` lie apart: the standard deviation of a sample, 0 of fewer than two."""

    units: float
    minutes: int


class PaceWindow:
    """The last ended minutes of one SKU in one room, by the engine's clock, at most WINDOW_MINUTES of them.

    A unit counts when it is taken from where the room sells (held), and counts back when it is given back: that is the
    rate at which what remains shrinks, which is what a sold-out ETA divides by.
    """

    __slots__ = ("_minutes",)

    def __init__(self, minutes: Iterable[int | None] = ()) -> None:
        self._minutes: deque[int | None] = deque(minutes, maxlen=WINDOW_MINUTES)

    def ended(self, units: int | None, *, idle_after: int = 0, on_sale: bool = True) -> None:
        """A minute has ended in which so many units were taken; None where the SKU was not on sale in it. `idle_after`
        minutes without any have ended behind it, in which it was on sale or not."""
        self._minutes.append(units)
        self._minutes.extend([0 if on_sale else None] * min(idle_after, WINDOW_MINUTES))

    @property
    def units_a_minute(self) -> float | None:
        """The average over the minutes in which it was on sale; never negative, None where there is none."""
        counted = [units for units in self._minutes if units is not None]
        return max(0.0, sum(counted) / len(counted)) if counted else None

    @property
    def spread(self) -> Spread:
        """Of the same minutes."""
        counted = [units for units in self._minutes if units is not None]
        if len(counted) < 2:
            return Spread(0.0, len(counted))
        mean = sum(counted) / len(counted)
        return Spread(math.sqrt(sum((units - mean) ** 2 for units in counted) / (len(counted) - 1)), len(counted))

    @property
    def minutes(self) -> list[int | None]:
        """What a successor goes on with."""
        return list(self._minutes)

    @property
    def at_rest(self) -> bool:
        """Whether a further minute without a sale changes nothing."""
        return not any(self._minutes)
