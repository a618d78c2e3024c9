"""What one address may take of the places for everybody: never all, whatever it sends or leaves unread."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.gateway.descriptors import Descriptors
from shelfcast.gateway.new_connection import NewConnection
from waiting import WAIT_S, until

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
OPENAPI = b"GET /v1/openapi.json HTTP/1.1\r\nHost: here\r\n\r\n"
STRANGER = "127.0.0.2"
"""An address of this machine that is no trusted proxy."""


async def connect(server: RunningServer, source: str = STRANGER, receive_buffer: int = 0) -> RawSocket:
    made = socket.socket()
    if receive_buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.bind((source, 0))
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", server.port))
    return RawSocket(*await asyncio.open_connection(sock=made, limit=2_048 if receive_buffer else 2**20))


async def status(socket: RawSocket, request: bytes = HEALTH) -> int:
    socket.send(request)
    await socket.read_response()
    return socket.status


async def ended(socket: RawSocket) -> None:
    async with asyncio.timeout(WAIT_S):
        try:
            while await socket.reader.read(2**16):
                pass
        except ConnectionError:
            pass


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\n"], ids=["idle", "trickling"])
@pytest.mark.parametrize("source", [STRANGER, "127.0.0.1"])
async def test_an_address_that_fills_the_entrance_makes_room(
    start_server: StartServer, said: bytes, source: str
) -> None:
    server = await start_server(handshakes_max=40, handshake_timeout_ms=600_000)
    await server.open_shop()
    crowd = [await connect(server, source) for _ in range(60)]
    for one in crowd:
        one.send(said)
    for _ in range(3):
        assert await status(await connect(server, "127.0.0.3")) == 200
    assert (await RawSocket.join(server.port)).status == 101
    assert server.app.gate.handshakes_under_way <= 40


async def test_every_connection_counts_from_its_first_byte(start_server: StartServer) -> None:
    server = await start_server(connections_an_address_max=3)
    await server.open_shop()
    idle = await connect(server)
    kept = await connect(server)
    assert await status(kept) == 200
    inside = await connect(server)
    await inside.shake_hands("/v1/rooms/evening/ws")
    assert inside.status == 101
    refused = await connect(server)
    assert await status(refused, OPENAPI) == 429
    assert (await RawSocket.join(server.port)).status == 101, "others are not concerned"
    health = await connect(server)
    assert await status(health) == 200, "health checks have a place of their own"
    await ended(health)
    idle.close()
    await until(lambda: server.app.gate.limits._of_address[STRANGER] == 2)
    assert await status(await connect(server), OPENAPI) == 200


async def test_a_full_entrance_answers_health_checks(start_server: StartServer) -> None:
    server = await start_server(handshakes_max=1)
    waiting = await connect(server)
    waiting.send(b"GET /healthz HTTP/1.1\r\n")
    await until(lambda: server.app.gate.handshakes_under_way == 1)
    for path in (b"/healthz", b"/readyz"):
        assert await status(await connect(server), b"GET %s HTTP/1.1\r\nHost: here\r\n\r\n" % path) == 200
    assert await status(await connect(server), OPENAPI) == 503
    silent = await connect(server)
    await silent.read_response()
    assert silent.status == 503


@pytest.mark.parametrize("forwarded", ["192.0.2.7", "2001:db8::1"])
async def test_a_proxys_clients_are_counted_one_by_one(start_server: StartServer, forwarded: str) -> None:
    server = await start_server(connections_an_address_max=1)
    await server.open_shop()
    said: dict[str, Any] = {"X_Forwarded_For": f"198.51.100.1, {forwarded}"}
    assert (await RawSocket.join(server.port, **said)).status == 101
    assert (await RawSocket.join(server.port, **said)).status == 429
    assert (await RawSocket.join(server.port, X_Forwarded_For="203.0.113.9")).status == 101
    idle = [await connect(server, "127.0.0.1") for _ in range(3)]
    for one in idle:
        assert await status(one, OPENAPI) == 200, "nobody's until it says for whom, and again when it is answered"
    proxied = await connect(server, "127.0.0.1")
    head = b"GET /v1/openapi.json HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: %s\r\n\r\n" % forwarded.encode()
    assert await status(proxied, head) == 429
    stranger = await connect(server)
    assert await status(stranger, head) == 200, "a stranger's word is not believed"


@pytest.mark.parametrize("value", [b"a:b", b"", b"unix:", b"\xff", b","])
async def test_an_odd_forwarded_address_is_no_fault(shop: RunningServer, value: bytes) -> None:
    await shop.open_shop("show", open_reservations=True)
    head = (
        b"POST /v1/rooms/show/guests HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    )
    assert await status(await RawSocket.connect(shop.port), head + b"X-Forwarded-For: " + value + b"\r\n\r\n{}") == 201


async def test_half_of_a_second_request_counts_and_is_timed(start_server: StartServer) -> None:
    server = await start_server(handshakes_max=1, handshake_timeout_ms=200)
    first, second = await connect(server), await connect(server, "127.0.0.3")
    assert await status(first) == 200
    # The second came while the entrance was full; a place is there for the next.
    second.close()
    second = await connect(server, "127.0.0.3")
    assert await status(second) == 200
    first.send(HEALTH[:20])
    await until(lambda: server.app.gate.handshakes_under_way == 1)
    second.send(HEALTH[:20])
    await second.read_response()
    assert second.status == 503
    await ended(second)
    await ended(first)


async def test_an_answer_that_is_not_read_is_given_up(start_server: StartServer) -> None:
    server = await start_server(response_stall_max_ms=200, send_buffer_bytes=4_096)
    unread = [await connect(server, receive_buffer=4_096) for _ in range(5)]
    for one in unread:
        one.writer.transport.pause_reading()  # type: ignore[attr-defined]
        one.send(OPENAPI)
    await until(lambda: len(server.app.gate.http) == 5)
    await until(lambda: len(server.app.gate.http) == 0)


async def test_http_connections_are_bounded_and_idle_ones_make_room(start_server: StartServer) -> None:
    server = await start_server(http_connections_max=4)
    kept = [await connect(server, f"127.0.0.{number}") for number in range(2, 6)]
    for one in kept:
        assert await status(one) == 200
    assert await status(await connect(server, "127.0.0.9"), OPENAPI) == 200
    await ended(kept[0])
    assert len(server.app.gate.http) <= 4


async def test_requests_that_wait_behind_another_are_bounded(start_server: StartServer) -> None:
    server = await start_server(pipelined_requests_max=3)
    one = await connect(server)
    one.send(HEALTH * 5_000)
    async with asyncio.timeout(WAIT_S):
        answers = await one.reader.read(-1)
    assert answers.count(b"HTTP/1.1 200") == 4
    assert answers.lower().count(b"connection: close") == 1
    assert await status(await connect(server)) == 200


async def test_a_long_body_with_the_next_request_behind_it_is_answered(shop: RunningServer) -> None:
    one = await connect(shop)
    body = b"x" * 200_000
    head = b"POST /v1/rooms/evening/guests HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert await status(one, head + body + HEALTH[:20]) not in (431, 503)
    assert await status(one, HEALTH[20:]) == 200


def test_the_reserve_begins_where_the_limit_ends() -> None:
    descriptors = Descriptors(100, 64)
    assert [descriptors.in_reserve(number) for number in (35, 36, 99)] == [False, True, True]
    assert [descriptors.in_last_half(number) for number in (67, 68)] == [False, True]
    assert not Descriptors(0, 64).in_reserve(5_000)


async def test_no_connection_takes_the_last_descriptors(start_server: StartServer) -> None:
    server = await start_server(handshake_timeout_ms=600_000)
    probe = await connect(server)
    await until(lambda: len(server.app.gate.http) == 1)
    # What is open now is all there may be but for the reserve.
    (newcomer,) = server.app.gate.http._everybody()
    assert isinstance(newcomer, NewConnection)
    free = newcomer._transport.get_extra_info("socket").fileno() + 20
    server.app.gate.descriptors = Descriptors(free + 500, 500)
    crowd = [await connect(server) for _ in range(40)]
    held = len(server.app.gate.http)
    assert held < 40
    assert await status(await connect(server)) == 200, "a health check is answered"
    for one in crowd:
        one.close()
    await until(lambda: len(server.app.gate.http) <= 2)
    assert await status(await connect(server), OPENAPI) == 200
    probe.close()
