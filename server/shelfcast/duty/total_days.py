"""Duty: when a business day is over, a job is asked for that makes its totals.

What is noted stands in the engine, so a successor goes on where it stopped; a day that no server saw end is made as
soon as one runs.
"""

from __future__ import annotations

from shelfcast.merchant.day_totals import due_day
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool

DAY_TOTALS = "day_totals"
LOOK_EVERY_MS = 60_000
TRY_AGAIN_MS = 600_000
"""After a job that failed the next is asked for no sooner."""


class TotalDays:
    """Looks at each pool once a minute by the engine's clock."""

    name = "total_days"
    may_run_twice = False

    def __init__(self, settings: Settings) -> None:
        self.interval_ms = settings.duty_interval_ms
        self._looked: dict[str, tuple[int, int]] = {}
        """The fence and the minute of the last look at each pool."""

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Ask for the job where a day is due. Raises EngineError."""
        if fence is None:
            raise ValueError("days are totalled under a lease alone")
        book = pool.book
        _, _, now_ms = await book.clock()
        at = fence, now_ms // LOOK_EVERY_MS
        if self._looked.get(book.pool) == at:
            return
        date = await due_day(book, await book.pool_config(), now_ms)
        if date is not None and not await self._is_under_way(pool):
            job = f"{DAY_TOTALS}-{date}-{now_ms // TRY_AGAIN_MS}"
            await pool.jobs.make(job, DAY_TOTALS, {}, asked_by="book")
        self._looked[book.pool] = at

    async def _is_under_way(self, pool: Pool) -> bool:
        return any(job.kind == DAY_TOTALS and not job.has_ended for job in await pool.jobs.all())
