"""A server for commands: one that does heavy work, too, since `replay` asks for an audit at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fixtures_server import RunningServer
from heavy_work import heavy_work


@pytest.fixture
async def server(server: RunningServer) -> AsyncIterator[RunningServer]:
    async with heavy_work(server.app.engine, server.settings):
        yield server
