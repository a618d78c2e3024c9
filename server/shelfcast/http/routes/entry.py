"""What the handshake of a room's or pool's socket would answer."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.problems import PROBLEM_TYPE
from shelfcast.http.api.query import PoolSocketQuery
from shelfcast.protocol.codes import Code
from shelfcast.protocol.refusal import Refusal

_UNKEPT = {"Cache-Control": "no-store"}
"""The answer is of this moment."""


async def get_entry(call: Call) -> Response:
    """What the handshake of the room's socket would answer to this caller now; browsers hide that from their pages.

    204 where it would be let in, else the handshake's own problem. Asking takes no place."""
    return _told(await call.services.entry(call.path["room"], call.request.headers.raw))


async def get_pool_entry(call: Call) -> Response:
    """What the handshake of the pool's socket would answer to this caller now, with these `topics`.

    204 where it would be let in, else the handshake's own problem. Asking takes no place."""
    request = call.request
    refusal = await call.services.pool_entry(call.path["pool"], request.scope["query_string"], request.headers.raw)
    return _told(refusal)


def _told(refusal: Refusal | None) -> Response:
    if refusal is None:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=_UNKEPT)
    headers = _UNKEPT | dict(refusal.headers)
    return Response(refusal.document(), status_code=refusal.status, headers=headers, media_type=PROBLEM_TYPE)


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/rooms/{room}/entry", summary="What the socket's handshake would answer",
             tag="rooms", handle=get_entry, access=Access.GUEST, by_gate=True, statuses=(HTTPStatus.NO_CONTENT,),
             codes=(Code.NOT_FOUND, Code.RATE_LIMITED, Code.OVERLOADED)),
    Endpoint(method="GET", path="/v1/pools/{pool}/entry", summary="What the socket's handshake would answer",
             tag="pools", handle=get_pool_entry, access=Access.CONTROL, by_gate=True, statuses=(HTTPStatus.NO_CONTENT,),
             query=PoolSocketQuery, codes=(Code.NOT_FOUND, Code.RATE_LIMITED, Code.OVERLOADED)),
]
# fmt: on
