"""What shops put in front of a server: a proxy that says another `Host`, asks for a password, or carries no sockets."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from typing import Self

CHUNK_BYTES = 65_536
USER, PASSWORD = "shop", "secret"
_KNOWN = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"

Answers = Callable[[str, bool], int | None]
"""The status with which it answers a path itself, given whether an upgrade is asked for; None lets the request pass."""


class Front:
    """A proxy before the server at `port`, on a port of its own."""

    def __init__(self, port: int, *, host: str = "", password: bool = False, answers: Answers | None = None) -> None:
        self._port = port
        self._host = host
        """What it says instead of the page's own `Host`."""
        self._password = password
        self.answers = answers or (lambda _path, _upgrade: None)
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

    def before(self, address: str) -> str:
        """The same address, through this proxy."""
        assert self._server is not None
        return address.replace(f":{self._port}/", f":{self._server.sockets[0].getsockname()[1]}/", 1)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        finally:
            self._talks.discard(task)
            writer.transport.abort() if writer.transport.get_write_buffer_size() == 0 else writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection, but for a socket."""
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        fields = [line.partition(": ")[::2] for line in lines]
        named = {name.lower(): value for name, value in fields}
        upgrade = "upgrade" in named
        status = self.answers(first.split(" ")[1], upgrade)
        if self._password and named.get("authorization") != _KNOWN:
            status = 401
        if status is not None:
            challenge = 'WWW-Authenticate: Basic realm="shop"\r\n' if status == 401 else ""
            head = f"HTTP/1.1 {status} Said by the proxy\r\nContent-Type: text/html\r\nContent-Length: 0\r\n"
            writer.write(f"{head}{challenge}Connection: close\r\n\r\n".encode())
            await writer.drain()
            return
        passed = [
            (name, value)
            for name, value in fields
            if name.lower() not in ("host", *(() if upgrade else ("connection",)))
        ]
        passed += [("Host", self._host or named["host"]), *(() if upgrade else (("Connection", "close"),))]
        head = "\r\n".join([first, *(f"{name}: {value}" for name, value in passed)])
        there, server = await asyncio.open_connection("127.0.0.1", self._port)
        server.write(f"{head}\r\n\r\n".encode("latin-1"))
        ways = [asyncio.ensure_future(_carry(reader, server)), asyncio.ensure_future(_carry(there, writer))]
        try:
            await ways[1]
        finally:
            ways[0].cancel()
            server.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK_BYTES):
            sink.write(data)
            await sink.drain()
