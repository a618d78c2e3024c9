"""How fast a SKU leaves the shelf: a sliding window of one-minute counts.

Formula: docs/rules.md#indicators.
"""

from __future__ import annotations

from collections import deque

WINDOW_MINUTES = 30
MINUTE_MS = 60_000


class Pace:
    """Average units a minute over the last 30 minutes, over the elapsed time while it is younger.

    A unit counts when it is taken (held), and counts back when its hold ends without a payment: that is the rate at
    which what remains shrinks, which is what a sold-out ETA divides by. At most 31 counts are kept.
    """

    __slots__ = ("_counts", "_started_ms", "_total")

    def __init__(self, now_ms: int) -> None:
        self._started_ms = now_ms
        self._counts: deque[list[int]] = deque()
        """[minute, units], oldest first."""
        self._total = 0

    def took(self, units: int, now_ms: int) -> None:
        """Count units taken now; negative ones came back."""
        minute = now_ms // MINUTE_MS
        if self._counts and self._counts[-1][0] >= minute:
            self._counts[-1][1] += units
        else:
            self._counts.append([minute, units])
        self._total += units
        self._forget(now_ms)

    def units_a_minute(self, now_ms: int) -> float:
        """The average; never negative, and over at least one minute so that a first sale is no stampede."""
        self._forget(now_ms)
        elapsed = min(WINDOW_MINUTES, max(1.0, (now_ms - self._started_ms) / MINUTE_MS))
        return max(0.0, self._total / elapsed)

    def _forget(self, now_ms: int) -> None:
        oldest = now_ms // MINUTE_MS - WINDOW_MINUTES
        while self._counts and self._counts[0][0] <= oldest:
            self._total -= self._counts.popleft()[1]
