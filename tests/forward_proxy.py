"""A small forward proxy on this machine: HTTP (plain and CONNECT) and SOCKS5. It notes what it was asked for, and leads
to one server whatever name was asked for, so that a test can speak to `shop.example`."""

from __future__ import annotations

import asyncio
import os
import re
from enum import Enum, auto

from loopback_proxy import LoopbackProxy, carry_both

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


class ForwardProxy(LoopbackProxy):
    """Leads to the server on `port`. `asked` has the target of each request; `heads` the heads as they came."""

    def __init__(self, port: int, manner: Manner = Manner.LEADS) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.heads: list[str] = []
        self._to = port
        self._manner = manner

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

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
        await carry_both((reader, writer), (there, server))

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
        await carry_both((reader, writer), (there, server))


def environment(**proxies: str) -> dict[str, str]:
    """What a child process gets: this process's variables, and of proxies these alone."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, **proxies}
