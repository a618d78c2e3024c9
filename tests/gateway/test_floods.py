"""One client that sends more than it may: it is stopped before its frames are parsed, and the others notice nothing."""

from __future__ import annotations

import asyncio

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import CLOSE, CONT, PING, PONG, TEXT, Closed, RawSocket
from shelfcast.gateway import connection as gateway_connection
from shelfcast.gateway.connection import PIECES_AT_ONCE, Connection
from shelfcast.gateway.http_protocol import HttpProtocol
from shelfcast.gateway.reader import CLOSING_BYTES, FrameReader
from shelfcast.protocol.from_server import Answer, Snapshot
from waiting import WAIT_S, until

EMPTY_PING = bytes.fromhex("898000000000")
EMPTY_PONG = bytes.fromhex("8a8000000000")
EMPTY_PART = bytes.fromhex("008000000000")
FLOOD_FRAMES = 80_000
"""480 KB: the burst that held everybody for 0.6 s."""


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the frames that any connection parses."""
    count = [0]

    class Counting(FrameReader):
        __slots__ = ()

        def next(self):  # type: ignore[no-untyped-def]
            count[0] += 1
            return super().next()

    monkeypatch.setattr(gateway_connection, "FrameReader", Counting)
    return count


async def joined(server: RunningServer) -> RawSocket:
    socket = await RawSocket.join(server.port)
    assert isinstance(await socket.hear(), Snapshot)
    return socket


async def asks(socket: RawSocket) -> None:
    socket.say(type="ask", id="still-here", sku="mug")
    assert (await socket.wait_for(Answer)).left == 100


async def how_it_ends(socket: RawSocket) -> int | None:
    """The code the socket is closed with; frames before it are passed over, nothing is answered."""
    while True:
        try:
            opcode, payload = await socket.read_frame()
        except Closed:
            return None
        if opcode == CLOSE:
            return int.from_bytes(payload[:2])


@pytest.mark.parametrize("frame", [EMPTY_PING, EMPTY_PONG, EMPTY_PART], ids=["pings", "pongs", "fragments"])
async def test_a_flood_is_stopped_after_its_burst(shop: RunningServer, parsed: list[int], frame: bytes) -> None:
    bystander, flooder = await joined(shop), await joined(shop)
    if frame is EMPTY_PART:
        flooder.frame(TEXT, b"{", fin=False)
    flooder.send(frame * FLOOD_FRAMES)
    assert await how_it_ends(flooder) == 4502
    # The bucket refills while the flood goes on; that is all.
    assert parsed[0] <= 4 * shop.settings.messages_burst
    await asks(bystander)


async def test_pongs_one_a_read_are_counted(start_server: StartServer, parsed: list[int]) -> None:
    server = await start_server(messages_a_second=1, messages_burst=5)
    await server.open_shop()
    socket = await joined(server)
    for _ in range(30):
        socket.send(EMPTY_PONG)
        await socket.writer.drain()
        # Another's round trip: the server has read it by itself.
        await RawSocket.connect(server.port)
    assert await how_it_ends(socket) == 4502
    assert parsed[0] <= 12


async def test_a_pong_that_is_asked_for_makes_no_parser(start_server: StartServer) -> None:
    server = await start_server(ping_interval_ms=200, messages_a_second=20)
    await server.open_shop()
    socket = await joined(server)
    (connection,) = server.app.gate._connections
    heard_at = connection._heard_at
    for _ in range(3):
        while (await socket.read_frame())[0] != PING:
            pass
        socket.frame(PONG)
        await until(lambda before=heard_at: connection._heard_at > before)
        heard_at = connection._heard_at
    assert connection._reader is None
    assert connection.session is None


async def test_of_pings_that_come_together_the_last_is_answered(shop: RunningServer) -> None:
    socket = await joined(shop)
    wire = RawSocket.__new__(RawSocket)
    sent = bytearray()
    wire.send = sent.extend  # type: ignore[method-assign,assignment]
    for number in range(20):
        wire.frame(PING, b"ping %d" % number)
    socket.send(bytes(sent))
    seen: list[bytes] = []
    while not seen or seen[-1] != b"ping 19":
        opcode, payload = await socket.read_frame()
        assert opcode == PONG
        seen.append(payload)
    assert len(seen) <= 2, "one for each read"


async def test_pongs_that_are_never_read_are_bounded(start_server: StartServer) -> None:
    server = await start_server(messages_a_second=100_000, messages_burst=100_000, verdict_buffer_max_bytes=8_192)
    await server.open_shop()
    socket = await joined(server)
    (connection,) = server.app.gate._connections
    socket.writer.transport.pause_reading()  # type: ignore[attr-defined]
    # More than the kernel takes of frames that say nothing.
    connection._transport.write(EMPTY_PONG[:1] + b"\0" + (b"\x8a\0" * 8_000_000))
    assert connection.blocked
    unsent = connection.unsent_bytes
    async with asyncio.timeout(WAIT_S):
        while not connection.is_closing:
            socket.frame(PING, b"x" * 125)
            await asyncio.sleep(0)
    assert connection.unsent_bytes <= unsent + 8_192 + 3 * 127


async def test_who_goes_on_after_the_verdict_is_not_read(shop: RunningServer) -> None:
    flooder = await joined(shop)
    (connection,) = shop.app.gate._connections
    flooder.send(EMPTY_PING * FLOOD_FRAMES)
    assert await how_it_ends(flooder) == 4502
    flooder.send(EMPTY_PING * (CLOSING_BYTES // 6))
    await until(lambda: not connection._transport.is_reading())
    await asks(await joined(shop))


async def test_a_close_among_what_is_still_sent_ends_it_at_once(start_server: StartServer) -> None:
    server = await start_server(close_timeout_ms=600_000)
    await server.open_shop()
    socket = await joined(server)
    socket.send(EMPTY_PING * 100)
    assert await how_it_ends(socket) == 4502
    socket.frame(TEXT, b"x" * 1_000)
    socket.frame(CONT)
    socket.frame(CLOSE, (4502).to_bytes(2))
    async with asyncio.timeout(WAIT_S):
        assert await socket.reader.read() == b""


async def test_a_frame_in_crumbs_is_read_with_pauses(shop: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[object] = []
    hold = shop.app.gate.hold

    def hold_and_tell(connection: Connection) -> None:
        held.append(connection)
        hold(connection)

    monkeypatch.setattr(shop.app.gate, "hold", hold_and_tell)
    socket = await joined(shop)
    wire = RawSocket.__new__(RawSocket)
    sent = bytearray()
    wire.send = sent.extend  # type: ignore[method-assign,assignment]
    wire.frame(TEXT, b'{"type":"ask","id":"q1","sku":"mug"}' + b" " * 3 * PIECES_AT_ONCE)
    (connection,) = shop.app.gate._connections
    for number in range(PIECES_AT_ONCE):
        socket.send(bytes(sent[number : number + 1]))
        await until(lambda at=number: held or (connection._reader and connection._reader.pieces > at))
    assert held
    socket.send(bytes(sent[PIECES_AT_ONCE:]))
    assert (await socket.wait_for(Answer)).id == "q1"


async def test_requests_that_come_at_once_are_parsed_a_few_a_turn(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_server(http_reads_a_turn=2)
    turns: list[int] = [0]
    most = [0]
    hear = HttpProtocol._hear

    def counted(talk: HttpProtocol, data: bytes) -> None:
        turns[-1] += 1
        most[0] = max(most[0], turns[-1])
        if turns[-1] == 1:
            asyncio.get_running_loop().call_soon(turns.append, 0)
        hear(talk, data)

    monkeypatch.setattr(HttpProtocol, "_hear", counted)
    sockets = [await RawSocket.connect(server.port) for _ in range(40)]
    for socket in sockets:
        socket.send(b"GET /healthz HTTP/1.1\r\n")
    for socket in sockets:
        socket.send(b"Host: 127.0.0.1\r\n\r\n")
    for socket in sockets:
        await socket.read_response()
        assert (socket.status, socket.body) == (200, b"ok\n")
    assert sum(turns) >= 40
    assert most[0] <= 2 * 2, "those whose turn has come, and as many newcomers"
