"""Duty: batches whose window has come are told, and those whose window is over are closed."""

from __future__ import annotations

from shelfcast.merchant import upkeep
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool


class OpenBatches:
    """Looks at what is due by the engine's clock, which decides without it what is drawn from a batch."""

    name = "open_batches"
    may_run_twice = True
    """A batch that is open is not opened again, nor a closed one closed."""

    def __init__(self, settings: Settings) -> None:
        self.interval_ms = settings.duty_interval_ms
        self._limit = settings.expiry_sweep_max

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Look at the pool's batches that are due."""
        await upkeep.open_due_batches(pool.book, self._limit)
