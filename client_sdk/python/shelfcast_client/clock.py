"""An estimate of the server's clock, for countdowns that do not trust the device's own."""

from __future__ import annotations

from dataclasses import dataclass, field

WINDOW_S = 600.0
"""How long a sample counts at least: long enough for a quick frame to come by, short enough for drift (50 ppm of
ten minutes are 30 ms)."""


@dataclass(slots=True)
class ServerClock:
    """Follows `at_ms` stamps. A stamp is always older on arrival than the server's clock is then, by the way it came
    and by the time it waited; so the largest difference seen lately is the best one, and the estimate is never ahead.
    """

    _current: float | None = None
    _previous: float | None = None
    _window_from_s: float = field(default=0.0)

    def observe(self, at_ms: int, now_s: float) -> None:
        """Learn from a stamp that arrived at `now_s` of the local monotonic clock."""
        if at_ms <= 0:
            return
        difference = at_ms - now_s * 1000
        if self._current is None or now_s - self._window_from_s >= WINDOW_S:
            self._previous, self._current, self._window_from_s = self._current, difference, now_s
        else:
            self._current = max(self._current, difference)

    def forget(self) -> None:
        """Start anew: another engine may keep another time."""
        self._current = self._previous = None

    def now_ms(self, now_s: float) -> int | None:
        """The server's time in milliseconds since 1970, or None before the first stamp."""
        if self._current is None:
            return None
        best = self._current if self._previous is None else max(self._current, self._previous)
        return round(best + now_s * 1000)
