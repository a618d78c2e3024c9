from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop
from fixtures_server import RunningServer, StartServer


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Writing to a descriptor beside a transport leans on how the loop closes and buffers: both loops are tried."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    """A server whose room `evening` sells 100 mugs."""
    server = await start_server()
    await server.open_shop()
    await server.sell("mug", 100)
    return server
