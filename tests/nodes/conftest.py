"""Several servers on one engine: each an `App` with an engine connection of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import msgspec
import pytest
from raw_socket import RawSocket
from server_node import Node, StartNode
from shelfcast.app import App
from shelfcast.settings import Settings


@pytest.fixture
async def start_node(settings: Settings) -> AsyncIterator[StartNode]:
    """`await start_node(url)`: a server on the engine there. All of a test share key prefix and token secret. A call
    of the engine takes no longer than by default: engines die here."""
    async with AsyncExitStack() as started:

        async def start(url: str, **changes: object) -> Node:
            quick = {"engine_call_timeout_ms": Settings().engine_call_timeout_ms, **changes}
            app = App(msgspec.structs.replace(settings, engine=url, **quick))
            await app.start()
            started.push_async_callback(app.stop)
            started.push_async_callback(RawSocket.abort_all)
            return Node(app)

        yield start
