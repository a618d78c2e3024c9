"""When a room's changes go out. Pure: the caller tells the time and makes the broadcasts.

A change after a quiet moment goes out at once; what follows within a tick is merged into one frame. The tick widens
when a broadcast takes much processor time, so that the worker keeps time for everything else. All times are seconds
of one monotonic clock.
"""

from __future__ import annotations

from collections.abc import Iterable


class Airtime:
    """The worker's share of a core that goes into broadcasting, all rooms together.

    A leaky bucket: a broadcast that takes `d` seconds of processor time fills it by `d / share`, it drains by one
    second a second, and nothing more may start while it holds more than `burst_s`. So rooms that are quick never
    wait, and slow ones wait just so long that the share is kept. By the clock it would be shorter of breath the more
    processes share the cores: what a broadcast waits for a core would count as its own.
    """

    __slots__ = ("_at", "_burst_s", "_filled_s", "share")

    def __init__(self, share: float, burst_s: float) -> None:
        self.share = share
        self._burst_s = burst_s
        self._filled_s = 0.0
        self._at = 0.0

    def spent(self, seconds: float, started: float, now: float) -> None:
        """Count a broadcast that began at `started`, is over now, and took so much processor time."""
        # The broadcast itself was a part of the time that drains the bucket: it is filled as of its beginning.
        self._drain(started)
        self._filled_s += seconds / self.share
        self._drain(now)

    def free_at(self, now: float) -> float:
        """The earliest time the next broadcast may start."""
        self._drain(now)
        return now + max(0.0, self._filled_s - self._burst_s)

    def _drain(self, now: float) -> None:
        if now > self._at:
            self._filled_s = max(0.0, self._filled_s - (now - self._at))
            self._at = now


TRIFLE_SHARE = 0.1
"""The part of the share of time for broadcasts that may go into trifles."""
TRIFLE_PAUSE_MAX_S = 15.0


class Conflation:
    """One room's ticks.

    Ask `due` whenever something changed, tell `flushed` when a broadcast is over. A key (a SKU) is urgent at most
    once a tick: one that flaps between sold out and back in stock cannot make a broadcast of every change.
    """

    __slots__ = ("_airtime", "_hurried", "_spent_s", "_tick_max_s", "_tick_min_s", "started_s", "tick_s")

    def __init__(self, *, tick_s: float, tick_max_s: float, airtime: Airtime) -> None:
        self.tick_s = tick_s
        """The spacing now."""
        self._tick_min_s = tick_s
        self._tick_max_s = tick_max_s
        self._airtime = airtime
        self.started_s = float("-inf")
        """When the last broadcast began."""
        self._spent_s = 0.0
        self._hurried: dict[str, float] = {}
        """When each key was last urgent, while that is less than a tick ago."""

    def due(self, now: float, urgent: Iterable[str] = ()) -> float:
        """When what has changed may go out: now or a time to come."""
        at = max(now, self.started_s + self.tick_s)
        for key in urgent:
            if now - self._hurried.get(key, float("-inf")) >= self._tick_min_s:
                self._hurried[key] = now
                at = now
        return max(at, self._airtime.free_at(now))

    def trifle_due(self) -> float:
        """When something may go out that is worth little and never urgent, like how many are watching: seldom where a
        broadcast takes long. With whatever else goes out it may go at any time."""
        pause_s = self._spent_s / (self._airtime.share * TRIFLE_SHARE)
        return self.started_s + min(TRIFLE_PAUSE_MAX_S, pause_s)

    def flushed(self, started: float, now: float, spent_s: float) -> None:
        """A broadcast began at `started`, is over now, and took `spent_s` of processor time."""
        self.started_s = started
        self._spent_s = spent_s
        self._airtime.spent(spent_s, started, now)
        self.tick_s = min(self._tick_max_s, max(self._tick_min_s, spent_s / self._airtime.share))
        self._hurried = {key: at for key, at in self._hurried.items() if now - at < self._tick_min_s}
