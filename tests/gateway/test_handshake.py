"""Who gets in, and what the others are told."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import jwt
import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.from_server import Snapshot
from waiting import WAIT_S, until

PATH = "/v1/rooms/evening/ws"


async def refused(server: RunningServer, path: str = PATH, **headers: Any) -> RawSocket:
    """Shake hands, expecting a refusal; its form is checked here for every test."""
    method = headers.pop("method", None) or "GET"
    socket = await RawSocket.connect(server.port)
    await socket.shake_hands(path, method=method, **headers)
    assert socket.headers["content-type"] == "application/problem+json"
    assert socket.problem["status"] == socket.status
    assert socket.problem["detail"]
    assert await socket.reader.read() == b"", "a refused connection is closed"
    return socket


async def test_the_answer_is_the_one_of_the_rfc(shop: RunningServer) -> None:
    socket = await RawSocket.join(shop.port, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
    assert socket.status == 101
    assert socket.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert socket.headers["upgrade"] == "websocket"
    assert isinstance(await socket.hear(), Snapshot)


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        (None, None),
        ("shelfcast.v1.json", "shelfcast.v1.json"),
        ("shelfcast.v1.msgpack", "shelfcast.v1.msgpack"),
        ("shelfcast.v1.msgpack, shelfcast.v1.json", "shelfcast.v1.msgpack"),
        ("later.v9, shelfcast.v1.json", "shelfcast.v1.json"),
    ],
)
async def test_the_first_subprotocol_that_is_known_is_taken(
    shop: RunningServer, offered: str | None, answered: str | None
) -> None:
    socket = await RawSocket.connect(shop.port)
    protocols: dict[str, Any] = {"Sec-WebSocket-Protocol": offered}
    await socket.shake_hands(PATH, **protocols)
    assert socket.status == 101
    assert socket.headers.get("sec-websocket-protocol") == answered
    socket.encoding = Encoding(answered) if answered else Encoding.JSON
    assert isinstance(await socket.hear(), Snapshot)


async def test_a_token_comes_as_a_subprotocol_and_is_never_sent_back(shop: RunningServer) -> None:
    token = shop.token()
    socket = await RawSocket.join(shop.port, token=token)
    assert socket.headers["sec-websocket-protocol"] == "shelfcast.v1.json"
    assert token not in str(socket.headers)


async def test_a_token_comes_as_a_header(shop: RunningServer) -> None:
    socket = await RawSocket.join(shop.port, Authorization=f"Bearer {shop.token()}")
    assert socket.status == 101


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (405, {"method": "POST"}),
        (426, {"Sec-WebSocket-Version": "12"}),
        (426, {"Sec-WebSocket-Version": None}),
        (400, {"Sec-WebSocket-Key": None}),
        (400, {"Sec-WebSocket-Key": "c2hvcnQ="}),
        (400, {"Sec-WebSocket-Key": "????????????????????????"}),
        (400, {"Sec-WebSocket-Protocol": "graphql-ws"}),
        (401, {"Authorization": "Bearer not.a.token"}),
        (401, {"Authorization": "Bearer"}),
        (401, {"Authorization": "a.token.alone"}),
        (401, {"Sec-WebSocket-Protocol": "shelfcast.v1.json, bearer.x.y.z"}),
        (403, {"Origin": "https://evil.example"}),
    ],
)
async def test_what_is_wrong_is_said_before_the_upgrade(
    shop: RunningServer, status: int, headers: dict[str, Any]
) -> None:
    socket = await refused(shop, **headers)
    assert socket.status == status
    expected = {405: ("allow", "GET"), 426: ("sec-websocket-version", "13"), 401: ("www-authenticate", "Bearer")}
    if status in expected:
        name, value = expected[status]
        assert socket.headers[name] == value


@pytest.mark.parametrize("proxys", ["Basic d2FuZzp3YW5n", "Digest username=wang", "NEGOTIATE YII="])
async def test_what_a_proxy_asks_for_is_nobodys_token(shop: RunningServer, proxys: str) -> None:
    await shop.open_shop("private", anonymous=False)
    assert (await RawSocket.join(shop.port, Authorization=proxys)).status == 101
    assert (await refused(shop, "/v1/rooms/private/ws", Authorization=proxys)).status == 401
    assert (await RawSocket.join(shop.port, "private", token=shop.token(), Authorization=proxys)).status == 101


@pytest.mark.parametrize("path", ["/v1/rooms/nowhere/ws", "/v1/rooms/UPPER/ws", "/v1/rooms/ws", "/somewhere/else"])
async def test_an_unknown_room_is_not_found(shop: RunningServer, path: str) -> None:
    assert (await refused(shop, path)).status == 404


async def test_an_expired_token_is_refused(shop: RunningServer) -> None:
    claims = {"sub": "wang", "role": "viewer", "exp": int(time.time()) - 3600}
    token = jwt.encode(claims, shop.settings.token_secret, algorithm="HS256")
    socket = await refused(shop, Authorization=f"Bearer {token}")
    assert socket.status == 401
    assert "expired" in socket.problem["detail"]


async def test_a_token_of_another_room_or_pool_is_refused(shop: RunningServer) -> None:
    for scope in ({"room": "morning"}, {"pool": "other"}):
        socket = await refused(shop, Authorization=f"Bearer {shop.token(**scope)}")
        assert socket.status == 403
    assert (await RawSocket.join(shop.port, token=shop.token(room="evening", pool="main"))).status == 101


async def test_a_room_may_want_a_token_of_everybody(shop: RunningServer) -> None:
    await shop.open_shop("private", anonymous=False)
    assert (await refused(shop, "/v1/rooms/private/ws")).status == 401
    assert (await RawSocket.join(shop.port, "private", token=shop.token())).status == 101


async def test_the_servers_own_pages_may_connect(shop: RunningServer) -> None:
    host = f"127.0.0.1:{shop.port}"
    assert (await RawSocket.join(shop.port, Host=host, Origin=f"http://{host}")).status == 101
    assert (await refused(shop, Host=host, Origin="null")).status == 403
    # nginx with `$host:$server_port`, TLS ending there or before it.
    for port in (443, 80):
        assert (
            await RawSocket.join(shop.port, Host=f"shop.example:{port}", Origin="https://shop.example")
        ).status == 101
    elsewhere = await refused(shop, Host="shop.example:8443", Origin="https://shop.example")
    assert (elsewhere.status, elsewhere.problem["field"]) == (403, "Origin")


async def test_listed_origins_may_connect(start_server: StartServer) -> None:
    server = await start_server(allowed_origins="https://shop.example, https://app.example")
    await server.open_shop()
    assert (await RawSocket.join(server.port, Origin="https://app.example")).status == 101
    assert (await refused(server, Origin="https://shop.example.evil")).status == 403
    host = f"127.0.0.1:{server.port}"
    assert (await RawSocket.join(server.port, Host=host, Origin=f"http://{host}")).status == 101, "its own pages"


async def test_connections_are_limited_in_the_process(start_server: StartServer) -> None:
    server = await start_server(connections_max=2)
    await server.open_shop()
    first, _ = [await RawSocket.join(server.port) for _ in range(2)]
    full = await refused(server)
    assert full.status == 503
    assert full.headers["retry-after"] in ("1", "2", "3"), "spread, so that they do not all return at once"
    # A place that is given back is there for the next one.
    first.close()
    await gone(server, 1)
    assert (await RawSocket.join(server.port)).status == 101


async def test_connections_are_limited_from_one_address(start_server: StartServer) -> None:
    server = await start_server(connections_an_address_max=1)
    await server.open_shop()
    await RawSocket.join(server.port)
    busy = await refused(server)
    assert busy.status == 429
    assert "retry-after" in busy.headers


async def test_a_refused_upgrade_takes_no_place(start_server: StartServer) -> None:
    server = await start_server(connections_max=1)
    await server.open_shop()
    for _ in range(3):
        assert (await refused(server, "/v1/rooms/nowhere/ws")).status == 404
    assert (await RawSocket.join(server.port)).status == 101
    assert server.app.gate.limits.taken == 1


async def test_a_request_that_is_not_finished_is_hung_up_on(start_server: StartServer) -> None:
    server = await start_server(handshake_timeout_ms=50)
    socket = await RawSocket.connect(server.port)
    socket.send(b"GET /v1/rooms/evening/ws HTTP/1.1\r\nHost: here\r\n")
    async with asyncio.timeout(WAIT_S):
        assert await socket.reader.read() == b""


async def test_unfinished_requests_are_limited(start_server: StartServer) -> None:
    server = await start_server(handshakes_max=1)
    waiting = await RawSocket.connect(server.port)
    waiting.send(b"GET /healthz HTTP/1.1\r\n")
    for _ in range(20):
        one_too_many = await RawSocket.connect(server.port)
        await one_too_many.read_response()
        assert one_too_many.status == 503
    waiting.send(b"Host: here\r\n\r\n")
    await waiting.read_response()
    assert waiting.status == 200


async def test_headers_without_end_are_cut_off(start_server: StartServer) -> None:
    server = await start_server(head_max_bytes=10_000)
    for line in (b"X-More: and more\r\n", b"and more "):
        socket = await RawSocket.connect(server.port)
        socket.send(b"GET /healthz HTTP/1.1\r\nX-Long: " + line * 2_000)
        await socket.read_response()
        assert socket.status == 431


async def test_an_upgrade_behind_an_unanswered_request_is_not_let_in(shop: RunningServer) -> None:
    """The answer to the first request would end up among the frames."""
    socket = await RawSocket.connect(shop.port)
    socket.send(b"GET /v1/openapi.json HTTP/1.1\r\nHost: here\r\n\r\n")
    socket.send(b"GET /v1/rooms/evening/ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
    socket.send(b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    async with asyncio.timeout(WAIT_S):
        assert b"101 Switching" not in await socket.reader.read(-1)
    assert shop.app.gate.limits.taken == 0


async def test_an_upgrade_may_follow_an_answered_request(shop: RunningServer) -> None:
    socket = await RawSocket.connect(shop.port)
    socket.send(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
    await socket.read_response()
    await socket.shake_hands(PATH)
    assert socket.status == 101
    assert isinstance(await socket.hear(), Snapshot)


async def test_http_is_served_on_the_same_port(shop: RunningServer) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(3):
            assert (await http.get(f"{shop.url}/healthz")).status_code == 200


async def test_many_first_viewers_open_the_room_once(shop: RunningServer) -> None:
    sockets = await asyncio.gather(*(RawSocket.join(shop.port) for _ in range(30)))
    for socket in sockets:
        snapshot = await socket.hear()
        assert isinstance(snapshot, Snapshot)
        assert [sku.sku for sku in snapshot.skus] == ["mug"]
    assert list(shop.app.hub.rooms) == ["evening"]


async def test_a_client_that_leaves_while_the_room_opens_gives_its_place_back(shop: RunningServer) -> None:
    for _ in range(5):
        socket = await RawSocket.connect(shop.port)
        socket.send(b"GET /v1/rooms/nowhere/ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n")
        socket.send(b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
        socket.send(b"dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        await socket.writer.drain()
        socket.close()
    assert isinstance(await (await RawSocket.join(shop.port)).hear(), Snapshot)
    await gone(shop, 1)


async def test_a_dead_room_lets_nobody_in(shop: RunningServer) -> None:
    socket = await RawSocket.join(shop.port)
    shop.app.hub.rooms["evening"].gone()
    closed = await socket.wait_closed()
    assert closed.code == 4503


async def gone(server: RunningServer, left: int) -> None:
    """Wait until only so many places are taken."""
    await until(lambda: server.app.gate.limits.taken <= left)
