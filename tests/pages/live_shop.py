"""A shop on air: `shelfcast serve` with an engine of its own, as a newcomer starts it, and whoever runs the show."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import redis
from conftest import TOKEN_SECRET
from server_process import ServerProcess
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from shelfcast_client import Room, connect
from shelfcast_client.merchant import Merchant
from waiting import until

POOL = "main"
CHANNEL = "live"
ROOM = "evening"
SKU = "MUG-01"
TITLE = "Stoneware mug"


class LiveShop:
    """A room that is on the air, with one mug spotlit. You must `close` it. `more` is of the server's environment."""

    def __init__(self, settings: Settings, **more: str) -> None:
        patience = {"SHELFCAST_ENGINE_SILENCE_MAX_MS": "600000"}  # an engine that a test pauses is not replaced
        self.server = ServerProcess(settings, engine_url="", **patience | more)
        self._tokens = Tokens(settings)
        self._minutes = 0
        self._key_prefix = settings.key_prefix
        self._merchant: Merchant | None = None
        self._listed = 0

    async def begin(self) -> Self:
        """The server, and a pool with a channel: nothing is sold yet."""
        await self.server.start()
        self._merchant = Merchant(self.url, self.token("service"), POOL)
        await self.merchant.define_pool()
        await self.merchant.define_channel(CHANNEL)
        return self

    async def open(self, *, units: int, **room: Any) -> Self:
        await self.begin()
        usual: dict[str, Any] = {"channel": CHANNEL, "title": "Evening show", "status": "live", "anonymous": True}
        await self.merchant.define_room(ROOM, **usual | room)
        await self.sell(SKU, TITLE, units)
        await self.merchant.change_room(ROOM, spotlight=SKU)
        return self

    async def close(self) -> None:
        if self._merchant is not None:
            await self._merchant.__aexit__(None, None, None)
        await self.server.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def merchant(self) -> Merchant:
        assert self._merchant is not None, "not open"
        return self._merchant

    def token(self, role: str, user: str = "wang", ttl_s: int = 3600) -> str:
        return self._tokens.mint(role=Role(role), user=user, ttl_s=ttl_s)

    def link(self, page: str, role: str = "", user: str = "wang", query: str = "") -> str:
        """The address of a page, with a token where a role is named."""
        return f"{self.url}/{page}/{ROOM}{query}" + (f"#token={self.token(role, user)}" if role else "")

    async def sell(self, sku: str, title: str, units: int, **terms: Any) -> None:
        """Put a SKU with so many units at the end of the shelf."""
        self._listed += 1
        row = {"sku": sku, "title": title, "price_minor": 4_990, "currency": "CNY", "opening": units}
        await self.merchant.catalogue([row], key=f"opening-{sku}")
        await self.merchant.list_in_room(ROOM, [{"sku": sku, "position": self._listed, **terms}])

    async def receive(self, units: int, sku: str = SKU) -> None:
        await self.merchant.receive(sku, units, reason="delivery")

    async def write_off(self, units: int, sku: str = SKU) -> None:
        await self.merchant.write_off(sku, units, key=f"broken-{units}", reason="broken")

    def operator(self) -> Room:
        """The operator's connection, to be entered."""
        return connect(self.url, ROOM, token=self.token("operator", "li"))

    def end_minute(self) -> None:
        """The pool's clock goes a minute ahead: what has sold makes a pace."""
        self._minutes += 1
        engine = redis.Redis(unix_socket_path=self._engine_socket())
        with engine:
            engine.hset(f"{self._key_prefix}:{{{POOL}}}:meta", "rehearsal_clock_ms", f"+{self._minutes * 60_000}")

    def pass_days(self, days: int) -> None:
        """The pool's clock goes so many days ahead."""
        self._minutes += days * 24 * 60 - 1
        self.end_minute()

    async def note_demand(self) -> None:
        """Go a minute ahead, and wait until the split has noted what was sold in it."""
        with redis.Redis(unix_socket_path=self._engine_socket()) as engine:
            noted = f"{self._key_prefix}:{{{POOL}}}:demand"
            before = engine.hget(noted, "")
            self.end_minute()
            await until(lambda: engine.hget(noted, "") != before)

    def pause_engine(self) -> None:
        """The stock book answers nobody any more, until `resume_engine`."""
        os.kill(self._engine_pid(), signal.SIGSTOP)

    def resume_engine(self) -> None:
        os.kill(self._engine_pid(), signal.SIGCONT)

    def _engine_socket(self) -> str:
        lines = (json.loads(line) for line in self.server.log if '"engine.library_loaded"' in line)
        return str(next(line["node"] for line in lines))

    def _engine_pid(self) -> int:
        lines = (json.loads(line) for line in self.server.log if '"engine.started"' in line)
        return int(next(line["pid"] for line in lines))

    async def available(self, sku: str = SKU) -> int:
        """What the book says is free."""
        buckets = await self.merchant.sku_buckets(sku)
        return buckets.get("pool", 0) + buckets.get(f"channel:{CHANNEL}", 0)

    async def assert_sound(self) -> None:
        report = await self.merchant.audit()
        assert report["ok"], report


@asynccontextmanager
async def shop_of_a_file() -> AsyncIterator[LiveShop]:
    """A shop that the tests of a file share, with a folder and an engine of its own; whoever asks opens it. Its book is
    audited at the end."""
    folder = tempfile.mkdtemp(prefix="shelfcast-")
    settings = Settings(
        key_prefix=f"t{secrets.token_hex(6)}",
        data_dir=str(Path(folder) / "data"),
        port=0,
        token_secret=TOKEN_SECRET,
        engine_call_timeout_ms=5_000,
    )
    shop = LiveShop(settings)
    try:
        yield shop
        await shop.assert_sound()
    finally:
        await shop.close()
        shutil.rmtree(folder)
