"""Duty: who waits gets what a clock, a definition or a long wait has made its own, and what is over is emptied."""

from __future__ import annotations

from shelfcast.merchant import upkeep
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool


class ServeWaiting:
    """Looks after the waitlists. What comes free by a move is offered in the call that frees it, and not here."""

    name = "serve_waiting"
    may_run_twice = True
    """A turn comes once, whoever looks."""

    def __init__(self, settings: Settings) -> None:
        self.interval_ms = settings.expiry_sweep_ms
        self._limit = settings.expiry_sweep_max

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Look at the pool's waitlists."""
        await upkeep.serve_waiting(pool.book, self._limit)
