"""Something that is done at most once in a while, however often it is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Paced:
    """Calls `act` at once where that is long enough ago, else when it is. Times are in seconds."""

    def __init__(self, act: Callable[[], None], interval_s: float) -> None:
        self._act = act
        self._interval_s = interval_s
        self._loop = asyncio.get_running_loop()
        self._acted_s = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def want(self) -> None:
        """Do it, now or soon."""
        if self._timer is None:
            due_s = max(self._loop.time(), self._acted_s + self._interval_s)
            self._timer = self._loop.call_at(due_s, self._on_time)

    def close(self) -> None:
        """Do it no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_time(self) -> None:
        self._timer = None
        self._acted_s = self._loop.time()
        self._act()
