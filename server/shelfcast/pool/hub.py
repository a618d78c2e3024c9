"""The pools that are followed in this process: opened for the first follower, closed a moment after the last."""

from __future__ import annotations

import asyncio
from functools import partial

from shelfcast.errors import EngineUnavailable
from shelfcast.pool.live import LivePool
from shelfcast.room.conflation import Airtime
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pools

LINGER_S = 5.0
"""A page that is loaded anew finds its pool still open."""


class PoolHub:
    """Opens each pool once, however many ask for it. A pool that nobody follows costs nothing."""

    def __init__(self, pools: Pools, settings: Settings, airtime: Airtime) -> None:
        self._pools = pools
        self._settings = settings
        self._airtime = airtime
        self._open: dict[str, LivePool] = {}
        self._opening: dict[str, asyncio.Task[LivePool | None]] = {}

    async def close(self) -> None:
        """Close every pool. Their connections must have been closed before."""
        opening = list(self._opening.values())
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        await asyncio.gather(*[pool.say_goodbye() for pool in self._open.values()])
        for pool in self._open.values():
            pool.close()
        self._open.clear()

    def opened(self, name: str) -> LivePool | None:
        """The pool, if it is open here."""
        return self._open.get(name)

    def open(self, name: str) -> asyncio.Task[LivePool | None]:
        """Open a pool, or join the opening of it. The task gives None where there is no such pool, and raises
        EngineError when it cannot be read in time."""
        opening = self._opening.get(name)
        if opening is None:
            opening = asyncio.get_running_loop().create_task(self._opened(name), name=f"open pool {name}")
            self._opening[name] = opening
            opening.add_done_callback(lambda _: self._opening.pop(name, None))
        return opening

    async def enter(self, name: str) -> LivePool | None:
        """The open pool; None where there is no such pool. Raises EngineError when it cannot be read."""
        return self.opened(name) or await asyncio.shield(self.open(name))

    def is_full(self, pool: LivePool) -> bool:
        """Whether as many follow this pool, or all pools of this process together, as may."""
        settings, of_all = self._settings, sum(each.followers for each in self._open.values())
        return pool.followers >= settings.pool_sockets_a_pool_max or of_all >= settings.pool_sockets_max

    async def _opened(self, name: str) -> LivePool | None:
        pool = await self._pools.get(name)
        if pool is None:
            return None
        live = LivePool(pool, self._pools.viewer_count, self._pools.followers, self._settings, self._airtime)
        try:
            async with asyncio.timeout(self._settings.room_open_timeout_ms / 1000):
                await live.ready
        except TimeoutError:
            live.close()
            raise EngineUnavailable(f"pool {name} could not be read in time") from None
        except BaseException:
            live.close()
            raise
        self._open[name] = live
        live.emptied = partial(self._close_soon, live)
        self._close_soon(live)
        return live

    def _close_soon(self, pool: LivePool) -> None:
        """Close it when nobody follows it then. Whoever comes meanwhile keeps it open."""
        asyncio.get_running_loop().call_later(LINGER_S, self._close_if_empty, pool)

    def _close_if_empty(self, pool: LivePool) -> None:
        if not pool.followers and self._open.get(pool.name) is pool:
            del self._open[pool.name]
            pool.close()
