"""Waiting in tests: for a condition, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

WAIT_S = 30.0
"""How long a test waits for what must come."""


async def until(condition: Callable[..., object]) -> None:
    """Let the loop run until the condition holds. Raises TimeoutError when it does not come to hold."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0)


class LoopTime:
    """How long something has taken, by a timer of the loop that runs out again and again: `s`, in seconds.

    For a time that the product promises and that its own timers make. A machine with other work lets this one run out
    late just as it does theirs; what is counted is what would have passed on a machine with none.
    """

    STEP_S = 0.05

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.s = 0.0

    @property
    def late_s(self) -> float:
        """How much more has passed by the wall clock."""
        return time.monotonic() - self._began - self.s

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self.STEP_S)
            self.s += self.STEP_S


@asynccontextmanager
async def loop_time() -> AsyncIterator[LoopTime]:
    """A clock that runs inside, from 0."""
    clock = LoopTime()
    running = asyncio.ensure_future(clock.run())
    try:
        yield clock
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
