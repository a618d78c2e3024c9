"""Duty: a job is asked for that writes a pool's archive: when a show's report is final, and at least once a day.

What the archive has stands in the engine, so a successor goes on where it stopped.
"""

from __future__ import annotations

from shelfcast.merchant.archive import ARCHIVE
from shelfcast.merchant.archive_due import is_due
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool

LOOK_EVERY_MS = 60_000
TRY_AGAIN_MS = 3_600_000
"""A job whose work is not all done (the archive is away, a day has no totals) is asked for again no sooner."""


class ArchiveLedgers:
    """Looks at each pool once a minute by the engine's clock."""

    name = "archive_ledgers"
    may_run_twice = False

    def __init__(self, settings: Settings) -> None:
        self.interval_ms = settings.duty_interval_ms
        self._kept_ms = settings.ledger_kept_ms
        self._looked: dict[str, tuple[int, int]] = {}
        """The fence and the minute of the last look at each pool."""
        self._asked: dict[str, tuple[str, int]] = {}
        """Why a job was asked for last, and when."""

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Ask for the job where it is due. Raises EngineError."""
        if fence is None:
            raise ValueError("ledgers are archived under a lease alone")
        book = pool.book
        now_ms = await book.now_ms()
        at = fence, now_ms // LOOK_EVERY_MS
        if self._looked.get(book.pool) == at:
            return
        why = await is_due(book, now_ms, self._kept_ms)
        before, asked_ms = self._asked.get(book.pool, ("", 0))
        if why and (why != before or not 0 <= now_ms - asked_ms < TRY_AGAIN_MS) and not await self._is_under_way(pool):
            await pool.jobs.make(f"{ARCHIVE}-{fence}-{now_ms}", ARCHIVE, {}, asked_by="book")
            self._asked[book.pool] = why, now_ms
        self._looked[book.pool] = at

    async def _is_under_way(self, pool: Pool) -> bool:
        return any(job.kind == ARCHIVE and not job.has_ended for job in await pool.jobs.all())
