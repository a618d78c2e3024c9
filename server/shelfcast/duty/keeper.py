"""The keeper: runs every duty for every pool, at its time, in the process that holds the lease.

Each duty of each pool is a task of its own: one that hangs, fails or is a defect keeps neither the pool's other duties
nor the other pools from theirs. What fails is tried again with back-off, and what has not succeeded for long is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from shelfcast import metrics
from shelfcast.backoff import Backoff
from shelfcast.barrier import barrier, note_fault
from shelfcast.duty.duty import Duty, LastingDuty
from shelfcast.errors import EngineError
from shelfcast.settings import Settings
from shelfcast.stock.lease import Lease
from shelfcast.stock.pools import Pool, Pools

_log = structlog.get_logger(__name__)

RENEWALS_A_LEASE = 5
"""The lease is renewed so often in its time at least: some may be lost."""
ASK_AGAIN_MIN_S = 0.005
"""A lease that is about to run out is asked for again no sooner than this."""


@dataclass(slots=True, kw_only=True)
class _Progress:
    """How far one duty is with one pool. Times are the loop's."""

    since_s: float
    """When this process first had it to do."""
    task: asyncio.Task[None] | None = None
    begun: bool = False
    """Whether it was run since this process took the duties over."""
    failures: int = 0
    not_before_s: float = field(default=float("-inf"))
    succeeded_s: float = field(default=float("-inf"))


class Keeper:
    """Runs the duties of all pools in this process, while it holds the lease. You must `close` it.

    Where nobody can say who holds the lease, every process runs those that may run twice, and no other.
    """

    def __init__(self, pools: Pools, lease: Lease, settings: Settings, duties: Sequence[Duty]) -> None:
        self._pools = pools
        self._lease = lease
        self._settings = settings
        self._duties = duties
        self._loops: list[asyncio.Task[None]] = []
        self._progress: dict[tuple[str, str], _Progress] = {}
        """By duty and pool."""
        self._lease_unknown = False
        self._fence: int | None = None
        """The fence of the lease when it was last asked for."""
        self._held_since_s = float("inf")
        self._news = asyncio.Event()
        """Set once when there is something to do before the next interval is over; then replaced."""

    def start(self) -> None:
        """Begin."""
        begin = asyncio.get_running_loop().create_task
        self._loops = [
            begin(self._keep_lease(), name="duty lease"),
            begin(self._open_pools(), name="duty pools"),
            *(begin(self._keep(duty), name=f"duty {duty.name}") for duty in self._duties),
        ]

    async def close(self) -> None:
        """Stop, and leave the lease to the next."""
        if not self._loops:
            return
        runs = [progress.task for progress in self._progress.values() if progress.task is not None]
        tasks = [*self._loops, *runs]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._let_go()
        with contextlib.suppress(EngineError):
            await self._lease.release()
        metrics.DUTY_LEASE_HELD.set(0)

    def late(self) -> list[str]:
        """Duties of this process without a success for `duty_late_ms` beyond their interval, a line each; none while it
        does not hold the lease."""
        if self._lease.fence is None:
            return []
        now, lines = asyncio.get_running_loop().time(), []
        for duty in self._duties:
            for pool in self._pools.opened:
                progress = self._progress_of(duty, pool)
                quiet_s = now - max(progress.since_s, progress.succeeded_s, self._held_since_s)
                if quiet_s * 1000 > duty.interval_ms + self._settings.duty_late_ms:
                    lines.append(f"{duty.name} of {pool.book.pool}: no success for {quiet_s:.0f} s")
        return lines

    # --- the lease --------------------------------------------------------------------------------------------

    async def _keep_lease(self) -> None:
        settings = self._settings
        interval_s = min(settings.duty_interval_ms, settings.duty_lease_ms / RENEWALS_A_LEASE) / 1000
        while True:
            with barrier("duty.lease"):
                await self._ask_for_lease()
            pause_s = interval_s
            if self._lease.fence is None and not self._lease_unknown:
                # Another one has it: when that runs out, the duties go on at once.
                pause_s = min(interval_s, max(self._lease.left_s, ASK_AGAIN_MIN_S))
            await asyncio.sleep(pause_s)

    async def _ask_for_lease(self) -> None:
        before, was_unknown = self._fence, self._lease_unknown
        try:
            self._fence = await self._lease.hold()
            self._lease_unknown = False
        except EngineError as error:
            self._lease_unknown = True
            _log.warning("duty.lease_unknown", error=str(error))
        except Exception:
            self._lease_unknown = True
            note_fault("duty.lease")
        metrics.DUTY_LEASE_HELD.set(self._lease.fence is not None)
        if self._fence != before:
            _log.info("duty.lease_lost" if self._fence is None else "duty.lease_taken", fence=self._fence or before)
            self._let_go()
        taken = self._fence is not None and self._fence != before
        if taken:
            self._held_since_s = asyncio.get_running_loop().time()
        if taken or (self._lease_unknown and not was_unknown):
            for progress in self._progress.values():
                progress.begun = False
            self._tell()

    def _let_go(self) -> None:
        """What goes on between the runs was begun under a lease that is over."""
        for duty in self._duties:
            if isinstance(duty, LastingDuty):
                for pool in self._pools.opened:
                    with barrier("duty.let_go", duty=duty.name, pool=pool.book.pool):
                        duty.let_go(pool)

    def _tell(self) -> None:
        """Have the loops look now for what was not begun yet."""
        self._news.set()
        self._news = asyncio.Event()

    async def _pause(self, ms: int) -> bool:
        """Wait; True when there were news before the time was over."""
        news = self._news
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ms / 1000):
                return await news.wait()
        return False

    # --- the pools --------------------------------------------------------------------------------------------

    async def _open_pools(self) -> None:
        """Open the pools that are not open here yet."""
        while True:
            if self._lease.fence is not None or self._lease_unknown:
                with barrier("duty.pools"):
                    before = len(self._pools.opened)
                    try:
                        for name in await self._pools.directory.pools():
                            await self._pools.get(name)
                    except EngineError as error:
                        _log.warning("duty.directory_unread", error=str(error))
                    if len(self._pools.opened) > before:
                        self._tell()
            await self._pause(self._settings.duty_interval_ms)

    # --- the duties -------------------------------------------------------------------------------------------

    async def _keep(self, duty: Duty) -> None:
        """Begin a duty for every pool with each interval, and in between for those where it was not begun yet."""
        backoff = Backoff(duty.interval_ms, max(duty.interval_ms, self._settings.duty_backoff_max_ms))
        only_new = False
        while True:
            with barrier("duty.keeper"):
                if self._lease.fence is not None or (self._lease_unknown and duty.may_run_twice):
                    for pool in self._pools.opened:
                        if not (only_new and self._progress_of(duty, pool).begun):
                            self._begin(duty, pool, backoff)
            only_new = await self._pause(duty.interval_ms)

    def _progress_of(self, duty: Duty, pool: Pool) -> _Progress:
        key = duty.name, pool.book.pool
        if key not in self._progress:
            self._progress[key] = _Progress(since_s=asyncio.get_running_loop().time())
        return self._progress[key]

    def _begin(self, duty: Duty, pool: Pool, backoff: Backoff) -> None:
        """Run a duty for a pool, unless that is under way or has to wait."""
        loop, progress = asyncio.get_running_loop(), self._progress_of(duty, pool)
        under_way = progress.task is not None and not progress.task.done()
        if under_way or loop.time() < progress.not_before_s:
            return
        progress.begun = True
        progress.task = loop.create_task(
            self._run(duty, pool, progress, backoff), name=f"duty {duty.name} of {pool.book.pool}"
        )

    async def _run(self, duty: Duty, pool: Pool, progress: _Progress, backoff: Backoff) -> None:
        """One run, its outcome noted. Raises nothing."""
        loop, fence = asyncio.get_running_loop(), self._lease.fence
        if fence is None and not duty.may_run_twice:
            return
        began_s = loop.time()
        metrics.DUTY_RUNS.labels(duty.name).inc()
        try:
            # Who holds the lease next begins no sooner than this is given up.
            async with asyncio.timeout(None if duty.may_run_twice else self._lease.left_s):
                await duty.run(pool, fence)
        except (EngineError, TimeoutError) as error:
            self._failed(duty, pool, progress, backoff)
            _log.warning("duty.failed", duty=duty.name, pool=pool.book.pool, error=str(error) or "took too long")
        except Exception:
            self._failed(duty, pool, progress, backoff)
            note_fault("duty.run", duty=duty.name, pool=pool.book.pool)
        else:
            progress.failures = 0
            progress.succeeded_s = loop.time()
            metrics.DUTY_LAST_SUCCESS.labels(duty.name, pool.book.pool).set(time.time())
        finally:
            metrics.DUTY_SECONDS.labels(duty.name).observe(loop.time() - began_s)

    def _failed(self, duty: Duty, pool: Pool, progress: _Progress, backoff: Backoff) -> None:
        progress.failures += 1
        progress.not_before_s = asyncio.get_running_loop().time() + backoff.pause_s(progress.failures)
        metrics.DUTY_FAILURES.labels(duty.name, pool.book.pool).inc()
