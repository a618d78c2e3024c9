"""uvicorn's HTTP protocol behind a doorway: ordinary requests stay here, an upgrade goes back to the doorway."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shelfcast.protocol.codes import Code
from shelfcast.protocol.refusal import Refusal

if TYPE_CHECKING:
    from shelfcast.gateway.doorway import Doorway
    from shelfcast.gateway.gate import Gate

_HEAD_END = b"\r\n\r\n"


class HttpTalk(HttpToolsProtocol):
    """A connection whose first bytes were no whole upgrade; `uvicorn` is what uvicorn makes its protocol of.

    An upgrade may still come: in pieces, in an unusual form, or behind other requests.
    """

    def __init__(self, doorway: Doorway, gate: Gate, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._doorway = doorway
        self._gate = gate
        self._head_bytes = 0
        """Of the request line and headers that are being read; -1 when they are read."""

    def data_received(self, data: bytes) -> None:
        """Parse what came. The parser takes headers without end; this does not."""
        left = self._gate.settings.head_max_bytes - self._head_bytes
        if self._head_bytes >= 0 and len(data) > left and data.find(_HEAD_END, 0, left) < 0:
            return self._refuse_long_head()
        super().data_received(data)
        if self._head_bytes >= 0:
            self._head_bytes += len(data)
            if self._head_bytes > self._gate.settings.head_max_bytes:
                self._refuse_long_head()
        return None

    def on_message_begin(self) -> None:
        """A request begins, perhaps the next one of a kept connection."""
        self._gate.entering(self._doorway)
        self._head_bytes = 0
        super().on_message_begin()
        # Who is counted at the gate: `client` may become whom a proxy speaks for.
        self.scope["state"]["peer"] = self.client[0] if self.client else ""

    def on_headers_complete(self) -> None:
        """The head of the request is read."""
        self._head_bytes = -1
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is read to its end: from here on uvicorn keeps the time, if it is not an upgrade."""
        if not (self.parser.should_upgrade() and self._should_upgrade()):
            self._gate.entered(self._doorway)
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._doorway.connection_lost(exc)
        super().connection_lost(exc)

    def _refuse_long_head(self) -> None:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if not self.transport.is_closing():
            self._doorway.refuse(Refusal(status, Code.BAD_MESSAGE, "the headers are too long"))

    def _should_upgrade_to_ws(self) -> bool:
        return True

    def handle_websocket_upgrade(self) -> None:
        """Give the connection back. The parser, the scope and the flow control of the request: nobody needs them any
        more."""
        if self._still_answering():
            return self.transport.close()
        self.connections.discard(self)
        self.transport.set_protocol(self._doorway)
        self._doorway.ask(self.scope["method"], self.scope["http_version"], self.url, self.headers)
        self.parser = None  # type: ignore[assignment]
        return None

    def _still_answering(self) -> bool:
        """Whether the answer to an earlier request is still on its way: it would end up among the frames.

        A TLS transport always has something of its own buffered, and nothing is written past it.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            return True
        return self.scheme == "http" and self.transport.get_write_buffer_size() > 0
