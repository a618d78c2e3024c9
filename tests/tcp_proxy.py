"""A network that can fail: cut, swallow all it is given, or (before an engine) lose what is published."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from urllib.parse import urlsplit

from loopback_proxy import CHUNK_BYTES, LoopbackProxy, carry_both


class Line(Enum):
    """What the network does with bytes."""

    OPEN = auto()
    SWALLOWS = auto()
    """Connections stay and are made, and nothing that is sent arrives."""
    DEAF = auto()
    """All arrives but what the engine publishes: as at a primary that was replaced and is asked nothing any more."""
    DOWN = auto()
    """Connections are cut at once."""


class TcpProxy(LoopbackProxy):
    """Listens on a port of its own and forwards to the engine or server at `url` (unix://, redis:// or tcp://)."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._target = urlsplit(url)
        self._line = Line.OPEN
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

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

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = {writer}
        self._writers |= held
        try:
            if self._line is Line.DOWN:
                return
            if self._target.scheme == "unix":
                there, engine = await asyncio.open_unix_connection(self._target.path)
            else:
                there, engine = await asyncio.open_connection(self._target.hostname, self._target.port)
            held.add(engine)
            self._writers.add(engine)
            await carry_both(
                (reader, writer),
                (there, engine),
                up=partial(self._carry, from_engine=False),
                down=partial(self._carry, from_engine=True),
            )
        finally:
            self._writers -= held
            writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, from_engine: bool) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                if self._line is Line.SWALLOWS or (self._line is Line.DEAF and from_engine and b"smessage" in data):
                    continue
                sink.write(data)
                await sink.drain()
