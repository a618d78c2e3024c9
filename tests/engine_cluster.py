"""A real Cluster of engine processes, with replicas where a test wants them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from engine_process import EngineProcess, free_ports, wait_until
from redis.crc import key_slot

SLOTS = 16384
PRIMARIES = 3
BOUNDS = [SLOTS * n // PRIMARIES for n in range(PRIMARIES + 1)]
"""The first slot of each primary, and one behind the last."""
NODE_TIMEOUT_MS = 1_000


class Cluster:
    """Three primaries that share the slots and know one another, and a replica behind each of the first few."""

    def __init__(self, primaries: list[EngineProcess], replicas: list[EngineProcess]) -> None:
        self.primaries = primaries
        self.replicas = replicas

    @property
    def url(self) -> str:
        """The Cluster by all its first primaries."""
        return "redis+cluster://" + ",".join(map(address_of, self.primaries))

    @property
    def nodes(self) -> list[EngineProcess]:
        return [*self.primaries, *self.replicas]

    def at_first(self, key: str) -> int:
        """Which of the primaries had this key's slot at first."""
        return bisect_right(BOUNDS, key_slot(key.encode())) - 1

    def name_at(self, primary: int, template: str) -> str:
        """A name whose key, by the template (`shelf:{%s}`), lives at this primary."""
        names = (f"shop-{n}" for n in range(1_000))
        return next(name for name in names if self.at_first(template % name) == primary)


@contextmanager
def running_cluster(binary: Path, folder: Path, *, replicas: int = 0) -> Iterator[Cluster]:
    """Start it, and end every process of it."""
    folder.mkdir()
    count = PRIMARIES + replicas
    ports = free_ports(2 * count)
    with ExitStack() as stack:
        nodes = [cluster_node(binary, folder / str(n), ports[n], ports[n + count]) for n in range(count)]
        for node in nodes:
            stack.enter_context(node)
        made = Cluster(nodes[:PRIMARIES], nodes[PRIMARIES:])
        _join(made, ports[0], ports[count])
        yield made


def cluster_node(binary: Path, folder: Path, port: int, bus_port: int) -> EngineProcess:
    folder.mkdir()
    command = [str(binary), "--cluster-enabled", "yes", "--port", str(port), "--cluster-port", str(bus_port)]
    command += ["--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always"]
    command += ["--save", "", "--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--repl-diskless-sync-delay", "0"]
    command += ["--cluster-require-full-coverage", "no"]
    return EngineProcess(command, f"redis://127.0.0.1:{port}", folder)


def address_of(node: EngineProcess) -> str:
    return node.url.removeprefix("redis://")


def role_of(node: EngineProcess) -> str:
    role: str = node.client.info("replication")["role"]
    return role


def _join(cluster: Cluster, port: int, bus_port: int) -> None:
    """Share the slots out, give the replicas their primaries, and wait until every node knows it all."""
    for n, node in enumerate(cluster.nodes):
        if n < PRIMARIES:
            node.client.execute_command("CLUSTER", "ADDSLOTSRANGE", BOUNDS[n], BOUNDS[n + 1] - 1)
        node.client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
        node.client.execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus_port)
    for node in cluster.nodes:
        wait_until(lambda node=node: len(_slots(node)) == PRIMARIES)
    for primary, replica in zip(cluster.primaries, cluster.replicas, strict=False):
        replica.client.execute_command("CLUSTER", "REPLICATE", primary.client.cluster("MYID"))
    for replica in cluster.replicas:
        wait_until(lambda replica=replica: replica.client.info("replication").get("master_link_status") == "up")
    for node in cluster.nodes:
        wait_until(lambda node=node: sum(len(row) - 3 for row in _slots(node)) == len(cluster.replicas))
        wait_until(lambda node=node: node.client.cluster("INFO")["cluster_state"] == "ok")


def _slots(node: EngineProcess) -> list[Any]:
    """Rows of [first, last, primary, replicas…], as this node sees them."""
    rows: list[Any] = node.client.execute_command("CLUSTER", "SLOTS")
    return rows
