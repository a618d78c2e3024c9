"""What docs/operations.md says of back-up, restore and the replica, done step by step."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from deploy.conftest import Stack
from deploy.shop import UNITS, Shop
from engine_process import wait_until
from shelfcast_client import Reserved

SOON_S = 40.0
AOF = "appendonlydir"


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Stack]:
    """Valkey, its replica and one node: services of the test's own, to destroy."""
    with ExitStack() as running:
        stack = Stack(tmp_path)
        stack.start_without_balancer(running, "node-a")
        yield stack


def back_up(stack: Stack, target: Path) -> None:
    """Copy the append-only files of the running Valkey, while it may not begin to rewrite them."""
    with stack.engine("valkey") as engine:
        engine.config_set("auto-aof-rewrite-percentage", 0)
        wait_until(lambda: not engine.info("persistence")["aof_rewrite_in_progress"])
        shutil.copytree(stack.services["valkey"].folder / AOF, target)
        engine.config_set("auto-aof-rewrite-percentage", 100)


async def test_a_backup_of_a_running_valkey_is_restored(engines: Stack, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    valkey = engines.services["valkey"]
    with Shop(engines, "main") as shop:
        async with shop.enter("wang") as room:
            kept = await room.reserve("mug", 3)
            await asyncio.to_thread(back_up, engines, backup)
            gone = await room.reserve("mug", 5)
            assert isinstance(kept, Reserved)
            assert isinstance(gone, Reserved)
            await room.until(lambda room: room.stock["mug"].held == 8, timeout_s=SOON_S)
            # The disaster: primary and replica with all they had, under a server that goes on.
            for name in ("valkey", "valkey-replica"):
                engines.services[name].send(signal.SIGKILL)
                await asyncio.to_thread(engines.services[name].wait)
                shutil.rmtree(engines.services[name].folder / AOF)
            await room.until(lambda room: not room.current, timeout_s=SOON_S)
            # The restoration.
            shutil.copytree(backup, valkey.folder / AOF)
            await asyncio.to_thread(engines.start_engine, "valkey")
            await room.until(lambda room: room.current and room.stock["mug"].held == 3, timeout_s=SOON_S)
            assert room.stock["mug"].available == UNITS - 3
        report = await asyncio.to_thread(shop.call, "GET", "/v1/pools/main/audit")
        assert report["ok"], report
        paid = await asyncio.to_thread(shop.call, "POST", f"/v1/pools/main/reservations/{kept.id}/confirm")
        assert paid["state"] == "confirmed"
        assert await asyncio.to_thread(shop.status, "POST", f"/v1/pools/main/reservations/{gone.id}/confirm") == 404
        said = await asyncio.to_thread(Stack.read, f"{engines.url}/metrics")
        assert 'shelfcast_book_lost_data_total{pool="main"}' in said, "data was lost, and nobody was told"


async def test_the_replica_takes_over(engines: Stack) -> None:
    with Shop(engines, "main") as shop, engines.engine("valkey-replica") as replica:
        async with shop.enter("wang") as room:
            held = await room.reserve("mug", 3)
            assert isinstance(held, Reserved)
            with engines.engine("valkey") as primary:
                await asyncio.to_thread(
                    wait_until, lambda: primary.info("replication")["master_repl_offset"] == offset_of(replica)
                )
            engines.services["valkey"].send(signal.SIGKILL)
            await asyncio.to_thread(engines.services["valkey"].wait)
            # Nobody may write to the old one any more; then the replica stands alone, and the nodes are sent to it.
            for name in ("node-a", "valkey-replica"):
                engines.services[name].send(signal.SIGTERM)
                assert await asyncio.to_thread(engines.services[name].wait) == 0, engines.services[name].log[-4000:]
            await asyncio.to_thread(engines.start_engine, "valkey-replica", VALKEY_REPLICA_OF="")
            url = f"redis://:{engines.variables['VALKEY_PASSWORD']}@{engines.address('valkey-replica')}"
            await asyncio.to_thread(engines.start_node, "node-a", SHELFCAST_ENGINE=url)
            await room.until(lambda room: room.current and room.stock["mug"].held == 3, timeout_s=SOON_S)
            assert isinstance(await room.reserve("mug"), Reserved)
        report = await asyncio.to_thread(shop.call, "GET", "/v1/pools/main/audit")
        assert report["ok"], report


def offset_of(replica: redis.Redis) -> int:
    return int(replica.info("replication")["slave_repl_offset"])
