"""One engine that dies: a new epoch for all, nothing acknowledged is lost, and what is lost all the same is told."""

from __future__ import annotations

import asyncio
import shutil
import signal

import pytest
from engine_process import EngineProcess
from prometheus_client import REGISTRY
from server_node import Node, StartNode
from shelfcast.protocol.from_server import Reserved as Held
from shelfcast.stock.audit import audit
from shelfcast_client import Policy, Reserved, connect

PATIENT = Policy(same_id_attempts_max=1_000)


async def test_servers_that_sell_while_the_engine_is_killed_lose_nothing(
    own_engine: EngineProcess, start_node: StartNode
) -> None:
    nodes = [await start_node(own_engine.url) for _ in range(2)]
    await nodes[0].open_room("evening", "main", 1_000)
    viewers = [await node.viewer("evening", "watcher") for node in nodes]
    answered: list[str] = []
    halfway = asyncio.Event()

    async def buy(node: Node, user: str) -> None:
        async with connect(node.url, "evening", token=node.token(user=user), policy=PATIENT) as room:
            for n in range(25):
                result = await room.reserve("mug", reservation_id=f"{user}-{n}")
                assert isinstance(result, Reserved), result
                answered.append(result.id)
                if len(answered) == 250:
                    halfway.set()

    async def kill() -> None:
        await halfway.wait()
        await asyncio.to_thread(own_engine.stop, signal.SIGKILL)
        await asyncio.to_thread(own_engine.start)

    await asyncio.gather(kill(), *(buy(nodes[n % 2], f"user{n}") for n in range(20)))
    for viewer in viewers:
        await viewer.shows("mug", 500, 500)
        assert len(viewer.epochs) == 2
        await viewer.leave()
    assert viewers[0].epochs == viewers[1].epochs
    for node in nodes:
        said = await node.readiness()
        assert (said["ready"], "warnings" in said) == (True, False)
    book = await nodes[1].book_of("evening")
    assert [found.state for found in await book.reservations(answered)] == ["active"] * 500
    report = await audit(book)
    assert report.ok, report.violations


async def test_an_engine_that_came_back_with_an_older_book_is_named_by_every_server(
    own_engine: EngineProcess, start_node: StartNode, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also by the one that called nothing and only listened."""
    nodes = [await start_node(own_engine.url) for _ in range(2)]
    await nodes[0].open_room("evening", "main", 10)
    seller, listener = [await node.viewer("evening") for node in nodes]
    file = own_engine.folder / "appendonlydir"
    backup = file.with_name("backup")
    shutil.copytree(file, backup)
    for request_id in ("r1", "r2"):
        seller.reserve(request_id, "mug")
        assert isinstance(await seller.answer(request_id), Held)
    await listener.shows("mug", 8, 2)
    told_before = REGISTRY.get_sample_value("shelfcast_book_lost_data_total", {"pool": "main"}) or 0
    await asyncio.to_thread(own_engine.stop, signal.SIGKILL)
    shutil.rmtree(file)
    backup.rename(file)
    await asyncio.to_thread(own_engine.start)
    for viewer in (seller, listener):
        await viewer.until(lambda viewer=viewer: len(viewer.epochs) == 2)
        await viewer.shows("mug", 10)
        await viewer.leave()
    for node in nodes:
        said = await node.readiness()
        assert (said["ready"], "main" in said["warnings"]["books"]) == (True, True)
    assert capfd.readouterr().out.count("book.lost_data") == 2
    assert REGISTRY.get_sample_value("shelfcast_book_lost_data_total", {"pool": "main"}) == told_before + 2
