"""The rounds: what every pool needs done at its time, whether anybody watches or not.

Holds that ran out are released, batches whose window has come are opened, finished ids are forgotten. One process
under the lease walks them; each step is an operation of the book, bounded and safe to do twice. Pools are on several
engine processes perhaps: one that does not answer keeps the others' pools from nothing.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from shelfcast.barrier import barrier, note_fault
from shelfcast.errors import EngineError
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.clock_watch import ClockWatch
from shelfcast.stock.lease import Lease
from shelfcast.stock.operations import Expire, Op, OpenDue, Retire
from shelfcast.stock.pools import Pools

_log = structlog.get_logger(__name__)

STEPS_A_ROUND_MAX = 50
"""How often one bounded operation is repeated for one pool before its others get their turn."""


class Keeper:
    """Runs the duties of all pools in this process, while it holds the lease."""

    def __init__(self, pools: Pools, lease: Lease, settings: Settings) -> None:
        self._pools = pools
        self._lease = lease
        self._settings = settings
        self._walker: asyncio.Task[None] | None = None
        self._planner: asyncio.Task[None] | None = None
        self._holds_lease = False
        self._steps: dict[str, asyncio.Task[None]] = {}
        """By pool, what is under way: at most one task each."""
        self._clocks: dict[str, ClockWatch] = {}
        self._next_slow: dict[str, float] = {}
        """By pool, when what need not be done within a fraction of a second is due again."""

    def start(self) -> None:
        """Begin walking."""
        self._walker = asyncio.get_running_loop().create_task(self._walk(), name="duty keeper")

    async def close(self) -> None:
        """Stop, and leave the lease to the next."""
        if self._walker is None:
            return
        tasks = [task for task in (self._walker, self._planner, *self._steps.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(EngineError):
            await self._lease.release()

    async def _walk(self) -> None:
        loop = asyncio.get_running_loop()
        next_plan = loop.time()
        while True:
            with barrier("duty.walk"):
                if loop.time() >= next_plan and (self._planner is None or self._planner.done()):
                    next_plan = loop.time() + self._settings.duty_interval_ms / 1000
                    self._planner = loop.create_task(self._plan(), name="duty plan")
                if self._holds_lease:
                    for pool in self._pools.opened:
                        self._step(pool.book)
            await asyncio.sleep(self._settings.expiry_sweep_ms / 1000)

    async def _plan(self) -> None:
        """Renew the lease, and open the pools that are not open here yet."""
        try:
            self._holds_lease = await self._lease.hold() is not None
        except EngineError as error:
            # While nobody can hold the lease, every process does what is safe to do twice.
            _log.warning("duty.lease_unknown", error=str(error))
            self._holds_lease = True
        except Exception:
            note_fault("duty.plan")
            self._holds_lease = True
        if not self._holds_lease:
            return
        with barrier("duty.plan"):
            try:
                for name in await self._pools.directory.pools():
                    await self._pools.get(name)
            except EngineError as error:
                _log.warning("duty.directory_unread", error=str(error))

    def _step(self, book: StockBook) -> None:
        """Look after a pool, unless that is under way."""
        if book.pool not in self._steps:
            step = asyncio.get_running_loop().create_task(self._look_after(book), name=f"duty of {book.pool}")
            self._steps[book.pool] = step
            step.add_done_callback(lambda _: self._steps.pop(book.pool, None))

    async def _look_after(self, book: StockBook) -> None:
        now, limit = asyncio.get_running_loop().time(), self._settings.expiry_sweep_max
        with barrier("duty.step", pool=book.pool):
            await self._expire(book, limit)
        if now >= self._next_slow.get(book.pool, now):
            self._next_slow[book.pool] = now + self._settings.duty_interval_ms / 1000
            with barrier("duty.step", pool=book.pool):
                await self._repeat(book, OpenDue(limit), limit)
            with barrier("duty.step", pool=book.pool):
                await self._repeat(book, Retire(limit), limit)

    async def _expire(self, book: StockBook, limit: int) -> None:
        """Release what has run out, by a clock that was looked at first."""
        watch = self._clocks.setdefault(book.pool, ClockWatch(book, self._settings))
        try:
            judges = await watch.look()
        except EngineError as error:
            _log.warning("duty.clock_unread", pool=book.pool, error=str(error))
            return
        if judges:
            await self._repeat(book, Expire(limit), limit)

    async def _repeat(self, book: StockBook, op: Op, limit: int) -> None:
        """Apply `op` until it did less than it could: then nothing is left."""
        for _ in range(STEPS_A_ROUND_MAX):
            outcome = await book.apply(op)
            if outcome.code != Code.OK or outcome.data < limit:
                return
