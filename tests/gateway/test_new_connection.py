"""The first bytes of a connection: whole upgrades are read without a parser, and never otherwise than the parser
reads them; everything else is uvicorn's."""

from __future__ import annotations

import asyncio

import httptools
import pytest
from fixtures_server import RunningServer, StartServer
from hypothesis import example, given
from hypothesis import strategies as st
from raw_socket import RawSocket
from shelfcast.gateway.head import read_upgrade
from shelfcast.protocol.from_server import Snapshot
from waiting import WAIT_S, until

LINES = (
    b"GET /v1/rooms/evening/ws HTTP/1.1",
    b"Host: 127.0.0.1",
    b"Connection: Upgrade",
    b"Upgrade: websocket",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"


def head(*more: bytes, lines: tuple[bytes, ...] = LINES, end: bytes = b"\r\n") -> bytes:
    return end.join((*lines, *more, b"", b""))


def without(name: bytes) -> tuple[bytes, ...]:
    return tuple(line for line in LINES if not line.startswith(name))


WHOLE = head()

PLAIN = {
    "as clients send it": WHOLE,
    "names in any case": head(lines=(LINES[0], *(line.lower() for line in LINES[1:5]), LINES[5])),
    "blanks around values, or none": head(
        b"Upgrade:\t WebSocket \t", b"Connection:upgrade", lines=(*without(b"Connection")[:2], *LINES[4:])
    ),
    "among other options": head(b"Connection: keep-alive, Upgrade", lines=without(b"Connection")),
    "an empty header": head(b"X-Empty:"),
    "a query": WHOLE.replace(b"/ws", b"/ws?lang=zh"),
    "letters that are not ASCII": head("X-City: 杭州".encode()),
}
"""Read without a parser."""

ODD = {
    "another path": WHOLE.replace(b"/v1/rooms/evening/ws", b"/healthz"),
    "another method": WHOLE.replace(b"GET", b"POST"),
    "HTTP/1.0": WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "no upgrade": head(lines=without(b"Upgrade")),
    "another upgrade": WHOLE.replace(b"websocket", b"h2c"),
    "two upgrades": head(b"Upgrade: websocket"),
    "no connection header": head(lines=without(b"Connection")),
    "two connection headers": head(b"Connection: Upgrade"),
    "a connection that is kept": WHOLE.replace(b"Connection: Upgrade", b"Connection: keep-alive"),
    "a body": head(b"Content-Length: 5") + b"hello",
    "a body of no length": head(b"Content-Length: 0"),
    "a body in chunks": head(b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "a body that waits": head(b"Expect: 100-continue"),
    "something behind it": WHOLE + b"\x89\x80\0\0\0\0",
    "two in one": WHOLE + WHOLE,
    "a folded line": head(b"X-Folded: one", b" two"),
    "a blank before the colon": head(b"X-Blank : one"),
    "a line without a colon": head(b"X-Nothing"),
    "a name of no letters": head(b": nothing"),
    "line feeds alone": head(end=b"\n"),
    "one line feed alone": WHOLE.replace(b"Upgrade: websocket\r\n", b"Upgrade: websocket\n"),
    "a carriage return in a value": head(b"X-Return: a\rb"),
    "a zero byte": head(b"X-Zero: a\0b"),
    "two blanks in the request line": WHOLE.replace(b" HTTP", b"  HTTP"),
    "a blank line first": b"\r\n" + WHOLE,
    "a version nobody knows": WHOLE.replace(b"HTTP/1.1", b"HTTP/1.11"),
    "an absolute address": WHOLE.replace(b"GET ", b"GET http://127.0.0.1"),
    "nothing but the line": LINES[0] + b"\r\n\r\n",
    "TLS on a plain port": bytes.fromhex("16030100c8010000c40303"),
    "nothing": b"",
}
"""Left to uvicorn's parser."""


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_upgrade_is_read_at_once(name: str) -> None:
    assert read_upgrade(PLAIN[name]) is not None


@pytest.mark.parametrize("name", ODD)
def test_everything_else_is_left_to_the_parser(name: str) -> None:
    assert read_upgrade(ODD[name]) is None


@pytest.mark.parametrize("cut", range(len(WHOLE)))
def test_a_piece_of_an_upgrade_is_none(cut: int) -> None:
    assert read_upgrade(WHOLE[:cut]) is None


class Parsed:
    """What uvicorn's parser makes of a request."""

    def __init__(self, data: bytes) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        parser = httptools.HttpRequestParser(self)
        with pytest.raises(httptools.HttpParserUpgrade) as upgrade:
            parser.feed_data(data)
        self.read_to = upgrade.value.args[0]
        self.method, self.version = parser.get_method(), parser.get_http_version()

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip()))


BREAKS = (b"\r\n", b"\n", b"\r", b":", b" ", b"\t", b"\0", b",", b"\xff", b"\x7f", b"HTTP/1.1", b"\r\n ", b"\r\nX: y")
FIELDS = (b"\r\nUpgrade: websocket", b"\r\nContent-Length: 3", b"\r\nTransfer-Encoding: chunked")
pieces = st.sampled_from((*BREAKS, *FIELDS))
changes = st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 3), pieces | st.binary(max_size=3)), max_size=3)


@given(st.sampled_from(sorted(PLAIN)), changes)
@example("as clients send it", [])
def test_what_is_read_at_once_is_what_the_parser_reads(name: str, changed: list[tuple[int, int, bytes]]) -> None:
    """However a request is altered: nothing is understood here that the parser takes for something else."""
    data = PLAIN[name]
    for at, dropped, put in changed:
        data = data[:at] + put + data[at + dropped :]
    found = read_upgrade(data)
    if found is None:
        return
    parsed = Parsed(data)
    assert (parsed.method, parsed.version, parsed.read_to) == (b"GET", "1.1", len(data))
    assert (parsed.url, parsed.headers) == (found.url, found.headers)


# --- the same on a real connection -----------------------------------------------------------------------------------


async def say(server: RunningServer, *parts: bytes) -> RawSocket:
    """Connect and send these parts, each in a packet of its own as far as the kernel lets them."""
    socket = await RawSocket.connect(server.port)
    for part in parts[:-1]:
        socket.send(part)
        await socket.writer.drain()
        # Known by then, and waited for.
        await until(lambda: server.app.gate.handshakes_under_way >= 1)
    socket.send(parts[-1])
    return socket


@pytest.mark.parametrize("name", PLAIN)
async def test_a_plain_upgrade_opens_the_room(shop: RunningServer, name: str) -> None:
    socket = await say(shop, PLAIN[name])
    await socket.read_response()
    assert socket.status == 101
    assert isinstance(await socket.hear(), Snapshot)
    assert shop.app.gate.handshakes_under_way == 0


async def test_an_upgrade_may_be_cut_anywhere(shop: RunningServer) -> None:
    sockets = [await say(shop, WHOLE[:cut], WHOLE[cut:]) for cut in range(1, len(WHOLE), 7)]
    for socket in sockets:
        await socket.read_response()
        assert socket.status == 101
        assert isinstance(await socket.hear(), Snapshot)
    assert shop.app.gate.limits.taken == len(sockets)
    assert shop.app.gate.handshakes_under_way == 0


async def test_an_upgrade_may_come_byte_by_byte(shop: RunningServer) -> None:
    socket = await say(shop, *(WHOLE[at : at + 1] for at in range(len(WHOLE))))
    await socket.read_response()
    assert socket.status == 101


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("another path", 404),
        ("another method", 405),
        ("HTTP/1.0", 400),
        ("a folded line", 400),
        ("a blank before the colon", 400),
        ("a zero byte", 400),
        ("a version nobody knows", 400),
        ("TLS on a plain port", 400),
        ("no upgrade", 426),
        ("another upgrade", 426),
    ],
)
async def test_what_is_no_good_is_refused_as_ever(shop: RunningServer, name: str, status: int) -> None:
    socket = await say(shop, ODD[name])
    await socket.read_response()
    assert socket.status == status
    assert shop.app.gate.limits.taken == 0


async def test_nothing_is_smuggled_behind_an_upgrade(shop: RunningServer) -> None:
    """The body of an upgrade is no request: it gets no answer of its own."""
    for fields, body in ((b"Content-Length: %d" % len(HEALTH), HEALTH), (b"Transfer-Encoding: chunked", b"0\r\n\r\n")):
        socket = await say(shop, head(fields) + body + HEALTH)
        await socket.read_response()
        async with asyncio.timeout(WAIT_S):
            rest = b"" if socket.status == 101 else await socket.reader.read()
        assert b"HTTP/1.1 200" not in rest
        if socket.status == 101:
            assert isinstance(await socket.hear(), Snapshot)


async def test_requests_may_come_before_the_upgrade(shop: RunningServer) -> None:
    socket = await say(shop, HEALTH)
    for _ in range(2):
        await socket.read_response()
        assert socket.status == 200
        socket.send(HEALTH)
    await socket.read_response()
    socket.send(WHOLE)
    await socket.read_response()
    assert socket.status == 101
    assert isinstance(await socket.hear(), Snapshot)


async def test_a_long_head_in_one_piece_is_cut_off_too(start_server: StartServer) -> None:
    server = await start_server(head_max_bytes=2_000)
    await server.open_shop()
    fits, too_long = head(b"X-Long: " + b"a" * 1_000), head(b"X-Long: " + b"a" * 100_000)
    socket = await say(server, fits)
    await socket.read_response()
    assert socket.status == 101
    socket = await say(server, too_long)
    await socket.read_response()
    assert socket.status == 431


async def test_one_who_connects_and_goes_leaves_nothing(shop: RunningServer) -> None:
    sockets = [await RawSocket.connect(shop.port) for _ in range(5)]
    await until(lambda: shop.app.gate.handshakes_under_way == len(sockets))
    for socket in sockets:
        socket.close()
    await until(lambda: shop.app.gate.handshakes_under_way == 0)
    assert shop.app.gate.limits.taken == 0
