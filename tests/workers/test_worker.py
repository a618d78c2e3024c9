"""A child process of the supervisor, whatever becomes of whoever starts it."""

from __future__ import annotations

import asyncio

import psutil
import uvloop
from shelfcast.settings import Settings
from shelfcast.workers.worker import Worker

TURNS = 12
"""More turns of the loop than a start takes."""


async def _nothing() -> bytes:
    return b""


async def _cancelled_after(turns: int, settings: Settings) -> bool:
    """Whether the start was over by then."""
    starting = asyncio.create_task(Worker.start("heavy", None, settings, _nothing))
    for _ in range(turns):
        await asyncio.sleep(0)
    starting.cancel()
    (worker,) = await asyncio.gather(starting, return_exceptions=True)
    if isinstance(worker, Worker):
        await worker.kill()
        return True
    assert isinstance(worker, asyncio.CancelledError), worker
    return False


def test_a_start_that_is_given_up_at_any_moment_leaves_no_process(settings: Settings) -> None:
    """As of a server that is told to stop while it starts a worker, or the process for heavy work, anew."""
    before = set(psutil.Process().children())
    started = set()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for turns in range(TURNS):
            started.add(runner.run(_cancelled_after(turns, settings)))
            assert set(psutil.Process().children()) <= before
    assert started == {False, True}
