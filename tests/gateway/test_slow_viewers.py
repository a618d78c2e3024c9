"""Viewers that do not read: they cost nothing, lose nothing that is theirs, and go in the end."""

from __future__ import annotations

import asyncio

import pytest
from deaf_socket import Deaf
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.gateway.connection import Connection
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.from_server import Notice, Reserved, Snapshot, Stock
from waiting import WAIT_S, until

NOTICE = Notice(text="x" * 500, at_ms=1)


def connection_of(server: RunningServer, user: str) -> Connection:
    room = server.app.hub.rooms["evening"]
    return next(c for c in room.audience.everybody if c.principal.user == user)  # type: ignore[return-value]


def audience_of(server: RunningServer) -> int:
    room = server.app.hub.opened("evening")
    return len(room.audience) if room else 0


async def fill(server: RunningServer, connection: Connection) -> None:
    """Broadcast until the connection's socket takes no more."""
    room = server.app.hub.rooms["evening"]
    for _ in range(40):
        for _ in range(100):
            room.state.say(NOTICE)
        room.announce(NOTICE)
        await until(lambda: not room.audience.running and not room.state.dirty)
        if connection.blocked:
            return
    pytest.fail("the socket never filled")


async def deaf_and_hearing(server: RunningServer) -> tuple[Deaf, RawSocket, Connection]:
    deaf = await Deaf.join(server.port, token=server.token(user="deaf"))
    assert isinstance(await deaf.hear(), Snapshot)
    deaf.stop_reading()
    hearing = await RawSocket.join(server.port, encoding=Encoding.MSGPACK)
    return deaf, hearing, connection_of(server, "deaf")


async def read_notices(socket: RawSocket, last: str = "") -> None:
    """Keep reading, so that this one is never slow; up to a notice of these words, if any. Whoever is cancelled in the
    middle of a frame cannot read on."""
    while True:
        message = await socket.hear()
        if isinstance(message, Notice) and message.text == last:
            return


async def test_a_slow_viewer_is_skipped_and_gets_a_snapshot_when_it_drains(shop: RunningServer) -> None:
    deaf, hearing, connection = await deaf_and_hearing(shop)
    reading = asyncio.ensure_future(read_notices(hearing, "enough"))
    await fill(shop, connection)
    shop.app.hub.rooms["evening"].announce(Notice(text="enough", at_ms=1))
    async with asyncio.timeout(WAIT_S):
        await reading
    for _ in range(5):
        await shop.receive("mug", 1)
        await hearing.wait_for(Stock)
    assert connection.blocked
    assert connection.behind
    deaf.read_on()
    heard = await deaf.hear()
    while isinstance(heard, Notice) or type(heard).__name__ in ("Me", "Viewers"):
        heard = await deaf.hear()
    assert isinstance(heard, Snapshot), "what it missed is mended by a snapshot, not by old counts"
    assert heard.skus[0].available == 105
    await until(lambda: not connection.blocked)
    await shop.receive("mug", 1)
    assert (await deaf.wait_for(Stock)).rows[0][1] == 106


async def test_verdicts_of_a_slow_viewer_are_kept_for_it(shop: RunningServer) -> None:
    deaf, hearing, connection = await deaf_and_hearing(shop)
    reading = asyncio.ensure_future(read_notices(hearing))
    await fill(shop, connection)
    for number in range(3):
        deaf.say(type="reserve", id=f"r{number}", sku="mug", qty=1)
    room = shop.app.hub.rooms["evening"]
    await until(lambda: room.state.shelves["mug"].row.held == 3)
    await until(lambda: connection.session and not connection.session.unanswered)
    deaf.read_on()
    assert [(await deaf.wait_for(Reserved)).id for _ in range(3)] == ["r0", "r1", "r2"]
    reading.cancel()


async def test_a_viewer_that_never_reads_is_closed(start_server: StartServer) -> None:
    server = await start_server(slow_viewer_close_ms=100)
    await server.open_shop()
    deaf, hearing, connection = await deaf_and_hearing(server)
    reading = asyncio.ensure_future(read_notices(hearing))
    await fill(server, connection)
    deaf.read_on()
    reading.cancel()
    # It was given its time, then told; reading again within the closing time shows the reason.
    await until(lambda: connection.blocked)
    deaf.stop_reading()
    await fill(server, connection) if not connection.blocked else None
    await until(lambda: audience_of(server) == 1)
    deaf.read_on()
    assert (await deaf.wait_closed()).code == 4001


async def test_one_that_ignores_its_close_is_cut_off(start_server: StartServer) -> None:
    server = await start_server(slow_viewer_close_ms=50, close_timeout_ms=50)
    await server.open_shop()
    _, hearing, connection = await deaf_and_hearing(server)
    reading = asyncio.ensure_future(read_notices(hearing))
    await fill(server, connection)
    await until(lambda: server.app.gate.limits.taken == 1)
    assert connection.fd == -1
    reading.cancel()


async def test_too_many_unread_verdicts_close(start_server: StartServer) -> None:
    server = await start_server(verdict_buffer_max_bytes=1_000, messages_burst=1_000)
    await server.open_shop()
    deaf, hearing, connection = await deaf_and_hearing(server)
    reading = asyncio.ensure_future(read_notices(hearing))
    await fill(server, connection)
    for number in range(50):
        deaf.say(type="ask", id=f"a{number}", sku="mug")
    await until(lambda: audience_of(server) == 1)
    deaf.read_on()
    assert (await deaf.wait_closed()).code == 4001
    reading.cancel()
