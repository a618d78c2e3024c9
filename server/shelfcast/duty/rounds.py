"""The rounds: what every pool needs done at its time, whether anybody watches or not.

Holds that ran out are released, batches whose window has come are opened, finished ids are forgotten. One process
under the lease walks them; each step is an operation of the book, bounded and safe to do twice.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from shelfcast.errors import EngineError
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.lease import Lease
from shelfcast.stock.model import Expire, Op, OpenDue, Retire
from shelfcast.stock.pools import Pools

_log = structlog.get_logger(__name__)

STEPS_A_ROUND_MAX = 50
"""How often one bounded operation is repeated for one pool before the others get their turn."""


class Rounds:
    """Runs the duties of all pools in this process, while it holds the lease."""

    def __init__(self, pools: Pools, lease: Lease, settings: Settings) -> None:
        self._pools = pools
        self._lease = lease
        self._settings = settings
        self._walker: asyncio.Task[None] | None = None
        self._books: list[StockBook] = []

    def start(self) -> None:
        """Begin walking."""
        self._walker = asyncio.get_running_loop().create_task(self._walk(), name="duty rounds")

    async def close(self) -> None:
        """Stop, and leave the lease to the next."""
        if self._walker is None:
            return
        self._walker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._walker
        with contextlib.suppress(EngineError):
            await self._lease.release()

    async def _walk(self) -> None:
        loop = asyncio.get_running_loop()
        next_round = loop.time()
        while True:
            if loop.time() >= next_round:
                next_round = loop.time() + self._settings.duty_interval_ms / 1000
                await self._slow_round()
            await asyncio.gather(*(self._release_expired(book) for book in self._books))
            await asyncio.sleep(self._settings.expiry_sweep_ms / 1000)

    async def _slow_round(self) -> None:
        """Renew the lease, see which pools there are, and do what need not be done within a fraction of a second."""
        try:
            if not await self._lease.hold():
                self._books = []
                return
            pools = [await self._pools.get(name) for name in await self._pools.directory.pools()]
        except EngineError as error:
            _log.warning("duty.engine_away", error=str(error))
            return
        self._books = [pool.book for pool in pools if pool]
        limit = self._settings.expiry_sweep_max
        for book in self._books:
            await self._repeat(book, OpenDue(limit), limit)
            await self._repeat(book, Retire(limit), limit)

    async def _release_expired(self, book: StockBook) -> None:
        limit = self._settings.expiry_sweep_max
        await self._repeat(book, Expire(limit), limit)

    async def _repeat(self, book: StockBook, op: Op, limit: int) -> None:
        """Apply `op` until it did less than it could: then nothing is left."""
        for _ in range(STEPS_A_ROUND_MAX):
            outcome = await book.apply(op)
            if outcome.code != Code.OK or outcome.data < limit:
                return
