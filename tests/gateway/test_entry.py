"""`GET /v1/rooms/{room}/entry` says what the handshake would, to whoever cannot see the handshake's own answer."""

from __future__ import annotations

import asyncio
import signal
import time
from itertools import product

import httpx
import jwt
import pytest
from engine_process import EngineProcess
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.library import LIBRARY
from waiting import WAIT_S, until

pytestmark = pytest.mark.asyncio(loop_factories=["uvloop"])
"""What is told does not hang on the loop: the handshake's own tests run on both."""

HOST = "shop.example"
SAID = ("content-type", "www-authenticate")


async def handshake(server: RunningServer, room: str, headers: dict[str, str]) -> RawSocket:
    """The handshake of a caller, and the end of the connection it may have given."""
    socket = await RawSocket.connect(server.port)
    taken = server.app.gate.limits.taken
    await socket.shake_hands(f"/v1/rooms/{room}/ws", **({"Host": HOST} | headers))
    socket.close()
    await until(lambda: server.app.gate.limits.taken <= taken)
    return socket


async def entry(server: RunningServer, room: str, headers: dict[str, str], method: str = "GET") -> httpx.Response:
    """What the same caller is told without one."""
    async with httpx.AsyncClient(headers={"Host": HOST} | headers, timeout=WAIT_S) as http:
        return await http.request(method, f"{server.url}/v1/rooms/{room}/entry")


async def assert_told_the_same(server: RunningServer, room: str, headers: dict[str, str]) -> int:
    """The entry's answer is the handshake's, to the word; returns its status."""
    shaken, asked = await handshake(server, room, headers), await entry(server, room, headers)
    if shaken.status == 101:
        assert (asked.status_code, asked.content) == (204, b""), (room, headers)
        return 204
    assert (asked.status_code, asked.content) == (shaken.status, shaken.body), (room, headers)
    assert [asked.headers.get(name) for name in SAID] == [shaken.headers.get(name) for name in SAID]
    assert ("retry-after" in asked.headers) == ("retry-after" in shaken.headers)
    return shaken.status


async def test_every_caller_is_told_what_its_handshake_is_told(start_server: StartServer) -> None:
    server = await start_server(allowed_origins="https://app.example")
    await server.open_shop()
    await server.open_shop("private", anonymous=False)
    expired = {"sub": "li", "role": "viewer", "exp": int(time.time()) - 3600}
    tokens = [
        None,
        "Bearer " + server.token(),
        *("Bearer " + server.token(role) for role in ("host", "operator", "service")),
        "Bearer " + server.token(room="private", pool="main"),
        "Bearer " + server.token(room="evening"),
        "Bearer " + server.token(pool="other"),
        "Bearer " + jwt.encode(expired, server.settings.token_secret, algorithm="HS256"),
        "Bearer not.a.token",
        "Bearer",
        "Basic d2FuZzp3YW5n",
    ]
    origins = [None, f"https://{HOST}", "https://app.example", "https://evil.example", "null"]
    found = set()
    for room, token, origin in product(("evening", "private", "nowhere"), tokens, origins):
        headers = {name: value for name, value in (("Authorization", token), ("Origin", origin)) if value is not None}
        found.add((room, await assert_told_the_same(server, room, headers)))
    assert found == {
        *product(("evening", "private"), (204, 401, 403)),
        *product(("nowhere",), (401, 403, 404)),
    }


async def test_a_server_that_is_full_says_so_and_when_to_come(start_server: StartServer) -> None:
    server = await start_server(connections_max=1)
    await server.open_shop()
    for _ in range(3):
        assert await assert_told_the_same(server, "evening", {}) == 204, "asking takes no place"
    assert server.app.gate.limits.taken == 0
    inside = await RawSocket.join(server.port)
    assert await assert_told_the_same(server, "evening", {}) == 503
    asked = await entry(server, "evening", {})
    assert asked.json()["code"] == "OVERLOADED"
    assert asked.headers["retry-after"] in ("1", "2", "3"), "spread, so that they do not all return at once"
    inside.close()
    await until(lambda: server.app.gate.limits.taken == 0)
    assert await assert_told_the_same(server, "evening", {}) == 204


async def test_an_address_with_too_many_connections_is_told_so(start_server: StartServer) -> None:
    server = await start_server(connections_an_address_max=1)
    await server.open_shop()
    assert await assert_told_the_same(server, "evening", {}) == 204
    await RawSocket.join(server.port)
    assert await assert_told_the_same(server, "evening", {}) == 429
    # This machine is a proxy whose word is believed: another address has a place.
    assert await assert_told_the_same(server, "evening", {"X-Forwarded-For": "192.0.2.7"}) == 204
    await RawSocket.join(server.port, X_Forwarded_For="192.0.2.7")
    assert await assert_told_the_same(server, "evening", {"X-Forwarded-For": "192.0.2.7"}) == 429
    assert await assert_told_the_same(server, "evening", {"X-Forwarded-For": "a:b"}) == 429, (
        "then it is the proxy's own"
    )


async def test_a_server_that_stops_says_so(shop: RunningServer) -> None:
    assert await assert_told_the_same(shop, "evening", {}) == 204
    shop.app.gate.draining = True
    assert await assert_told_the_same(shop, "evening", {"Authorization": "Bearer not.a.token"}) == 503


@pytest.mark.long
async def test_a_room_that_cannot_be_read_is_no_room_that_is_not_there(
    start_server: StartServer, settings: Settings, own_engine: EngineProcess
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    server = await start_server(own_engine=engine, engine_call_timeout_ms=300, room_open_timeout_ms=300)
    await server.open_shop()
    await server.open_shop("morning")
    assert await assert_told_the_same(server, "evening", {}) == 204
    await asyncio.to_thread(own_engine.stop, signal.SIGKILL)
    assert await assert_told_the_same(server, "morning", {}) == 503
    assert await assert_told_the_same(server, "evening", {}) == 204, "it is open here"
    await engine.close()


async def test_behind_a_password_a_page_says_its_token_beside_it(shop: RunningServer) -> None:
    await shop.open_shop("private", anonymous=False)
    basic = {"Authorization": "Basic d2FuZzp3YW5n"}
    assert (await entry(shop, "private", basic)).status_code == 401
    assert (await entry(shop, "private", basic | {"Shelfcast-Token": "not.a.token"})).status_code == 401
    assert (await entry(shop, "private", basic | {"Shelfcast-Token": shop.token()})).status_code == 204


async def test_asking_for_the_head_is_enough(shop: RunningServer) -> None:
    assert (await entry(shop, "evening", {}, "HEAD")).status_code == 204
    refused = await entry(shop, "nowhere", {}, "HEAD")
    assert (refused.status_code, refused.content) == (404, b"")


async def test_a_page_of_a_listed_origin_may_read_it(start_server: StartServer) -> None:
    server = await start_server(allowed_origins="https://app.example")
    await server.open_shop()
    for room, status in (("evening", 204), ("nowhere", 404)):
        asked = await entry(server, room, {"Origin": "https://app.example"})
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (status, "*")
        assert asked.headers["cache-control"] == "no-store"
    preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    asked = await entry(server, "evening", {"Origin": "https://app.example"} | preflight, "OPTIONS")
    assert asked.status_code == 200


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (f"https://{HOST}/", 204),
        (f"https://{HOST}/rooms/evening", 204),
        ("https://app.example/", 204),
        ("https://else.example/", 403),
        ("https://[::1", 204),
        ("about:blank", 204),
    ],
)
async def test_a_page_that_says_no_origin_to_its_own_host_is_judged_by_where_it_is(
    start_server: StartServer, page: str, status: int
) -> None:
    server = await start_server(allowed_origins="https://app.example")
    await server.open_shop()
    asked = await entry(server, "evening", {"Referer": page})
    assert asked.status_code == status
    if status == 403:
        assert asked.json()["field"] == "Origin"
    # Where there is an origin, it alone counts.
    assert (await entry(server, "evening", {"Referer": page, "Origin": "https://app.example"})).status_code == 204


@pytest.mark.parametrize("listed", ["", "https://app.example"])
async def test_a_page_of_any_origin_may_read_that_it_is_refused(start_server: StartServer, listed: str) -> None:
    server = await start_server(allowed_origins=listed)
    await server.open_shop()
    foreign = {"Origin": "https://else.example"}
    preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    asked = await entry(server, "evening", foreign | preflight, "OPTIONS")
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, "*")
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    refused = await entry(server, "evening", foreign | {"Authorization": f"Bearer {server.token()}"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (403, "*")
    assert "origin" in refused.json()["detail"]
    async with httpx.AsyncClient(headers=foreign, timeout=WAIT_S) as http:
        for path in ("/v1/rooms/evening", "/v1/rooms/evening/skus", "/v1/rooms/evening/entry/more"):
            assert "access-control-allow-origin" not in (await http.get(server.url + path)).headers


async def test_a_room_that_is_not_there_is_told_from_a_path_that_is_not_there(shop: RunningServer) -> None:
    # A server of a release before knows no entry: its 404 says nothing about the room.
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        path = (await http.get(f"{shop.url}/v1/rooms/nowhere/no-such-path")).json()
    room = (await entry(shop, "nowhere", {})).json()
    assert [problem["code"] for problem in (path, room)] == ["NOT_FOUND", "NOT_FOUND"]
    assert [problem.get("field") for problem in (path, room)] == [None, "room"]


async def test_the_upgrade_is_the_sockets_own(shop: RunningServer) -> None:
    socket = await RawSocket.connect(shop.port)
    await socket.shake_hands("/v1/rooms/evening/entry")
    assert socket.status == 404
    asked = await entry(shop, "No Room", {})
    assert (asked.status_code, asked.json()["field"]) == (422, "room")
