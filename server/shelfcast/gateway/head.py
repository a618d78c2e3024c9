"""The head of a request that is an upgrade and nothing else, read in one go. Pure.

Nearly every connection begins with one: a crowd that arrives is a hundred thousand of them. What is read here is
strictly well formed (RFC 9112 §2.2, §3, §5); about anything else nothing is said, and uvicorn's parser judges it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_HEAD = re.compile(
    rb"GET (/v1/rooms/[!-~]*) HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*\r\n)+)\r\n"
)
"""The whole of it: no folded line, no bare LF, no blank before a colon, nothing behind it."""

_UPGRADE = b"upgrade"
_CONNECTION = b"connection"
_OF_AN_UPGRADE = frozenset((_UPGRADE, _CONNECTION))
_TELLING = _OF_AN_UPGRADE | {b"content-length", b"transfer-encoding", b"expect"}
"""These must be there once, and of the others, which speak of a body, none."""

Headers = list[tuple[bytes, bytes]]


class Head(NamedTuple):
    """What an upgrade asks for. Header names are in lower case, values without the blanks around them."""

    url: bytes
    headers: Headers


def read_upgrade(data: bytes) -> Head | None:
    """The head, if these bytes are exactly one `GET /v1/rooms/...` that upgrades to a WebSocket; None if they are
    anything else, or not the whole of it."""
    match = _HEAD.fullmatch(data)
    if match is None:
        return None
    headers: Headers = []
    seen: dict[bytes, bytes] = {}
    for line in match[2].splitlines():
        name, _, value = line.partition(b":")
        header = name.lower(), value.strip()
        headers.append(header)
        if header[0] in _TELLING:
            if header[0] in seen:
                return None
            seen[header[0]] = header[1].lower()
    if seen.keys() != _OF_AN_UPGRADE or seen[_UPGRADE] != b"websocket":
        return None
    if _UPGRADE not in map(bytes.strip, seen[_CONNECTION].split(b",")):
        return None
    return Head(match[1], headers)
