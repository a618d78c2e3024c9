"""A small function library of the engine tests' own, and engines that have it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
import redis
from shelfcast.engine import Engine, Library
from shelfcast.settings import Settings

NAME = "shelfcast_probe"


@pytest.fixture
def probe() -> Callable[..., Library]:
    """Makes the library: `probe_say`, `probe_add`, `probe_raise`, `probe_publish`."""

    def make(version: int = 1, word: str = "one") -> Library:
        return Library(
            name=NAME,
            version=version,
            code=f"""#!lua name={NAME}
-- version: {version}
redis.register_function('probe_say', function(keys, args) return '{word} ' .. args[1] end)
redis.register_function('probe_add', function(keys, args) return tostring(redis.call('INCRBY', keys[1], args[1])) end)
redis.register_function('probe_raise', function(keys, args) return redis.call('LPUSH', keys[1], 'x') end)
redis.register_function('probe_publish', function(keys, args) return redis.call('SPUBLISH', keys[1], args[1]) end)
""",
        )

    return make


@pytest.fixture
async def connect(settings: Settings) -> AsyncIterator[Callable[..., Awaitable[Engine]]]:
    """Connects engines, with the test's settings changed as told, and closes them at the end."""
    connected: list[Engine] = []

    async def make(url: str, library: Library | None = None, **changes: Any) -> Engine:
        engine = await Engine.connect(url, settings=msgspec.structs.replace(settings, **changes), library=library)
        connected.append(engine)
        return engine

    yield make
    for engine in connected:
        await engine.close()


@pytest.fixture
async def probing(engine_url: str, connect: Callable[..., Awaitable[Engine]], probe: Callable[..., Library]) -> Engine:
    """The session's engine with version 1 of the probe library, freshly loaded."""
    with redis.Redis.from_url(engine_url) as client:
        client.execute_command("FUNCTION", "LOAD", "REPLACE", probe().code)
    return await connect(engine_url, probe())
