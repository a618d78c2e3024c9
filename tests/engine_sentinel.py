"""A real primary with a replica, and the Sentinel that watches them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from engine_process import EngineProcess, free_ports, wait_until


class Watched(NamedTuple):
    """A primary with a replica, and the Sentinel that watches them."""

    primary: EngineProcess
    replica: EngineProcess
    sentinel: EngineProcess

    @property
    def url(self) -> str:
        """With a Sentinel that is not there first."""
        return f"redis+sentinel://127.0.0.1:1,{self.sentinel.url.removeprefix('redis://')}/shop"


@contextmanager
def running_sentinel(binary: Path, folder: Path) -> Iterator[Watched]:
    """Start the three, and end them."""
    folder.mkdir()
    ports = free_ports(3)
    configuration = folder / "sentinel.conf"
    configuration.write_text(
        f"port {ports[2]}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor shop 127.0.0.1 {ports[0]} 1\n"
        "sentinel down-after-milliseconds shop 300\nsentinel failover-timeout shop 2000\n"
    )
    sentinel = EngineProcess([str(binary), str(configuration), "--sentinel"], f"redis://127.0.0.1:{ports[2]}", folder)
    replica_of = ["--replicaof", f"127.0.0.1 {ports[0]}"]
    with (
        data_node(binary, folder / "primary", ports[0]) as primary,
        data_node(binary, folder / "replica", ports[1], *replica_of) as replica,
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
