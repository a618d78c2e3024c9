"""A request's body as it comes: within its bounds, of the types that are expected, in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from starlette.requests import ClientDisconnect, Request

from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.codes import Code
from shelfcast.protocol.scope import MORE_TIME
from shelfcast.settings import Settings

CLOSE = {"Connection": "close"}
"""What is left of a body that nobody reads would be taken for the next request."""


def check_type(request: Request, expected: Sequence[str]) -> str:
    """The body's media type. Raises ApiError (415) where it is none of these, or has a content encoding."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in expected:
        detail = f"expected Content-Type: {' or '.join(expected)}"
        raise ApiError(Code.BAD_MESSAGE, detail, field="Content-Type", status=415)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ApiError(Code.BAD_MESSAGE, "expected no content encoding", field="Content-Encoding", status=415)
    return media_type


def check_declared_length(request: Request, max_bytes: int) -> None:
    """Raises ApiError (413) where the request says that it is longer than this. It need not say."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)


async def bounded_pieces(request: Request, max_bytes: int) -> AsyncGenerator[bytes]:
    """The body as it comes. Raises ApiError: 413 once it is longer than this, 400 where it ends early."""
    count = 0
    try:
        async for piece in request.stream():
            count += len(piece)
            if count > max_bytes:
                raise _too_large(max_bytes)
            yield piece
    except ClientDisconnect:
        raise ApiError(Code.BAD_MESSAGE, "the body ended early", status=400) from None


def _too_large(max_bytes: int) -> ApiError:
    return ApiError(Code.BAD_MESSAGE, f"expected a body of at most {max_bytes} bytes", status=413, headers=CLOSE)


class Upload:
    """A file that is sent to an endpoint. Raises ApiError: 415 another type, 413 too long by its own word."""

    def __init__(
        self, request: Request, media_types: Sequence[str], settings: Settings, places: asyncio.Semaphore
    ) -> None:
        self.media_type = check_type(request, media_types)
        check_declared_length(request, settings.upload_max_bytes)
        self._request = request
        self._settings = settings
        self._places = places

    async def pieces(self) -> AsyncGenerator[bytes]:
        """The file, piece by piece; not twice.

        Raises ApiError: 413 too long, 400 cut, 408 too slow, 503 where as many come as may.
        """
        if self._places.locked():
            raise ApiError(Code.OVERLOADED, "as many files as may be are coming (uploads_at_once_max)", headers=CLOSE)
        timeout_ms = self._settings.upload_timeout_ms
        more_time = self._request.scope.get("extensions", {}).get(MORE_TIME)
        if more_time is not None:
            more_time["give"](timeout_ms + self._settings.handshake_timeout_ms)
        until_s = asyncio.get_running_loop().time() + timeout_ms / 1000
        pieces = bounded_pieces(self._request, self._settings.upload_max_bytes)
        async with self._places:
            while True:
                # Around each piece and not all of them: what is awaited in between is somebody else's.
                try:
                    async with asyncio.timeout_at(until_s):
                        piece = await anext(pieces, None)
                except TimeoutError:
                    detail = f"the file did not come within {timeout_ms} ms"
                    raise ApiError(Code.BAD_MESSAGE, detail, status=408, headers=CLOSE) from None
                if piece is None:
                    return
                yield piece
