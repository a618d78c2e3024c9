"""The API as the network sees it: behind uvicorn, on a port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest


@pytest.fixture
async def http(server: Any) -> AsyncIterator[httpx.AsyncClient]:
    await server.open_shop()
    await server.sell("mug", 10)
    headers = {"Authorization": f"Bearer {server.token('operator')}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        yield client


async def test_a_server_that_sells_is_ready(http: httpx.AsyncClient) -> None:
    response = await http.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"ready": True, "reasons": {}})
    assert (await http.get("/healthz")).text == "ok\n"
    assert "server" not in response.headers


async def test_a_snapshot_needs_nobody_connected(http: httpx.AsyncClient) -> None:
    snapshot = (await http.get("/v1/rooms/evening/snapshot")).json()
    assert [(row["sku"], row["available"]) for row in snapshot["skus"]] == [("mug", 10)]
    assert (await http.head("/v1/rooms/evening/snapshot")).content == b""


async def test_a_sku_may_hold_a_slash(http: httpx.AsyncClient) -> None:
    assert (await http.put("/v1/pools/main/skus/a%2Fb%20c", json={"title": "Slash"})).status_code == 201
    assert (await http.get("/v1/pools/main/skus/a%2Fb%20c")).json()["sku"] == "a/b c"


async def test_the_socket_asks_for_an_upgrade(http: httpx.AsyncClient) -> None:
    response = await http.get("/v1/rooms/evening/ws")
    assert (response.status_code, response.headers["content-type"]) == (426, "application/problem+json")


async def test_too_large_a_body_ends_the_connection_not_the_server(server: Any, http: httpx.AsyncClient) -> None:
    too_large = server.settings.body_max_bytes + 1
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = (
        f"PUT /v1/pools/main/skus/mug HTTP/1.1\r\nHost: x\r\nAuthorization: {http.headers['authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {too_large}\r\n\r\n"
    )
    writer.write(head.encode())
    answer = await reader.read()  # the server answers before the body came, and closes
    assert answer.startswith(b"HTTP/1.1 413 ")
    writer.close()
    assert (await http.get("/healthz")).status_code == 200


async def test_a_change_over_http_reaches_the_snapshot(http: httpx.AsyncClient) -> None:
    """The answer to a write may come before the feed's message; what follows shows it."""
    move = {"kind": "write_off", "sku": "mug", "qty": 4, "source": "pool", "id": "m1"}
    seq = (await http.post("/v1/pools/main/moves", json=move)).json()["seq"]
    while (snapshot := (await http.get("/v1/rooms/evening/snapshot")).json())["seq"] < seq:
        pass
    assert snapshot["skus"][0]["available"] == 6


async def test_many_writers_with_one_key_move_once(http: httpx.AsyncClient) -> None:
    move = {"kind": "write_off", "sku": "mug", "qty": 1, "source": "pool"}
    headers = {"Idempotency-Key": "k1"}
    answers = await asyncio.gather(*[http.post("/v1/pools/main/moves", json=move, headers=headers) for _ in range(20)])
    assert {answer.status_code for answer in answers} == {200}
    assert (await http.get("/v1/pools/main/skus/mug")).json()["buckets"]["pool"] == 9
