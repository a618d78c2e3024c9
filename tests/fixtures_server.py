"""A whole server in the test's process, on a free port of this machine, over the session's engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from raw_socket import RawSocket
from shelfcast.app import App
from shelfcast.engine import Engine
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import Move, MoveKind, Op, put
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.pools import Pools

POOL = "main"
ROOM = "evening"


class RunningServer:
    """A started `App`, and what tests do to it from outside."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.settings = app.settings
        scheme = "s" if app.settings.tls_certificate_file else ""
        self.url = f"http{scheme}://127.0.0.1:{app.port}"
        self.ws_url = f"ws{scheme}://127.0.0.1:{app.port}"
        self._moves = 0

    @property
    def port(self) -> int:
        return self.app.port

    @property
    def pools(self) -> Pools:
        return self.app.pools

    def token(self, role: str = "viewer", *, user: str = "wang", **claims: Any) -> str:
        return Tokens(self.settings).mint(role=Role(role), user=user, **claims)

    async def book(self, pool: str = POOL) -> StockBook:
        opened = await self.pools.get(pool)
        assert opened is not None
        return opened.book

    async def apply(self, op: Op) -> Outcome:
        """Carry an operation out on the main pool; it must succeed."""
        outcome = await (await self.book()).apply(op)
        assert outcome.code == "OK", (op, outcome)
        return outcome

    async def open_shop(self, room: str = ROOM, **config: Any) -> None:
        """The pool `main` with a shared channel and a live room on it, whose shelf is empty."""
        await self.pools.directory.create_pool(POOL)
        await self.pools.directory.create_room(room, POOL)
        await self.apply(put(What.CHANNEL, "live", {"kind": "shared"}))
        await self.apply(put(What.ROOM, room, RoomConfig(channel="live", status=RoomStatus.LIVE, **config)))

    async def sell(self, sku: str, units: int, room: str = ROOM, **listing: object) -> None:
        """Put a SKU with so many units on a room's shelf."""
        await self.apply(put(What.SKU, sku, {"title": sku.title(), "price_minor": 990}))
        await self.apply(put(What.LISTING, sku, {"position": 1, **listing}, parent=room))
        if units:
            await self.receive(sku, units)

    async def receive(self, sku: str, units: int) -> None:
        self._moves += 1
        await self.apply(Move(f"receive-{self._moves}", MoveKind.RECEIVE, sku, units, "supplier", "pool"))


StartServer = Callable[..., Awaitable[RunningServer]]


@pytest.fixture
async def start_server(engine: Engine, settings: Settings) -> AsyncIterator[StartServer]:
    """Starts servers on the session's engine: `await start_server(tick_ms=20)`; all are stopped at the end."""
    async with AsyncExitStack() as started:

        async def start(*, own_engine: Engine | None = None, **changes: object) -> RunningServer:
            app = App(msgspec.structs.replace(settings, **changes), engine=own_engine or engine)
            await app.start()
            started.push_async_callback(app.stop)
            started.push_async_callback(RawSocket.abort_all)
            return RunningServer(app)

        yield start


@pytest.fixture
async def server(start_server: StartServer) -> RunningServer:
    """A server with the default settings."""
    return await start_server()
