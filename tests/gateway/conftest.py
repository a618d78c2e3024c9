from __future__ import annotations

import ssl

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


@pytest.fixture
def trusting() -> ssl.SSLContext:
    """For a client that takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
