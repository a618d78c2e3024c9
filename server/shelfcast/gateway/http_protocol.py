"""HTTP protocol of a connection: parses requests with uvicorn, within bounds; gives a WebSocket upgrade back."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shelfcast.addresses import site
from shelfcast.gateway.gate import Gate
from shelfcast.gateway.newcomer import Newcomer
from shelfcast.protocol.codes import Code
from shelfcast.protocol.refusal import Refusal
from shelfcast.protocol.scope import MORE_TIME

PIECE_BYTES = 4_096
"""So much is parsed at once: a read may hold thousands of requests, or the end of a body and the next head."""
_HEALTH_PATHS = frozenset((b"/healthz", b"/readyz"))


class _Stopped(Exception):
    """Ends the parser's work in the middle of what it was given."""


class HttpProtocol(HttpToolsProtocol):
    """A connection whose first bytes were no whole upgrade; `uvicorn` is what uvicorn makes its protocol of.

    An upgrade may still come: in pieces, in an unusual form, or behind other requests. With `once` the connection ends
    behind its first answer.
    """

    def __init__(self, newcomer: Newcomer, gate: Gate, *, once: bool, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._newcomer = newcomer
        self._gate = gate
        self._once = once
        self._head_bytes = -1
        """Of the request line and headers that are being read; -1 when none are."""
        self._between = True
        """Whether the next byte begins a request."""
        self._begun = 0
        """Requests that have begun in this piece."""
        self._deaf = False
        """Whether nothing more is listened to."""
        self._waiting = b""
        """What came, while it waits for its turn."""

    def begin(self, transport: asyncio.Transport, data: bytes) -> None:
        """Take over a connection whose turn it is, and parse the first that came."""
        transport.set_protocol(self)
        self.connection_made(transport)
        self._hear(data)

    def data_received(self, data: bytes) -> None:
        """Parse what came, now or in one of the loop's next turns when many have something to say: a thousand requests
        that come at once must not hold up who is inside."""
        limiter = self._gate.http_limiter
        if self._waiting:
            self._waiting += data
        elif limiter.passes():
            self._hear(data)
        else:
            self._waiting = bytes(data)
            self.transport.pause_reading()
            limiter.wait(self._newcomer.address, self._next_in_turn)

    def _next_in_turn(self) -> None:
        data, self._waiting = self._waiting, b""
        if not self.transport.is_closing():
            self.transport.resume_reading()
            self._hear(data)

    def _hear(self, data: bytes) -> None:
        """Parse in pieces. The parser takes headers and requests without end; this does not."""
        self._unset_keepalive_if_required()
        at = 0
        while at < len(data) and not self._deaf and not self.transport.is_closing():
            left = self._gate.settings.head_max_bytes - max(0, self._head_bytes)
            piece = data[at : at + min(PIECE_BYTES, left + 1)]
            at += len(piece)
            if not self._parse(piece):
                return

    @property
    def is_answering(self) -> bool:
        """Whether the application has still to answer."""
        return self.cycle is not None and not self.cycle.response_complete

    def _parse(self, piece: bytes) -> bool:
        """False when the rest of what came is not for the parser."""
        counts = self._between or self._head_bytes >= 0
        self._begun = -1 if self._between else 0
        try:
            self.parser.feed_data(piece)
        except HttpParserUpgrade:
            if not self._should_upgrade():
                return True
            self.handle_websocket_upgrade()
            return False
        except HttpParserError:
            if not self._deaf:
                self._deaf = True
                self._gate.note("malformed")
                self.send_400_response("Invalid HTTP request received.")
            return False
        # A head that begins behind another request is counted from the next piece on.
        if self._head_bytes >= 0 and counts and self._begun <= 0:
            self._head_bytes += len(piece)
        if self._head_bytes > self._gate.settings.head_max_bytes:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self._stop(Refusal(status, Code.BAD_MESSAGE, "the headers are too long"))
        return True

    # --- the parser's callbacks -----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins, perhaps the next one of a kept connection."""
        self._head_bytes = 0
        self._between = False
        self._begun += 1
        if len(self.pipeline) >= self._gate.settings.pipelined_requests_max:
            self._gate.note("pipelined")
            self._stop(None)
            raise _Stopped
        refusal = None if self._once else self._gate.begin_request(self._newcomer)
        if refusal is not None:
            self._stop(refusal)
            raise _Stopped
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head of the request is read."""
        self._head_bytes = -1
        if not (self.parser.should_upgrade() and self._should_upgrade()):
            self._identify()
            self.scope["extensions"] = {MORE_TIME: {"give": self._give_time}}
        super().on_headers_complete()
        if self._once and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The request is read to its end: from here on uvicorn keeps the time, if it is not an upgrade."""
        self._between = True
        if not (self.parser.should_upgrade() and self._should_upgrade()):
            self._gate.http.finish(self._newcomer)
        super().on_message_complete()
        self._rest()

    def on_response_complete(self) -> None:
        """A request is answered. What a proxy asks next may be for somebody else."""
        if self._newcomer.trusted and not self.pipeline:
            self._newcomer.count_as("")
        super().on_response_complete()
        self._rest()

    def resume_writing(self) -> None:
        """The client reads."""
        self._gate.http.reads(self._newcomer)
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._newcomer.connection_lost(exc)
        super().connection_lost(exc)

    # --- parts ----------------------------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Everything is answered, and nothing more has been asked."""
        if self._between and self.cycle is not None and self.cycle.response_complete:
            self._gate.http.rest(self._newcomer)

    def _give_time(self, ms: int) -> None:
        if not self._between:
            self._gate.http.give_time(self._newcomer, ms)

    def _identify(self) -> None:
        """Who asks, where a proxy says so. A health check is nobody's."""
        proxies, peer = self._gate.proxies, self._newcomer.peer
        if not self._newcomer.trusted:
            return
        host = proxies.client(peer, self.headers)
        if host != peer:
            self.scope["client"] = (host, 0)
        self.scope["scheme"] = proxies.scheme(peer, self.headers, self.scope["scheme"])
        if self.url.partition(b"?")[0] in _HEALTH_PATHS:
            return
        refusal = self._newcomer.count_as(site(host))
        if refusal is not None:
            self._stop(refusal)
            raise _Stopped

    def _stop(self, refusal: Refusal | None) -> None:
        """Listen to nothing more. Who waits for answers gets them, and the last ends the connection; it is not told
        why in between."""
        self._deaf = True
        if self.is_answering:
            self.cycle.keep_alive = False
            self._gate.http.finish(self._newcomer)
        elif not self.transport.is_closing():
            if refusal is None:
                self.transport.close()
            else:
                self._newcomer.refuse(refusal)

    def _should_upgrade_to_ws(self) -> bool:
        return True

    def handle_websocket_upgrade(self) -> None:
        """Give the connection back. The parser, the scope and the flow control of the request: nobody needs them any
        more."""
        if self._still_answering():
            return self.transport.close()
        self.connections.discard(self)
        self.transport.set_protocol(self._newcomer)
        self._newcomer.ask(self.scope["method"], self.scope["http_version"], self.url, self.headers)
        self.parser = None  # type: ignore[assignment]
        return None

    def _still_answering(self) -> bool:
        """Whether the answer to an earlier request is still on its way: it would end up among the frames.

        A TLS transport always has something of its own buffered, and nothing is written past it.
        """
        if self.is_answering:
            return True
        return self.scheme == "http" and self.transport.get_write_buffer_size() > 0
