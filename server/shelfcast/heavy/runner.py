"""The runner: takes jobs of all pools, one at a time, and sees each to its end or leaves it to the next."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from time import monotonic, perf_counter
from typing import Any

import structlog

from shelfcast import metrics
from shelfcast.backoff import Backoff
from shelfcast.barrier import barrier, note_fault
from shelfcast.errors import ArchiveError, EngineError, EntriesArchived, InvalidInput, LibraryFault
from shelfcast.heavy.kind import Kind, Progress, Work
from shelfcast.heavy.registry import KINDS
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.jobs import Job, JobQueue, Jobs, JobState, Order, packed_result

_log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 60.0
"""How often all pools are looked through for jobs that the queue does not name: whoever made one may have died
before it could say so."""
FAILED = "the server failed at it; its log says how"
AGAIN = Backoff(least_ms=100, most_ms=2_000)


class _Lost(Exception):
    """The job is somebody else's by now, or may be."""


class _Unwanted(Exception):
    """Somebody has cancelled the job."""


class Runner:
    """Does jobs until it is cancelled; the one that is under way then is given back.

    It believes in a claim no longer than by its own clock from before it asked for it.
    """

    def __init__(self, queue: JobQueue, settings: Settings, kinds: Mapping[str, Kind] = KINDS) -> None:
        self._queue = queue
        self._settings = settings
        self._kinds = kinds
        self._rung = asyncio.Event()
        self._last = ""
        """The pool whose job was done last: the others come first."""
        self._swept_s = float("-inf")

    async def run(self) -> None:
        """Do jobs for ever."""
        hearing = asyncio.get_running_loop().create_task(self._hear(), name="bell of the jobs")
        failures = 0
        try:
            while True:
                try:
                    worked, failures = await self._look(), 0
                except EngineError as error:
                    failures += 1
                    _log.warning("heavy.engine_unavailable", error=str(error))
                    await asyncio.sleep(AGAIN.pause_s(failures))
                    continue
                except Exception:
                    failures += 1
                    note_fault("heavy.look")
                    await asyncio.sleep(AGAIN.pause_s(failures))
                    continue
                if not worked:
                    # No `wait_for`: in Python 3.11 it forgets a cancellation that comes with what it waits for.
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._settings.job_look_ms / 1000):
                            await self._rung.wait()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _hear(self) -> None:
        """Have the loop look whenever a job was made."""
        failures = 0
        while True:
            with barrier("heavy.bell"):
                try:
                    async with self._queue.bell() as bell:
                        self._rung.set()
                        failures = 0
                        async for _ in bell:
                            self._rung.set()
                except EngineError:
                    failures += 1
            await asyncio.sleep(AGAIN.pause_s(max(1, failures)))

    async def _look(self) -> bool:
        """Look through the pools with jobs, and do one job; whether there was one. Raises EngineError."""
        self._rung.clear()
        if monotonic() - self._swept_s >= SWEEP_EVERY_S:
            await self._queue.sweep()
            self._swept_s = monotonic()
        pools = await self._queue.pools()
        after = [pool for pool in pools if pool > self._last]
        for pool in [*after, *(pool for pool in pools if pool <= self._last)]:
            jobs = self._queue.jobs(pool)
            taken = await jobs.take(list(self._kinds))
            if taken.job is not None:
                self._last = pool
                await self._do(jobs, taken.job)
                return True
            if not taken.open:
                await self._queue.leave(jobs)
        return False

    # --- one job ----------------------------------------------------------------------------------------------

    async def _do(self, jobs: Jobs, job: Job) -> None:
        begun_s = perf_counter()
        metrics.JOB_WAIT_SECONDS.observe(max(0, job.started_at_ms - job.made_at_ms) / 1000)
        _log.info("job.begun", pool=jobs.pool, job=job.id, kind=job.kind, fence=job.fence)
        metrics.JOB_UNDER_WAY.set(1)
        outcome = "left"
        try:
            outcome = await self._outcome(jobs, job)
        except asyncio.CancelledError:
            with contextlib.suppress(EngineError):
                await jobs.give_back(job)
            raise
        except EngineError as error:
            # Its claim runs out, and whoever is there then begins it again.
            _log.warning("job.left", pool=jobs.pool, job=job.id, kind=job.kind, error=str(error))
            raise
        except _Lost:
            _log.warning("job.lost", pool=jobs.pool, job=job.id, kind=job.kind, fence=job.fence)
        finally:
            seconds = perf_counter() - begun_s
            metrics.JOB_UNDER_WAY.set(0)
            metrics.JOBS.labels(job.kind, outcome).inc()
            metrics.JOB_SECONDS.labels(job.kind).observe(seconds)
        _log.info("job.ended", pool=jobs.pool, job=job.id, kind=job.kind, outcome=outcome, seconds=round(seconds, 3))

    async def _outcome(self, jobs: Jobs, job: Job) -> str:
        """Do the job and say so; the state it ended with. Raises EngineError, _Lost."""
        try:
            found = await self._worked(jobs, job)
            # A long result takes its time; the claim lasts longer.
            result = await asyncio.to_thread(packed_result, found, self._settings.job_result_max_bytes)
        except _Unwanted:
            return await jobs.finish(job, JobState.CANCELLED)
        except InvalidInput as refusal:
            return await jobs.finish(job, JobState.FAILED, reason=str(refusal), code=Code.BAD_MESSAGE)
        except EntriesArchived as error:
            return await jobs.finish(job, JobState.FAILED, reason=str(error), code=Code.ARCHIVED)
        except ArchiveError as error:
            _log.warning("job.archive", pool=jobs.pool, job=job.id, kind=job.kind, error=str(error))
            return await jobs.finish(job, JobState.FAILED, reason=str(error))
        except _Lost:
            raise
        except Exception as error:
            if isinstance(error, EngineError) and not isinstance(error, LibraryFault):
                raise
            note_fault("heavy.job", kind=job.kind, job=job.id)
            return await jobs.finish(job, JobState.FAILED, reason=FAILED)
        return await jobs.finish(job, JobState.DONE, result=result)

    async def _worked(self, jobs: Jobs, job: Job) -> Any:
        """What the job found. Raises what its kind does, _Unwanted and _Lost."""
        book = self._queue.book(jobs.pool)
        progress = Progress()
        work = Work(job=job, jobs=jobs, book=book, settings=self._settings, progress=progress)
        doing = asyncio.get_running_loop().create_task(self._kinds[job.kind].run(work), name=f"job {job.kind}")
        try:
            await self._accompany(jobs, job, progress, doing)
            return await doing
        finally:
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            await book.close()

    async def _accompany(self, jobs: Jobs, job: Job, progress: Progress, doing: asyncio.Task[Any]) -> None:
        """Say how far the job is until it is done. Raises EngineError, _Unwanted, _Lost."""
        settings = self._settings
        ours_until_s = monotonic() + settings.job_claim_ms / 1000
        while True:
            done, _ = await asyncio.wait([doing], timeout=settings.job_report_ms / 1000)
            if done:
                return
            asked_s = monotonic()
            try:
                order = await jobs.report(job, progress.done, progress.total)
            except EngineError:
                if monotonic() >= ours_until_s:
                    raise
                continue
            if order is Order.CANCEL:
                raise _Unwanted
            if order is Order.LOST:
                raise _Lost
            ours_until_s = asked_s + settings.job_claim_ms / 1000
