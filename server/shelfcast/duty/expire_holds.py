"""Duty: holds that ran out are released, within a second of their end."""

from __future__ import annotations

from shelfcast.errors import EngineUnavailable
from shelfcast.merchant import upkeep
from shelfcast.settings import Settings
from shelfcast.stock.clock_watch import ClockWatch
from shelfcast.stock.pools import Pool


class ExpireHolds:
    """Releases what has run out, by a clock that was looked at first.

    The look is part of this duty and no duty of its own: between the two no hold may be judged by a clock that stepped.
    """

    name = "expire_holds"
    may_run_twice = True
    """A hold is released once, and a step of the clock put right once, whoever asks for it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.interval_ms = settings.expiry_sweep_ms
        self._clocks: dict[str, ClockWatch] = {}

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Look at the pool's clock, then release."""
        book, limit = pool.book, self._settings.expiry_sweep_max
        if not await self.clock_of(pool).look():
            raise EngineUnavailable(f"the clock of pool {book.pool} has stepped, and is not put right yet")
        await upkeep.release_expired(book, limit)

    def clock_of(self, pool: Pool) -> ClockWatch:
        """The watch over a pool's clock."""
        return self._clocks.setdefault(pool.book.pool, ClockWatch(pool.book, self._settings))
