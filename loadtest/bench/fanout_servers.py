"""The servers of the fan-out bench, each in a process of its own: `fanout_servers.py NAME`.

All on uvloop, all checking the same kind of token with the same function, all sending the same first frame. The first
line of output is the port; every command line (`usage`, `broadcast COUNT PAUSE_US SIZE`, `publish PAYLOAD`, and of
shelfcast `quiet` and `steady`) is answered with one line.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import resource
import sys
import tempfile
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
import uvicorn
import uvloop
import websockets.asyncio.server
from shelfcast.app import App
from shelfcast.commands.serve import calm_collector
from shelfcast.errors import InvalidInput
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.frame import frame
from shelfcast.protocol.states import RoomStatus
from shelfcast.room.audience import Broadcast
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import Move, MoveKind, Op, Reserve, put
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

SECRET = "a secret for the bench alone, 32 bytes and more"
ROOM = "flash"
SKUS = 3
FRAME_HEADER_BYTES = 2
"""Of a frame from a server with at most 125 bytes of payload."""
FIRST_FRAME_BYTES = 600
"""About what Shelfcast's snapshot of three SKUs takes."""
UNPINGED: dict[str, Any] = {
    "ping_interval_ms": 3_600_000,
    "idle_close_ms": 7_200_000,
    "connections_an_address_max": 1_000_000,
}
"""The audience answers no pings, and no server is to send any while it is measured."""
UNLIMITED: dict[str, Any] = {
    "messages_a_second": 1_000_000,
    "messages_burst": 1_000_000,
    "live_reservations_a_user_max": 1_000_000,
}
"""One bench client stands for many customers."""
Command = Callable[[list[str]], Awaitable[str]]


def usage(frames: int = 0) -> str:
    """CPU seconds and resident bytes of this process so far, as the floor prints them."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return f"{used.ru_utime + used.ru_stime:.6f} {pages * os.sysconf('SC_PAGESIZE')} {frames}"


class Commands:
    """Obeys lines on standard input, one at a time."""

    def __init__(self, port: int, broadcast: Callable[[bytes], Awaitable[int]], **others: Command) -> None:
        self._broadcast = broadcast
        self._others = others
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        print(port, flush=True)
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._read)

    def _read(self) -> None:
        self._lines.put_nowait(os.read(sys.stdin.fileno(), 65536).decode())

    async def obey(self) -> None:
        while line := await self._lines.get():
            name, *arguments = line.split()
            if name == "broadcast":
                count, pause_us, size = map(int, arguments)
                frames = 0
                for _ in range(count):
                    frames += await self._broadcast(b"x" * (size - FRAME_HEADER_BYTES))
                    await asyncio.sleep(pause_us / 1e6)
                print(usage(frames), flush=True)
            elif name == "publish":
                print(await self._broadcast(arguments[0].encode()), flush=True)
            elif name in self._others:
                print(await self._others[name](arguments), flush=True)
            else:
                gc.collect()
                print(usage(), flush=True)


# --- Shelfcast -------------------------------------------------------------------------------------------------


async def shelfcast() -> None:
    """The real server: engine, book, feed, room, gateway."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as folder:
        app = App(Settings(port=0, data_dir=folder, token_secret=SECRET, **UNPINGED, **UNLIMITED))
        await app.start()
        calm_collector()
        try:
            await _Shop(app).obey()
        finally:
            await app.stop()


class _Payload:
    """What the bench has the room say, instead of the room's bulletin."""

    def __init__(self, payload: bytes, edition: int) -> None:
        self.edition = edition
        self._payload = payload

    def since(self, _told: int, encoding: Encoding) -> bytes:
        return frame(self._payload, encoding)


class _Shop:
    """A live room of the app, and what the bench does with it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._ids = itertools.count()
        # Negative: what the room itself says is new to whoever was told one of these. -1 is nobody's.
        self._editions = itertools.count(-2, -1)

    async def obey(self) -> None:
        book = await self._open()
        await self._app.hub.enter(ROOM)
        self._book = book
        await Commands(self._app.port, self._broadcast, quiet=self._quiet, steady=self._steady).obey()

    async def _open(self) -> StockBook:
        directory = self._app.pools.directory
        await directory.create_pool("bench")
        await directory.create_room(ROOM, "bench")
        pool = await self._app.pools.get("bench")
        assert pool is not None
        ops: list[Op] = [put(What.CHANNEL, "live", {"kind": "shared"})]
        ops.append(put(What.ROOM, ROOM, RoomConfig(channel="live", status=RoomStatus.LIVE)))
        for name in (f"sku-{number}" for number in range(SKUS)):
            ops.append(put(What.SKU, name, {"title": name, "price_minor": 990}))
            ops.append(put(What.LISTING, name, {"position": 1}, parent=ROOM))
            ops.append(Move(f"in-{name}", MoveKind.RECEIVE, name, 900_000, "supplier", "pool"))
        for op in ops:
            outcome = await pool.book.apply(op)
            assert outcome.code == "OK", (op, outcome)
        return pool.book

    async def _broadcast(self, payload: bytes) -> int:
        """A frame of exactly this payload through the room's own broadcast."""
        audience = self._app.hub.rooms[ROOM].audience
        over = asyncio.Event()
        made = Broadcast(
            audience.everybody,
            _Payload(payload, next(self._editions)),
            self._app.settings.broadcast_chunk_connections,
            amend=lambda: None,
            written=lambda _: None,
            done=lambda _: over.set(),
        )
        made.run(asyncio.get_running_loop())
        await over.wait()
        return len(audience)

    async def _change(self) -> tuple[float, int]:
        number = next(self._ids)
        asked = asyncio.get_running_loop().time()
        outcome = await self._book.apply(Reserve(f"r{number}", ROOM, f"sku-{number % SKUS}", 1, f"user-{number}"))
        assert outcome.code == "OK", outcome
        return asked, outcome.seq

    async def _quiet(self, arguments: list[str]) -> str:
        """So many changes, each after a pause."""
        count, pause_ms = map(int, arguments)
        changes = []
        for _ in range(count):
            await asyncio.sleep(pause_ms / 1000)
            changes.append(await self._change())
        return json.dumps(changes)

    async def _steady(self, arguments: list[str]) -> str:
        """So many changes a second, for so many seconds."""
        a_second, seconds = map(int, arguments)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        under_way = []
        for number in range(a_second * seconds):
            await asyncio.sleep(max(0.0, begun + number / a_second - loop.time()))
            under_way.append(asyncio.ensure_future(self._change()))
        return json.dumps(await asyncio.gather(*under_way))


# --- the others --------------------------------------------------------------------------------------------------


async def websockets_server() -> None:
    """`websockets.serve()` with a token check, and `websockets.broadcast()`."""
    tokens = Tokens(Settings(token_secret=SECRET))
    first = b"x" * FIRST_FRAME_BYTES

    def check(connection: Any, request: Any) -> Any:
        try:
            tokens.verify(request.headers["Authorization"].removeprefix("Bearer "))
        except InvalidInput:
            return connection.respond(HTTPStatus.UNAUTHORIZED, "")
        return None

    async def handle(connection: Any) -> None:
        await connection.send(first)
        await connection.wait_closed()

    async def broadcast(payload: bytes) -> int:
        connections = server.connections
        websockets.asyncio.server.broadcast(connections, payload)
        return len(list(connections))

    server = await websockets.asyncio.server.serve(
        handle,
        "127.0.0.1",
        0,
        process_request=check,
        compression=None,
        ping_interval=None,
        subprotocols=[Encoding.JSON.value],  # type: ignore[list-item]
        backlog=4096,
    )
    await Commands(next(iter(server.sockets)).getsockname()[1], broadcast).obey()


async def starlette_server() -> None:
    """The plain way: an endpoint a connection, and a loop that awaits every send."""
    tokens = Tokens(Settings(token_secret=SECRET))
    open_sockets: set[WebSocket] = set()
    first = b"x" * FIRST_FRAME_BYTES

    async def endpoint(socket: WebSocket) -> None:
        try:
            tokens.verify(socket.headers["Authorization"].removeprefix("Bearer "))
        except InvalidInput:
            await socket.close(4401)
            return
        await socket.accept(Encoding.JSON.value)
        await socket.send_bytes(first)
        open_sockets.add(socket)
        try:
            while True:
                await socket.receive()
        except (WebSocketDisconnect, RuntimeError):
            open_sockets.discard(socket)

    async def broadcast(payload: bytes) -> int:
        for socket in list(open_sockets):
            await socket.send_bytes(payload)
        return len(open_sockets)

    port, ticking = await serve(Starlette(routes=[WebSocketRoute(f"/v1/rooms/{ROOM}/ws", endpoint)]))
    await Commands(port, broadcast).obey()
    ticking.cancel()


async def serve(app: Starlette) -> tuple[int, asyncio.Future[None]]:
    """The app under uvicorn in this loop: its port, and what to cancel in the end."""
    config = uvicorn.Config(
        app,
        port=0,
        log_level="warning",
        lifespan="off",
        backlog=4096,
        http="httptools",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    return server.servers[0].sockets[0].getsockname()[1], asyncio.ensure_future(server.main_loop())


SERVERS = {"shelfcast": shelfcast, "websockets": websockets_server, "starlette": starlette_server}


if __name__ == "__main__":
    uvloop.run(SERVERS[sys.argv[1]]())
