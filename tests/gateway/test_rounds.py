"""What happens by itself: pings, silence, expiry, draining, and giving memory back."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import jwt
import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import PING, PONG, RawSocket
from shelfcast import metrics
from shelfcast.gateway.connection import Connection
from shelfcast.protocol.access import Role
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.from_server import Alive, Answer, Draining, Snapshot
from waiting import WAIT_S, until

LONGER_AND_LONGER_S = (2, 5, 20)
"""How long something lasts that must be there when it is used: as short as the machine is quick enough for."""


def connections(server: RunningServer) -> list[Connection]:
    return list(server.app.hub.rooms["evening"].audience.everybody)  # type: ignore[arg-type]


async def test_viewers_are_pinged_and_their_pongs_need_no_parser(start_server: StartServer) -> None:
    server = await start_server(ping_interval_ms=50, idle_close_ms=10_000, messages_a_second=1_000)
    await server.open_shop()
    socket = await RawSocket.join(server.port)
    assert isinstance(await socket.hear(), Snapshot)
    (connection,) = connections(server)
    for _ in range(3):
        opcode = -1
        while opcode != PING:
            opcode, payload = await socket.read_frame()
        socket.frame(PONG, payload)
    assert connection._reader is None
    assert connection.session is None


async def test_an_alive_comes_behind_every_ping(start_server: StartServer) -> None:
    server = await start_server(ping_interval_ms=50)
    await server.open_shop()
    for encoding in Encoding:
        socket = await RawSocket.join(server.port, encoding=encoding)
        assert isinstance(await socket.hear(), Snapshot)
        for pings in (1, 2):
            alive = await socket.wait_for(Alive)
            assert (alive.next_ms, socket.pings) == (60, pings)
            assert abs(alive.at_ms - time.time() * 1000) < 60_000


async def test_backstage_hears_it_more_often(start_server: StartServer) -> None:
    server = await start_server(ping_interval_ms=60_000, backstage_ping_interval_ms=50)
    await server.open_shop()
    for role in ("host", "operator", "service"):
        socket = await RawSocket.join(server.port, token=server.token(role))
        assert (await socket.wait_for(Alive)).next_ms == 60
    assert server.app.gate.ping_within_ms(Role.VIEWER) == 72_000


async def test_backstage_never_hears_it_less_often(start_server: StartServer) -> None:
    server = await start_server(ping_interval_ms=50, backstage_ping_interval_ms=60_000, idle_close_ms=10_000)
    assert server.app.gate.ping_within_ms(Role.HOST) == server.app.gate.ping_within_ms(Role.VIEWER) == 60


async def test_a_silent_client_is_closed(start_server: StartServer) -> None:
    server = await start_server(ping_interval_ms=50, idle_close_ms=200)
    await server.open_shop()
    started = time.monotonic()
    socket = await RawSocket.join(server.port)
    while (await socket.read_frame())[0] != 0x8:
        pass
    # The loop's clock has whole milliseconds.
    assert time.monotonic() - started >= 0.19


async def test_a_connection_ends_with_its_token(start_server: StartServer) -> None:
    server = await start_server(token_leeway_ms=0, ping_interval_ms=100)
    await server.open_shop()
    for lasts_s in LONGER_AND_LONGER_S:
        claims: dict[str, Any] = {"sub": "wang", "role": "viewer", "exp": int(time.time()) + lasts_s}
        token = jwt.encode(claims, server.settings.token_secret, algorithm="HS256")
        socket = await RawSocket.join(server.port, token=token)
        if socket.status == 101:
            break
    assert (await socket.wait_closed()).code == 4500
    assert time.time() >= claims["exp"]


async def test_a_connection_lasts_as_long_as_its_token_opens_one(start_server: StartServer) -> None:
    for leeway_s in LONGER_AND_LONGER_S:
        server = await start_server(token_leeway_ms=leeway_s * 1_000, ping_interval_ms=100)
        await server.open_shop()
        claims: dict[str, Any] = {"sub": "wang", "role": "viewer", "exp": int(time.time())}
        token = jwt.encode(claims, server.settings.token_secret, algorithm="HS256")
        socket = await RawSocket.join(server.port, token=token)
        if socket.status == 101:
            break
    assert (await socket.wait_closed()).code == 4500
    assert time.time() >= claims["exp"] + leeway_s
    late = await RawSocket.join(server.port, token=token)
    assert (late.status, late.problem["code"]) == (401, "FORBIDDEN")


async def test_a_client_that_spoke_and_is_quiet_costs_no_more_than_another(start_server: StartServer) -> None:
    server = await start_server(ping_interval_ms=50, messages_a_second=1_000)
    await server.open_shop()
    await server.sell("mug", 1)
    socket = await RawSocket.join(server.port)
    socket.say(type="ask", id="q", sku="mug")
    await socket.wait_for(Answer)
    (connection,) = connections(server)
    await until(lambda: connection._reader is None and connection.session is None)
    socket.say(type="ask", id="again", sku="mug")
    assert (await socket.wait_for(Answer)).id == "again"


async def test_a_stopping_server_says_so_and_lets_everybody_go(shop: RunningServer) -> None:
    sockets = [await RawSocket.join(shop.port) for _ in range(20)]
    stopping = asyncio.ensure_future(shop.app.stop())
    for socket in sockets:
        assert (await socket.wait_for(Draining)).reconnect_after_ms == 2_000
        assert (await socket.wait_closed()).code == 4000
    await stopping
    assert shop.app.gate.limits.taken == 0


async def test_a_draining_server_takes_nobody(shop: RunningServer) -> None:
    shop.app.gate.draining = True
    socket = await RawSocket.join(shop.port)
    assert socket.status == 503
    assert "retry-after" in socket.headers


async def test_stopping_does_not_wait_for_ever(start_server: StartServer) -> None:
    server = await start_server(close_timeout_ms=100)
    await server.open_shop()
    await RawSocket.join(server.port)
    async with asyncio.timeout(WAIT_S):
        await server.app.stop()


async def test_one_connections_defect_keeps_the_others_from_nothing(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_server(ping_interval_ms=50, messages_a_second=1_000)
    await server.open_shop()
    broken, healthy = [await RawSocket.join(server.port, token=server.token(user=user)) for user in ("li", "wang")]
    faults = metrics.BARRIER_FAULTS.labels("gate.visit")
    before = faults._value.get()
    visit = Connection.visit

    def defective(connection: Connection, now: float) -> float | None:
        if connection.principal.user == "li":
            raise RuntimeError("a defect")
        return visit(connection, now)

    monkeypatch.setattr(Connection, "visit", defective)
    await until(lambda: faults._value.get() > before)
    pinged = healthy.pings
    while healthy.pings < pinged + 2:
        await healthy.hear()
    assert broken.status == 101
