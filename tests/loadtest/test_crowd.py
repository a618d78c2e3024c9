"""A crowd against a real server: it comes in, sees what the book says, and comes back when it is thrown out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from crowd import Crowd
from entrance import Place
from fixtures_server import ROOM, RunningServer, StartServer
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Close
from shelfcast.protocol.frame import framed
from shelfcast.protocol.from_server import Notice
from tally import Tally, summed
from waiting import WAIT_S

VIEWERS = 200


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    server = await start_server()
    await server.open_shop()
    await server.sell("mug", 100)
    return server


class Audience:
    """A crowd that is read on the test's loop."""

    def __init__(self, server: RunningServer, **callbacks: Any) -> None:
        self.tally = Tally()
        self.slots: list[dict[str, Any]] = []
        place = Place("127.0.0.1", server.port, ROOM, "127.31.0.1")
        self.crowd = Crowd(place, self.tally, seed="test", **callbacks)

    def step(self) -> None:
        self.crowd.tend(time.time())
        self.crowd.poll()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self.step()
                await asyncio.sleep(0)

    def counted(self) -> dict[str, Any]:
        self.slots += self.tally.take()
        return summed(self.slots).summary()

    def shows(self, **book: tuple[int, int]) -> bool:
        return self.crowd.compare(book).wrong == 0


@asynccontextmanager
async def audience(server: RunningServer, viewers: int = VIEWERS, **callbacks: Any) -> AsyncIterator[Audience]:
    made = Audience(server, **callbacks)
    try:
        for _ in range(viewers):
            made.crowd.enter(0)
        await made.until(lambda: len(made.crowd) == viewers)
        yield made
    finally:
        made.crowd.close()


async def test_everybody_comes_in_and_sees_what_the_book_says(shop: RunningServer) -> None:
    async with audience(shop) as viewers:
        await viewers.until(lambda: viewers.shows(mug=(100, 0)))
        counted = viewers.counted()
        assert (counted["asked"], counted["opened"]) == (VIEWERS, VIEWERS)
        assert not counted["failed"]
        assert counted["entering"]["count"] == VIEWERS
        assert counted["parsed"] < VIEWERS / 4, "the same snapshot is parsed once"


async def test_a_change_reaches_everybody_with_its_latency(shop: RunningServer) -> None:
    async with audience(shop) as viewers:
        await shop.receive("mug", 11)
        await viewers.until(lambda: viewers.shows(mug=(111, 0)))
        final = viewers.crowd.compare({"mug": (111, 0)}).final
        counted = viewers.counted()
        assert counted["latency"]["count"] == counted["kinds"]["stock"] == VIEWERS
        assert final.total == VIEWERS
        slowest_ms = final.percentile(100)
        assert slowest_ms is not None
        assert 0 <= slowest_ms < WAIT_S * 1000
        assert counted["backwards"] == counted["unreadable"] == 0


async def test_a_viewer_that_shows_something_else_is_named(shop: RunningServer) -> None:
    async with audience(shop, viewers=3) as viewers:
        compared = viewers.crowd.compare({"mug": (99, 1)})
        assert (compared.right, compared.wrong) == (0, 3)
        assert compared.samples == ["mug: the viewer shows (100, 0), the book (99, 1)"]


async def test_thrown_out_it_comes_back(shop: RunningServer) -> None:
    async with audience(shop, viewers=20) as viewers:
        for connection in list(shop.app.gate._connections):
            connection.close(Close.OVERLOADED, "test")
        await viewers.until(lambda: viewers.counted()["lost"] == {"4003": 20})
        await viewers.until(lambda: len(viewers.crowd) == 20 and viewers.shows(mug=(100, 0)))


async def test_an_end_right_behind_the_last_frame_is_noticed(shop: RunningServer) -> None:
    async with audience(shop, viewers=20) as viewers:
        for connection in list(shop.app.gate._connections):
            connection._transport.write(framed(Notice(text="bye", at_ms=1), Encoding.MSGPACK))
            connection._transport.close()
        # Not a read until all of them are closed, so that frame and end come together.
        async with asyncio.timeout(WAIT_S):
            while shop.app.gate._connections:  # noqa: ASYNC110 - the loop has to turn for that
                await asyncio.sleep(0)
        await viewers.until(lambda: viewers.counted()["lost"] == {"closed": 20})
        assert viewers.counted()["kinds"]["notice"] == 20
        await viewers.until(lambda: len(viewers.crowd) == 20 and viewers.shows(mug=(100, 0)))


async def test_refused_it_tries_again(start_server: StartServer) -> None:
    server = await start_server(connections_max=10)
    await server.open_shop()
    await server.sell("mug", 5)
    async with audience(server, viewers=10) as viewers:
        viewers.crowd.enter(0)
        await viewers.until(lambda: viewers.counted()["failed"].get("503", 0) >= 1)
        next(iter(server.app.gate._connections)).close(Close.OVERLOADED, "test")
        await viewers.until(lambda: viewers.counted()["opened"] == 11)


async def test_pings_are_answered(start_server: StartServer) -> None:
    server = await start_server(ping_interval_ms=100, idle_close_ms=2_000)
    await server.open_shop()
    await server.sell("mug", 5)
    async with audience(server, viewers=5) as viewers:
        await viewers.until(lambda: viewers.counted()["kinds"].get("ping", 0) >= 50)
        assert not viewers.counted()["lost"]


async def test_a_buyer_hears_its_verdict_and_everybody_the_count(shop: RunningServer) -> None:
    import msgspec

    heard: list[tuple[int, dict[str, Any]]] = []
    opened: dict[str, int] = {}
    async with audience(
        shop, viewers=10, on_own=lambda fd, message: heard.append((fd, message)),
        on_open=lambda fd, token: opened.__setitem__(token, fd),
    ) as viewers:  # fmt: skip
        token = shop.token(user="li")
        viewers.crowd.enter(0, token)
        await viewers.until(lambda: token in opened)
        buyer = opened[token]
        assert viewers.crowd.holds(buyer, token)
        assert not viewers.crowd.holds(buyer, "another")
        viewers.crowd.say(buyer, msgspec.msgpack.encode({"type": "reserve", "id": "one", "sku": "mug", "qty": 2}))
        await viewers.until(lambda: viewers.shows(mug=(98, 2)))
        await viewers.until(lambda: any(message["type"] == "reserved" for _, message in heard))
        assert {fd for fd, _ in heard} == {buyer}
