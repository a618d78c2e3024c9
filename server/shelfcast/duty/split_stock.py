"""Duty: the demand of each minute is noted, and the split of a pool's units over its channels worked out in its time.

What it knows stands in the engine, so a successor goes on where it stopped.
"""

from __future__ import annotations

from shelfcast.merchant import allocation
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool


class SplitStock:
    """Looks at each pool's minute by the engine's clock; what is asked of the book is asked once a minute."""

    name = "split_stock"
    may_run_twice = False

    def __init__(self, settings: Settings) -> None:
        self.interval_ms = settings.duty_interval_ms
        self._moves_max = settings.moves_a_call_max
        self._pause_ms = settings.split_pause_ms
        self._done: dict[str, tuple[int, int]] = {}
        """The fence and the minute of the last run of each pool."""

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Note the demand where a minute has ended, and work out the split where it is due."""
        if fence is None:
            raise ValueError("the split is worked out under a lease alone")
        book = pool.book
        _, _, now_ms = await book.clock()
        at = fence, now_ms // allocation.MINUTE_MS
        if self._done.get(book.pool) == at:
            return
        last_ms = await allocation.sample(book, fence)
        if last_ms is None:
            return
        await allocation.round_if_due(book, fence, now_ms, last_ms, moves_max=self._moves_max, pause_ms=self._pause_ms)
        self._done[book.pool] = at
