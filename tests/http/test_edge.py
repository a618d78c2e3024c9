"""What a stranger's page, a stranger's name and a stranger's haste come to."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import httpx
import msgspec
import pytest
from fixtures_server import StartServer
from raw_socket import RawSocket
from shelfcast.errors import ConfigError
from shelfcast.hosts import Hosts
from shelfcast.http.api.edge import Edge
from shelfcast.http.api.kept import Kept
from shelfcast.http.api.services import Services
from shelfcast.http.application import create_app
from shelfcast.settings import Settings
from starlette.types import Message, Receive, Scope, Send

GUESTS = "/v1/rooms/evening/guests"


def app_with(services: Services, **changes: Any) -> httpx.AsyncClient:
    settings = msgspec.structs.replace(services.settings, **changes)
    app = create_app(dataclasses.replace(services, settings=settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shelf.test")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": "http://shelf.test"}, 201),
        ({"Origin": "https://shelf.test", "Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://shelf.test.evil.example"}, 403),
        ({"Origin": "http://evil.shelf.test", "Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_a_page_of_another_site_takes_no_pass(shop: Any, headers: dict[str, str], status: int) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"open_reservations": True})
    allowed = {"allowed_origins": "https://shop.example", "guest_passes_an_address_a_minute_max": 1}
    async with app_with(shop.services, **allowed) as http:
        assert (await http.post(GUESTS, headers=headers)).status_code == status
        if status == 403:
            assert (await http.post(GUESTS)).status_code == 201, "nothing of the visitor's allowance was used up"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1:80", "[::1]:8000"])
async def test_a_host_of_the_list_is_served(services: Services, host: str) -> None:
    async with app_with(services, hosts="localhost, 127.0.0.1,[::1]") as http:
        assert (await http.get("/v1/on-air", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000", "[::2]", "a b", ""])
async def test_another_host_is_told_so(services: Services, host: str) -> None:
    async with app_with(services, hosts="localhost") as http:
        for method, path in (("GET", "/v1/on-air"), ("GET", "/"), ("POST", GUESTS), ("GET", "/nowhere")):
            refused = await http.request(method, path, headers={"Host": host})
            assert (refused.status_code, refused.json()["field"]) == (421, "Host")
        assert (await http.get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("hosts", ["localhost:8000", "http://a", "a b", "*", "a,,b/", "[::1"])
def test_a_list_that_is_none_is_refused_at_the_start(hosts: str) -> None:
    with pytest.raises(ConfigError, match="hosts"):
        Settings.load({"hosts": hosts}, {})


def test_without_a_list_any_host_is_served() -> None:
    assert Hosts("").allow("evil.example")


async def test_a_page_of_a_name_that_leads_here_opens_no_socket(start_server: StartServer) -> None:
    server = await start_server(hosts="127.0.0.1")
    await server.open_shop()
    own = f"127.0.0.1:{server.port}"
    assert (await RawSocket.join(server.port, Host=own, Origin=f"http://{own}")).status == 101
    rebound: dict[str, Any] = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert (await RawSocket.join(server.port, **rebound)).status == 403


async def test_two_users_are_not_made_one_by_broken_encoding(shop: Any) -> None:
    for path in ("users/%ff", "users/%ED%A0%80", "skus/%C3", "reservations?user=%ff", "reservations?user=%ED%A0%80"):
        refused = await shop.problem("GET", f"/v1/pools/main/{path}")
        assert (refused["status"], refused["field"]) == (422, "sku" if "sku" in path else "user")
    for user, encoded in (("王", "%E7%8E%8B"), ("\ufffd", "%EF%BF%BD")):
        assert (await shop.ok("GET", f"/v1/pools/main/users/{encoded}"))["user"] == user


async def test_every_answer_says_nosniff(shop: Any) -> None:
    for method, path in (("GET", "/v1/on-air"), ("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/nowhere"),
                         ("GET", "/v1/openapi.json"), ("GET", "/"), ("POST", "/v1/pools")):  # fmt: skip
        response = await shop.http.request(method, path)
        assert response.headers.get_list("x-content-type-options") == ["nosniff"], path


async def test_whoever_asks_often_reads_no_oftener(shop: Any) -> None:
    pool = await shop.services.pools.get("main")
    reads = 0
    read = pool.book.rooms

    async def counted() -> Any:
        nonlocal reads
        reads += 1
        return await read()

    object.__setattr__(pool.book, "rooms", counted)
    answers = await asyncio.gather(*(shop.http.get("/v1/on-air") for _ in range(100)))
    assert {answer.json()["rooms"][0]["room"] for answer in answers} == {"evening"}
    assert reads == 1
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "paused"})
    assert (await shop.http.get("/v1/on-air")).json()["rooms"] == []


async def test_an_answer_is_kept_for_a_second_when_it_is_asked_for_too_often() -> None:
    now, values = [100.0], iter(range(100))
    kept: Kept[int] = Kept(2, lambda: now[0])

    async def read() -> int:
        return next(values)

    assert [await kept.get(read) for _ in range(5)] == [0, 1, 1, 1, 1]
    now[0] = 101.0
    assert [await kept.get(read) for _ in range(3)] == [2, 3, 3]


async def test_a_fault_is_not_kept() -> None:
    kept: Kept[int] = Kept(2, lambda: 100.0)

    async def fail() -> int:
        raise TimeoutError

    async def read() -> int:
        return 7

    results = await asyncio.gather(kept.get(fail), kept.get(fail), return_exceptions=True)
    assert [type(result) for result in results] == [TimeoutError, TimeoutError]
    assert await kept.get(read) == 7


@pytest.mark.parametrize(("said", "passes"), [("…; the handler is closed", False), ("a defect", True)])
async def test_a_client_that_is_gone_before_its_answer_is_no_defect(said: str, passes: bool) -> None:
    """uvloop raises for a transport that it has closed, and uvicorn would log a trace for each of a thousand."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        raise RuntimeError(said)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    serve = Edge(app, Hosts(""))({"type": "http", "path": "/", "headers": []}, receive, send)
    if passes:
        with pytest.raises(RuntimeError, match=said):
            await serve
    else:
        await serve
