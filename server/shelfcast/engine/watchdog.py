"""A watch over an engine that runs and says nothing: one that hangs is killed, so that it is replaced."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from contextlib import suppress

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from shelfcast.barrier import barrier
from shelfcast.engine.address import Address
from shelfcast.engine.link import Link

_log = structlog.get_logger(__name__)

SLICE_S = 1.0
"""Silence is added up in pieces. A server that was itself stopped for a minute has not listened for a minute: it counts
one piece."""


class Watchdog:
    """Pings an engine process on a link of its own. Any answer is one, also LOADING and BUSY."""

    def __init__(self, process: Process, address: Address, *, silence_max_ms: int) -> None:
        self._process = process
        self._address = address
        self._silence_max_s = silence_max_ms / 1000
        self._slice_s = min(SLICE_S, self._silence_max_s / 4)
        self._link: Link | None = None

    async def run(self) -> None:
        """Watch until the process is silent for too long; then it is killed. Ends with it or when cancelled."""
        silent_s = 0.0
        try:
            while silent_s < self._silence_max_s:
                answered = False
                with barrier("engine.watchdog"):
                    answered = await self._answers()
                silent_s = 0.0 if answered else silent_s + self._slice_s
        finally:
            if self._link is not None:
                await self._link.close()
        _log.error("engine.hung", pid=self._process.pid, silent_s=round(silent_s, 1))
        with suppress(ProcessLookupError):
            # SIGKILL ends a stopped process too. One that waits for its disk ends when the disk lets it.
            self._process.kill()

    async def _answers(self) -> bool:
        """Whether it answers within a slice; takes a slice either way."""
        pinging = asyncio.ensure_future(self._ping())
        loop = asyncio.get_running_loop()
        until = loop.time() + self._slice_s
        done, _ = await asyncio.wait([pinging], timeout=self._slice_s)
        if not done:
            pinging.cancel()
            await asyncio.gather(pinging, return_exceptions=True)
            return False
        await asyncio.sleep(until - loop.time())
        return pinging.result()

    async def _ping(self) -> bool:
        try:
            if self._link is None or not self._link.usable:
                self._link = await Link.open(self._address, self._address.nodes[0], int(self._slice_s * 1000))
            await self._link.ask("PING")
        except ResponseError:
            return True
        except RedisConnectionError as error:
            # LOADING and the like are kinds of it; a plain one is no answer.
            return type(error) is not RedisConnectionError
        return True
