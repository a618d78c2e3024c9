"""The handshake: where to connect, what to show, and what a refusal means."""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket_connect
from websockets.exceptions import InvalidProxyStatus, InvalidStatus, WebSocketException
from websockets.typing import Origin, Subprotocol

from shelfcast_client.codec import Encoding
from shelfcast_client.errors import ProtocolError, Rejected, UsageError
from shelfcast_client.proxies import Proxy, proxy_for, without_credentials
from shelfcast_client.requests import check_name

FRAME_MAX_BYTES = 8 * 1024 * 1024
"""A snapshot of 2,000 SKUs with long titles is about 1 MiB."""
CLOSE_TIMEOUT_S = 2.0
RETRY_AFTER_MAX_S = 300.0
COME_BACK = frozenset({408, 425, 429})
"""Statuses below 500 that pass; every other one under 500 is final, every one from 500 on passes."""

PROXY_ASKS_WHO = 407
"""The status of a proxy that wants a user and a password, or other ones: trying again would not mend it."""

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
    proxy: bool | str = True
    """True: as the environment says (`proxies`); False: none; or a proxy's URL."""


def socket_url(base: str, room: str, language: str | None) -> str:
    """The socket of `room` under a server's base URL (http, https, ws or wss). Raises UsageError."""
    check_name("room", room)
    return _socket(base, f"rooms/{quote(room)}", f"lang={quote(language)}" if language else "")


def pool_socket_url(base: str, pool: str, topics: Sequence[str] | None) -> str:
    """The socket of `pool` under a server's base URL. Raises UsageError."""
    check_name("pool", pool)
    return _socket(
        base, f"pools/{quote(pool)}", "" if topics is None else f"topics={quote(','.join(topics), safe=',')}"
    )


def _socket(base: str, what: str, query: str) -> str:
    try:
        parts = urlsplit(base) if isinstance(base, str) else urlsplit("")
        right = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is none
        right = False
    if not right:
        raise UsageError(f"url: expected http(s)://host[:port] or ws(s)://host[:port], got {_shown(base)!r}")
    if parts.query or parts.fragment:
        raise UsageError(f"url: expected a base address without ? or #, got {_shown(base)!r}")
    path = f"{parts.path.rstrip('/')}/v1/{what}/ws"
    return urlunsplit((SCHEMES[parts.scheme], _encoded(parts.netloc), path, query, ""))


def _encoded(netloc: str) -> str:
    """Host and port as they are; user and password before them in a form that no parser trips over (and shows)."""
    credentials, at, place = netloc.rpartition("@")
    user, _, password = (quote(unquote(part), safe="", errors="replace") for part in credentials.partition(":"))
    return f"{user}:{password}@{place}" if at else place


def _shown(base: object) -> object:
    return without_credentials(base) if isinstance(base, str) else base


async def dial(address: Address, token: str | None) -> ClientConnection:
    """An open socket; how long it may take is the caller's affair. Raises Rejected, ProtocolError or UsageError
    (final), NotNow, OSError or another WebSocketException (all of which pass)."""
    proxy = proxy_for(address.url, address.proxy)
    if proxy is None:
        return await _open(address, token, None)
    proxy.require("python-socks", "python_socks")
    try:
        return await _open(address, token, proxy)
    except InvalidProxyStatus as refusal:
        if refusal.response.status_code == PROXY_ASKS_WHO:
            raise Rejected(PROXY_ASKS_WHO, f"the proxy asks for a user and a password ({proxy})") from None
        raise NotNow(f"{refusal} ({proxy})") from None
    except (OSError, WebSocketException, EOFError) as error:
        # The system names the proxy's address at best, where whoever reads it looks for the server's.
        raise NotNow(f"not through the proxy ({proxy}): {str(error) or type(error).__name__}") from error


def way_to(address: Address) -> str:
    """The proxy on the way, to be put behind a reason; empty where there is none, or none that can be used."""
    try:
        proxy = proxy_for(address.url, address.proxy)
    except UsageError:
        return ""
    return "" if proxy is None else f" ({proxy})"


async def _open(address: Address, token: str | None, proxy: Proxy | None) -> ClientConnection:
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
            proxy=None if proxy is None else proxy.url,
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
