"""Five hundred viewers that never read beside five hundred that do: the readers do not notice."""

from __future__ import annotations

import asyncio
import base64
import os
import socket as sockets
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from fixtures_server import StartServer
from raw_socket import RawSocket
from shelfcast import metrics
from shelfcast.protocol.codes import Close
from shelfcast.protocol.from_server import Notice, Snapshot, Stock
from shelfcast.room.audience import Listener
from shelfcast.room.live import Room
from waiting import until

CROWD = 500
CHANGES = 20
NOTICE = Notice(text="x" * 50_000, at_ms=1)
"""Long, so that the sockets of those who do not read are soon full."""
NOTICES_MAX = 40
UNSENT_BYTES_MAX = 2 * 50_000
"""Of one connection: the frames that found its socket full, and nothing that came after them."""


@pytest.fixture
def deaf_sockets() -> Iterator[list[sockets.socket]]:
    with ExitStack() as opened:
        yield [opened.enter_context(sockets.socket()) for _ in range(CROWD)]


async def join_without_reading(deaf: list[sockets.socket], port: int) -> None:
    """Shake hands, and never read: not even the answer."""
    loop = asyncio.get_running_loop()
    for socket in deaf:
        socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        socket.setblocking(False)
        await loop.sock_connect(socket, ("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            "GET /v1/rooms/evening/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        )
        await loop.sock_sendall(socket, request.encode())


class Reader:
    """A viewer that reads all there is, and remembers the last count."""

    def __init__(self, socket: RawSocket) -> None:
        self.available = -1
        self._socket = socket
        self.reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while True:
            message = await self._socket.hear()
            if isinstance(message, Snapshot):
                self.available = message.skus[0].available
            elif isinstance(message, Stock):
                assert message.rows[0][1] > self.available, "a count ran backwards"
                self.available = message.rows[0][1]


async def fill(room: Room, deaf: set[Listener]) -> None:
    """Say things until nobody of the deaf takes any more."""
    for _ in range(NOTICES_MAX):
        room.announce(NOTICE)
        await until(lambda: not room.audience.running and not room.state.dirty)
        if all(listener.blocked for listener in deaf):
            return
    pytest.fail("the sockets never filled")


def closed_as_slow() -> float:
    closed: float = metrics.CLOSES.labels(int(Close.SLOW))._value.get()
    return closed


async def test_readers_beside_a_deaf_crowd(start_server: StartServer, deaf_sockets: list[sockets.socket]) -> None:
    server = await start_server(slow_viewer_close_ms=3_000, close_timeout_ms=500, tick_ms=10)
    await server.open_shop()
    await server.sell("mug", 1)
    room = await server.app.hub.enter("evening")
    assert room is not None
    readers = [Reader(await RawSocket.join(server.port)) for _ in range(CROWD)]
    listening = set(room.audience.everybody)
    await join_without_reading(deaf_sockets, server.port)
    await until(lambda: len(room.audience) == 2 * CROWD)
    deaf = set(room.audience.everybody) - listening
    closed, skipped = closed_as_slow(), metrics.FRAMES_SKIPPED._value.get()
    await fill(room, deaf)
    for number in range(CHANGES):
        await server.receive("mug", 1)
        await until(lambda number=number: all(reader.available == 2 + number for reader in readers))
        unsent = [listener.unsent_bytes for listener in room.audience.everybody]  # type: ignore[attr-defined]
        assert max(unsent) <= UNSENT_BYTES_MAX, "what is skipped is not kept"
    assert metrics.FRAMES_SKIPPED._value.get() > skipped
    # Those who never read are closed when their time is over; the close frame cannot reach them, and they are cut off.
    await until(lambda: server.app.gate.limits.taken == CROWD)
    assert closed_as_slow() - closed == CROWD
    assert set(room.audience.everybody) == listening
    await until(lambda: metrics.WRITE_BUFFER_BYTES._value.get() == 0 == metrics.SLOW_CONNECTIONS._value.get())
    # The readers are all there, and go on as if nothing had been.
    await server.receive("mug", 1)
    await until(lambda: all(reader.available == 2 + CHANGES for reader in readers))
    for reader in readers:
        assert not reader.reading.done(), "a reader was closed"
        reader.reading.cancel()
