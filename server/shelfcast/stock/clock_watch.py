"""A watch over the engine's clock: a step is noticed, said, and the holds it would cut short or prolong put right.

The engine's clock decides when a hold ends. Somebody may set it while a show is on, or another machine's may take over
with a failover. It is held against a clock of this process that nobody sets.
"""

from __future__ import annotations

import time

import structlog

from shelfcast import metrics
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import StepClock

_log = structlog.get_logger(__name__)

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, where the system has such a clock: what has passed meanwhile is no step."""


class ClockWatch:
    """Looks at one pool's clock. A step before the first look is not noticed."""

    def __init__(self, book: StockBook, settings: Settings) -> None:
        self._book = book
        self._step_min_ms = settings.engine_clock_step_ms
        self._ahead_ms: float | None = None
        """How far the engine's clock was ahead of ours at the last look."""
        self._steps = 0
        # From the start at 0: an alert looks at how it grows.
        self._counter = metrics.CLOCK_STEPS.labels(book.pool)

    async def look(self) -> bool:
        """Whether holds may be judged by the clock now: False after a step that is not put right yet.

        Raises EngineError.
        """
        before_ms = _own_ms()
        engine_ms, steps = await self._book.time()
        after_ms = _own_ms()
        ahead_ms = engine_ms - (before_ms + after_ms) / 2
        if steps < 0:
            self._ahead_ms = None
            return True
        if self._ahead_ms is not None and steps == self._steps:
            step_ms = round(ahead_ms - self._ahead_ms)
            # What the answer took is not known to have passed before or behind the reading.
            if abs(step_ms) - (after_ms - before_ms) / 2 >= self._step_min_ms:
                return await self._put_right(step_ms)
        self._ahead_ms, self._steps = ahead_ms, steps
        return True

    async def _put_right(self, step_ms: int) -> bool:
        outcome = await self._book.apply(StepClock(step_ms, self._steps))
        if outcome.code != Code.OK:
            return False
        self._ahead_ms = None
        if outcome.data >= 0:
            self._counter.inc()
            _log.error(
                "book.clock_stepped",
                pool=self._book.pool,
                ahead_ms=step_ms,
                holds_moved=outcome.data,
                hint="set the engine's clock by slewing; sale windows go by what it says now",
            )
        return True


def _own_ms() -> float:
    return time.clock_gettime(_CLOCK) * 1000
