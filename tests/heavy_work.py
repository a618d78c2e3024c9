"""Somebody who does heavy work, in the test's own process: what the server's process for it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shelfcast.engine import Engine
from shelfcast.heavy.runner import Runner
from shelfcast.settings import Settings
from shelfcast.stock.jobs import JobQueue


@asynccontextmanager
async def heavy_work(engine: Engine, settings: Settings) -> AsyncIterator[None]:
    """Jobs are done meanwhile."""
    running = asyncio.create_task(Runner(JobQueue(engine, settings), settings).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
