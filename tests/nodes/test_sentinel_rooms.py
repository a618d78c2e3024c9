"""Two servers on a primary with a replica that Sentinel promotes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from engine_cluster import role_of
from engine_sentinel import Watched, running_sentinel
from live_sale import MENDED_S, LiveSale
from redis.exceptions import ResponseError
from server_node import NOTICED_S, StartNode
from waiting import loop_time

UNITS = 10_000
ASK_AGAIN_S = 0.2


@pytest.fixture
def watched(short_folder: Path, valkey_binary: Path) -> Iterator[Watched]:
    with running_sentinel(valkey_binary, short_folder / token_hex(4)) as running:
        yield running


async def test_the_replica_sells_on_when_the_primary_is_killed(watched: Watched, start_node: StartNode) -> None:
    nodes = [await start_node(watched.url) for _ in range(2)]
    await nodes[0].open_room("evening", "main", UNITS)
    viewers = [await node.viewer("evening", "watcher") for node in nodes]
    sale = LiveSale(nodes, "evening", UNITS)
    await sale.has_grown(20)
    async with loop_time() as since:
        watched.primary.send(signal.SIGKILL)
        await asyncio.gather(*(viewer.until(lambda viewer=viewer: viewer.old) for viewer in viewers))
    assert since.s < NOTICED_S
    await asyncio.gather(
        *(viewer.until(lambda viewer=viewer: len(viewer.epochs) == 2, within_s=MENDED_S) for viewer in viewers)
    )
    await sale.has_grown(20)
    await sale.stop()
    await sale.ends_as_the_book_says(viewers)


async def fail_over(watched: Watched) -> None:
    """By hand. The sentinel promotes no replica that it has not heard of for some seconds, as on a busy machine."""
    async with asyncio.timeout(MENDED_S):
        while True:
            try:
                watched.sentinel.client.execute_command("SENTINEL", "FAILOVER", "shop")
            except ResponseError as error:
                if not str(error).startswith("NOGOODSLAVE"):
                    raise
                await asyncio.sleep(ASK_AGAIN_S)
            else:
                return


async def test_a_primary_that_was_replaced_is_left_before_it_knows_itself(
    watched: Watched, start_node: StartNode
) -> None:
    """A failover by hand, with everything well: for some ten seconds two processes call themselves primary."""
    nodes = [await start_node(watched.url) for _ in range(2)]
    await nodes[0].open_room("evening", "main", UNITS)
    viewers = [await node.viewer("evening", "watcher") for node in nodes]
    sale = LiveSale(nodes, "evening", UNITS)
    await sale.has_grown(20)
    await fail_over(watched)
    await asyncio.gather(
        *(viewer.until(lambda viewer=viewer: len(viewer.epochs) == 2, within_s=MENDED_S) for viewer in viewers)
    )
    assert role_of(watched.primary) == "master", "nobody has told it yet"
    await sale.has_grown(20)
    await sale.stop()
    await sale.ends_as_the_book_says(viewers)
