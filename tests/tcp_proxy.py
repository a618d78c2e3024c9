"""A network that can fail: cut, swallow all it is given, or (before an engine) lose what is published."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum, auto
from typing import Self
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536


class Line(Enum):
    """What the network does with bytes."""

    OPEN = auto()
    SWALLOWS = auto()
    """Connections stay and are made, and nothing that is sent arrives."""
    DEAF = auto()
    """All arrives but what the engine publishes: as at a primary that was replaced and is asked nothing any more."""
    DOWN = auto()
    """Connections are cut at once."""


class TcpProxy:
    """Listens on a port of its own and forwards to the engine or server at `url` (unix://, redis:// or tcp://)."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._line = Line.OPEN
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *fault: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def become(self, line: Line) -> None:
        """Change what happens to bytes from now on. A network that opens again has forgotten its connections."""
        self._line = line
        if line in (Line.OPEN, Line.DOWN):
            self.cut()

    def switch(self, url: str) -> None:
        """Lead to another engine, as a name does that was given to another host: connections stay where they are."""
        self._target = urlsplit(url)

    def cut(self) -> None:
        """Reset every connection; new ones are made as the line is."""
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self._writers.add(writer)
        try:
            if self._line is not Line.DOWN:
                await self._talk(reader, writer)
        finally:
            self._talks.discard(task)
            self._writers.discard(writer)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._target.scheme == "unix":
            there, engine = await asyncio.open_unix_connection(self._target.path)
        else:
            there, engine = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers.add(engine)
        ways = [
            asyncio.ensure_future(self._carry(reader, engine, from_engine=False)),
            asyncio.ensure_future(self._carry(there, writer, from_engine=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._writers.discard(engine)
            engine.transport.abort()
            writer.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, from_engine: bool) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                if self._line is Line.SWALLOWS or (self._line is Line.DEAF and from_engine and b"smessage" in data):
                    continue
                sink.write(data)
                await sink.drain()
