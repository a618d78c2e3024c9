"""Duty: batches whose window has come are opened."""

from __future__ import annotations

from shelfcast.merchant import upkeep
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool


class OpenBatches:
    """Opens what is due by the engine's clock."""

    name = "open_batches"
    may_run_twice = True
    """A batch that is open is not opened again."""

    def __init__(self, settings: Settings) -> None:
        self.interval_ms = settings.duty_interval_ms
        self._limit = settings.expiry_sweep_max

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Open the pool's batches that are due."""
        await upkeep.open_due_batches(pool.book, self._limit)
