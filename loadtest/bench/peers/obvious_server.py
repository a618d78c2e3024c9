"""The obvious reservation server: a Starlette endpoint, redis-py, one EVALSHA a message.

On the same engine as Shelfcast, flushed to disk before each answer. It does less: no ledger, no limits, no rooms, and
it tells no other viewer what is left.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import redis.asyncio
import structlog
import uvloop
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

sys.path.insert(0, str(Path(__file__).parent.parent))
from fanout_servers import ROOM, SECRET, SKUS, Commands, serve
from shelfcast.engine import EmbeddedEngine
from shelfcast.errors import InvalidInput
from shelfcast.http.api.auth import Tokens
from shelfcast.settings import Settings

SCRIPT = (Path(__file__).parent / "obvious.lua").read_text(encoding="utf-8")
HOLD_MS = 300_000
UNITS = 900_000
CONNECTIONS_MAX = 1_000


async def run(url: str) -> None:
    tokens = Tokens(Settings(token_secret=SECRET))
    engine = redis.asyncio.Redis.from_url(url, max_connections=CONNECTIONS_MAX)
    reserve = engine.register_script(SCRIPT)
    for number in range(SKUS):
        await engine.set(f"left:sku-{number}", UNITS)

    async def endpoint(socket: WebSocket) -> None:
        try:
            user = tokens.verify(socket.headers["Authorization"].removeprefix("Bearer ")).user
        except InvalidInput:
            await socket.close(4401)
            return
        await socket.accept()
        try:
            while True:
                asked = json.loads(await socket.receive_text())
                name, sku = asked["id"], asked["sku"]
                ends_ms = int(time.time() * 1000) + HOLD_MS
                keys = [f"left:{sku}", f"reservation:{name}", "ends"]
                code = await reserve(keys=keys, args=[name, user, sku, asked["qty"], ends_ms])
                kind = "reserved" if code == b"OK" else "refused"
                await socket.send_text(
                    json.dumps({"type": kind, "id": name, "code": code.decode(), "expires_at_ms": ends_ms})
                )
        except (WebSocketDisconnect, RedisError):
            return

    async def broadcast(_: bytes) -> int:
        return 0

    port, ticking = await serve(Starlette(routes=[WebSocketRoute(f"/v1/rooms/{ROOM}/ws", endpoint)]))
    await Commands(port, broadcast).obey()
    ticking.cancel()
    await engine.aclose()


async def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as folder:
        embedded = EmbeddedEngine(Path(folder), Settings(data_dir=folder))
        try:
            await run(await embedded.start())
        finally:
            await embedded.stop()


if __name__ == "__main__":
    uvloop.run(main())
