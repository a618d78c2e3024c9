"""Protocol of a new connection: answers a WebSocket upgrade, hands everything else to uvicorn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from itertools import product
from typing import Any

from shelfcast import metrics
from shelfcast.addresses import site
from shelfcast.errors import EngineError
from shelfcast.gateway.connection import Connection, Target
from shelfcast.gateway.gate import Gate
from shelfcast.gateway.handshake import Wish, read_wish
from shelfcast.gateway.head import read_upgrade
from shelfcast.gateway.http_protocol import HttpProtocol
from shelfcast.gateway.newcomer import Newcomer
from shelfcast.protocol.access import ENDED, Principal
from shelfcast.protocol.codes import Code
from shelfcast.protocol.cookies import digest_of
from shelfcast.protocol.refusal import Refusal

PROBE_S = 0.1
"""How long a connection that there is no place for may take to say that it is a health check."""
HEALTH_CHECK_MAX_BYTES = 4_096
_HEAD_END = b"\r\n\r\n"
_HEALTH_CHECKS = tuple(b"%s /%s HTTP/1." % pair for pair in product((b"GET", b"HEAD"), (b"healthz", b"readyz")))
_switched = metrics.HANDSHAKES.labels("101")


class NewConnection(Newcomer):
    """The protocol of a new connection, made for each; `uvicorn` is what uvicorn makes its own protocol of.

    A crowd sends its upgrades whole, in one read: such a one is read here, without a parser, a scope or flow control
    that would be thrown away a moment later. Whatever else comes first, and be it the first piece of an upgrade, goes
    to `HttpProtocol`, which parses it and brings an upgrade back to `ask`.
    """

    __slots__ = ("__weakref__", "_address", "_gate", "_placed", "_probe", "_refusal", "_talk", "_transport", "_uvicorn",
                 "_waits", "peer", "trusted")  # fmt: skip

    _transport: asyncio.Transport

    def __init__(self, gate: Gate, **uvicorn: Any) -> None:
        self._gate = gate
        self._uvicorn = uvicorn
        self.peer = ""
        """The host that has connected."""
        self.trusted = False
        """Whether it is a proxy, whose word for the client is believed."""
        self._address = ""
        """Counted for it; empty while a proxy has not said for whom it asks."""
        self._placed = False
        """Whether a place is taken for the upgrade."""
        self._waits = False
        """Whether the upgrade is read, and waits for its turn or its room."""
        self._talk: HttpProtocol | None = None
        self._refusal: Refusal | None = None
        """Told to a connection that there is no place for, unless it is a health check."""
        self._probe: asyncio.TimerHandle | None = None
        if uvicorn["config"].ssl is not None:
            gate.http.securing.add(self)

    # --- asyncio.Protocol -------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected; its first request has to come soon."""
        self._transport = transport
        self._gate.http.securing.discard(self)
        # A uvicorn that shuts down looks there for whom to tell.
        self._uvicorn["server_state"].connections.add(self)
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if peer else ""
        self.trusted = self.peer in self._gate.proxies
        descriptor = transport.get_extra_info("socket").fileno()
        self._refusal = self._gate.receive(self, descriptor)
        if self._refusal is not None:
            self._hear_probe(descriptor)

    def data_received(self, data: bytes) -> None:
        """The first bytes."""
        if self._transport.is_closing():
            return None
        if self._refusal is not None:
            return self._answer_probe(data)
        head = read_upgrade(data) if len(data) <= self._gate.settings.head_max_bytes else None
        if head is not None:
            return self.ask("GET", "1.1", head.url, head.headers)
        if self._gate.http_limiter.passes():
            return self._talk_http(data)
        self._transport.pause_reading()
        return self._gate.http_limiter.wait(self.address, partial(self._talk_in_turn, data))

    def _talk_in_turn(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self._talk_http(data)

    def _talk_http(self, data: bytes, *, once: bool = False) -> None:
        self._uvicorn["server_state"].connections.discard(self)
        self._talk = HttpProtocol(self, self._gate, once=once, **self._uvicorn)
        self._talk.begin(self._transport, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._uvicorn["server_state"].connections.discard(self)
        self._gate.http.remove(self)
        self._end_probe()
        self._release()
        self.count_as("")

    def shutdown(self) -> None:
        """uvicorn stops."""
        self._transport.close()

    def hang_up(self) -> None:
        """The request took too long."""
        if not self._transport.is_closing():
            self._transport.close()

    def abort(self) -> None:
        """Close without ceremony: what it has not read is thrown away."""
        self._transport.abort()

    @property
    def unsent_bytes(self) -> int:
        """What waits in this process until the client reads."""
        return self._transport.get_write_buffer_size()

    @property
    def may_be_ended(self) -> bool:
        """Whether it is waited for the client, and not for us."""
        return not self._waits and (self._talk is None or not self._talk.is_answering or self.unsent_bytes > 0)

    @property
    def address(self) -> str:
        """What it counts for; a proxy's own as long as that has not said for whom it asks."""
        return self._address or self.peer

    def count_as(self, address: str) -> Refusal | None:
        """Count the connection for this address instead of the one before; a refusal where that has too many."""
        if address == self._address:
            return None
        self._gate.limits.leave(self._address)
        self._address = ""
        refusal = self._gate.limits.enter(address)
        if refusal is None:
            self._address = address
        else:
            self._gate.note("address")
        return refusal

    # --- health checks -------------------------------------------------------------------------------------------

    def _hear_probe(self, descriptor: int) -> None:
        """There is no place. A whole health check is answered all the same, if it is the first that is said."""
        if self._gate.descriptors.in_last_half(descriptor):
            return self._transport.abort()
        gone = self._gate.http.probe(self)
        if gone is not None:
            gone.end_probe()
        self._probe = asyncio.get_running_loop().call_later(PROBE_S, self.end_probe)
        return None

    def _answer_probe(self, data: bytes) -> None:
        self._end_probe()
        if not _is_health_check(data):
            return self.end_probe()
        self._refusal = None
        self._gate.http.answer_probe(self)
        return self._talk_http(data, once=True)

    def end_probe(self) -> None:
        """It has had its time: it is told why it is refused."""
        self._end_probe()
        if self._refusal is not None and not self._transport.is_closing():
            self.refuse(self._refusal)

    def _end_probe(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
            self._probe = None

    # --- upgrades ----------------------------------------------------------------------------------------------

    def ask(self, method: str, version: str, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Answer an upgrade, now or in one of the loop's next turns when there are many. The transport is this
        protocol's."""
        self._waits = True
        self._talk = None
        if self._gate.turn_away() is not None or self._gate.limiter.passes():
            return self._answer(method, version, url, headers)
        self._transport.pause_reading()
        address = site(self._gate.proxies.client(self.peer, headers)) if self.trusted else self.address
        return self._gate.limiter.wait(address, partial(self._next_in_turn, method, version, url, headers))

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
        full = self.count_as(site(gate.proxies.client(self.peer, headers))) if self.trusted else None
        if full is not None:
            return self.refuse(full)
        principal = gate.check(wish.caller)
        if isinstance(principal, Refusal):
            return self.refuse(principal)
        if wish.caller.cookie:
            return self._look_up(wish)
        return self._admit(wish, principal)

    def _look_up(self, wish: Wish) -> None:
        """The session of a cookie is the engine's to tell. It takes a place meanwhile, and nothing more is read."""
        denied = self._gate.check_cookie(wish.caller)
        if denied is not None:
            return self.refuse(denied)
        self._gate.limits.take()
        self._placed = True
        self._transport.pause_reading()
        return self._gate.sessions.look_up(digest_of(wish.caller.cookie), partial(self._is_known, wish))

    def _is_known(self, wish: Wish, lookup: asyncio.Task[Principal | None]) -> None:
        """The session was looked up; one that has ended may do for a room that takes anybody."""
        if not self._placed:
            return None
        fault = None if lookup.cancelled() else lookup.exception()
        if lookup.cancelled() or isinstance(fault, EngineError):
            return self.refuse(self._gate.unreadable("session"))
        if fault is not None:
            self.refuse(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, Code.UNAVAILABLE, "the session cannot be read"))
            raise fault
        self._transport.resume_reading()
        return self._admit(wish, lookup.result() or ENDED)

    def _admit(self, wish: Wish, principal: Principal) -> None:
        """Let somebody in who is known, now or when what is asked for is open."""
        gate = self._gate
        if wish.topics and (denied := gate.check_access(wish.name, principal)) is not None:
            return self.refuse(denied)
        if not self._placed:
            gate.limits.take()
            self._placed = True
        target = self._target(wish, principal)
        if target is not None:
            return self._enter(wish, principal, target)
        # One opening serves all who wait for it. Nothing more is read meanwhile: a client has to wait, too.
        self._transport.pause_reading()
        hub = gate.pool_hub if wish.topics else gate.hub
        hub.open(wish.name).add_done_callback(partial(self._has_opened, wish, principal))
        return None

    def _target(self, wish: Wish, principal: Principal) -> Target | Refusal | None:
        """What is asked for, or why not; None where it has to be opened first."""
        gate = self._gate
        if wish.topics:
            pool = gate.pool_hub.opened(wish.name)
            return None if pool is None else gate.check_pool(pool) or pool.view(wish.topics)
        room = gate.hub.opened(wish.name)
        return None if room is None else gate.check_room(room, principal) or room

    def _has_opened(self, wish: Wish, principal: Principal, opening: asyncio.Task[Any]) -> None:
        if not self._placed:
            return
        what = "pool" if wish.topics else "room"
        fault = None if opening.cancelled() else opening.exception()
        if opening.cancelled() or isinstance(fault, EngineError):
            self.refuse(self._gate.unreadable(what))
        elif fault is not None:
            self.refuse(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, Code.UNAVAILABLE, f"the {what} cannot be opened"))
            raise fault
        else:
            self._transport.resume_reading()
            gone = self._gate.nothing(what) if opening.result() is None else self._gate.unreadable(what)
            self._enter(wish, principal, self._target(wish, principal) or gone)

    def _enter(self, wish: Wish, principal: Principal, target: Target | Refusal) -> None:
        gate, transport = self._gate, self._transport
        if isinstance(target, Refusal):
            return self.refuse(target)
        if not self._placed or transport.is_closing():
            return None
        _switched.inc()
        gate.http.remove(self)
        self._uvicorn["server_state"].connections.discard(self)
        connection = Connection(
            gate,
            target,
            transport,
            principal=principal,
            encoding=wish.encoding,
            language=wish.language,
            address=self._address,
        )
        self._placed, self._address = False, ""
        connection.open(wish.acceptance())
        return None

    def refuse(self, refusal: Refusal) -> None:
        """Tell the client why not, and close."""
        metrics.HANDSHAKES.labels(str(refusal.status.value)).inc()
        self._release()
        self._transport.write(refusal.response())
        self._transport.close()

    def _release(self) -> None:
        if self._placed:
            self._placed = False
            self._gate.limits.release()


def _is_health_check(data: bytes) -> bool:
    """Whether these bytes are one whole request for health, and nothing behind it."""
    return (
        data.startswith(_HEALTH_CHECKS)
        and len(data) <= HEALTH_CHECK_MAX_BYTES
        and data.find(_HEAD_END) == len(data) - len(_HEAD_END)
    )
