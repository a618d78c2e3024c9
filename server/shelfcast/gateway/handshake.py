"""The opening handshake (RFC 6455 §4): what a client asks for, and what it is told. Pure, and cheap on purpose.

A request is read once, top to bottom, and refused at the first thing that is wrong with it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qs

from shelfcast.origins import origin_of
from shelfcast.protocol.access import TOKEN_HEADER, bearer
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Code
from shelfcast.protocol.cookies import SESSION_COOKIE, read_cookie
from shelfcast.protocol.pool_messages import Topic
from shelfcast.protocol.refusal import Refusal
from shelfcast.room.answers import language_of

_PATH = re.compile(rb"/v1/(rooms|pools)/([a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?)/ws(?:\?([^#]*))?")
_POOLS = b"pools"
_WHERE = "sockets are at /v1/rooms/{room}/ws and /v1/pools/{pool}/ws"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_FORM = re.compile(rb"[A-Za-z0-9+/]{22}==")
"""Sixteen bytes in base64 (RFC 6455 §4.1)."""
_VERSION = b"sec-websocket-version"
_KEY = b"sec-websocket-key"
_PROTOCOL = b"sec-websocket-protocol"
_AUTHORIZATION = b"authorization"
_ORIGIN = b"origin"
_HOST = b"host"
_LANGUAGE = b"accept-language"
_COOKIE = b"cookie"
_READ = frozenset((_VERSION, _KEY, _PROTOCOL, _AUTHORIZATION, _ORIGIN, _HOST, _LANGUAGE, _COOKIE))
_REFERER = b"referer"
_TOKEN = TOKEN_HEADER.lower().encode()
_READ_OF_PAGES = _READ | {_REFERER, _TOKEN}
_JOINT = {_COOKIE: ";"}
"""What stands between the parts of a header that came in several, where that is no comma (RFC 9110, 5.3)."""
_BEARER_SUBPROTOCOL = "bearer."
_TOPICS = frozenset(Topic)
_SHOWN_MAX = 40
"""Characters of a topic that is none, as they are said back."""
_ENCODINGS = {encoding.value: encoding for encoding in Encoding}

_SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
_SUBPROTOCOL_LINE = {
    encoding: b"\r\nSec-WebSocket-Protocol: " + encoding.value.encode() + b"\r\n\r\n" for encoding in Encoding
}


CHALLENGE = (("WWW-Authenticate", "Bearer"),)
"""What a 401 must say (RFC 9110 §11.6.1)."""


class Caller(NamedTuple):
    """Who asks, and from which page, before any of it is believed; empty where it is not said. `cookie` is a session's
    id, and empty where there is a token, which wins over it."""

    token: str
    origin: str
    host: str
    cookie: str = ""


class Wish(NamedTuple):
    """A well-formed upgrade request: for a room, or, where `topics` are named, for a pool. `subprotocol` is None when
    the client offered none of ours."""

    name: str
    topics: tuple[Topic, ...]
    key: bytes
    subprotocol: Encoding | None
    caller: Caller
    language: str

    @property
    def encoding(self) -> Encoding:
        """How this connection's messages are encoded."""
        return self.subprotocol or Encoding.JSON

    def acceptance(self) -> bytes:
        """The 101 response."""
        accept = base64.b64encode(hashlib.sha1(self.key + _GUID, usedforsecurity=False).digest())
        return _SWITCHING + accept + (_SUBPROTOCOL_LINE[self.subprotocol] if self.subprotocol else b"\r\n\r\n")


def read_wish(method: str, version: str, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Wish | Refusal:
    """Read an upgrade request whose `Upgrade: websocket` was already seen. Header names are in lower case."""
    path = _PATH.fullmatch(url)
    if path is None:
        return Refusal(HTTPStatus.NOT_FOUND, Code.NOT_FOUND, _WHERE)
    if method != "GET":
        return _bad("a WebSocket handshake is a GET request", HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "GET"))
    if version != "1.1":
        return _bad("a WebSocket handshake needs HTTP/1.1")
    fields = _fields(headers)
    if fields.get(_VERSION) != "13":
        more = (("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"))
        return _bad("expected Sec-WebSocket-Version: 13", HTTPStatus.UPGRADE_REQUIRED, *more)
    key = fields.get(_KEY, "").encode("latin-1")
    if _KEY_FORM.fullmatch(key) is None:
        return _bad("expected Sec-WebSocket-Key with 16 bytes in base64")
    chosen = _choose(fields.get(_PROTOCOL, ""))
    if isinstance(chosen, Refusal):
        return chosen
    subprotocol, token = chosen
    caller = _caller(fields, token)
    if isinstance(caller, Refusal):
        return caller
    topics = read_topics(path[3]) if path[1] == _POOLS else ()
    if isinstance(topics, Refusal):
        return topics
    return Wish(
        name=path[2].decode(),
        topics=topics,
        key=key,
        subprotocol=subprotocol,
        caller=caller,
        language=_language(path[3], fields.get(_LANGUAGE, "")),
    )


def read_caller(headers: Iterable[tuple[bytes, bytes]]) -> Caller | Refusal:
    """Who asks, without a handshake. Header names are in lower case.

    Browsers say the `Origin` of a handshake always, but not that of a question to a page's own host: the origin in
    its `Referer` stands for it then. Behind a proxy that asks for a password the page may say its token in
    `Shelfcast-Token`: an `Authorization` of its own would take the place of the proxy's."""
    fields = _fields(headers, _READ_OF_PAGES)
    fields.setdefault(_ORIGIN, origin_of(fields.get(_REFERER, "")))
    return _caller(fields, fields.get(_TOKEN, ""))


def read_topics(query: bytes | None) -> tuple[Topic, ...] | Refusal:
    """The topics that a pool's socket is to tell, by `topics=` in its query; all of them where it is not there."""
    values = parse_qs((query or b"").decode("latin-1"), keep_blank_values=True).get("topics")
    if values is None:
        return tuple(Topic)
    chosen = [name for value in values for name in value.split(",")]
    for name in chosen:
        if name not in _TOPICS:
            known = ", ".join(_TOPICS)
            detail = (
                f"topics: there is no topic {name[:_SHOWN_MAX]!r} (yet); expected some of {known}, with commas between"
            )
            return Refusal(HTTPStatus.BAD_REQUEST, Code.BAD_MESSAGE, detail, field="topics")
    return tuple(topic for topic in Topic if topic in chosen)


def _caller(fields: dict[bytes, str], token: str) -> Caller | Refusal:
    """The header's token wins over the one that came as a subprotocol."""
    if _AUTHORIZATION in fields:
        token = bearer(fields[_AUTHORIZATION]) or ""
        if not token:
            return Refusal(HTTPStatus.UNAUTHORIZED, Code.FORBIDDEN, "expected Authorization: Bearer <token>", CHALLENGE)
    token = token.strip()
    cookie = read_cookie(fields[_COOKIE], SESSION_COOKIE) if not token and _COOKIE in fields else ""
    return Caller(token, fields.get(_ORIGIN, ""), fields.get(_HOST, ""), cookie)


def _fields(headers: Iterable[tuple[bytes, bytes]], read: frozenset[bytes] = _READ) -> dict[bytes, str]:
    """The headers that matter. One that is given twice is a list (RFC 9110 §5.2), which only the subprotocols may be:
    a second key or version makes the first invalid instead of either being chosen. An Authorization that is a proxy's
    is left out."""
    fields: dict[bytes, str] = {}
    for name, value in headers:
        if name in read:
            text = value.decode("latin-1").strip()
            if name == _AUTHORIZATION and bearer(text) is None:
                continue
            fields[name] = f"{fields[name]}{_JOINT.get(name, ',')}{text}" if name in fields else text
    return fields


def _bad(detail: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, *headers: tuple[str, str]) -> Refusal:
    return Refusal(status, Code.BAD_MESSAGE, detail, headers)


def _choose(offered: str) -> tuple[Encoding | None, str] | Refusal:
    """The first subprotocol of ours, and the token that came as another; the token is never sent back."""
    subprotocol: Encoding | None = None
    token = ""
    unknown = False
    for name in filter(None, map(str.strip, offered.split(","))):
        if name.startswith(_BEARER_SUBPROTOCOL):
            token = name.removeprefix(_BEARER_SUBPROTOCOL)
        elif name not in _ENCODINGS:
            unknown = True
        elif subprotocol is None:
            subprotocol = _ENCODINGS[name]
    if unknown and subprotocol is None:
        return _bad("no subprotocol is known here; offer " + " or ".join(_ENCODINGS))
    return subprotocol, token


def _language(query: bytes | None, accept_language: str) -> str:
    if query and b"lang=" in query:
        wanted = parse_qs(query.decode("latin-1")).get("lang")
        if wanted:
            return language_of(wanted[0])
    return language_of(accept_language)
