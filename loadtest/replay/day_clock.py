"""The clock of a replayed day: it stands until everything of a minute is done, then goes on.

So a day takes as long as its orders take, nothing runs out on a slow machine, and a run comes out as the one before.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from pathlib import Path
from typing import Self

import httpx
from redis.asyncio import Redis
from shelfcast.engine import running_socket

MINUTE_MS = 60_000
LOOK_AGAIN_S = 0.03
DUTY_S = 60.0
"""A duty that has not run twice in this time hangs."""
_SUCCESS = re.compile(
    r'^shelfcast_duty_last_success_timestamp_seconds\{duty="([^"]+)",pool="([^"]+)"\} (\S+)$', re.MULTILINE
)


class DayClock:
    """The clock of one rehearsal pool, which the engine's own has no say in. An async context manager.

    `duties` are those that must have seen a minute before it is played. Needs the engine that the server embeds in
    `data_dir`, and its metrics.
    """

    def __init__(self, url: str, data_dir: Path, pool: str, *, key_prefix: str, duties: Collection[str]) -> None:
        socket = running_socket(data_dir)
        if socket is None:
            raise RuntimeError(f"expected the engine of a running server in {data_dir}")
        self.start_ms = 0
        self._meta = f"{key_prefix}:{{{pool}}}:meta"
        self._pool = pool
        self._duties = set(duties)
        self._engine = Redis(unix_socket_path=str(socket))
        self._http = httpx.AsyncClient(base_url=url, trust_env=False)

    async def __aenter__(self) -> Self:
        seconds, _ = await self._engine.time()
        self.start_ms = (seconds + 1) * 1000
        await self._set(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._engine.aclose()
        await self._http.aclose()

    def at_ms(self, minute: float) -> int:
        """The time of a minute of the day, on the pool's clock."""
        return self.start_ms + round(minute * MINUTE_MS)

    async def go_to(self, minute: int) -> None:
        """Let it be this minute of the day, and every duty see it. Raises TimeoutError."""
        await self._set(minute)
        # A run that succeeds now may have begun before; the one after it did not.
        for _ in range(2):
            await self._each_has_run()

    async def _set(self, minute: int) -> None:
        await self._engine.hset(self._meta, "rehearsal_clock_ms", str(self.at_ms(minute)))

    async def _each_has_run(self) -> None:
        before = await self._successes()
        async with asyncio.timeout(DUTY_S):
            while True:
                now = await self._successes()
                if all(now.get(duty, 0.0) > before.get(duty, 0.0) for duty in self._duties):
                    return
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _successes(self) -> dict[str, float]:
        """Duty → when it last succeeded for this pool."""
        page = (await self._http.get("/metrics")).raise_for_status().text
        return {duty: float(at) for duty, pool, at in _SUCCESS.findall(page) if pool == self._pool}
