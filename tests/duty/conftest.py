"""Pools with a keeper, as a server process has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack

import msgspec
import pytest
from shelfcast.duty.duty import Duty
from shelfcast.duty.keeper import Keeper
from shelfcast.duty.registry import REGISTRY
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.lease import Lease
from shelfcast.stock.pools import Pools
from shop import Shop


class Process:
    """What a server process has of this: its pools and its keeper, with all duties and `more`.

    `lease_engine` is where its lease is, another engine than that of its pools.
    """

    def __init__(
        self, engine: Engine, settings: Settings, more: Sequence[Duty] = (), lease_engine: Engine | None = None
    ) -> None:
        self.pools = Pools(engine, settings)
        self.lease = Lease(lease_engine or engine, "duty", settings)
        self.expire_holds, *others = REGISTRY.duties(settings)
        self.keeper = Keeper(self.pools, self.lease, settings, [self.expire_holds, *others, *more])

    async def close(self) -> None:
        await self.keeper.close()
        await self.pools.close()


MakeProcess = Callable[..., Process]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(
        settings, hold_ms=1_000, expiry_sweep_ms=50, duty_interval_ms=50, duty_backoff_max_ms=200
    )


@pytest.fixture
async def make_process(engine: Engine, settings: Settings) -> AsyncIterator[MakeProcess]:
    """`make_process(more=[duty], lease_engine=engine, **settings)`: not started; all are closed at the end."""
    async with AsyncExitStack() as made:

        def make(more: Sequence[Duty] = (), lease_engine: Engine | None = None, **changes: object) -> Process:
            process = Process(engine, msgspec.structs.replace(settings, **changes), more, lease_engine)
            made.push_async_callback(process.close)
            return process

        yield make


@pytest.fixture
async def process(make_process: MakeProcess) -> Process:
    made = make_process()
    await made.pools.directory.create_pool("p")
    return made


@pytest.fixture
async def shop(process: Process, engine: Engine) -> Shop:
    pool = await process.pools.get("p")
    assert pool
    made = Shop(pool.book, engine)
    await made.set_up()
    return made
