"""Duty: when a show has ended its report is written, and once nothing of it is pending the final one.

What was written stands in the book, so a successor goes on where this one stopped. The work itself is a job.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import structlog

from shelfcast.backoff import Backoff
from shelfcast.duty.wanted_job import WantedJob
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.merchant.report_archive import SHOW_REPORT
from shelfcast.merchant.report_due import due_report, still_pending
from shelfcast.settings import Settings
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.pools import Pool
from shelfcast.stock.reading.shows import SeriesKept
from shelfcast.stock.reports import ReportRecord, ReportState
from shelfcast.stock.show import ShowRecord

_log = structlog.get_logger(__name__)

ARCHIVE_MINUTES = "archive_minutes"
UNDER_WAY_MAX = 2
"""Shows of a pool whose reports are asked for at a time, the first to end first: jobs of others have room, too."""
PENDING_A_LOOK = 100
"""Reservations that are looked at in one run; those that are resolved are looked at no more."""
READ_AGAIN = frozenset({"status", "continued", "report.ready"})
"""Events behind which a show may be in need of another report."""
LAST_MINUTE_MS = 60_000
"""So long after the minute in which a show ended nobody will keep it any more who has not kept it yet."""
AGAIN_LEAST_MS, AGAIN_MOST_MS = 1_000, 300_000
"""Pauses before a job that failed is asked for again: each of a long show reads all of its ledger."""


def lacks_last_minute(show: ShowRecord, kept: SeriesKept, now_ms: int) -> bool:
    """Whether the minute in which a show ended is still to be kept: it is once it is over."""
    last = show.ended_at_ms // MINUTE_MS
    return (kept.through is None or kept.through < last) and now_ms < (last + 1) * MINUTE_MS + LAST_MINUTE_MS


@dataclass
class _Due:
    """A show that has ended and has no final report."""

    show: ShowRecord
    record: ReportRecord
    pending: deque[str] = field(default_factory=deque)
    """Of its reservations those that were not seen resolved."""
    looked_at_seq: int = -1
    job: WantedJob | None = None
    wanted: ReportState | None = None


class WriteReports:
    """Looks after each pool's shows while this process has the lease."""

    name = "write_reports"
    may_run_twice = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.interval_ms = settings.duty_interval_ms
        self._pools: dict[str, PoolReports] = {}

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Ask for what is due, where nobody does. Raises EngineError."""
        if fence is None:
            raise ValueError("reports are asked for under a lease alone")
        reports = self._pools.get(pool.book.pool)
        if reports is None or reports.fence != fence:
            self.let_go(pool)
            reports = self._pools[pool.book.pool] = PoolReports(pool, fence, self._settings)
        await reports.tick()

    def let_go(self, pool: Pool) -> None:
        """Look after the pool no longer."""
        reports = self._pools.pop(pool.book.pool, None)
        if reports is not None:
            reports.close()


class PoolReports:
    """The shows of one pool that have no final report; a `stock.feed.PoolFollower`."""

    def __init__(self, pool: Pool, fence: int, settings: Settings) -> None:
        self.fence = fence
        self._pool = pool
        self._settings = settings
        self._backoff = Backoff(AGAIN_LEAST_MS, AGAIN_MOST_MS)
        self._due: dict[str, _Due] = {}
        self._reported: deque[str] = deque()
        """Shows with a final report whose minutes may be in the engine still."""
        self._looked_after: set[str] = set()
        """All that were among them."""
        self._minutes: dict[str, WantedJob] = {}
        self._is_read = False
        self._unfollow = pool.feed.follow_pool(self)

    def close(self) -> None:
        """Stop, at once."""
        self._unfollow()

    def begin(self, epoch: int, seq: int) -> None:
        """The feed begins, or begins again: a show may have ended meanwhile."""
        self._is_read = False

    def change(self, message: FeedMessage) -> None:
        """A show has begun, gone on or ended, or somebody has had a report written."""
        if any(event.type in READ_AGAIN for event in message.events):
            self._is_read = False

    def lost(self) -> None:
        """`begin` follows."""

    async def tick(self) -> None:
        """Once a second. Raises EngineError."""
        if not self._is_read:
            self._is_read = True
            try:
                await self._read()
            except BaseException:
                self._is_read = False
                raise
        _, seq, now_ms = await self._pool.book.clock()
        for due in sorted(self._due.values(), key=lambda due: (due.show.ended_at_ms, due.show.id)):
            under_way = sum(other.job is not None and other.job.is_under_way for other in self._due.values())
            if (due.job is not None and due.job.is_under_way) or under_way < UNDER_WAY_MAX:
                await self._look(due, seq, now_ms)
        await self._archive_minutes(now_ms)

    async def _read(self) -> None:
        """Which shows have ended, and which reports they have."""
        book, before = self._pool.book, self._due
        records = await book.report_records()
        ids = await book.show_ids()
        final = {show for show, record in records.items() if record.final is not None}
        open_, due = [show for show in ids if show not in final], dict[str, _Due]()
        for show in await book.shows_of(open_):
            record, known = records.get(show.id, ReportRecord(show=show.id)), before.get(show.id)
            if known is not None and known.show == show and known.record == record:
                due[show.id] = known
            elif show.ended_at_ms:
                due[show.id] = _Due(show, record, deque(record.pending))
        self._due = due
        self._reported += sorted(final - self._looked_after)
        self._looked_after = final

    async def _look(self, due: _Due, seq: int, now_ms: int) -> None:
        """Ask for the report that is due of a show, or wait for the one that was asked for."""
        wanted = due_report(due.show, due.record, now_ms, is_pending=bool(due.pending), settings=self._settings)
        if wanted is None and due.pending and due.looked_at_seq != seq:
            due.looked_at_seq = seq
            await still_pending(self._pool.book, due.pending, PENDING_A_LOOK)
            wanted = due_report(due.show, due.record, now_ms, is_pending=bool(due.pending), settings=self._settings)
        if due.job is None or due.wanted is not wanted:
            due.wanted = wanted
            due.job = self._job(due.show, wanted) if wanted is not None else None
        if due.job is not None and await due.job.step(self._pool.jobs):
            # One that was to be final may wait still: what is pending is in the book.
            due.job, self._is_read = None, False

    def _job(self, show: ShowRecord, state: ReportState) -> WantedJob:
        name = f"report:{show.id}:{state}:{show.continued}"
        return WantedJob(name, SHOW_REPORT, {"show": show.id, "state": state}, self._backoff)

    async def _archive_minutes(self, now_ms: int) -> None:
        """Minutes whose final report is written go to the archive, a show at a time: one that has just ended waits for
        its last minute."""
        if not self._minutes and self._reported:
            show = self._reported.popleft()
            kept, record = await self._pool.book.series_kept(show), await self._pool.book.show(show)
            if kept.hours and record is not None and lacks_last_minute(record, kept, now_ms):
                self._reported.append(show)
            elif kept.hours:
                self._minutes[show] = WantedJob(f"minutes:{show}", ARCHIVE_MINUTES, {"show": show}, self._backoff)
        for show, job in list(self._minutes.items()):
            if await job.step(self._pool.jobs) or not await self._pool.book.series_hours(show):
                del self._minutes[show]
