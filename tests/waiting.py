"""Waiting in tests: for a condition, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

WAIT_S = 30.0
"""How long a test waits for what must come."""


async def until(condition: Callable[..., object]) -> None:
    """Let the loop run until the condition holds. Raises TimeoutError when it does not come to hold."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0)
