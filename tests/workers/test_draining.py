"""Stopping and replacing workers while people buy: what was acknowledged stays, and everybody ends with the truth."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import datetime

import httpx
import pytest
from engine_process import EngineProcess
from raw_socket import RawSocket
from shelfcast.protocol.from_server import Draining, Reserved
from shelfcast_client import Reserved as Held
from shelfcast_client import Room
from workers.conftest import Serve
from workers.serving import POOL, SKU, Serving

UNITS = 100_000
"""More than all buyers can take while a slow machine starts its workers anew."""
NOTICE_MS = 5_000
"""Longer than a busy machine needs to ask once more, and for a newcomer to be let in."""
VIEWERS = 40
BUYERS = 12


@pytest.mark.usefixtures("no_socket_left")
async def test_a_stopping_server_says_so_first_then_lets_everybody_go_in_time(serve: Serve) -> None:
    server = serve(workers=2, drain_notice_ms=NOTICE_MS, drain_timeout_ms=1_000).ready().open_shop(10)
    viewers = [await RawSocket.join(server.port) for _ in range(120)]
    async with httpx.AsyncClient(base_url=server.url) as kept:
        assert (await kept.get("/readyz")).status_code == 200
        server.signal(signal.SIGTERM)
        await server.comes("draining", 3)
        refused = await kept.get("/readyz")
        assert (refused.status_code, refused.json()["reasons"]) == (503, {"serving": "draining"})
        # While a balancer takes notice, whoever still comes is served.
        late = await RawSocket.join(server.port)
        assert late.status == 101
    for viewer in (*viewers, late):
        assert await viewer.wait_for(Draining)
        assert (await viewer.wait_closed()).code == 4000
    assert await server.exit_code() == 0
    limit_ms = NOTICE_MS + 2 * 1_000 + 2 * 2_000 + 3_000
    times = [line["timestamp"] for line in server.lines if line["event"] in {"draining", "stopped"}]
    assert seconds(times[-1]) - seconds(times[0]) < limit_ms / 1000
    assert not [line for line in server.lines if line["event"] == "worker.killed"]


@pytest.mark.usefixtures("no_socket_left")
async def test_a_reservation_under_way_is_answered_before_its_socket_is_closed(
    serve: Serve, own_engine: EngineProcess
) -> None:
    server = serve(workers=2, engine=own_engine.url, engine_call_timeout_ms=8_000).ready().open_shop(10)
    buyers = [await RawSocket.join(server.port, token=server.token("viewer", f"buyer-{n}")) for n in range(6)]
    own_engine.send(signal.SIGSTOP)
    for number, buyer in enumerate(buyers):
        buyer.say(type="reserve", id=f"r{number}", sku=SKU, qty=1)
        buyer.say(type="ask", id="heard", sku=SKU)
    # The answer to a question needs no engine: it shows that the reservation before it has been taken.
    for buyer in buyers:
        while getattr(await buyer.hear(), "id", "") != "heard":
            pass
    server.signal(signal.SIGTERM)
    await server.comes("draining", 3)
    own_engine.send(signal.SIGCONT)
    for number, buyer in enumerate(buyers):
        assert (await buyer.wait_for(Reserved)).id == f"r{number}"
        assert await buyer.wait_for(Draining)
        assert (await buyer.wait_closed()).code == 4000
    assert await server.exit_code() == 0


@pytest.mark.usefixtures("no_socket_left")
async def test_a_rolling_restart_under_load_loses_nothing_and_shows_everybody_the_truth(serve: Serve) -> None:
    server = serve(workers=3, drain_timeout_ms=1_000, drain_reconnect_after_ms=200).ready().open_shop(UNITS)
    first = set(server.workers().values())
    async with AsyncExitStack() as rooms:
        viewers = [await rooms.enter_async_context(server.enter(f"viewer-{n}")) for n in range(VIEWERS)]
        buyers = [await rooms.enter_async_context(server.enter(f"buyer-{n}")) for n in range(BUYERS)]
        enough = asyncio.Event()
        buying = [asyncio.create_task(buy(room, enough)) for room in buyers]
        probing = asyncio.create_task(knock_again_and_again(server, enough))
        server.signal(signal.SIGHUP)
        await server.comes("restarted")
        enough.set()
        bought = [held for one in await asyncio.gather(*buying) for held in one]
        assert await probing > 20
        final = await asyncio.to_thread(server.shelf)
        assert final == (UNITS - len(bought), len(bought))
        assert len({held.id for held in bought}) == len(bought) > 100
        for room in viewers + buyers:
            await room.until(lambda room: room.current and shows(room) == final, timeout_s=60)
    assert {held.id for held in bought} == await asyncio.to_thread(reserved_ids, server)
    assert len(first | set(server.workers().values())) == 6
    assert not [line for line in server.lines if line["event"] in {"worker.died", "worker.killed", "restart.given_up"}]
    report = await asyncio.to_thread(server.call, "GET", f"/v1/pools/{POOL}/audit")
    assert report["ok"], report


async def buy(room: Room, enough: asyncio.Event) -> list[Held]:
    """Reserve one unit after another; what was acknowledged. The client asks again for what it did not hear."""
    acknowledged = []
    while not enough.is_set():
        result = await room.reserve(SKU, 1)
        assert isinstance(result, Held), result
        acknowledged.append(result)
        await asyncio.sleep(0)
    return acknowledged


async def knock_again_and_again(server: Serving, enough: asyncio.Event) -> int:
    """New connections while workers are replaced: none of them is refused or reset. How many there were."""
    count = 0
    while not enough.is_set():
        viewer = await RawSocket.join(server.port)
        assert viewer.status == 101, viewer.problem
        viewer.close()
        count += 1
    return count


def shows(room: Room) -> tuple[int, int]:
    return room.stock[SKU].available, room.stock[SKU].held


def reserved_ids(server: Serving) -> set[str]:
    """The reservations that the ledger has."""
    found: set[str] = set()
    after = 0
    while page := server.lines_of(f"/v1/pools/{POOL}/ledger?after={after}&limit=1000"):
        found |= {entry["id"] for entry in page if entry["kind"] == "reserve"}
        after = page[-1]["seq"]
    return found


def seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()
