"""Sockets that are opened by a session's cookie: from which pages, with what reach, and their end with the session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_urlsafe
from typing import Any

import httpx
import pytest
from fixtures_server import POOL, ROOM, RunningServer, StartServer
from raw_socket import CLOSE, RawSocket
from shelfcast.errors import EngineUnavailable
from shelfcast.protocol.cookies import SESSION_COOKIE, digest_of
from shelfcast.stock.account_records import Way
from shelfcast.stock.accounts import Accounts
from waiting import WAIT_S, until

pytestmark = pytest.mark.asyncio(loop_factories=["uvloop"])

ROOM_PATH, POOL_PATH = f"/v1/rooms/{ROOM}/ws", f"/v1/pools/{POOL}/ws"
PASSWORD = "correct horse battery"


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    server = await start_server(allowed_origins="https://shop.example,null", session_check_ms=50)
    await server.open_shop()
    await server.sell("mug", 10)
    return server


def page(server: RunningServer) -> dict[str, str]:
    """A page of this server."""
    return {"Host": f"127.0.0.1:{server.port}", "Origin": server.url}


async def session(server: RunningServer, role: str = "operator", **claims: Any) -> str:
    """A session of this role and scope; the cookie's value."""
    secret, principal = token_urlsafe(32), server.app.gate._verify(server.token(role, **claims))
    begun, _ = await server.pools.accounts.begin(digest_of(secret), principal, Way.LINK)
    assert begun == "begun"
    return secret


async def ask(server: RunningServer, path: str, cookie: str, **headers: str) -> RawSocket:
    """A handshake with this cookie, of a page of the server where nothing else is said."""
    socket = await RawSocket.connect(server.port)
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    await socket.shake_hands(path, **(page(server) | {"Cookie": f"a=b; {SESSION_COOKIE}={cookie}; c=d"} | said))
    return socket


@asynccontextmanager
async def asking(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=WAIT_S, headers={"Origin": server.url}) as http:
        yield http


async def closed(socket: RawSocket) -> tuple[int, str]:
    """The code and reason of a socket's end, whatever it hears before."""
    async with asyncio.timeout(WAIT_S):
        while True:
            opcode, payload = await socket.read_frame()
            if opcode == CLOSE:
                socket.frame(CLOSE, payload)
                return int.from_bytes(payload[:2]), payload[2:].decode()


async def test_a_cookie_opens_what_its_session_reaches(shop: RunningServer) -> None:
    cases = [
        ("operator", {}, 101, 101),
        ("operator", {"pool": "other"}, 403, 403),
        ("operator", {"room": ROOM}, 101, 403),
        ("host", {}, 101, 403),
        ("viewer", {}, 101, 403),
        ("counter", {}, 403, 403),
    ]
    for role, claims, of_room, of_pool in cases:
        cookie = await session(shop, role, **claims)
        said = [(await ask(shop, path, cookie)) for path in (ROOM_PATH, POOL_PATH)]
        assert [socket.status for socket in said] == [of_room, of_pool], (role, claims)
        for socket in said:
            if socket.status == 403:
                assert "the session" in socket.problem["detail"]
    # An operator hears the backstage: it is nobody anonymous.
    await until(lambda: any(c.principal.role == "operator" for c in shop.app.gate._connections))


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("", 403),
        ("null", 403),
        ("https://evil.example", 403),
        ("http://127.0.0.1:1", 403),
        ("https://shop.example", 101),
    ],
)
async def test_a_page_of_another_origin_opens_none(shop: RunningServer, origin: str, status: int) -> None:
    cookie = await session(shop)
    for path in (ROOM_PATH, POOL_PATH):
        socket = await ask(shop, path, cookie, Origin=origin)
        assert socket.status == status
        if status == 403:
            assert socket.problem["field"] == "Origin"


async def test_a_token_wins_over_the_cookie(shop: RunningServer) -> None:
    cookie = await session(shop)
    viewer = await ask(shop, POOL_PATH, cookie, Authorization=f"Bearer {shop.token()}")
    assert (viewer.status, viewer.problem["field"]) == (403, "role")
    wrong = await ask(shop, ROOM_PATH, cookie, Sec_WebSocket_Protocol="shelfcast.v1.json, bearer.x")
    assert wrong.status == 401
    # What a proxy asks for is no token of ours.
    assert (await ask(shop, POOL_PATH, cookie, Authorization="Basic d2FuZzp3YW5n")).status == 101


async def test_the_entry_tells_what_the_handshake_tells(shop: RunningServer) -> None:
    good, over = await session(shop, "host"), token_urlsafe(32)
    for cookie in (good, over):
        for origin in (shop.url, "null", "https://evil.example"):
            for path in (ROOM_PATH, POOL_PATH):
                shaken = await ask(shop, path, cookie, Origin=origin)
                headers = {"Cookie": f"{SESSION_COOKIE}={cookie}", "Origin": origin}
                async with httpx.AsyncClient(timeout=WAIT_S) as http:
                    told = await http.get(shop.url + path.removesuffix("ws") + "entry", headers=headers)
                wanted = 204 if shaken.status == 101 else shaken.status
                assert (told.status_code, told.content) == (wanted, shaken.body), (origin, path)


async def test_a_session_that_has_ended_is_as_good_as_none(shop: RunningServer) -> None:
    over = token_urlsafe(32)
    assert (await ask(shop, ROOM_PATH, over)).status == 101
    refused = await ask(shop, POOL_PATH, over)
    assert (refused.status, refused.problem["field"]) == (401, "session")
    await shop.open_shop("private", anonymous=False)
    refused = await ask(shop, "/v1/rooms/private/ws", over)
    assert (refused.status, refused.problem["field"]) == (401, "session")
    # A cookie that is none of ours is not looked up.
    assert (await ask(shop, POOL_PATH, "short")).problem["field"] == "Authorization"
    twice = await ask(shop, POOL_PATH, f"{over}; {SESSION_COOKIE}={token_urlsafe(32)}")
    assert twice.problem["field"] == "Authorization"


async def test_signing_out_closes_the_sockets_of_every_process_and_no_others(
    shop: RunningServer, start_server: StartServer
) -> None:
    other = await start_server(session_check_ms=50)
    async with asking(shop) as http:
        made = await http.post("/v1/session", json={}, headers={"Authorization": f"Bearer {shop.token('operator')}"})
        assert made.status_code == 201, made.text
        cookie = made.cookies[SESSION_COOKIE]
        mine = [await ask(server, path, cookie) for server in (shop, other) for path in (ROOM_PATH, POOL_PATH)]
        bystander = await ask(shop, POOL_PATH, await session(shop, user="zhao"))
        by_token = await RawSocket.join(shop.port, token=shop.token("operator"))
        assert {socket.status for socket in (*mine, bystander, by_token)} == {101}
        # httpx keeps a Secure cookie from plain http, where a browser lets loopback have it.
        ended = await http.delete("/v1/session", headers={"Cookie": f"{SESSION_COOKIE}={cookie}"})
        assert ended.status_code == 204
    for socket in mine:
        assert await closed(socket) == (4500, "the session has ended")
    assert (await ask(shop, POOL_PATH, cookie)).status == 401
    await until(lambda: len(shop.app.gate.sessions._open) == 1)
    await until(lambda: len(shop.app.gate._connections) == 2)


async def test_an_account_that_is_changed_or_deleted_and_a_session_that_runs_out_close_theirs(
    start_server: StartServer,
) -> None:
    server = await start_server(session_check_ms=50)
    brief = await start_server(session_check_ms=50, session_lasts_ms=1_000)
    await server.open_shop()
    operator = {"Authorization": f"Bearer {server.token('operator')}"}
    async with asking(server) as http:
        for how in ("change", "delete"):
            account = {"role": "operator", "password": PASSWORD}
            assert (await http.put("/v1/accounts/wang", json=account, headers=operator)).is_success
            made = await http.post("/v1/session", json={"name": "wang", "password": PASSWORD})
            socket = await ask(server, POOL_PATH, made.cookies[SESSION_COOKIE])
            assert socket.status == 101
            if how == "change":
                await http.put("/v1/accounts/wang", json={"role": "host"}, headers=operator)
            else:
                await http.delete("/v1/accounts/wang", headers=operator)
            assert (await closed(socket))[0] == 4500
    socket = await ask(brief, POOL_PATH, await session(brief))
    assert socket.status == 101
    assert (await closed(socket))[0] == 4500


async def test_an_engine_that_does_not_answer_refuses_newcomers_and_closes_nobody(
    shop: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = await session(shop)
    inside = await ask(shop, POOL_PATH, cookie)
    asked: list[list[str]] = []

    async def unavailable(self: Accounts, digests: list[str]) -> Any:
        asked.append(digests)
        raise EngineUnavailable("the engine does not answer")

    monkeypatch.setattr(Accounts, "sessions", unavailable)
    refused = await ask(shop, POOL_PATH, cookie)
    assert (refused.status, refused.problem["code"]) == (503, "UNAVAILABLE")
    assert "retry-after" in refused.headers
    await until(lambda: len(asked) > 3)
    assert not next(iter(next(iter(shop.app.gate.sessions._open.values())))).is_closing
    assert inside.status == 101
    # Where no cookie is, nothing is looked up.
    asked.clear()
    assert (await RawSocket.join(shop.port, token=shop.token())).status == 101
    assert (await RawSocket.join(shop.port)).status == 101
    assert all(len(digests) == 1 and digests[0] == digest_of(cookie) for digests in asked)


async def test_so_many_sessions_are_looked_up_and_no_more(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_server(session_lookups_at_once_max=1)
    await server.open_shop()
    cookie, sessions = await session(server), Accounts.sessions
    goes_on = asyncio.Event()

    async def slow(self: Accounts, digests: list[str]) -> Any:
        await goes_on.wait()
        return await sessions(self, digests)

    monkeypatch.setattr(Accounts, "sessions", slow)
    first = asyncio.create_task(ask(server, POOL_PATH, cookie))
    await until(lambda: server.app.gate.sessions.is_full)
    second = await ask(server, POOL_PATH, cookie)
    assert (second.status, second.problem["code"]) == (503, "OVERLOADED")
    # Somebody who leaves meanwhile leaves nothing behind.
    goes_on.set()
    assert (await first).status == 101
