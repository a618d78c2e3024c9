"""Sentinel: the primary it names is used, and after a failover the promoted replica, library and all."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from engine_process import EngineProcess, free_ports, wait_until
from shelfcast.engine import Engine, Library
from shelfcast.errors import EngineUnavailable

Connect = Callable[..., Awaitable[Engine]]


class Watched(NamedTuple):
    """A primary with a replica, and the Sentinel that watches them."""

    primary: EngineProcess
    replica: EngineProcess
    sentinel: EngineProcess

    @property
    def url(self) -> str:
        """With a Sentinel that is not there first."""
        return f"redis+sentinel://127.0.0.1:1,{self.sentinel.url.removeprefix('redis://')}/shop"


@pytest.fixture
def watched(short_folder: Path, valkey_binary: Path) -> Iterator[Watched]:
    folder = short_folder / secrets.token_hex(4)
    folder.mkdir()
    ports = free_ports(3)
    configuration = folder / "sentinel.conf"
    configuration.write_text(
        f"port {ports[2]}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor shop 127.0.0.1 {ports[0]} 1\n"
        "sentinel down-after-milliseconds shop 300\nsentinel failover-timeout shop 2000\n"
    )
    sentinel = EngineProcess(
        [str(valkey_binary), str(configuration), "--sentinel"], f"redis://127.0.0.1:{ports[2]}", folder
    )
    replica_of = ["--replicaof", f"127.0.0.1 {ports[0]}"]
    with (
        data_node(valkey_binary, folder / "primary", ports[0]) as primary,
        data_node(valkey_binary, folder / "replica", ports[1], *replica_of) as replica,
    ):
        wait_until(lambda: replica.client.info("replication")["master_link_status"] == "up")
        with sentinel:
            wait_until(lambda: len(sentinel.client.execute_command("SENTINEL", "REPLICAS", "shop")) == 1)
            yield Watched(primary, replica, sentinel)


def data_node(binary: Path, folder: Path, port: int, *more: str) -> EngineProcess:
    folder.mkdir()
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0", *more]
    return EngineProcess(command, f"redis://127.0.0.1:{port}", folder)


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
        assert await engine.call("probe_publish", "feed", b"back") == 1
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
        await connect(watched.url.replace("/shop", "/other"), engine_call_timeout_ms=200)
