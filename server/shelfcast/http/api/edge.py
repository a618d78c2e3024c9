"""What surrounds every answer: which hosts are served, and that no browser guesses at a type."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shelfcast.hosts import Hosts
from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.codes import Code

BY_ADDRESS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines that know this server by its address alone; they tell nothing of a shop, and change nothing."""


_CLOSED = "the handler is closed"
"""What uvloop says of a transport that is closed, when uvicorn does not know it yet."""


class _ClientGone(Exception):
    """There is nobody to answer."""


class Edge:
    """Refuses requests to a host that is none of ours, and marks every answer `nosniff`."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("X-Content-Type-Options", "nosniff")
            try:
                await send(message)
            except RuntimeError as error:
                if _CLOSED not in str(error):
                    raise
                raise _ClientGone from None

        with suppress(_ClientGone):
            await self._serve(scope, receive, marked)
        return None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = Headers(scope=scope).getlist("host")
        known = len(hosts) <= 1 and self._hosts.allow("".join(hosts))
        if known or scope["path"] in BY_ADDRESS:
            return await self._app(scope, receive, send)
        detail = "this server does not go by this host name; the setting `hosts` lists its names"
        return await ApiError(Code.FORBIDDEN, detail, status=HTTPStatus.MISDIRECTED_REQUEST, field="Host").response()(
            scope, receive, send
        )
