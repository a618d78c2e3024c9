"""The hand-over from uvicorn's HTTP protocol: ordinary requests stay there, a WebSocket upgrade leaves for good."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from shelfcast import metrics
from shelfcast.errors import EngineError
from shelfcast.gateway.connection import Connection
from shelfcast.gateway.gate import Gate
from shelfcast.gateway.handshake import Refusal, Wish, read_wish
from shelfcast.gateway.places import retry_later, site
from shelfcast.protocol.access import Principal
from shelfcast.protocol.codes import Code
from shelfcast.room.live import Room

_switched = metrics.HANDSHAKES.labels("101")


class Doorway(HttpToolsProtocol):
    """uvicorn's protocol of one new connection. An upgrade request gets its answer here, or from the room that is
    being opened for it; then the transport belongs to a `Connection`, and nothing of this object is kept.
    """

    def __init__(
        self,
        gate: Gate,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._gate = gate
        self._address: str | None = None
        """Set while a place is taken for the upgrade."""
        self._head_bytes = 0
        """Of the request line and headers that are being read; -1 when they are read."""

    # --- a request that does not come to its end --------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected; its first request has to come soon."""
        super().connection_made(transport)
        if not self._gate.entering(self):
            self._refuse(self._busy("too many requests are waiting to be finished"))

    def data_received(self, data: bytes) -> None:
        """Parse what came. The parser takes headers without end; this does not."""
        super().data_received(data)
        # Nothing is left of this object after an upgrade.
        if self.__dict__ and self._head_bytes >= 0:
            self._head_bytes += len(data)
            if self._head_bytes > self._gate.settings.head_max_bytes and not self.transport.is_closing():
                self._refuse(
                    Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Code.BAD_MESSAGE, "the headers are too long")
                )

    def on_message_begin(self) -> None:
        """A request begins, perhaps the next one of a kept connection."""
        self._gate.entering(self)
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head of the request is read."""
        self._head_bytes = -1
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is read to its end: from here on uvicorn keeps the time."""
        self._gate.entered(self)
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._gate.entered(self)
        self._release()
        super().connection_lost(exc)

    def hang_up(self) -> None:
        """The request took too long."""
        if not self.transport.is_closing():
            self.transport.close()

    # --- upgrades ----------------------------------------------------------------------------------------------

    def _should_upgrade_to_ws(self) -> bool:
        return True

    def handle_websocket_upgrade(self) -> None:
        """Answer an upgrade, now or in one of the loop's next turns when there are many."""
        if self._still_answering():
            return self.transport.close()
        if self._gate.turn_away() is not None or self._gate.turnstile.passes():
            return self._answer_upgrade()
        self.transport.pause_reading()
        return self._gate.turnstile.wait(self._next_in_turn)

    def _next_in_turn(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()
            self._answer_upgrade()

    def _answer_upgrade(self) -> None:
        """Refuse it at the first thing that is wrong, the cheapest first, or let it in now or when its room is open."""
        turned_away = self._gate.turn_away()
        if turned_away is not None:
            return self._refuse(turned_away)
        scope = self.scope
        wish = read_wish(scope["method"], scope["http_version"], self.url, self.headers)
        if isinstance(wish, Refusal):
            return self._refuse(wish)
        address = site(self.client[0]) if self.client else ""
        full = self._gate.places.take(address)
        if full is not None:
            return self._refuse(full)
        self._address = address
        principal = self._gate.check(wish)
        if isinstance(principal, Refusal):
            return self._refuse(principal)
        room = self._gate.hub.opened(wish.room)
        if room is not None:
            return self._enter(wish, principal, room)
        # One opening serves all who wait for the room. Nothing more is read meanwhile: a client has to wait, too.
        self.transport.pause_reading()
        self._gate.hub.open(wish.room).add_done_callback(partial(self._room_opened, wish, principal))
        return None

    def _still_answering(self) -> bool:
        """Whether the answer to an earlier request is still on its way: it would end up among the frames.

        A TLS transport always has something of its own buffered, and nothing is written past it.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            return True
        return self.scheme == "http" and self.transport.get_write_buffer_size() > 0

    def _room_opened(self, wish: Wish, principal: Principal, opening: asyncio.Task[Room | None]) -> None:
        if self._address is None:
            return
        fault = None if opening.cancelled() else opening.exception()
        if opening.cancelled() or isinstance(fault, EngineError):
            self._refuse(self._busy("the room cannot be read", Code.UNAVAILABLE))
        elif fault is not None:
            self._refuse(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, Code.UNAVAILABLE, "the room cannot be opened"))
            raise fault
        else:
            self.transport.resume_reading()
            self._enter(wish, principal, opening.result())

    def _enter(self, wish: Wish, principal: Principal, room: Room | None) -> None:
        refusal = self._gate.check_room(room, principal)
        if refusal is not None or room is None or self._address is None or self.transport.is_closing():
            if refusal is not None:
                self._refuse(refusal)
            return
        _switched.inc()
        self._gate.entered(self)
        self.connections.discard(self)
        connection = Connection(
            self._gate,
            room,
            self.transport,
            principal=principal,
            encoding=wish.encoding,
            language=wish.language,
            address=self._address,
        )
        # The parser, the headers, the scope and the flow control of the request: nobody needs them any more.
        self.__dict__.clear()
        connection.open(wish.acceptance())

    def _refuse(self, refusal: Refusal) -> None:
        metrics.HANDSHAKES.labels(str(refusal.status.value)).inc()
        self._release()
        self.transport.write(refusal.response())
        self.transport.close()

    def _release(self) -> None:
        address, self._address = self._address, None
        if address is not None:
            self._gate.places.release(address)

    def _busy(self, detail: str, code: Code = Code.OVERLOADED) -> Refusal:
        return retry_later(self._gate.settings, HTTPStatus.SERVICE_UNAVAILABLE, code, detail)
