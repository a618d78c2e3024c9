"""What a room refuses, at the edge or by the book, is counted for its show, once a second, and read over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import Me, Refused, Snapshot, Stock
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    """A server whose room `evening` is live and sells 3 mugs and any number of bowls."""
    server = await start_server(refusals_interval_ms=100)
    await server.open_shop()
    await server.sell("mug", 3)
    await server.sell("bowl", 500)
    return server


async def customer(server: RunningServer, user: str) -> RawSocket:
    socket = await RawSocket.join(server.port, token=server.token(user=user))
    assert isinstance(await socket.hear(), Snapshot)
    await socket.wait_for(Me)
    return socket


async def refused(socket: RawSocket, name: str, sku: str, qty: int) -> str:
    socket.say(type="reserve", id=name, sku=sku, qty=qty)
    answer: Refused = await socket.wait_for(Refused)
    return answer.code


async def refusals(server: RunningServer, show: str, role: str = "operator") -> httpx.Response:
    headers = {"Authorization": f"Bearer {server.token(role=role, user='zhang')}"}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{server.port}/v1/shows/{show}/refusals", headers=headers)


async def counted(server: RunningServer, attempts: int, show: str = "evening.1") -> dict[str, Any]:
    """The refusals of the show, once so many attempts have arrived."""
    async with asyncio.timeout(30):
        while True:
            found: dict[str, Any] = (await refusals(server, show)).json()
            if sum(row["count"] for row in found.get("codes", [])) >= attempts:
                return found
            await asyncio.sleep(0.05)


async def test_refusals_of_the_book_and_of_the_edge_are_counted_alike(shop: RunningServer) -> None:
    wang, li = await customer(shop, "wang"), await customer(shop, "li")
    assert await refused(wang, "w1", "mug", 4) == Code.INSUFFICIENT
    wang.say(type="reserve", id="w2", sku="mug", qty=3)
    while (await li.wait_for(Stock)).rows[0][1] > 0:
        pass
    assert await refused(li, "l1", "mug", 2) == Code.ALL_HELD
    assert await refused(li, "l2", "mug", 1) == Code.ALL_HELD
    # Nobody is counted who asks for what is not there.
    assert await refused(li, "l3", "made up", 1) == Code.UNKNOWN_SKU
    found = await counted(shop, 3)
    assert (found["show"], found["next"]) == ("evening.1", None)
    assert [(row["code"], row["count"], row["units"], row["people"]) for row in found["codes"]] == [
        ("ALL_HELD", 2, 3, 1),
        ("INSUFFICIENT", 1, 4, 1),
    ]
    (mug,) = found["skus"]
    assert (mug["sku"], mug["lack_of_stock"]) == ("mug", {"count": 3, "units": 7, "people": 2})


async def test_what_never_reaches_the_engine_is_counted_too(shop: RunningServer) -> None:
    await shop.sell("jar", 0)
    stranger, wang = await RawSocket.join(shop.port), await customer(shop, "wang")
    await stranger.hear()
    assert await refused(wang, "w1", "jar", 1) == Code.SOLD_OUT
    assert await refused(stranger, "s1", "bowl", 2) == Code.FORBIDDEN
    found = await counted(shop, 2)
    rows = [(sku["sku"], row["code"], row["units"], row["people"]) for sku in found["skus"] for row in sku["codes"]]
    assert rows == [("bowl", "FORBIDDEN", 2, 0), ("jar", "SOLD_OUT", 1, 1)]


async def test_each_show_has_its_own_and_between_shows_nothing_is_counted(shop: RunningServer) -> None:
    wang = await customer(shop, "wang")
    assert await refused(wang, "w1", "mug", 9) == Code.INSUFFICIENT
    await shop.apply(put(What.ROOM, "evening", {"status": "ended"}))
    assert await refused(wang, "w2", "bowl", 1) == Code.SALE_ENDED
    await shop.apply(put(What.ROOM, "evening", {"status": "live"}))
    assert await refused(wang, "w3", "mug", 8) == Code.INSUFFICIENT
    first, second = await counted(shop, 1), await counted(shop, 1, "evening.2")
    assert [[(row["code"], row["units"]) for row in found["codes"]] for found in (first, second)] == [
        [("INSUFFICIENT", 9)],
        [("INSUFFICIENT", 8)],
    ]


async def test_a_room_that_closes_leaves_nothing_uncounted(start_server: StartServer) -> None:
    shop = await start_server(refusals_interval_ms=60_000, room_linger_ms=1)
    await shop.open_shop()
    await shop.sell("mug", 0)
    wang = await customer(shop, "wang")
    assert await refused(wang, "w1", "mug", 1) == Code.SOLD_OUT
    wang.close()
    found = await counted(shop, 1)
    assert found["codes"][0]["people"] == 1


async def test_viewers_and_strangers_read_none_of_it(shop: RunningServer) -> None:
    assert (await refusals(shop, "evening.1", role="viewer")).status_code == 403
    assert (await refusals(shop, "evening.9")).status_code == 404
    assert (await refusals(shop, "evening.1", role="host")).status_code == 200
