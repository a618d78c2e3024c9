"""What shops put in front of a server: a proxy that says another `Host`, asks for a password, or carries no sockets."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable

from loopback_proxy import LoopbackProxy, carry_both

USER, PASSWORD = "shop", "secret"
_KNOWN = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"

Answers = Callable[[str, bool], int | None]
"""The status with which it answers a path itself, given whether an upgrade is asked for; None lets the request pass."""


class Front(LoopbackProxy):
    """A proxy before the server at `port`, on a port of its own."""

    def __init__(self, port: int, *, host: str = "", password: bool = False, answers: Answers | None = None) -> None:
        super().__init__()
        self._to = port
        self._host = host
        """What it says instead of the page's own `Host`."""
        self._password = password
        self.answers = answers or (lambda _path, _upgrade: None)

    def before(self, address: str) -> str:
        """The same address, through this proxy."""
        return address.replace(f":{self._to}/", f":{self.port}/", 1)

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
        there, server = await asyncio.open_connection("127.0.0.1", self._to)
        server.write(f"{head}\r\n\r\n".encode("latin-1"))
        await carry_both((reader, writer), (there, server))
