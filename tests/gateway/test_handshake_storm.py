"""Many who want in at once: they get in, and who is in already does not wait for them."""

from __future__ import annotations

import asyncio
import base64
import os
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from socket import create_connection
from typing import Any

import pytest
import uvloop
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast import metrics
from shelfcast.app import App
from shelfcast.gateway.accept_limiter import AcceptLimiter
from shelfcast.gateway.http_protocol import HttpProtocol
from shelfcast.protocol.from_server import Notice, Snapshot
from shelfcast.settings import Settings
from waiting import until

CROWD = 60


def request(**headers: str) -> bytes:
    fields = {
        "Host": "127.0.0.1",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        **headers,
    }
    lines = ["GET /v1/rooms/evening/ws HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def crowd_at_the_door(server: RunningServer) -> list[RawSocket]:
    """Connected, and known to the server, but silent."""
    crowd = [await RawSocket.connect(server.port) for _ in range(CROWD)]
    await until(lambda: server.app.gate.handshakes_under_way == CROWD)
    return crowd


async def shop_of(start_server: StartServer, **settings: object) -> RunningServer:
    server = await start_server(viewers_interval_ms=60_000, **settings)
    await server.open_shop()
    await server.sell("mug", 100)
    await server.app.hub.enter("evening")
    return server


async def test_a_storm_shares_its_snapshots(start_server: StartServer) -> None:
    server = await shop_of(start_server)
    await (await RawSocket.join(server.port)).hear()
    crowd = await crowd_at_the_door(server)
    before = metrics.SNAPSHOTS_ENCODED._value.get()
    for socket in crowd:
        socket.send(request())
    for socket in crowd:
        await socket.read_response()
        assert socket.status == 101
        snapshot = await socket.hear()
        assert isinstance(snapshot, Snapshot)
        assert snapshot.skus[0].available == 100
    # One serves all who come within a quarter of a second, so that its time is fresh.
    assert metrics.SNAPSHOTS_ENCODED._value.get() - before < CROWD / 10


async def test_a_broadcast_does_not_wait_for_the_end_of_a_storm(start_server: StartServer) -> None:
    server = await shop_of(start_server, handshakes_a_turn=1, broadcast_chunk_connections=1)
    viewers = [await RawSocket.join(server.port) for _ in range(5)]
    room, limiter = server.app.hub.rooms["evening"], server.app.gate.limiter
    crowd = await crowd_at_the_door(server)
    for socket in crowd:
        socket.send(request())
    await until(lambda: len(limiter) >= CROWD // 2)
    room.announce(Notice(text="still here", at_ms=1))
    await until(lambda: not room.audience.running and not room.state.dirty)
    assert len(limiter) > 0, "the storm was over first"
    for viewer in viewers:
        await viewer.wait_for(Notice)
    await asyncio.gather(*(socket.read_response() for socket in crowd))
    assert {socket.status for socket in crowd} == {101}
    await until(lambda: len(room.audience) == CROWD + len(viewers))


async def test_one_who_leaves_in_the_queue_takes_no_place(start_server: StartServer) -> None:
    server = await shop_of(start_server, handshakes_a_turn=1)
    crowd = await crowd_at_the_door(server)
    for socket in crowd:
        socket.send(request())
    await until(lambda: len(server.app.gate.limiter) >= CROWD // 2)
    for socket in crowd:
        socket.close()
    # Of those whose request was not read yet it is learned last that they are gone.
    gate = server.app.gate
    await until(lambda: not (len(gate.limiter) or gate.limits.taken or gate.handshakes_under_way))


async def test_first_bytes_wait_for_their_turn_and_parsers_are_made_then(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await shop_of(start_server, http_reads_a_turn=1)
    turn, made = 0, Counter[int]()

    def count_turns() -> None:
        nonlocal turn
        turn += 1
        asyncio.get_running_loop().call_soon(count_turns)

    begin = HttpProtocol.begin

    def count(talk: HttpProtocol, *given: Any) -> None:
        made[turn] += 1
        begin(talk, *given)

    monkeypatch.setattr(HttpProtocol, "begin", count)
    crowd = await crowd_at_the_door(server)
    count_turns()
    for socket in crowd:
        socket.send(b"GET /v1/openapi.json HTTP/1.1\r\nHost: here\r\n\r\n")
    for socket in crowd:
        await socket.read_response()
        assert socket.status == 200
    assert made.total() == CROWD
    assert max(made.values()) == 1


async def test_one_who_leaves_before_its_first_turn_is_forgotten(start_server: StartServer) -> None:
    server = await shop_of(start_server, http_reads_a_turn=1)
    crowd = await crowd_at_the_door(server)
    for socket in crowd:
        socket.send(b"GET /healthz HTTP/1.1\r\n")
        socket.writer.transport.abort()
    await until(lambda: not len(server.app.gate.http) and not len(server.app.gate.http_limiter))


async def test_a_full_server_does_not_look_at_tokens(start_server: StartServer) -> None:
    server = await shop_of(start_server, connections_max=1)
    await RawSocket.join(server.port)
    socket = await RawSocket.connect(server.port)
    socket.send(request(Authorization="Bearer nonsense"))
    await socket.read_response()
    assert socket.status == 503
    assert int(socket.headers["retry-after"]) >= 1


@pytest.mark.parametrize("count", [1, 3, 4, 10])
async def test_a_turnstile_keeps_the_order_and_the_pace(count: int) -> None:
    turns: deque[Callable[[], None]] = deque()
    limiter = AcceptLimiter(3, turns.append)
    let_in: list[int] = []
    for number in range(count):
        if limiter.passes():
            let_in.append(number)
        else:
            limiter.wait("10.0.0.1", partial(let_in.append, number))
    seen = [len(let_in)]
    while turns:
        turns.popleft()()
        seen.append(len(let_in))
    assert let_in == list(range(count))
    assert all(after - before <= 3 for before, after in zip([0, *seen], seen, strict=False))
    assert len(limiter) == 0


def test_a_fault_of_one_is_not_the_others_of_its_turn() -> None:
    turns: deque[Callable[[], None]] = deque()
    limiter = AcceptLimiter(3, turns.append)
    let_in: list[str] = []

    def fail() -> None:
        raise RuntimeError("closed already")

    while limiter.passes():
        pass
    limiter.wait("10.0.0.1", fail)
    limiter.wait("10.0.0.2", lambda: let_in.append("10.0.0.2"))
    while turns:
        turns.popleft()()
    assert let_in == ["10.0.0.2"]
    assert limiter.passes()


def test_who_comes_from_elsewhere_does_not_wait_for_the_thousands_of_one_address() -> None:
    turns: deque[Callable[[], None]] = deque()
    limiter = AcceptLimiter(2, turns.append)
    assert limiter.passes()
    assert limiter.passes()
    let_in: list[str] = []
    for address in [*["crowd"] * 1_000, "health", "newcomer"]:
        limiter.wait(address, partial(let_in.append, address))
    turns.popleft()()
    turns.popleft()()
    assert let_in == ["crowd", "health", "newcomer", "crowd"]
    assert len(limiter) == 998
    while turns:
        turns.popleft()()
    assert len(let_in) == 1_002
    assert len(limiter) == 0


def test_a_queue_of_connections_is_accepted_in_a_few_turns_of_the_loop(settings: Settings) -> None:
    """uvloop by itself accepts one a turn, and a turn may take long: who came last would wait for all before."""

    async def come_together() -> None:
        app = App(settings)
        await app.start()
        queue = []
        try:
            queue += [create_connection(("127.0.0.1", app.port)) for _ in range(64)]
            for _ in range(16):
                await asyncio.sleep(0)
            assert app.gate.handshakes_under_way == 64
        finally:
            for one in queue:
                one.close()
            await app.stop()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(come_together())
