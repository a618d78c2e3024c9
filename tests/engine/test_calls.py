"""Calls of library functions: answers, routing, faults, and a library that went missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from shelfcast.engine import Engine, Library
from shelfcast.errors import EngineUnavailable, LibraryFault
from shelfcast.settings import Settings

pytestmark = pytest.mark.each_engine

NAME = "shelfcast_probe"


def probe(version: int = 1, answer: str = "one") -> Library:
    """A small library of the tests' own: `probe_say`, `probe_add`, `probe_raise`, `probe_publish`."""
    return Library(
        name=NAME,
        version=version,
        code=f"""#!lua name={NAME}
-- version: {version}
redis.register_function('probe_say', function(keys, args) return '{answer} ' .. args[1] end)
redis.register_function('probe_add', function(keys, args) return tostring(redis.call('INCRBY', keys[1], args[1])) end)
redis.register_function('probe_raise', function(keys, args) return redis.call('LPUSH', keys[1], 'x') end)
redis.register_function('probe_publish', function(keys, args) return redis.call('SPUBLISH', keys[1], args[1]) end)
""",
    )


@pytest.fixture
async def probing(engine_url: str, settings: Settings) -> AsyncIterator[Engine]:
    engine = await Engine.connect(engine_url, settings=settings, library=probe())
    yield engine
    await engine.close()


async def test_a_call_answers_bytes(probing: Engine, settings: Settings) -> None:
    assert await probing.call("probe_say", f"{{{settings.key_prefix}}}", "hello") == b"one hello"


async def test_calls_in_flight_are_answered_in_order(probing: Engine, settings: Settings) -> None:
    key = f"{settings.key_prefix}:n"
    answers = await asyncio.gather(*(probing.call("probe_add", key, 1) for _ in range(200)))
    assert answers == [str(n).encode() for n in range(1, 201)]


async def test_an_error_in_lua_is_a_library_fault(probing: Engine, settings: Settings) -> None:
    key = f"{settings.key_prefix}:n"
    await probing.call("probe_add", key, 1)
    with pytest.raises(LibraryFault, match="WRONGTYPE"):
        await probing.call("probe_raise", key)


async def test_an_unknown_function_is_a_library_fault(probing: Engine) -> None:
    with pytest.raises(LibraryFault, match="not found"):
        await probing.call("probe_nothing", "k")


async def test_a_flushed_library_is_loaded_again(probing: Engine) -> None:
    await probing.command("FUNCTION", "DELETE", NAME)
    answers = await asyncio.gather(*(probing.call("probe_say", "k", n) for n in range(10)))
    assert answers == [f"one {n}".encode() for n in range(10)]


async def test_a_closed_engine_is_unavailable(engine_url: str, settings: Settings) -> None:
    engine = await Engine.connect(engine_url, settings=settings, library=None)
    await engine.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        await engine.call("probe_say", "k", "x")


async def test_a_payload_published_by_a_function_reaches_the_subscriber(probing: Engine, settings: Settings) -> None:
    channel = f"{{{settings.key_prefix}}}:feed"
    async with probing.subscribe(channel) as subscription:
        assert await probing.call("probe_publish", channel, b"\x00payload") == 1
        assert await anext(subscription) == b"\x00payload"
