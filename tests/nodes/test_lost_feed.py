"""A feed that is cut off, swallowed, frozen or merely silent: noticed within 3 s, shown, and mended by itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from engine_process import EngineProcess
from server_node import NOTICED_S, Node, StartNode
from server_process import ServerProcess
from shelfcast.protocol.from_server import Refused, Reserved
from shelfcast.settings import Settings
from tcp_proxy import Line, TcpProxy
from viewer import Viewer
from waiting import WAIT_S, loop_time


async def until_ready(readiness: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not (await readiness())["ready"]:
            pass


@asynccontextmanager
async def serving_twice(settings: Settings, engine_url: str) -> AsyncIterator[list[ServerProcess]]:
    """Two processes, started and drained side by side."""
    servers = [ServerProcess(settings, engine_url) for _ in range(2)]
    try:
        yield await asyncio.gather(*(server.start() for server in servers))
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


async def test_a_frozen_engine_is_noticed_by_every_process_and_nothing_is_lost(
    own_engine: EngineProcess, start_node: StartNode, settings: Settings
) -> None:
    shop = await start_node(own_engine.url)
    await shop.open_room("evening", "main", 5)
    async with serving_twice(settings, own_engine.url) as (one, two):
        viewers = [await Viewer.join(server.port, "evening", token=shop.token()) for server in (one, two)]
        own_engine.send(signal.SIGSTOP)
        viewers[0].reserve("r1", "mug")
        await asyncio.gather(*(viewer.until(lambda viewer=viewer: viewer.old) for viewer in viewers))
        for said in await asyncio.gather(one.readiness(), two.readiness()):
            assert "no feed of main" in said["reasons"]["feeds"]
        for server in (one, two):
            assert await server.figure("shelfcast_feed_live", pool="main") == 0
            assert await server.figure("shelfcast_feed_losses_total", pool="main") == 1
        refused = await viewers[0].answer("r1")
        assert isinstance(refused, Refused)
        assert (refused.code, refused.retry) == ("UNAVAILABLE", "same_id")
        assert {viewer.counts["mug"] for viewer in viewers} == {(5, 0)}, "the last counts stay"
        own_engine.send(signal.SIGCONT)
        await asyncio.gather(*(viewer.until(lambda viewer=viewer: viewer.snapshots == 2) for viewer in viewers))
        viewers[0].reserve("r1", "mug", again=True)
        assert isinstance(await viewers[0].answer("r1"), Reserved)
        for viewer in viewers:
            await viewer.shows("mug", 4, 1)
            assert len(viewer.epochs) == 1, "the engine only slept"
            await viewer.leave()
        for server in (one, two):
            await until_ready(server.readiness)
            assert await server.figure("shelfcast_feed_live", pool="main") == 1


async def lose(viewer: Viewer, node: Node, line: Line, proxy: TcpProxy) -> float:
    """Break the line; how long it took until the viewer and the operator were told."""
    async with loop_time() as since:
        proxy.become(line)
        await viewer.until(lambda: viewer.old)
    assert "no feed of main" in (await node.readiness())["reasons"]["feeds"]
    return since.s


@pytest.mark.parametrize("line", [Line.DOWN, Line.SWALLOWS])
async def test_a_server_whose_line_breaks_says_so_and_catches_up(
    start_node: StartNode, valkey_url: str, line: Line
) -> None:
    """The other server goes on selling; neither sees a count of the past."""
    async with TcpProxy(valkey_url) as proxy:
        near, far = await start_node(valkey_url), await start_node(proxy.url)
        await near.open_room("evening", "main", 10)
        here, there = await near.viewer("evening"), await far.viewer("evening", "li")
        here.reserve("before", "mug")
        await there.shows("mug", 9, 1)
        assert await lose(there, far, line, proxy) < NOTICED_S
        here.reserve("meanwhile", "mug")
        await here.shows("mug", 8, 2)
        assert (there.counts["mug"], here.old, (await near.readiness())["ready"]) == ((9, 1), False, True)
        there.reserve("r1", "mug")
        assert (await there.answer("r1")).code == "UNAVAILABLE"
        proxy.become(Line.OPEN)
        await there.shows("mug", 8, 2)
        there.reserve("r1", "mug", again=True)
        assert isinstance(await there.answer("r1"), Reserved)
        for viewer in (here, there):
            await viewer.shows("mug", 7, 3)
            assert len(viewer.epochs) == 1
            await viewer.leave()
        await until_ready(far.readiness)
        await far.app.stop()


async def test_a_feed_that_answers_pings_and_says_nothing_is_noticed(
    start_node: StartNode, valkey_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The subscription is well by all its own signs, and calls are answered: only what is published does not arrive."""
    async with TcpProxy(valkey_url) as proxy:
        near, far = await start_node(valkey_url), await start_node(proxy.url)
        await near.open_room("evening", "main", 10)
        here, there = await near.viewer("evening"), await far.viewer("evening", "li")
        proxy.become(Line.DEAF)
        async with loop_time() as since:
            here.reserve("r1", "mug")
            await there.until(lambda: there.old)
        assert since.s < NOTICED_S
        assert "the feed is silent" in capfd.readouterr().out
        # Even now the view that each new subscription brings shows the truth; an open line keeps it.
        await there.shows("mug", 9, 1)
        proxy.become(Line.OPEN)
        here.reserve("r2", "mug")
        for viewer in (here, there):
            await viewer.shows("mug", 8, 2)
            await viewer.leave()
        await far.app.stop()


async def test_requests_behind_an_unanswered_call_are_told_as_soon_as_that_one(
    start_node: StartNode, valkey_url: str
) -> None:
    """However many calls they would fill: each would have waited for the one before it to give up."""
    async with TcpProxy(valkey_url) as proxy:
        node = await start_node(proxy.url, batch_size_max=1)
        await node.open_room("evening", "main", 10)
        buyers = [await node.viewer("evening", f"user{n}") for n in range(20)]
        proxy.become(Line.SWALLOWS)
        async with loop_time() as since:
            for n, buyer in enumerate(buyers):
                buyer.reserve(f"r{n}", "mug")
            replies = await asyncio.gather(*(buyer.answer(f"r{n}") for n, buyer in enumerate(buyers)))
        assert since.s < NOTICED_S
        assert {reply.code for reply in replies} == {"UNAVAILABLE"}
        proxy.become(Line.OPEN)
        for n, buyer in enumerate(buyers):
            await buyer.until(lambda buyer=buyer: not buyer.old)
            buyer.reserve(f"r{n}", "mug", again=True)
        replies = await asyncio.gather(*(buyer.answer(f"r{n}") for n, buyer in enumerate(buyers)))
        assert sum(isinstance(reply, Reserved) for reply in replies) == 10
        for buyer in buyers:
            await buyer.shows("mug", 0, 10)
            await buyer.leave()
        await node.app.stop()
