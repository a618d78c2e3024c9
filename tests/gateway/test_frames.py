"""What clients send: well-formed, wrong, too much, and not meant for us."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import BINARY, CLOSE, CONT, PING, PONG, TEXT, RawSocket
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import Answer, Error, Refused, Reserved, Snapshot
from shelfcast.stock.operations import Op
from shelfcast.stock.outcomes import Outcome
from waiting import WAIT_S

both = pytest.mark.parametrize("encoding", list(Encoding))


async def joined(server: RunningServer, encoding: Encoding = Encoding.JSON, **options: Any) -> RawSocket:
    socket = await RawSocket.join(server.port, encoding=encoding, **options)
    assert isinstance(await socket.hear(), Snapshot)
    return socket


async def asks(socket: RawSocket) -> None:
    """The connection is alive, and its parser in step."""
    socket.say(type="ask", id="still-here", sku="mug")
    assert (await socket.wait_for(Answer)).left == 100


@both
async def test_a_message_may_come_in_fragments(shop: RunningServer, encoding: Encoding) -> None:
    socket = await joined(shop, encoding)
    payload = socket.encoded(type="ask", id="q1", sku="mug")
    opcode = TEXT if encoding is Encoding.JSON else BINARY
    socket.frame(opcode, payload[:5], fin=False)
    socket.frame(CONT, payload[5:9], fin=False)
    socket.frame(PING, b"between")
    socket.frame(CONT, payload[9:])
    frames = [await socket.read_frame(), await socket.read_frame()]
    assert (PONG, b"between") in frames
    assert b"q1" in next(payload for kind, payload in frames if kind == opcode)


async def test_bytes_may_come_one_by_one(shop: RunningServer) -> None:
    socket = await joined(shop)
    message = RawSocket.__new__(RawSocket)
    message.encoding, sent = Encoding.JSON, bytearray()
    message.send = sent.extend  # type: ignore[method-assign,assignment]
    message.say(type="ask", id="q1", sku="mug")
    for byte in sent:
        socket.send(bytes([byte]))
        await socket.writer.drain()
    assert (await socket.wait_for(Answer)).id == "q1"


async def test_several_messages_may_come_at_once(shop: RunningServer) -> None:
    socket = await joined(shop)
    for number in range(5):
        socket.say(type="ask", id=f"q{number}", sku="mug")
    assert [(await socket.wait_for(Answer)).id for _ in range(5)] == [f"q{n}" for n in range(5)]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "Input data was truncated"),
        (b"hello", "malformed"),
        (b"\xff\xfe\xfd", ""),
        (b"[1,2]", "Expected `object`"),
        (b"{}", "missing required field `type`"),
        (b'{"type":"snapshot"}', "Invalid value 'snapshot'"),
        (b'{"type":"reserve","id":"a","sku":"mug"}', "missing required field `qty`"),
        (b'{"type":"reserve","id":"a","sku":"mug","qty":"two"}', "Expected `int`"),
        (b'{"type":"reserve","id":"a","sku":"mug","qty":0}', "`int` >= 1"),
        (b'{"type":"reserve","id":"a b","sku":"mug","qty":1}', "matching regex"),
        (b'{"type":"ask","id":"a","sku":"' + b"x" * 129 + b'"}', "matching regex"),
        (b"[" * 2000, ""),
    ],
)
async def test_garbage_is_answered_with_what_was_expected(shop: RunningServer, payload: bytes, said: str) -> None:
    socket = await joined(shop)
    socket.frame(TEXT, payload)
    error = await socket.wait_for(Error)
    assert error.code is Code.BAD_MESSAGE
    assert said in error.message
    await asks(socket)


@both
async def test_a_frame_of_the_other_kind_is_garbage(shop: RunningServer, encoding: Encoding) -> None:
    socket = await joined(shop, encoding)
    expected, other = ("text", BINARY) if encoding is Encoding.JSON else ("binary", TEXT)
    socket.frame(other, socket.encoded(type="ask", id="q1", sku="mug"))
    assert f"expected a {expected} frame" in (await socket.wait_for(Error)).message
    await asks(socket)


async def test_garbage_again_and_again_closes(start_server: StartServer) -> None:
    server = await start_server(bad_messages_max=3)
    await server.open_shop()
    socket = await joined(server)
    for _ in range(4):
        socket.frame(TEXT, b"?")
    for _ in range(4):
        await socket.wait_for(Error)
    assert (await socket.wait_closed()).code == 4501


@pytest.mark.parametrize(
    ("code", "send"),
    [
        pytest.param(1002, lambda s: s.frame(TEXT, b"{}", masked=False), id="unmasked"),
        pytest.param(1002, lambda s: s.frame(TEXT, b"{}", rsv=0x40), id="reserved bit"),
        pytest.param(1002, lambda s: s.frame(0x3, b"{}"), id="unknown opcode"),
        pytest.param(1002, lambda s: s.frame(CONT, b"{}"), id="nothing to continue"),
        pytest.param(1002, lambda s: s.frame(PING, b"x", fin=False), id="fragmented ping"),
        pytest.param(1002, lambda s: s.frame(PING, b"x" * 126), id="long ping"),
        pytest.param(1002, lambda s: s.frame(CLOSE, b"x"), id="short close"),
        pytest.param(1002, lambda s: (s.frame(TEXT, b"{", fin=False), s.frame(TEXT, b"}")), id="two messages mixed"),
        pytest.param(1009, lambda s: s.frame(TEXT, b"x" * 4097), id="oversized"),
        pytest.param(1009, lambda s: s.send(b"\x81\xff" + (2**40).to_bytes(8)), id="a terabyte announced"),
        pytest.param(
            1009,
            lambda s: (s.frame(TEXT, b"x" * 4000, fin=False), s.frame(CONT, b"x" * 97)),
            id="oversized in fragments",
        ),
    ],
)
async def test_broken_framing_closes_with_the_rfcs_code(shop: RunningServer, code: int, send) -> None:  # type: ignore[no-untyped-def]
    socket = await joined(shop)
    send(socket)
    # Whatever still comes behind it is not listened to, and does not reset the connection before the close is read.
    for _ in range(50):
        socket.say(type="ask", id="ignored", sku="mug")
    assert (await socket.wait_closed()).code == code


async def test_noise_instead_of_frames_closes(shop: RunningServer) -> None:
    for _ in range(20):
        socket = await joined(shop)
        socket.send(os.urandom(2000))
        socket.writer.write_eof()
        async with asyncio.timeout(WAIT_S):
            await socket.reader.read(-1)
    await asks(await joined(shop))


async def test_a_close_is_answered_with_its_own_code(shop: RunningServer) -> None:
    socket = await joined(shop)
    socket.frame(CLOSE, (1000).to_bytes(2) + b"bye")
    assert await socket.read_frame() == (CLOSE, (1000).to_bytes(2) + b"bye")
    assert await socket.reader.read() == b"", "the server ends the connection"


async def test_a_ping_is_answered(shop: RunningServer) -> None:
    socket = await joined(shop)
    socket.frame(PING, b"are you there")
    assert await socket.read_frame() == (PONG, b"are you there")


async def test_too_many_messages_are_refused_and_then_closed(start_server: StartServer) -> None:
    server = await start_server(messages_a_second=1, messages_burst=5)
    await server.open_shop()
    await server.sell("mug", 100)
    socket = await joined(server, token=server.token())
    for number in range(6):
        socket.say(type="reserve", id=f"r{number}", sku="mug", qty=1)
    refused = await socket.wait_for(Refused)
    assert (refused.id, refused.code, refused.retry) == ("r5", Code.RATE_LIMITED, "same_id")
    assert 0 < refused.retry_after_ms <= 2_000
    assert {(await socket.wait_for(Reserved)).id for _ in range(5)} == {f"r{n}" for n in range(5)}
    for number in range(20):
        socket.say(type="ask", id=f"a{number}", sku="mug")
    assert (await socket.wait_closed()).code == 4502


@pytest.mark.parametrize("opcode", [PING, CONT])
async def test_a_flood_of_frames_that_say_nothing_closes(start_server: StartServer, opcode: int) -> None:
    server = await start_server(messages_a_second=1, messages_burst=5)
    await server.open_shop()
    socket = await joined(server)
    socket.frame(TEXT, b"{", fin=False)
    for _ in range(30):
        socket.frame(opcode, b"", fin=opcode == PING)
    assert (await socket.wait_closed()).code == 4502


async def test_unanswered_reservations_are_limited(start_server: StartServer) -> None:
    server = await start_server(unanswered_reservations_max=2, messages_burst=50)
    await server.open_shop()
    await server.sell("mug", 100)
    socket = await joined(server, token=server.token())
    held: list[tuple[Op, Callable[[Outcome], None]]] = []
    book = await server.book()
    submit, book.submit = book.submit, lambda op, done: held.append((op, done))  # type: ignore[method-assign]
    for number in range(3):
        socket.say(type="reserve", id=f"r{number}", sku="mug", qty=1)
    refused = await socket.wait_for(Refused)
    assert (refused.id, refused.code) == ("r2", Code.RATE_LIMITED)
    for op, done in held:
        submit(op, done)
    assert {(await socket.wait_for(Reserved)).id for _ in range(2)} == {"r0", "r1"}
    socket.say(type="reserve", id="r2", sku="mug", qty=1)
    book.submit = submit  # type: ignore[method-assign]
