"""A refusal before the upgrade, as HTTP tells it: a status, headers, and problem details (RFC 9457). Pure."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from shelfcast.protocol.codes import EXPLANATION, RETRY, Code

_KEPT = 64
"""A storm is refused for few reasons: each is written once."""


class Refusal(NamedTuple):
    """Why there is no upgrade, or would be none; `field` names the part of the request that is wrong."""

    status: HTTPStatus
    code: Code
    detail: str
    headers: tuple[tuple[str, str], ...] = ()
    field: str = ""

    def document(self) -> bytes:
        """The problem details, in JSON."""
        return _document(self)

    def response(self) -> bytes:
        """The whole HTTP response: the problem details, and the end of the connection."""
        return _response(self)


@lru_cache(_KEPT)
def _document(refusal: Refusal) -> bytes:
    problem = {
        "type": "urn:shelfcast:problem:" + refusal.code.lower().replace("_", "-"),
        "title": EXPLANATION[refusal.code],
        "status": int(refusal.status),
        "code": refusal.code,
        "retry": RETRY[refusal.code],
        "detail": refusal.detail,
    }
    if refusal.field:
        problem["field"] = refusal.field
    return msgspec.json.encode(problem)


@lru_cache(_KEPT)
def _response(refusal: Refusal) -> bytes:
    body = _document(refusal)
    headers = "".join(f"{name}: {value}\r\n" for name, value in refusal.headers)
    head = (
        f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}\r\nContent-Type: application/problem+json\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    )
    return head.encode() + body
