"""A pool that is followed at several workers: each says the same, also after one of them has died."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack

from shelfcast_client import Pool, connect_pool
from shelfcast_client.merchant import Merchant
from workers.conftest import Serve
from workers.serving import POOL, ROOM, SKU

FOLLOWERS = 24
"""So many that the kernel gives each of two workers some: one run in sixteen million is without."""
SOON_S = 30


async def all_show(pools: list[Pool], units: int, viewers: int) -> None:
    async def shows(pool: Pool) -> None:
        await pool.until(
            lambda pool: pool.current and pool.units[SKU].pool == units and pool.rooms[ROOM].viewers == viewers,
            timeout_s=SOON_S,
        )

    await asyncio.gather(*map(shows, pools))


async def test_every_worker_says_the_same_and_a_dead_one_costs_nothing(serve: Serve) -> None:
    server = await asyncio.to_thread(lambda: serve(workers=2).ready().open_shop(100))
    async with AsyncExitStack() as open_ones:
        token = server.token("operator", "zhang")
        pools = [
            await open_ones.enter_async_context(connect_pool(server.url, POOL, token=token)) for _ in range(FOLLOWERS)
        ]
        await open_ones.enter_async_context(server.enter("li"))
        spread = await asyncio.to_thread(server.of_workers, "shelfcast_worker_connections")
        assert len(spread) == 2
        assert all(count > 0 for count in spread.values()), "both workers have followers"
        merchant = await open_ones.enter_async_context(Merchant(server.url, token, POOL))
        await merchant.receive(SKU, 5, key="delivery-1")
        await all_show(pools, 105, 1)
        server.signal_worker(1, signal.SIGKILL)
        await merchant.receive(SKU, 6, key="delivery-2")
        await all_show(pools, 111, 1)
        assert len({pool.epoch for pool in pools}) == 1
