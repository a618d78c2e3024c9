"""Sentinel: the primary it names is used, and after a failover the promoted replica, library and all."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from engine_sentinel import Watched, running_sentinel
from shelfcast.engine import Engine, Library
from shelfcast.errors import EngineUnavailable

Connect = Callable[..., Awaitable[Engine]]


@pytest.fixture
def watched(short_folder: Path, valkey_binary: Path) -> Iterator[Watched]:
    with running_sentinel(valkey_binary, short_folder / secrets.token_hex(4)) as running:
        yield running


async def test_after_a_failover_calls_and_subscriptions_go_to_the_promoted_replica(
    watched: Watched, connect: Connect, probe: Callable[..., Library]
) -> None:
    engine = await connect(watched.url, probe(), engine_call_timeout_ms=20_000)
    assert [fitness.node for fitness in await engine.fitness()] == [watched.primary.url.removeprefix("redis://")]
    assert await engine.call("probe_add", "n", 1) == b"1"
    await engine.command("WAIT", 1, 5_000)
    async with engine.subscribe("feed") as subscription:
        watched.primary.send(signal.SIGKILL)
        with pytest.raises(EngineUnavailable, match="lost"):
            await anext(subscription)
    assert await engine.call("probe_add", "n", 1) == b"2"
    assert [fitness.node for fitness in await engine.fitness()] == [watched.replica.url.removeprefix("redis://")]
    async with engine.subscribe("feed") as subscription:
        assert int(await engine.call("probe_publish", "feed", b"back")) == 1
        assert await anext(subscription) == b"back"


async def test_a_library_the_promoted_replica_lacks_is_loaded(
    watched: Watched, connect: Connect, probe: Callable[..., Library]
) -> None:
    engine = await connect(watched.url, probe(), engine_call_timeout_ms=20_000)
    await engine.command("FUNCTION", "FLUSH")
    await engine.command("WAIT", 1, 5_000)
    watched.primary.send(signal.SIGKILL)
    assert await engine.call("probe_say", "k", "x") == b"one x"


async def test_a_service_nobody_knows_is_unavailable(watched: Watched, connect: Connect) -> None:
    with pytest.raises(EngineUnavailable, match="no service 'other'"):
        await connect(watched.url.replace("/shop", "/other"), engine_call_timeout_ms=1_000)
