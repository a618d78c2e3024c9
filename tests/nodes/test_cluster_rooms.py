"""Servers on a Cluster of three primaries, one with a replica behind it: pools spread, and a primary may go."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from engine_cluster import Cluster, address_of, role_of, running_cluster
from engine_process import EngineProcess, wait_until
from live_sale import MENDED_S, LiveSale
from redis.crc import key_slot
from server_node import NOTICED_S, Node, StartNode
from shelfcast.protocol.from_server import Expired
from shelfcast.protocol.from_server import Reserved as Held
from shelfcast.settings import Settings
from shelfcast.stock.audit import audit
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put
from waiting import loop_time

UNITS = 10_000
HOLD_MS = 250
RELEASED_MS = 1_000
"""A hold is released within this time of its end."""


@pytest.fixture(scope="module")
def whole_cluster(short_folder: Path, valkey_binary: Path) -> Iterator[Cluster]:
    """One that all its tests leave as it is."""
    with running_cluster(valkey_binary, short_folder / token_hex(4)) as running:
        yield running


@pytest.fixture
def cluster(short_folder: Path, valkey_binary: Path) -> Iterator[Cluster]:
    """The first primary has a replica."""
    with running_cluster(valkey_binary, short_folder / token_hex(4), replicas=1) as running:
        yield running


def pools_at_each(cluster: Cluster, settings: Settings) -> list[str]:
    """The name of a pool on each primary."""
    return [cluster.name_at(n, settings.key_prefix + ":{%s}") for n in range(3)]


async def open_everywhere(node: Node, pools: list[str], units: int) -> None:
    for n, pool in enumerate(pools):
        await node.open_room(f"room-{n}", pool, units)


async def test_pools_spread_and_every_room_is_the_same_on_both_servers(
    whole_cluster: Cluster, settings: Settings, start_node: StartNode
) -> None:
    one, two = [await start_node(whole_cluster.url, duty_interval_ms=50) for _ in range(2)]
    pools = pools_at_each(whole_cluster, settings)
    await open_everywhere(one, pools, 10)
    for n, pool in enumerate(pools):
        seller, watcher = await one.viewer(f"room-{n}"), await two.viewer(f"room-{n}")
        seller.reserve(f"r{n}", "mug")
        reply = await seller.answer(f"r{n}")
        assert isinstance(reply, Held)
        for viewer in (seller, watcher):
            await viewer.shows("mug", 9, 1)
            assert viewer.seq == reply.seq
            await viewer.leave()
        channel = f"{settings.key_prefix}:{{{pool}}}:feed".encode()
        heard_at = [
            channel in node.client.execute_command("PUBSUB", "SHARDCHANNELS") for node in whole_cluster.primaries
        ]
        assert heard_at == [m == n for m in range(3)], "a channel is heard at its slot's primary alone"
    # Directory and lease have keys of their own, wherever their slots are; duties reach every pool.
    assert await two.pools.directory.rooms() == {f"room-{n}": pool for n, pool in enumerate(pools)}
    buyers = [await two.viewer(f"room-{n}") for n in range(3)]
    for n, buyer in enumerate(buyers):
        await one.carry_out(pools[n], put(What.ROOM, f"room-{n}", {"hold_ms": 250}))
        buyer.reserve(f"brief-{n}", "mug")
    for n, buyer in enumerate(buyers):
        await buyer.until(lambda n=n, buyer=buyer: isinstance(buyer.answers.get(f"brief-{n}"), Expired))
        await buyer.leave()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_primary_that_goes_is_noticed_and_its_replica_sells_on(
    cluster: Cluster, settings: Settings, start_node: StartNode, how: signal.Signals
) -> None:
    nodes = [await start_node(cluster.url) for _ in range(2)]
    pools = pools_at_each(cluster, settings)
    await open_everywhere(nodes[0], pools, UNITS)
    viewers = [await node.viewer("room-0", "watcher") for node in nodes]
    others = [await node.viewer("room-1", "watcher") for node in nodes]
    sale = LiveSale(nodes, "room-0", UNITS)
    await sale.has_grown(20)
    async with loop_time() as since:
        cluster.primaries[0].send(how)
        await asyncio.gather(*(viewer.until(lambda viewer=viewer: viewer.old) for viewer in viewers))
    assert since.s < NOTICED_S
    for said in await asyncio.gather(*(node.readiness() for node in nodes)):
        assert pools[0] in said["reasons"]["feeds"]
    await asyncio.gather(
        *(viewer.until(lambda viewer=viewer: len(viewer.epochs) == 2, within_s=MENDED_S) for viewer in viewers)
    )
    await sale.has_grown(20)
    if how is signal.SIGSTOP:  # What was asleep wakes and finds itself a replica; nobody listens to it any more.
        cluster.primaries[0].send(signal.SIGCONT)
        await asyncio.to_thread(wait_until, lambda: role_of(cluster.primaries[0]) == "slave")
        await sale.has_grown(20)
    await sale.stop()
    await sale.ends_as_the_book_says(viewers)
    for viewer in others:
        assert (viewer.old, len(viewer.epochs), viewer.snapshots) == (False, 1, 1), "another primary's room saw nothing"
        await viewer.leave()


async def test_a_primary_that_hands_over_loses_nobody(
    cluster: Cluster, settings: Settings, start_node: StartNode
) -> None:
    """An operator's CLUSTER FAILOVER: the old primary is well, and is a replica from now on."""
    nodes = [await start_node(cluster.url) for _ in range(2)]
    await open_everywhere(nodes[0], pools_at_each(cluster, settings)[:1], UNITS)
    viewers = [await node.viewer("room-0", "watcher") for node in nodes]
    sale = LiveSale(nodes, "room-0", UNITS)
    await sale.has_grown(20)
    cluster.replicas[0].client.execute_command("CLUSTER", "FAILOVER")
    await asyncio.gather(
        *(viewer.until(lambda viewer=viewer: len(viewer.epochs) == 2, within_s=MENDED_S) for viewer in viewers)
    )
    assert role_of(cluster.replicas[0]) == "master"
    await sale.has_grown(20)
    await sale.stop()
    for server in nodes:
        assert "warnings" not in await server.readiness()
    await sale.ends_as_the_book_says(viewers)


async def test_a_replica_that_had_not_heard_everything_is_found_out(
    cluster: Cluster, settings: Settings, start_node: StartNode, capfd: pytest.CaptureFixture[str]
) -> None:
    """Replication is behind when the primary dies: sold units come back, and every server says so."""
    nodes = [await start_node(cluster.url) for _ in range(2)]
    (pool,) = pools_at_each(cluster, settings)[:1]
    await open_everywhere(nodes[0], [pool], 10)
    seller, listener = [await node.viewer("room-0") for node in nodes]
    primary, replica = cluster.primaries[0], cluster.replicas[0]
    primary.client.execute_command("WAIT", 1, 5_000)
    replica.send(signal.SIGSTOP)
    primary.client.client_kill_filter(_type="replica")
    seller.reserve("r1", "mug")
    assert isinstance(await seller.answer("r1"), Held)
    await listener.shows("mug", 9, 1)
    primary.stop(signal.SIGKILL)
    replica.send(signal.SIGCONT)
    for viewer in (seller, listener):
        await viewer.until(lambda viewer=viewer: len(viewer.epochs) == 2, within_s=MENDED_S)
        await viewer.shows("mug", 10)
        await viewer.leave()
    for node in nodes:
        assert pool in (await node.readiness())["warnings"]["books"]
    assert capfd.readouterr().out.count("book.lost_data") == 2


async def test_a_primary_without_a_replica_takes_only_its_own_rooms_along(
    cluster: Cluster, settings: Settings, start_node: StartNode
) -> None:
    """It has the lease and the directory, too; holds of the other pools end on time all the same, on any server."""
    prefix = next(
        prefix
        for prefix in (f"{settings.key_prefix}{n}" for n in range(1_000))
        if cluster.at_first(f"{prefix}:lease:duty") == cluster.at_first(f"{prefix}:pools") == 2
    )
    nodes = [
        await start_node(cluster.url, key_prefix=prefix, duty_interval_ms=200, engine_call_timeout_ms=500)
        for _ in range(2)
    ]
    pools = [cluster.name_at(n, prefix + ":{%s}") for n in range(3)]
    await open_everywhere(nodes[0], pools, 10)
    for n, pool in enumerate(pools):
        await nodes[0].carry_out(pool, put(What.ROOM, f"room-{n}", {"hold_ms": HOLD_MS}))
    buyers = [await nodes[1].viewer(f"room-{n}") for n in range(2)]
    stranded = await nodes[1].viewer("room-2")
    cluster.primaries[2].stop(signal.SIGKILL)
    await stranded.until(lambda: stranded.old)
    for request_id in ("one", "two"):
        for buyer in buyers:
            buyer.reserve(request_id, "mug")
            assert isinstance(await buyer.answer(request_id), Held)
            async with loop_time() as since:
                await buyer.until(lambda buyer=buyer, name=request_id: isinstance(buyer.answers[name], Expired))
            assert since.s < (HOLD_MS + RELEASED_MS) / 1000
        await nodes[0].app.stop()
    stranded.reserve("r", "mug")
    assert (await stranded.answer("r")).code == "UNAVAILABLE"
    for viewer in (*buyers, stranded):
        await viewer.leave()


async def test_a_pool_that_is_moved_key_by_key_is_never_half_a_book(
    whole_cluster: Cluster, settings: Settings, start_node: StartNode
) -> None:
    """An operator moves its slot while it sells. Nothing is decided on the way, and the new owner has all of it."""
    nodes = [await start_node(whole_cluster.url) for _ in range(2)]
    (pool,) = pools_at_each(whole_cluster, settings)[:1]
    await open_everywhere(nodes[0], [pool], 10)
    viewers = [await node.viewer("room-0") for node in nodes]
    viewers[0].reserve("before", "mug")
    await viewers[1].shows("mug", 9, 1)
    source, target = whole_cluster.primaries[:2]
    slot = key_slot(f"{settings.key_prefix}:{{{pool}}}".encode())
    target.client.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", source.client.cluster("MYID"))
    source.client.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", target.client.cluster("MYID"))
    keys = sorted(source.client.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100))
    move_keys(source, target, keys[::2])
    viewers[0].reserve("meanwhile", "mug")
    assert (await viewers[0].answer("meanwhile")).code == "UNAVAILABLE"
    move_keys(source, target, keys[1::2])
    for node in (target, source):
        node.client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", target.client.cluster("MYID"))
    for viewer in viewers:
        await viewer.until(lambda viewer=viewer: len(viewer.epochs) == 2)
    viewers[0].reserve("meanwhile", "mug", again=True)
    assert isinstance(await viewers[0].answer("meanwhile"), Held)
    for viewer in viewers:
        await viewer.shows("mug", 8, 2)
        await viewer.leave()
    report = await audit(await nodes[1].book_of("room-0"))
    assert report.ok, report.violations
    for server in nodes:
        assert "warnings" not in await server.readiness()


def move_keys(source: EngineProcess, target: EngineProcess, keys: list[bytes]) -> None:
    host, _, port = address_of(target).partition(":")
    source.client.execute_command("MIGRATE", host, port, "", 0, 5_000, "KEYS", *keys)
