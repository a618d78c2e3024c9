"""One address behind which the primary changes, the former one staying as a replica: a name, a service, a managed
endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from conftest import engine_process
from engine_process import EngineProcess, wait_until
from live_sale import MENDED_S
from server_node import StartNode
from shelfcast.protocol.from_server import Reserved
from shelfcast.stock.audit import audit
from tcp_proxy import TcpProxy


@pytest.fixture
def pair(valkey_binary: Path, short_folder: Path) -> Iterator[tuple[EngineProcess, EngineProcess]]:
    """A primary and its replica, in step."""
    with (
        engine_process(valkey_binary, short_folder / token_hex(4)) as primary,
        engine_process(valkey_binary, short_folder / token_hex(4)) as replica,
    ):
        port = _listening(primary)
        replica.client.execute_command("REPLICAOF", "127.0.0.1", port)
        wait_until(lambda: replica.client.info("replication")["master_link_status"] == "up")
        yield primary, replica


def _listening(engine: EngineProcess) -> int:
    """Let an engine listen on a TCP port too; the port."""
    from engine_process import free_ports

    (port,) = free_ports(1)
    engine.client.config_set("port", port)
    return port


async def test_the_holder_of_the_name_is_dialled_anew_when_the_old_one_is_a_replica(
    pair: tuple[EngineProcess, EngineProcess], start_node: StartNode
) -> None:
    former, promoted = pair
    async with TcpProxy(former.url) as name:
        node = await start_node(name.url)
        await node.open_room("evening", "main", 100)
        viewer = await node.viewer("evening")
        viewer.reserve("r1", "mug")
        assert isinstance(await viewer.answer("r1"), Reserved)
        await asyncio.to_thread(former.client.wait, 1, 5_000)

        # The former primary is a replica, and nobody has cut its connections.
        promoted.client.execute_command("REPLICAOF", "NO", "ONE")
        former.client.execute_command("REPLICAOF", "127.0.0.1", _listening(promoted))
        said = await node.readiness()
        assert not said["ready"]
        assert said["reasons"]["engine"].startswith("the engine takes no writes: it is a replica"), said

        name.switch(promoted.url)
        await viewer.until(lambda: len(viewer.epochs) == 2, within_s=MENDED_S)
        async with asyncio.timeout(MENDED_S):
            while not (await node.readiness())["ready"]:
                pass
        viewer.reserve("r2", "mug")
        assert isinstance(await viewer.answer("r2"), Reserved)
        await viewer.shows("mug", 98, 2)
        report = await audit(await node.book_of("evening"))
        assert report.ok, report.violations
        # The feed has moved as well; a line of it that was given up may take a moment to be gone.
        await asyncio.to_thread(wait_until, lambda: promoted.client.info("clients")["pubsub_clients"] == 1)
        await viewer.leave()
