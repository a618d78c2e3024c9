"""Routes of the process itself: is it well, what does it do, what can be called."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import Ready
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PoolSocketQuery
from shelfcast.http.api.services import Check, Services
from shelfcast.protocol.codes import Code

TAG = "server"
METRICS_TYPE = CONTENT_TYPE_LATEST.partition(";")[0]


async def healthz(call: Call) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


async def readyz(call: Call) -> Response:
    """Whether to send traffic here: 200 when every check is content, else 503; the body says why."""
    ready = await call.services.readiness.get(partial(_ask, call.services))
    return answer(ready, status=HTTPStatus.OK if ready.ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def _ask(services: Services) -> Ready:
    timeout_s = services.settings.engine_call_timeout_ms / 1000
    reasons, warnings = await asyncio.gather(
        _complaints(services.checks, timeout_s), _complaints(services.warnings, timeout_s)
    )
    return Ready(ready=not reasons, reasons=reasons, warnings=warnings)


async def _complaints(checks: Mapping[str, Check], timeout_s: float) -> dict[str, str]:
    results = await asyncio.gather(*[_asked(check, timeout_s) for check in checks.values()])
    return {name: reason for name, reason in zip(checks, results, strict=True) if reason}


async def _asked(check: Check, timeout_s: float) -> str:
    try:
        async with asyncio.timeout(timeout_s):
            return await check()
    except TimeoutError:
        return "no answer in time"


async def metrics(call: Call) -> Response:
    """The numbers of this server, all its workers together, in Prometheus' text format; docs/operations.md says what
    each means."""
    try:
        text = await call.services.numbers.get(call.services.exposition)
    except TimeoutError:
        raise ApiError(Code.UNAVAILABLE, "the supervisor does not answer") from None
    return Response(text, headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST})


async def socket(call: Call) -> Response:
    """The room's WebSocket (docs/protocol.md). A request that asks for no upgrade gets 426."""
    raise _upgrade_expected()


async def pool_socket(call: Call) -> Response:
    """The pool's WebSocket, for operators and services (docs/protocol.md). A request that asks for no upgrade gets
    426."""
    raise _upgrade_expected()


def _upgrade_expected() -> ApiError:
    return ApiError(
        Code.BAD_MESSAGE,
        "expected a WebSocket handshake",
        status=HTTPStatus.UPGRADE_REQUIRED,
        headers={"Upgrade": "websocket", "Connection": "Upgrade"},
    )


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/healthz", summary="Is the process alive", tag=TAG, handle=healthz,
             access=Access.PUBLIC, answer=str, media_type="text/plain"),
    Endpoint(method="GET", path="/readyz", summary="Should traffic come here", tag=TAG, handle=readyz,
             access=Access.PUBLIC, answer=Ready, statuses=(HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)),
    Endpoint(method="GET", path="/metrics", summary="Numbers for Prometheus", tag=TAG, handle=metrics,
             access=Access.PUBLIC, answer=str, media_type=METRICS_TYPE),
    Endpoint(method="GET", path="/v1/rooms/{room}/ws", summary="The socket of a room", tag="rooms", handle=socket,
             access=Access.PUBLIC, statuses=(HTTPStatus.SWITCHING_PROTOCOLS,)),
    Endpoint(method="GET", path="/v1/pools/{pool}/ws", summary="The socket of a pool", tag="pools", handle=pool_socket,
             access=Access.CONTROL, statuses=(HTTPStatus.SWITCHING_PROTOCOLS,), query=PoolSocketQuery),
]
# fmt: on
