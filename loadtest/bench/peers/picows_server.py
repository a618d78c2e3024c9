"""A room on picows: a token checked at the upgrade, and a loop over `transport.send`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop
from picows import (
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

sys.path.insert(0, str(Path(__file__).parent.parent))
from fanout_servers import FIRST_FRAME_BYTES, SECRET, Commands
from shelfcast.errors import InvalidInput
from shelfcast.http.api.auth import Tokens
from shelfcast.settings import Settings

FIRST = b"x" * FIRST_FRAME_BYTES


class Viewer(WSListener):
    """One connection: in the room from its upgrade to its end."""

    def __init__(self, room: set[WSTransport]) -> None:
        super().__init__()
        self._room = room

    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send(WSMsgType.BINARY, FIRST)
        self._room.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._room.discard(transport)


async def main() -> None:
    tokens = Tokens(Settings(token_secret=SECRET))
    room: set[WSTransport] = set()

    def welcome(request: WSUpgradeRequest) -> Viewer | WSUpgradeResponseWithListener:
        try:
            tokens.verify(request.headers["Authorization"].removeprefix("Bearer "))
        except InvalidInput:
            return WSUpgradeResponseWithListener(WSUpgradeResponse.create_error_response(401), None)
        return Viewer(room)

    async def broadcast(payload: bytes) -> int:
        for transport in room:
            transport.send(WSMsgType.TEXT, payload)
        return len(room)

    server = await ws_create_server(welcome, "127.0.0.1", 0, backlog=4096)
    await Commands(server.sockets[0].getsockname()[1], broadcast).obey()


if __name__ == "__main__":
    uvloop.run(main())
