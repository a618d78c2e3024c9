"""A node that refuses viewers costs them nothing: the balancer asks the other one within the same request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest
from deploy.conftest import NODES, Stack, skip_without_haproxy
from deploy.shop import Shop

VIEWERS = 10


@pytest.fixture
def lopsided(tmp_path: Path) -> Iterator[Stack]:
    """The services, with a first node that has room for one viewer."""
    skip_without_haproxy()
    with ExitStack() as running:
        stack = Stack(tmp_path)
        stack.services[NODES[0]].environment |= {"SHELFCAST_WORKERS": "1", "SHELFCAST_CONNECTIONS_MAX": "1"}
        stack.start(running)
        yield stack


async def test_who_meets_a_full_node_is_let_in_by_the_other(lopsided: Stack) -> None:
    full, roomy = NODES
    with Shop(lopsided, "evening") as shop:
        async with AsyncExitStack() as entered:
            rooms = [shop.enter(f"user-{number}") for number in range(VIEWERS)]
            for room in rooms:
                await entered.enter_async_context(room)
            assert await asyncio.to_thread(lopsided.sent_to, full) == 1
            assert await asyncio.to_thread(lopsided.sent_to, roomy) == VIEWERS - 1
            refused = await asyncio.to_thread(Stack.read, f"http://{lopsided.address(full)}/metrics")
            assert 'shelfcast_handshakes_total{status="503"}' in refused
