"""A rolling upgrade that brings a newer function library: old and new nodes serve side by side, one after the other."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from deploy.conftest import NODES, Stack
from deploy.plain_compose import ROOT
from deploy.shop import UNITS, Shop
from shelfcast.stock.library import VERSION
from shelfcast_client import Reserved, Room

SOON_S = 40.0


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Stack]:
    """Two nodes on one Valkey, without a balancer: the test goes to each by its address."""
    with ExitStack() as running:
        stack = Stack(tmp_path)
        stack.start_without_balancer(running, *NODES)
        yield stack


@pytest.fixture
def next_release(tmp_path: Path) -> Path:
    """This server with the version of its library raised, as a folder to import it from."""
    folder = tmp_path / "next"
    shutil.copytree(ROOT / "server" / "shelfcast", folder / "shelfcast", ignore=shutil.ignore_patterns("__pycache__"))
    library = folder / "shelfcast" / "stock" / "library" / "__init__.py"
    text = library.read_text(encoding="utf-8")
    library.write_text(text.replace(f"VERSION = {VERSION}\n", f"VERSION = {VERSION + 1}\n"), encoding="utf-8")
    return folder


def library_version(stack: Stack) -> int:
    with stack.engine("valkey") as engine:
        code = str(engine.execute_command("FUNCTION", "LIST", "WITHCODE"))
    return int(code.partition("-- version: ")[2].partition("\\n")[0])


def upgrade(stack: Stack, node: str, release: Path) -> None:
    stack.services[node].send(signal.SIGTERM)
    assert stack.services[node].wait() == 0
    stack.start_node(node, PYTHONPATH=str(release))


async def test_old_and_new_nodes_serve_side_by_side(nodes: Stack, next_release: Path) -> None:
    old, new = NODES
    with (
        Shop(nodes, "main", url=f"http://{nodes.address(old)}") as at_old,
        Shop(nodes, "main", url=f"http://{nodes.address(new)}") as at_new,
    ):
        async with at_old.enter("wang") as wang, at_new.enter("li") as li:
            held = 0
            assert await asyncio.to_thread(library_version, nodes) == VERSION
            for node in (new, old):
                await asyncio.to_thread(upgrade, nodes, node, next_release)
                assert await asyncio.to_thread(library_version, nodes) == VERSION + 1
                for room in (wang, li):
                    assert isinstance(await room.reserve("mug"), Reserved)
                    held += 1
                    await asyncio.gather(shows(wang, held), shows(li, held))
            assert wang.epoch == li.epoch
        report = await asyncio.to_thread(at_new.call, "GET", "/v1/pools/main/audit")
        assert report["ok"], report


async def shows(room: Room, held: int) -> None:
    def shown(room: Room) -> bool:
        stock = room.stock["mug"]
        return room.current and (stock.available, stock.held) == (UNITS - held, held)

    await room.until(shown, timeout_s=SOON_S)
