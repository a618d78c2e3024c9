"""A small forward proxy on this machine: HTTP (plain and CONNECT) and SOCKS5. It notes what it was asked for, and leads
to one server whatever name was asked for, so that a test can speak to `shop.example`."""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import suppress
from enum import Enum, auto
from typing import Self

CHUNK_BYTES = 65_536
HOST = "shop.example"
"""A name that no resolver knows: who asks for it anywhere but at the proxy gets nothing."""


class Manner(Enum):
    """How the proxy treats those who ask."""

    LEADS = auto()
    ASKS_WHO = auto()
    """Answers 407."""
    CANNOT = auto()
    """Answers 502."""
    SILENT = auto()
    """Takes what it is sent and answers nothing."""
    OTHER = auto()
    """Answers every request itself, with a page."""


ANSWERS = {
    Manner.ASKS_WHO: b"HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    Manner.CANNOT: b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    Manner.OTHER: b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n<p>log in",
}


class ForwardProxy:
    """Leads to the server on `port`. `asked` has the target of each request; `heads` the heads as they came."""

    def __init__(self, port: int, manner: Manner = Manner.LEADS) -> None:
        self.asked: list[str] = []
        self.heads: list[str] = []
        self._to = port
        self._manner = manner
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *fault: object) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            self._talks.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(1)
        if first == b"\x05":
            await self._talk_socks(reader, writer)
            return
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        method, target, _ = head.split(" ", 2)
        self.asked.append(f"{method} {target}")
        if self._manner in ANSWERS:
            writer.write(ANSWERS[self._manner])
            await writer.drain()
            await reader.read()
            return
        if self._manner is Manner.SILENT:
            await reader.read()
            return
        there, server = await asyncio.open_connection("127.0.0.1", self._to)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            # As the server would be asked without a proxy, and once on this connection.
            path = re.sub("^http://[^/]+", "", target)
            once = head.replace(target, path, 1).replace("\r\nConnection: keep-alive\r\n", "\r\nConnection: close\r\n")
            server.write(once.encode())
        await self._carry_both(reader, writer, there, server)

    async def _talk_socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """RFC 1928 without a password: methods, then CONNECT to a name."""
        await reader.readexactly((await reader.readexactly(1))[0])
        writer.write(b"\x05\x00")
        _, command, _, kind = await reader.readexactly(4)
        assert (command, kind) == (1, 3), "a connection to a name"
        name = await reader.readexactly((await reader.readexactly(1))[0])
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(f"SOCKS {name.decode()}:{port}")
        there, server = await asyncio.open_connection("127.0.0.1", self._to)
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        await self._carry_both(reader, writer, there, server)

    async def _carry_both(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> None:
        ways = [asyncio.ensure_future(_carry(reader, server)), asyncio.ensure_future(_carry(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK_BYTES):
            sink.write(data)
            await sink.drain()


def environment(**proxies: str) -> dict[str, str]:
    """What a child process gets: this process's variables, and of proxies these alone."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, **proxies}
