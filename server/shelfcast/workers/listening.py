"""The sockets that workers listen on: one each, all on one port, and the kernel spreads the connections over them."""

from __future__ import annotations

import asyncio
import errno
import os
import socket

from shelfcast.errors import ConfigError
from shelfcast.settings import Settings

TAKE_WITHIN_S = 2.0
"""How long to wait for a port that is taken: the workers of a killed supervisor give it up at once, but not sooner."""
_POLL_S = 0.05


async def listeners(settings: Settings, count: int) -> list[socket.socket]:
    """So many listening sockets on one port, the system's choice where the setting is 0. Raises ConfigError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        host, port = str(address[0]), int(address[1])
        await _wait_until_free(family, host, port)
        return _listen(family, host, port, count, settings.listen_backlog)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"cannot listen on {settings.host} port {settings.port}: {reason}") from None


async def _wait_until_free(family: socket.AddressFamily, host: str, port: int) -> None:
    """SO_REUSEPORT would let us share the port with another server of the same user, and take half of its viewers:
    so the port must first be free for one who does not share."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + TAKE_WITHIN_S
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                # Linux refuses a second listener only here where both have SO_REUSEADDR.
                probe.listen()
            except OSError as error:
                if error.errno != errno.EADDRINUSE or loop.time() >= deadline:
                    raise
            else:
                return
        await asyncio.sleep(_POLL_S)


def _listen(family: socket.AddressFamily, host: str, port: int, count: int, backlog: int) -> list[socket.socket]:
    made: list[socket.socket] = []
    try:
        for _ in range(count):
            listener = socket.create_server((host, port), family=family, backlog=backlog, reuse_port=True)
            made.append(listener)
            port = listener.getsockname()[1]
    except OSError:
        for listener in made:
            listener.close()
        raise
    return made


def inherited(descriptor: int) -> socket.socket:
    """The socket that the supervisor handed to this process."""
    os.set_inheritable(descriptor, False)
    return socket.socket(fileno=descriptor)
