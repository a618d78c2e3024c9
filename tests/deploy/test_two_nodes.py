"""Two nodes on one Valkey behind the balancer: one room for everybody, and a node can be taken away."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack

from deploy.conftest import NODES, Stack
from deploy.shop import UNITS, Shop
from engine_process import wait_until
from shelfcast_client import Reserved, Room

VIEWERS = 40
SOON_S = 40.0


async def enter_all(shop: Shop, entered: AsyncExitStack, count: int = VIEWERS) -> list[Room]:
    rooms = [shop.enter(f"user-{number}") for number in range(count)]
    await asyncio.gather(*(entered.enter_async_context(room) for room in rooms))
    return rooms


async def all_show(rooms: list[Room], available: int, held: int) -> None:
    def shown(room: Room) -> bool:
        return room.current and (room.stock["mug"].available, room.stock["mug"].held) == (available, held)

    await asyncio.gather(*(room.until(shown, timeout_s=SOON_S) for room in rooms))


async def test_viewers_on_both_nodes_see_the_same_counts(stack: Stack) -> None:
    with Shop(stack, "both") as shop:
        async with AsyncExitStack() as entered:
            rooms = await enter_all(shop, entered)
            spread = [await asyncio.to_thread(stack.sent_to, node) for node in NODES]
            assert sum(spread) == VIEWERS
            # By the fewest connections, as the balancer knows them at the moment: on a busy machine not quite evenly.
            assert min(spread) >= VIEWERS * 0.25, f"the balancer spread them {spread}"
            results = await asyncio.gather(*(room.reserve("mug", 2) for room in rooms))
            assert all(isinstance(result, Reserved) for result in results)
            await all_show(rooms, UNITS - 2 * VIEWERS, 2 * VIEWERS)
            newest = max(result.seq for result in results if isinstance(result, Reserved))
            assert {room.seq for room in rooms} == {newest}
            assert len({room.epoch for room in rooms}) == 1
            # How many watch is counted over both nodes and all their workers.
            await asyncio.gather(
                *(room.until(lambda room: room.viewers == VIEWERS, timeout_s=SOON_S) for room in rooms)
            )


async def test_a_stopped_nodes_viewers_go_on_at_the_other_one(stack: Stack) -> None:
    leaving, staying = NODES
    with Shop(stack, "drained") as shop:
        async with AsyncExitStack() as entered:
            rooms = await enter_all(shop, entered)
            assert await asyncio.to_thread(stack.sent_to, leaving) > 0
            stack.services[leaving].send(signal.SIGTERM)
            # Everybody buys while half of them are being sent away: no answer may be lost, and none counted twice.
            results = await asyncio.gather(*(room.reserve("mug") for room in rooms))
            assert [type(result) for result in results] == [Reserved] * VIEWERS
            assert await asyncio.to_thread(stack.services[leaving].wait) == 0, stack.services[leaving].log[-4000:]
            await all_show(rooms, UNITS - VIEWERS, VIEWERS)
            assert await asyncio.to_thread(stack.sent_to, staying) == VIEWERS
            report = await asyncio.to_thread(shop.call, "GET", f"/v1/pools/{shop.pool}/audit")
            assert report["ok"], report
            # It comes back, and is given viewers again.
            await asyncio.to_thread(stack.start_node, leaving)
            await asyncio.to_thread(wait_until, lambda: stack.is_up(leaving))
            late = await enter_all(shop, entered, count=VIEWERS // 2)
            assert await asyncio.to_thread(stack.sent_to, leaving) > 0
            await all_show(late, UNITS - VIEWERS, VIEWERS)


async def test_the_replica_has_every_key_of_the_primary(stack: Stack) -> None:
    with Shop(stack, "copied") as shop, stack.engine("valkey") as primary, stack.engine("valkey-replica") as replica:
        async with shop.enter("wang") as room:
            assert isinstance(await room.reserve("mug"), Reserved)
        wait_until(lambda: primary.info("replication")["connected_slaves"] == 1)
        assert primary.wait(1, 5000) == 1
        assert replica.info("replication")["role"] == "slave"
        wait_until(lambda: replica.dbsize() == primary.dbsize())
        settings = replica.config_get("append*")
        assert (settings["appendonly"], settings["appendfsync"]) == ("yes", "always")


def test_numbers_and_health_are_not_for_the_outside(stack: Stack) -> None:
    for path in ("/metrics", "/readyz", "/healthz", "/%6detrics", "//metrics", "/metrics/", "/metrics?x=1"):
        assert stack.status(stack.url + path) == 404, path
    assert stack.status(stack.url + "/v1/openapi.json") == 200


def test_secrets_are_in_no_command_line_and_in_no_log(stack: Stack) -> None:
    for service in stack.services.values():
        said = " ".join(service.command) + service.log
        assert not [name for name, secret in stack.variables.items() if secret and secret in said], service.name
