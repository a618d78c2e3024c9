"""How many reservations a process has under way, and when those it cannot take are to come again. Pure."""

from __future__ import annotations

from collections.abc import Callable

from shelfcast.settings import Settings

ROUNDS_MAX = 10
"""Nobody is sent away for longer than this many spreads: a sale is over by then."""


class Admission:
    """One a process, all rooms together. `random` gives numbers in [0, 1); times are seconds of one monotonic clock.

    Whoever is refused is told a time of its own. The first `reservations_under_way_max` of them are spread evenly over
    `retry_spread_ms`, the next so many over the spread after that, and so on: so no more come back within a spread
    than can be under way at a time.
    """

    __slots__ = ("_after_ms", "_max", "_random", "_refused", "_spread_ms", "_until_s", "under_way")

    def __init__(self, settings: Settings, random: Callable[[], float]) -> None:
        self.under_way = 0
        """Reservations that the book has not answered."""
        self._max = settings.reservations_under_way_max
        self._after_ms = settings.retry_after_ms
        self._spread_ms = settings.retry_spread_ms
        self._random = random
        self._refused = 0
        self._until_s = 0.0
        """When the rounds begin anew."""

    @property
    def full(self) -> bool:
        """Whether no more are taken."""
        return self.under_way >= self._max

    def begin(self) -> None:
        """One is sent to the book."""
        self.under_way += 1

    def end(self) -> None:
        """The book has answered one."""
        self.under_way -= 1

    def retry_after_ms(self, now_s: float) -> int:
        """When one that is refused now is to come again."""
        if now_s >= self._until_s:
            self._refused = 0
            self._until_s = now_s + self._spread_ms / 1000
        round_number = min(self._refused // self._max, ROUNDS_MAX - 1)
        self._refused += 1
        return self._after_ms + int(self._spread_ms * (round_number + self._random()))
