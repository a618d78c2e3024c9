"""Duty: ids of reservations and moves that finished long ago are forgotten."""

from __future__ import annotations

from shelfcast.merchant import upkeep
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool


class RetireIds:
    """Forgets what need not be remembered any more (`remember_finished_ms`)."""

    name = "retire_ids"
    may_run_twice = True
    """What is forgotten is not there to be forgotten again."""

    def __init__(self, settings: Settings) -> None:
        self.interval_ms = settings.duty_interval_ms
        self._limit = settings.expiry_sweep_max

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Forget the pool's ids whose time is over."""
        await upkeep.forget_finished(pool.book, self._limit)
