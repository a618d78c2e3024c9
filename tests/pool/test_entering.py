"""Who may follow a pool, what for, how many, and what else a socket of a pool has in common with a room's."""

from __future__ import annotations

import time
from typing import Any

import httpx
import jwt
import pytest
from deaf_socket import Deaf
from fixtures_server import POOL, RunningServer, StartServer
from pool_follower import PoolFollower, PoolSocket
from raw_socket import BINARY, TEXT, RawSocket
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Close, Code
from shelfcast.protocol.from_server import Alive, Draining, Error
from shelfcast.protocol.pool_messages import PoolSnapshot, Topic
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put
from waiting import WAIT_S, until

HOST = "shop.example"
REFUSED: list[tuple[dict[str, Any] | None, int, str]] = [
    (None, 401, "Authorization"),
    ({"role": "viewer"}, 403, "role"),
    ({"role": "host"}, 403, "role"),
    ({"role": "counter", "pool": POOL}, 403, "role"),
    ({"role": "host", "pool": POOL}, 403, "role"),
    ({"role": "operator", "pool": "other"}, 403, "pool"),
    ({"role": "service", "pool": "other"}, 403, "pool"),
    ({"role": "operator", "room": "evening"}, 403, "room"),
    ({"role": "operator", "room": "evening", "pool": POOL}, 403, "room"),
]


class DeafFollower(Deaf, PoolSocket):
    """One that reads only when it is told to."""


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    server = await start_server()
    await server.open_shop()
    await server.sell("mug", 100)
    return server


async def told(
    server: RunningServer, token: str | None, pool: str = POOL, query: str = ""
) -> tuple[int, dict[str, Any]]:
    """What a handshake is told; the entry must say the same of it."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    socket = await PoolSocket.connect(server.port)
    await socket.shake_hands(f"/v1/pools/{pool}/ws{query}", Host=HOST, **headers)
    socket.close()
    async with httpx.AsyncClient(headers={"Host": HOST} | headers, timeout=WAIT_S) as http:
        asked = await http.get(f"{server.url}/v1/pools/{pool}/entry{query}")
    if socket.status == 101:
        assert (asked.status_code, asked.content) == (204, b"")
        return 101, {}
    assert (asked.status_code, asked.content) == (socket.status, socket.body)
    return socket.status, socket.problem


@pytest.mark.parametrize(("claims", "status", "field"), REFUSED, ids=[str(claims) for claims, *_ in REFUSED])
async def test_others_are_refused_before_the_upgrade(
    shop: RunningServer, claims: dict[str, Any] | None, status: int, field: str
) -> None:
    token = None if claims is None else shop.token(**claims)
    said, problem = await told(shop, token)
    assert (said, problem["field"], problem["code"]) == (status, field, "FORBIDDEN")
    assert (await told(shop, token, "nowhere"))[0] == status, "nor is it told what there is"
    assert shop.app.pool_hub.opened(POOL) is None


@pytest.mark.parametrize("claims", [{"role": "operator"}, {"role": "service", "pool": POOL}], ids=str)
async def test_operators_and_services_of_the_pool_may(shop: RunningServer, claims: dict[str, Any]) -> None:
    assert await told(shop, shop.token(**claims)) == (101, {})


async def test_a_pool_that_is_none_is_not_found(shop: RunningServer) -> None:
    status, problem = await told(shop, shop.token("operator"), "nowhere")
    assert (status, problem["code"], problem["field"]) == (404, "NOT_FOUND", "pool")


async def test_a_token_that_has_expired_is_refused(shop: RunningServer) -> None:
    claims = {"sub": "li", "role": "operator", "exp": int(time.time()) - 3600}
    status, problem = await told(shop, jwt.encode(claims, shop.settings.token_secret, algorithm="HS256"))
    assert (status, "expired" in problem["detail"]) == (401, True)


@pytest.mark.parametrize(
    "query", ["?topics=weather", "?topics=units,weather", "?topics=", "?topics=units,", "?topics=UNITS"]
)
async def test_a_topic_that_there_is_not_is_refused_with_those_there_are(shop: RunningServer, query: str) -> None:
    status, problem = await told(shop, shop.token("operator"), query=query)
    assert (status, problem["code"], problem["field"]) == (400, "BAD_MESSAGE", "topics")
    assert all(topic in problem["detail"] for topic in Topic)


@pytest.mark.parametrize(
    ("query", "topics"),
    [
        ("", list(Topic)),
        ("?topics=units", [Topic.UNITS]),
        ("?topics=actions,people,units", [Topic.UNITS, Topic.PEOPLE, Topic.ACTIONS]),
        ("?topics=people%2Cunits,units", [Topic.UNITS, Topic.PEOPLE]),
        ("?lang=zh&topics=people", [Topic.PEOPLE]),
    ],
)
async def test_topics_are_chosen_by_the_query(shop: RunningServer, query: str, topics: list[Topic]) -> None:
    first = await (await PoolSocket.follow(shop.port, shop.token("operator"), query=query)).hear()
    assert isinstance(first, PoolSnapshot)
    assert first.topics == topics


async def test_so_many_may_follow_and_no_more(start_server: StartServer) -> None:
    server = await start_server(pool_sockets_a_pool_max=2, pool_sockets_max=3)
    for pool in (POOL, "other"):
        await server.pools.directory.create_pool(pool)
    token = server.token("operator")
    first = [await PoolSocket.follow(server.port, token) for _ in range(2)]
    status, problem = await told(server, token)
    assert (status, problem["code"], problem["retry"]) == (503, "OVERLOADED", "same_id")
    assert (await PoolSocket.follow(server.port, token, "other")).status == 101
    assert (await told(server, token, "other"))[0] == 503
    first[0].close()
    await until(lambda: server.app.gate.limits.taken == 2)
    assert (await PoolSocket.follow(server.port, token)).status == 101


@pytest.mark.parametrize(
    ("opcode", "payload"),
    [
        (TEXT, b'{"type":"ask","id":"a","sku":"mug"}'),
        (TEXT, b'{"type":"follow","id":"a","topics":["units"]}'),
        (TEXT, b"{"),
        (TEXT, b""),
        (BINARY, b"\x80"),
    ],
)
async def test_whatever_is_said_is_answered_and_again_and_again_it_closes(
    shop: RunningServer, opcode: int, payload: bytes
) -> None:
    socket = await PoolSocket.follow(shop.port, shop.token("operator"))
    for _ in range(shop.settings.bad_messages_max):
        socket.frame(opcode, payload)
        said = await socket.wait_for(Error)
        assert said.code is Code.BAD_MESSAGE
        assert "topics" in said.message or "text frame" in said.message
    socket.frame(opcode, payload)
    assert (await socket.wait_closed()).code == Close.BAD_MESSAGES


async def test_it_hears_signs_of_life_ends_with_its_token_and_with_the_server(start_server: StartServer) -> None:
    server = await start_server(backstage_ping_interval_ms=50, token_leeway_ms=0)
    await server.open_shop()
    lasting = await PoolSocket.follow(server.port, server.token("operator"), encoding=Encoding.MSGPACK)
    await lasting.wait_for(Alive)
    short = await PoolSocket.follow(server.port, server.token("operator", ttl_s=3))
    assert (await short.wait_closed()).code == Close.TOKEN_EXPIRED
    stopping = server.app.stop()
    await stopping
    await lasting.wait_for(Draining)
    assert (await lasting.wait_closed()).code == Close.DRAINING


async def big_catalogue(server: RunningServer, skus: int) -> None:
    await server.open_shop()
    book = await server.book()
    for number in range(skus):
        book.submit(put(What.SKU, f"a-rather-long-name-of-a-sku-{number:05}", {"title": "x"}), lambda _: None)
    await server.sell("mug", 1)


async def test_one_that_does_not_read_is_skipped_and_mended(start_server: StartServer) -> None:
    server = await start_server(tick_ms=5)
    await big_catalogue(server, 3_000)
    slow = PoolFollower(await DeafFollower.follow(server.port, server.token("operator"), query="?topics=units"))
    assert isinstance(slow.socket, DeafFollower)
    slow.socket.stop_reading()
    other = await PoolFollower.join(server.port, server.token("operator"), "?topics=units")
    await other.until_current()
    pool = server.app.pool_hub.opened(POOL)
    assert pool is not None
    for _ in range(20):
        await server.receive("mug", 1)
        await other.shows("mug", other.units["mug"].pool + 1)
    unsent = sum(connection.unsent_bytes for connection in server.app.gate._blocked_since)
    assert 0 < unsent < 64_000, "what it has not read waits in the pool's rows, not in its buffer"
    slow.socket.read_on()
    await slow.until_current()
    assert (slow.units, slow.snapshots) == (other.units, 1)
    await server.receive("mug", 1)
    await slow.shows("mug", 22)


async def test_one_that_never_reads_is_closed(start_server: StartServer) -> None:
    server = await start_server(slow_viewer_close_ms=200)
    await big_catalogue(server, 3_000)
    slow = await DeafFollower.follow(server.port, server.token("operator"))
    slow.stop_reading()
    await until(lambda: server.app.gate.limits.taken == 1)
    await until(lambda: server.app.gate.limits.taken == 0)


async def test_a_room_and_a_pool_of_one_name_are_two(shop: RunningServer) -> None:
    await shop.open_shop(POOL)
    assert (await RawSocket.join(shop.port, POOL)).status == 101
    assert (await PoolSocket.follow(shop.port, None)).status == 401
