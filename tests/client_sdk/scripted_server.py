"""A WebSocket server that does what a test tells it, for what the real one cannot be asked to do: refusing with any
status, closing with any code, falling silent, sending garbage. Its messages are the real codec's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from shelfcast.protocol import from_client, from_server
from shelfcast.protocol.codec import Encoding, decode_client, encode
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol


class Peer:
    """One accepted connection, as the script sees it."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.encoding = Encoding(str(connection.subprotocol))

    async def say(self, *messages: from_server.ServerMessage) -> None:
        for message in messages:
            await self.say_bytes(encode(message, self.encoding))

    async def say_bytes(self, payload: bytes) -> None:
        await self.connection.send(payload, text=self.encoding is Encoding.JSON)

    async def hear(self) -> from_client.ClientMessage:
        payload = await self.connection.recv(decode=False)
        return decode_client(payload, self.encoding)

    async def close(self, code: int, reason: str = "") -> None:
        await self.connection.close(code, reason)


@dataclass
class Refuse:
    """Answer the handshake with a status."""

    status: int
    body: dict[str, object] = field(default_factory=dict)
    retry_after: str = ""


Step = Refuse | Callable[[Peer], Awaitable[None]]


@dataclass
class ScriptedServer:
    """Takes one step a connection, in order; the last one again for all that follow."""

    steps: list[Step]
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    subprotocols: list[Subprotocol] = field(default_factory=lambda: [Subprotocol(each.value) for each in Encoding])

    def process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        step = self._step(len(self.requests) - 1)
        if not isinstance(step, Refuse):
            return None
        body = json.dumps(step.body).encode()
        headers = Headers({"Content-Type": "application/problem+json", "Content-Length": str(len(body))})
        if step.retry_after:
            headers["Retry-After"] = step.retry_after
        return Response(step.status, HTTPStatus(step.status).phrase, headers, body)

    async def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        step = self._step(self.requests.index(connection.request))
        assert not isinstance(step, Refuse)
        await step(Peer(connection))

    def _step(self, number: int) -> Step:
        return self.steps[min(number, len(self.steps) - 1)]


@asynccontextmanager
async def scripted(*steps: Step, subprotocols: list[Subprotocol] | None = None) -> AsyncIterator[ScriptedServer]:
    """A running server with this script, on a free port of the loopback."""
    script = ScriptedServer(list(steps))
    chosen = script.subprotocols if subprotocols is None else subprotocols
    async with serve(
        script.handle,
        "127.0.0.1",
        0,
        subprotocols=chosen or None,
        process_request=script.process_request,
        close_timeout=0.5,
    ) as server:
        script.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield script


async def stay(peer: Peer) -> None:
    """Keep the connection until the client goes."""
    await peer.connection.wait_closed()


def greet(*messages: from_server.ServerMessage, then: Callable[[Peer], Awaitable[None]] = stay) -> Step:
    """Say these messages, then do that."""

    async def step(peer: Peer) -> None:
        await peer.say(*messages)
        await then(peer)

    return step


def silent(peer: Peer) -> Awaitable[None]:
    """Accept and say nothing."""
    return stay(peer)


__all__ = ["Peer", "Refuse", "ScriptedServer", "greet", "scripted", "silent", "stay"]
