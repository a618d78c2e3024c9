"""A real Cluster of three primaries: routing by key, sharded channels at their slot's primary, moved slots."""

from __future__ import annotations

import asyncio
import signal
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from engine_cluster import BOUNDS, running_cluster
from engine_process import EngineProcess, free_ports
from redis.crc import key_slot
from shelfcast.engine import Engine, Library
from shelfcast.errors import EngineRefused, EngineUnavailable

Connect = Callable[..., Awaitable[Engine]]
MakeLibrary = Callable[..., Library]
TAGS = ("{a}", "{b}", "{c}", "{d}", "{e}", "{f}", "{g}", "{h}")


@pytest.fixture(scope="module")
def cluster(short_folder: Path, valkey_binary: Path) -> Iterator[list[EngineProcess]]:
    with running_cluster(valkey_binary, short_folder / "cluster") as running:
        yield running.primaries


@pytest.fixture
def cluster_url(cluster: list[EngineProcess]) -> str:
    """The Cluster by one live node and one that is not there."""
    return f"redis+cluster://127.0.0.1:1,{cluster[1].url.removeprefix('redis://')}"


def owner_of(cluster: list[EngineProcess], key: str) -> EngineProcess:
    return cluster[bisect_right(BOUNDS, key_slot(key.encode())) - 1]


async def test_a_function_runs_where_its_key_lives(
    cluster: list[EngineProcess], cluster_url: str, connect: Connect, probe: MakeLibrary
) -> None:
    engine = await connect(cluster_url, probe())
    for n, tag in enumerate(TAGS, start=1):
        assert await engine.call("probe_add", f"{tag}:n", n) == str(n).encode()
    assert len({owner_of(cluster, tag).url for tag in TAGS}) == 3
    for n, tag in enumerate(TAGS, start=1):
        assert owner_of(cluster, tag).client.get(f"{tag}:n") == str(n).encode()


async def test_every_primary_has_the_library(
    cluster: list[EngineProcess], cluster_url: str, connect: Connect, probe: MakeLibrary
) -> None:
    engine = await connect(cluster_url, probe())
    assert {fitness.node for fitness in await engine.fitness()} == {
        node.url.removeprefix("redis://") for node in cluster
    }
    cluster[2].client.function_flush()
    assert await asyncio.gather(*(engine.call("probe_say", tag, "x") for tag in TAGS)) == [b"one x"] * len(TAGS)


async def test_a_sharded_channel_is_heard_at_its_slots_primary(
    cluster: list[EngineProcess], cluster_url: str, connect: Connect, probe: MakeLibrary
) -> None:
    engine = await connect(cluster_url, probe())
    for tag in TAGS:
        async with engine.subscribe(f"{tag}:feed") as subscription:
            assert int(await engine.call("probe_publish", f"{tag}:feed", tag)) == 1
            assert await anext(subscription) == tag.encode()


async def test_while_a_slot_is_on_its_way_commands_find_their_key_and_functions_wait(
    cluster: list[EngineProcess], cluster_url: str, connect: Connect, probe: MakeLibrary
) -> None:
    """MIGRATING and IMPORTING: the old owner answers ASK for a key that has left already, or was never there.

    A function names one key and uses many: on either node it would see some of them only.
    """
    engine = await connect(cluster_url, probe(), engine_call_timeout_ms=1_000)
    source, target = cluster[0], cluster[1]
    key = next(key for key in (f"ask{n}" for n in range(100)) if owner_of(cluster, key) is source)
    slot = key_slot(key.encode())
    target.client.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", source.client.cluster("MYID"))
    source.client.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", target.client.cluster("MYID"))
    try:
        await engine.command("SET", key, "7", key=key)
        assert await engine.command("GET", key, key=key) == b"7"
        assert source.client.execute_command("CLUSTER", "COUNTKEYSINSLOT", slot) == 0
        assert target.client.execute_command("CLUSTER", "COUNTKEYSINSLOT", slot) == 1
        with pytest.raises(EngineUnavailable, match="on its way"):
            await engine.call("probe_add", key, 1)
    finally:
        source.client.execute_command("CLUSTER", "SETSLOT", slot, "STABLE")
        target.client.flushall()
        target.client.execute_command("CLUSTER", "SETSLOT", slot, "STABLE")
    assert await engine.call("probe_add", key, 1) == b"1"


async def test_a_moved_slot_is_followed_and_its_subscribers_are_told(
    cluster: list[EngineProcess], cluster_url: str, connect: Connect, probe: MakeLibrary
) -> None:
    engine = await connect(cluster_url, probe())
    source, target = cluster[2], cluster[0]
    key = next(key for key in (f"moved{n}" for n in range(100)) if owner_of(cluster, key) is source)
    slot = key_slot(key.encode())
    assert await engine.call("probe_say", key, "before") == b"one before"
    async with engine.subscribe(key) as subscription:
        for node in (target, source):
            node.client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", target.client.cluster("MYID"))
        with pytest.raises(EngineUnavailable, match="moved to another node"):
            await anext(subscription)
    assert await engine.call("probe_add", key, 1) == b"1"
    assert target.client.get(key) == b"1"
    async with engine.subscribe(key) as subscription:
        assert int(await engine.call("probe_publish", key, b"here")) == 1
        assert await anext(subscription) == b"here"


async def test_while_a_primary_does_not_answer_calls_to_the_others_wait_for_no_map(
    cluster: list[EngineProcess], cluster_url: str, connect: Connect, probe: MakeLibrary
) -> None:
    """Where it has no replica, it is looked for again and again: by those who need it alone."""
    engine = await connect(cluster_url, probe(), engine_call_timeout_ms=500)
    silent, well = cluster[2], cluster[:2]
    lost = next(tag for tag in TAGS if owner_of(cluster, tag) is silent)
    others = [tag for tag in TAGS if owner_of(cluster, tag) is not silent]
    assert await engine.call("probe_say", lost, "x") == b"one x"
    silent.send(signal.SIGSTOP)
    try:
        with pytest.raises(EngineUnavailable):
            await engine.call("probe_say", lost, "x")
        read_before = [maps_read(node) for node in well]
        assert [await engine.call("probe_say", tag, "x") for tag in others] == [b"one x"] * len(others)
        assert [maps_read(node) for node in well] == read_before
        # The silent one may be asked for the map first, and has the whole time of a call to answer.
        while [maps_read(node) for node in well] == read_before:
            with pytest.raises(EngineUnavailable):
                await engine.call("probe_say", lost, "x")
    finally:
        silent.send(signal.SIGCONT)
    assert await engine.call("probe_say", lost, "x") == b"one x"


def maps_read(node: EngineProcess) -> int:
    """How often it has been asked who owns which slots."""
    calls: int = node.client.info("commandstats").get("cmdstat_cluster|slots", {"calls": 0})["calls"]
    return calls


async def test_a_cluster_node_as_a_single_engine_is_refused(cluster: list[EngineProcess], connect: Connect) -> None:
    with pytest.raises(EngineRefused, match="redis\\+cluster://"):
        await connect(cluster[0].url)


async def test_a_single_engine_as_a_cluster_is_refused(
    short_folder: Path, valkey_binary: Path, connect: Connect
) -> None:
    (port,) = free_ports(1)
    folder = short_folder / "no-cluster"
    folder.mkdir()
    single = EngineProcess(
        [str(valkey_binary), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""],
        f"redis://127.0.0.1:{port}",
        folder,
    )
    with single, pytest.raises(EngineRefused, match="no Cluster node"):
        await connect(f"redis+cluster://127.0.0.1:{port}")
