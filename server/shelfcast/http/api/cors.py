"""Which pages of other origins may read what this server answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from shelfcast.http.api.call import ACTION_HEADER, KEY_HEADER, MATCH_HEADER
from shelfcast.protocol.access import TOKEN_HEADER

ALLOWED_METHODS = ("GET", "PUT", "PATCH", "POST", "DELETE")
ALLOWED_HEADERS = ("Authorization", "Content-Type", KEY_HEADER, MATCH_HEADER, TOKEN_HEADER)
EXPOSED_HEADERS = ("ETag", "Link", "Location", "Retry-After", ACTION_HEADER, "WWW-Authenticate")

_ENTRY = re.compile(r"/v1/(?:rooms|pools)/[^/]+/entry")


class Cors:
    """Lets pages of the listed `origins` read everything, and pages of any origin the entry of a room or pool.

    The entry tells a page why its socket was refused, also where its origin is the reason: an answer that the browser
    hides would be taken for a server that cannot be reached, and asked for again and again.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._elsewhere = _readable(app, origins, ALLOWED_METHODS) if origins else app
        self._entry = _readable(app, ("*",), ("GET",))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        at_entry = scope["type"] == "http" and _ENTRY.fullmatch(scope["path"]) is not None
        await (self._entry if at_entry else self._elsewhere)(scope, receive, send)


def _readable(app: ASGIApp, origins: Sequence[str], methods: Sequence[str]) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=methods,
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
    )
