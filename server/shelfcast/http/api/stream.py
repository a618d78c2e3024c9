"""Answers that are made piece by piece, as fast as they are read and no longer than they are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shelfcast import metrics
from shelfcast.barrier import note_fault
from shelfcast.errors import EngineError, EntriesArchived
from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.codes import Code

_log = structlog.get_logger(__name__)


class Streamed(Response):
    """An answer of unknown length. A piece is asked for when the one before is with the client, or nearly so.

    You must `begin` it: that makes the first piece, so that what is wrong from the start is a problem of its own. What
    goes wrong later ends the connection before the answer's end (HTTP/1.1: without the last chunk), so that nobody
    takes a part for the whole. A client that leaves ends the work.
    """

    def __init__(
        self, pieces: AsyncGenerator[bytes], *, media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(media_type=media_type, headers={"Cache-Control": "no-store", **(headers or {})})
        del self.headers["content-length"]
        self._pieces = pieces
        self._first: bytes | None = None
        self._place: asyncio.Semaphore | None = None

    async def begin(self, places: asyncio.Semaphore) -> None:
        """Take one of the places for such answers, and make the first piece. Raises what making it does, and ApiError
        (OVERLOADED) where there is no place."""
        if places.locked():
            raise ApiError(Code.OVERLOADED, "as many answers as may be are being streamed (streams_at_once_max)")
        await places.acquire()
        self._place = places
        try:
            self._first = await anext(self._pieces, None)
        except BaseException:
            await self._end()
            raise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        path = scope["path"]
        try:
            await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": self.raw_headers})
            if scope["method"] == "HEAD" or await self._sent(Request(scope, receive), send):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (EngineError, EntriesArchived) as error:
            metrics.HTTP_STREAMS_CUT.labels("fault").inc()
            _log.warning("stream.cut", path=path, reason=str(error))
        except Exception:
            metrics.HTTP_STREAMS_CUT.labels("fault").inc()
            note_fault("http.stream", path=path)
        finally:
            await self._end()

    async def _sent(self, request: Request, send: Send) -> bool:
        """Send the pieces; False where the client left."""
        piece = self._first
        while piece is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if await request.is_disconnected():
                metrics.HTTP_STREAMS_CUT.labels("client").inc()
                return False
            piece = await anext(self._pieces, None)
        return True

    async def _end(self) -> None:
        await self._pieces.aclose()
        if self._place is not None:
            self._place.release()
            self._place = None
