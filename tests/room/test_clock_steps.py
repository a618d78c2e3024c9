"""The engine's clock is set while a room waits for a time of it."""

from __future__ import annotations

import asyncio

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.protocol.from_server import Banner, Me, Reserved, Snapshot
from shelfcast.protocol.states import BannerKind
from shelfcast.room.clock import EngineClock
from shelfcast.stock.configuration import LOBBY_MS_MAX
from waiting import until

HOUR_MS = 3_600_000


async def set_clock_ahead(server: RunningServer, ms: int) -> None:
    """What the engine takes for its time, from its next call on; one is made."""
    book = await server.book()
    key = f"{book.base}:meta"
    await server.app.engine.command("HSET", key, "rehearsal_clock_ms", f"+{ms}", key=key)
    await server.receive("mug", 1)


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    server = await start_server()
    await server.open_shop()
    return server


async def test_a_sale_opens_by_the_clock_as_it_was_set(shop: RunningServer) -> None:
    book = await shop.book()
    await shop.sell("mug", 10, opens_at_ms=await book.now_ms() + HOUR_MS)
    viewer = await RawSocket.join(shop.port)
    await viewer.wait_for(Snapshot)
    await set_clock_ahead(shop, HOUR_MS)
    assert (await viewer.wait_for(Banner, kind=BannerKind.SALE_OPEN)).sku == "mug"


async def test_a_lobby_is_drawn_by_the_clock_as_it_was_set(shop: RunningServer) -> None:
    book = await shop.book()
    await shop.sell("mug", 10, opens_at_ms=await book.now_ms() - 1, lobby_ms=LOBBY_MS_MAX)
    buyer = await RawSocket.join(shop.port, token=shop.token())
    await buyer.wait_for(Me)
    buyer.say(type="reserve", id="r1", sku="mug", qty=1)
    room = shop.app.hub.rooms["evening"]
    await until(lambda: room._queue._timers)
    ahead_ms = room.now_ms() + HOUR_MS
    await set_clock_ahead(shop, HOUR_MS)
    await until(lambda: room.now_ms() >= ahead_ms)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not room._queue._timers, "drawn at once, and not when the lobby's time is over by the former clock"
    assert (await buyer.wait_for(Reserved)).id == "r1"


def test_a_step_is_told_from_a_message_that_was_quicker_than_those_before() -> None:
    clock = EngineClock()
    assert not clock.heard(1_000_000, 10.0)
    assert not clock.heard(1_000_200, 10.1), "a tenth of a second less on the way"
    assert not clock.heard(1_000_500, 10.9), "a second of delay"
    assert clock.heard(9_000_000, 11.0)
    assert clock.heard(1_000_000, 11.0)
    assert not clock.heard(1_000_100, 11.1)
