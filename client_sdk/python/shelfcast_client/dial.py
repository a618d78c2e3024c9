"""The handshake: where to connect, what to show, and what a refusal means."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket_connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from shelfcast_client.codec import Encoding
from shelfcast_client.errors import ProtocolError, Rejected, UsageError
from shelfcast_client.requests import check_room

FRAME_MAX_BYTES = 8 * 1024 * 1024
"""A snapshot of 2,000 SKUs with long titles is about 1 MiB."""
CLOSE_TIMEOUT_S = 2.0
RETRY_AFTER_MAX_S = 300.0
COME_BACK = frozenset({408, 425, 429})
"""Statuses below 500 that pass; every other one under 500 is final, every one from 500 on passes."""

SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class NotNow(Exception):
    """The server cannot take the connection at present; `retry_after_s` is what it asked for, or 0."""

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A room's socket, and how to ask for it."""

    url: str
    encoding: Encoding
    origin: str | None = None
    ssl: ssl.SSLContext | None = None
    ping_interval_s: float = 20.0


def socket_url(base: str, room: str, language: str | None) -> str:
    """The socket of `room` under a server's base URL (http, https, ws or wss). Raises UsageError."""
    check_room(room)
    try:
        parts = urlsplit(base) if isinstance(base, str) else urlsplit("")
        right = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is none
        right = False
    if not right:
        raise UsageError(f"url: expected http(s)://host[:port] or ws(s)://host[:port], got {base!r}")
    if parts.query or parts.fragment:
        raise UsageError(f"url: expected a base address without ? or #, got {base!r}")
    path = f"{parts.path.rstrip('/')}/v1/rooms/{quote(room)}/ws"
    query = f"lang={quote(language)}" if language else ""
    return urlunsplit((SCHEMES[parts.scheme], parts.netloc, path, query, ""))


async def dial(address: Address, token: str | None) -> ClientConnection:
    """An open socket; how long it may take is the caller's affair. Raises Rejected or ProtocolError (final), NotNow,
    OSError or another WebSocketException (all of which pass)."""
    # A TLS context with a ws:// address is an error, so the argument is given only where there is one.
    tls: dict[str, Any] = {} if address.ssl is None else {"ssl": address.ssl}
    try:
        socket = await websocket_connect(
            address.url,
            subprotocols=[Subprotocol(address.encoding.value)],
            additional_headers={"Authorization": f"Bearer {token}"} if token else None,
            origin=Origin(address.origin) if address.origin else None,
            # Frames are small and one encoded frame serves everybody: the server does not compress either.
            compression=None,
            max_size=FRAME_MAX_BYTES,
            open_timeout=None,
            close_timeout=CLOSE_TIMEOUT_S,
            ping_interval=address.ping_interval_s,
            ping_timeout=address.ping_interval_s,
            **tls,
        )
    except InvalidStatus as refusal:
        raise _refusal(refusal) from None
    if socket.subprotocol != address.encoding.value:
        await socket.close()
        raise ProtocolError(f"the server does not speak {address.encoding.value} (it chose {socket.subprotocol})")
    return socket


def _refusal(refusal: InvalidStatus) -> Rejected | NotNow:
    """What a status other than 101 means. The body is JSON with the server's own words, where it is ours."""
    response = refusal.response
    message, code = _words(bytes(response.body or b""))
    message = message or response.reason_phrase or "no reason given"
    if response.status_code >= 500 or response.status_code in COME_BACK:
        wish = response.headers.get("Retry-After", "")
        # Only the seconds form: the server sends no dates, and a proxy's date would need a clock we do not trust.
        retry_after_s = min(float(wish), RETRY_AFTER_MAX_S) if wish.isascii() and wish.isdigit() else 0.0
        return NotNow(f"{message} (status {response.status_code})", retry_after_s)
    return Rejected(response.status_code, message, code=code)


def _words(body: bytes) -> tuple[str, str]:
    try:
        problem = json.loads(body)
    except ValueError:
        return body[:200].decode(errors="replace").strip(), ""
    if not isinstance(problem, dict):
        return "", ""
    words = next((problem[key] for key in ("detail", "message", "title") if isinstance(problem.get(key), str)), "")
    return words, str(problem.get("code", ""))
