"""Who has just connected: an upgrade is answered here, everything else is uvicorn's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

from shelfcast import metrics
from shelfcast.addresses import site
from shelfcast.errors import EngineError
from shelfcast.gateway.connection import Connection
from shelfcast.gateway.gate import Gate
from shelfcast.gateway.handshake import Wish, read_wish
from shelfcast.gateway.head import read_upgrade
from shelfcast.gateway.http_talk import HttpTalk
from shelfcast.gateway.places import retry_later
from shelfcast.protocol.access import Principal
from shelfcast.protocol.codes import Code
from shelfcast.protocol.refusal import Refusal
from shelfcast.room.live import Room

_switched = metrics.HANDSHAKES.labels("101")


class Doorway(asyncio.Protocol):
    """The protocol of a new connection, made for each; `uvicorn` is what uvicorn makes its own protocol of.

    A crowd sends its upgrades whole, in one read: such a one is read here, without a parser, a scope or flow control
    that would be thrown away a moment later. Whatever else comes first, and be it the first piece of an upgrade, goes
    to `HttpTalk`, which parses it and brings an upgrade back to `ask`.
    """

    __slots__ = ("_address", "_gate", "_transport", "_uvicorn")

    _transport: asyncio.Transport

    def __init__(self, gate: Gate, **uvicorn: Any) -> None:
        self._gate = gate
        self._uvicorn = uvicorn
        self._address: str | None = None
        """Set while a place is taken for the upgrade."""

    # --- asyncio.Protocol -------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected; its first request has to come soon."""
        self._transport = transport
        # A uvicorn that shuts down looks there for whom to tell.
        self._uvicorn["server_state"].connections.add(self)
        if not self._gate.entering(self):
            detail = "too many requests are waiting to be finished"
            busy = retry_later(self._gate.settings, HTTPStatus.SERVICE_UNAVAILABLE, Code.OVERLOADED, detail)
            self.refuse(busy)

    def data_received(self, data: bytes) -> None:
        """The first bytes."""
        if self._transport.is_closing():
            return
        head = read_upgrade(data) if len(data) <= self._gate.settings.head_max_bytes else None
        if head is not None:
            self.ask("GET", "1.1", head.url, head.headers)
        else:
            self._uvicorn["server_state"].connections.discard(self)
            talk = HttpTalk(self, self._gate, **self._uvicorn)
            self._transport.set_protocol(talk)
            talk.connection_made(self._transport)
            talk.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._uvicorn["server_state"].connections.discard(self)
        self._gate.entered(self)
        self._release()

    def shutdown(self) -> None:
        """uvicorn stops."""
        self._transport.close()

    def hang_up(self) -> None:
        """The request took too long."""
        if not self._transport.is_closing():
            self._transport.close()

    # --- upgrades ----------------------------------------------------------------------------------------------

    def ask(self, method: str, version: str, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Answer an upgrade, now or in one of the loop's next turns when there are many. The transport is this
        protocol's."""
        if self._gate.turn_away() is not None or self._gate.turnstile.passes():
            return self._answer(method, version, url, headers)
        self._transport.pause_reading()
        return self._gate.turnstile.wait(partial(self._next_in_turn, method, version, url, headers))

    def _next_in_turn(self, method: str, version: str, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self._answer(method, version, url, headers)

    def _answer(self, method: str, version: str, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Refuse it at the first thing that is wrong with it, the cheapest first, or let it in now or when its room is
        open."""
        gate = self._gate
        turned_away = gate.turn_away()
        if turned_away is not None:
            return self.refuse(turned_away)
        wish = read_wish(method, version, url, headers)
        if isinstance(wish, Refusal):
            return self.refuse(wish)
        peer = self._transport.get_extra_info("peername")
        address = site(peer[0]) if peer else ""
        principal = gate.check(wish.caller, address)
        if isinstance(principal, Refusal):
            return self.refuse(principal)
        gate.places.take(address)
        self._address = address
        room = gate.hub.opened(wish.room)
        if room is not None:
            return self._enter(wish, principal, room)
        # One opening serves all who wait for the room. Nothing more is read meanwhile: a client has to wait, too.
        self._transport.pause_reading()
        gate.hub.open(wish.room).add_done_callback(partial(self._room_opened, wish, principal))
        return None

    def _room_opened(self, wish: Wish, principal: Principal, opening: asyncio.Task[Room | None]) -> None:
        if self._address is None:
            return
        fault = None if opening.cancelled() else opening.exception()
        if opening.cancelled() or isinstance(fault, EngineError):
            self.refuse(self._gate.room_unreadable())
        elif fault is not None:
            self.refuse(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, Code.UNAVAILABLE, "the room cannot be opened"))
            raise fault
        else:
            self._transport.resume_reading()
            self._enter(wish, principal, opening.result())

    def _enter(self, wish: Wish, principal: Principal, room: Room | None) -> None:
        gate, transport = self._gate, self._transport
        refusal = gate.check_room(room, principal)
        if refusal is not None or room is None or self._address is None or transport.is_closing():
            if refusal is not None:
                self.refuse(refusal)
            return
        _switched.inc()
        gate.entered(self)
        self._uvicorn["server_state"].connections.discard(self)
        connection = Connection(
            gate,
            room,
            transport,
            principal=principal,
            encoding=wish.encoding,
            language=wish.language,
            address=self._address,
        )
        connection.open(wish.acceptance())

    def refuse(self, refusal: Refusal) -> None:
        """Tell the client why not, and close."""
        metrics.HANDSHAKES.labels(str(refusal.status.value)).inc()
        self._release()
        self._transport.write(refusal.response())
        self._transport.close()

    def _release(self) -> None:
        address, self._address = self._address, None
        if address is not None:
            self._gate.places.release(address)
