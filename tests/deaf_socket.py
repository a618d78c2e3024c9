"""A client that reads only when it is told to."""

from __future__ import annotations

import asyncio
import socket as sockets
from typing import Self

from raw_socket import RawSocket


class Deaf(RawSocket):
    """A client whose window is small, and which reads only when told."""

    @classmethod
    async def connect(cls, port: int, **options: object) -> Self:
        raw = sockets.socket()
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
        return cls(*await asyncio.open_connection(sock=raw))

    def stop_reading(self) -> None:
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    def read_on(self) -> None:
        self.writer.transport.resume_reading()  # type: ignore[attr-defined]
