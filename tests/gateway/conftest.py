from __future__ import annotations

import pytest
from both_loops import pytest_asyncio_loop_factories
from fixtures_server import RunningServer, StartServer

__all__ = ["pytest_asyncio_loop_factories"]


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    """A server whose room `evening` sells 100 mugs."""
    server = await start_server()
    await server.open_shop()
    await server.sell("mug", 100)
    return server
