"""An answer that anybody may ask for, read so often and no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
SECOND_S = 1.0


class Kept(Generic[T]):
    """Reads at most `a_second` times a second: whoever asks oftener gets what was read last, at most a second old;
    those who ask at once share one reading. Asked seldom, it always reads. `clock` is monotonic, in seconds."""

    def __init__(self, a_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_second = a_second
        self._clock = clock
        self._until_s = 0.0
        self._reads = 0
        self._reading: asyncio.Task[T] | None = None
        self._last: tuple[T] | None = None

    async def get(self, read: Callable[[], Awaitable[T]]) -> T:
        """The answer. Raises what `read` raises; that is not kept."""
        if self._reading is None:
            now_s = self._clock()
            if now_s >= self._until_s:
                self._until_s, self._reads = now_s + SECOND_S, 0
                self._last = None
            if self._last is not None and self._reads >= self._a_second:
                return self._last[0]
            self._reads += 1
            self._reading = asyncio.get_running_loop().create_task(self._read(read))
            self._reading.add_done_callback(self._has_read)
        return await asyncio.shield(self._reading)

    async def _read(self, read: Callable[[], Awaitable[T]]) -> T:
        found = await read()
        self._last = (found,)
        return found

    def _has_read(self, reading: asyncio.Task[T]) -> None:
        self._reading = None
        if not reading.cancelled():
            # Whoever asked may be gone: nobody need hear of it then.
            reading.exception()
