"""TLS over a descriptor that does not wait: for crowds that visit an https:// server."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator

_READ_BYTES = 65_536


class Tunnel:
    """One connection's TLS. Whoever reads the descriptor feeds it what came; it writes to the descriptor by itself.

    A server that is not who it says it is raises ssl.SSLError, as everything else that is no TLS does.
    """

    def __init__(self, fd: int, context: ssl.SSLContext, server_name: str) -> None:
        self._fd = fd
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._open = False
        self._waiting = b""
        """What shall be sent once the handshake is over."""

    def write(self, data: bytes) -> int:
        """Send; what is said during the handshake is sent behind it. Raises OSError where the descriptor is broken."""
        if not self._open:
            self._waiting += data
            self._shake_hands()
        else:
            self._tls.write(data)
            self._flush()
        return len(data)

    def feed(self, data: bytes) -> bytes:
        """What the other end says in these bytes from the descriptor: nothing, in the handshake or between records."""
        self._incoming.write(data)
        if not self._open:
            self._shake_hands()
        said = b"".join(self._said()) if self._open else b""
        self._flush()
        return said

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
            self._open = True
            if self._waiting:
                self._tls.write(self._waiting)
                self._waiting = b""
        except ssl.SSLWantReadError:
            pass
        finally:
            self._flush()

    def _said(self) -> Iterator[bytes]:
        try:
            while data := self._tls.read(_READ_BYTES):
                yield data
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            return

    def _flush(self) -> None:
        while data := self._outgoing.read():
            # Small, into an empty socket: the kernel takes all of it, or the socket is broken.
            if os.write(self._fd, data) != len(data):
                raise BrokenPipeError(f"the socket took less than {len(data)} bytes")
