"""A shop of mugs, and a merchant of the SDK who runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fixtures_server import POOL, RunningServer
from heavy_work import heavy_work
from shelfcast_client.merchant import Merchant


@pytest.fixture
async def shop(server: RunningServer) -> RunningServer:
    """A live room with 100 mugs."""
    await server.open_shop()
    await server.sell("mug", 100)
    return server


@pytest.fixture
async def merchant(shop: RunningServer) -> AsyncIterator[Merchant]:
    async with (
        heavy_work(shop.app.engine, shop.settings),
        Merchant(shop.url, shop.token("operator", user="erp"), POOL) as merchant,
    ):
        yield merchant
