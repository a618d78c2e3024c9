"""One open socket: bytes in, messages to its room or pool; frames out. No task, no queue, no timer of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from shelfcast import metrics
from shelfcast.errors import InvalidInput
from shelfcast.gateway.reader import FrameReader, Kind, Received
from shelfcast.protocol.access import Principal, Role
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import EXPLANATION, Close, Code
from shelfcast.protocol.frame import framed, is_pong, pong, pong_number
from shelfcast.protocol.from_server import Error
from shelfcast.room.audience import Listener
from shelfcast.room.heartbeat import Heartbeat
from shelfcast.room.session import FrameVerdict, Session
from shelfcast.settings import Settings

PIECES_AT_ONCE = 64
"""Reads that complete no frame; after so many the connection is not read until the gate's next round."""
_EXPECTED_KIND = {Encoding.JSON: Kind.TEXT, Encoding.MSGPACK: Kind.BINARY}


class ConnectionGate(Protocol):
    """What an open connection needs of its gate; `gateway.gate` is the one implementation."""

    settings: Settings
    free_pong_s: float
    """A pong that comes this long after whatever was heard before costs no allowance."""

    @property
    def now(self) -> Callable[[], float]:
        """The loop's clock, in seconds."""

    def opened(self, connection: Connection) -> None:
        """The connection is open."""

    def lost(self, connection: Connection, address: str) -> None:
        """The connection is closed."""

    def blocked(self, connection: Connection) -> None:
        """Its socket is full."""

    def unblocked(self, connection: Connection) -> None:
        """Its socket has drained."""

    def is_blocked(self, connection: Connection) -> bool:
        """Whether its socket is full now."""

    def closing(self, connection: Connection) -> None:
        """Its closing handshake has begun."""

    def hold(self, connection: Connection) -> None:
        """Do not read from it until the next round."""

    def ping_pause(self, role: Role) -> float:
        """Seconds until a connection's next ping."""

    def ping_within_ms(self, role: Role) -> int:
        """The longest time until a connection's next ping."""


class Target(Protocol):
    """What a connection was opened to: `room.live.Room`, or `pool.view.PoolView`."""

    heartbeat: Heartbeat

    def enter(self, listener: Listener) -> bytes:
        """Take a connection in; returns the frames it must be sent first."""

    def leave(self, listener: Listener) -> None:
        """A connection is closed, or closing. May be said twice."""

    def hear(self, listener: Listener, payload: bytes | bytearray | memoryview, *, limited: bool) -> None:
        """A connection says something; `limited` where it says too much. Raises InvalidInput that says what was
        expected."""

    def answered(self, listener: Listener, number: int) -> bool:
        """A connection has answered a numbered ping. False where no such ping waits for its pong."""

    def catch_up(self, listener: Listener) -> None:
        """A connection that was skipped has drained: `Listener.refresh` it."""


class Connection(asyncio.Protocol):
    """A `room.audience.Listener` on a transport.

    `blocked` is true exactly while no broadcast may be written: the transport has something buffered (it is told to
    pause us from the first byte on), or the connection waits for its snapshot, or it is closing or closed. A closed
    transport's descriptor is closed only after `connection_lost`, which sets `blocked` for good: so a broadcast never
    writes to a descriptor that has become another's.
    """

    __slots__ = ("_closing", "_gate", "_heard_at", "_owed_bytes", "_reader", "_target", "_transport", "address",
                 "behind", "blocked", "encoding", "fd", "language", "principal", "session", "slot", "told")  # fmt: skip

    def __init__(
        self,
        gate: ConnectionGate,
        target: Target,
        transport: asyncio.Transport,
        *,
        principal: Principal,
        encoding: Encoding,
        language: str,
        address: str,
    ) -> None:
        self.principal = principal
        self.encoding = encoding
        self.language = language
        self.session: Session | None = None
        self.blocked = self.behind = self._closing = False
        self.slot = -1
        self.told = 0
        self._gate = gate
        self._target = target
        self._transport = transport
        self.address = address
        self._reader: FrameReader | None = None
        self._owed_bytes = 0
        """Verdicts written while blocked: they wait in the transport."""
        self._heard_at = gate.now()
        plain = transport.get_extra_info("ssl_object") is None
        self.fd: int = transport.get_extra_info("socket").fileno() if plain else -1

    def open(self, acceptance: bytes) -> None:
        """Take the transport over, and send the acceptance with the first frames behind it."""
        self._transport.set_protocol(self)
        # A plain transport pauses us as soon as it buffers one byte. A TLS one compares with >=, and would with a
        # limit of 0 pause us when nothing is buffered; nothing is written past it, so one byte is soon enough.
        self._transport.set_write_buffer_limits(high=0 if self.fd >= 0 else 1, low=0)
        self._gate.opened(self)
        self._transport.write(acceptance + self._target.enter(self))

    # --- asyncio.Protocol -------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Whatever the client says. The answer to a ping needs no parser: most viewers never say anything else. Pongs
        that come faster than messages may are counted like any other frame."""
        now = self._gate.now()
        quiet_s, self._heard_at = now - self._heard_at, now
        reader = self._reader
        if reader is None:
            if is_pong(data) and quiet_s >= self._gate.free_pong_s:
                return
            if self._answers_a_ping(pong_number(data)):
                return
            reader = self._make_reader()
        if self._closing:
            if not reader.await_close(data):
                # It goes on and on. The kernel holds it back until the wait for its close frame is over.
                self._transport.pause_reading()
        else:
            self._take_frames(reader, data)
        self._send_control(reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is closed: its descriptor may be another's from now on."""
        self.blocked = self._closing = True
        self._target.leave(self)
        self._gate.lost(self, self.address)
        self.fd = -1
        self._reader = None

    def pause_writing(self) -> None:
        """The transport has something buffered, which must go before anything else."""
        self.blocked = True
        self._gate.blocked(self)

    def resume_writing(self) -> None:
        """The transport has nothing buffered any more."""
        self._gate.unblocked(self)
        self._owed_bytes = 0
        if self._closing:
            return
        if self.behind:
            self._target.catch_up(self)
        else:
            self.blocked = False

    # --- room.audience.Listener ---------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Write what must not be dropped: straight away, or behind what is buffered. A connection that lets too much
        of it wait is closed."""
        if self._closing:
            return
        self._transport.write(data)
        if self.blocked:
            self._owed_bytes += len(data)
            if self._owed_bytes > self._gate.settings.verdict_buffer_max_bytes:
                self.close(Close.SLOW, "too much waits to be read")

    def overflow(self, rest: bytes | memoryview) -> None:
        """Write the rest of a broadcast."""
        self._transport.write(rest)

    def refresh(self, snapshot: bytes) -> None:
        """Mend what was missed. A verdict may have filled the socket again meanwhile: then at its next draining."""
        if self._closing or self._gate.is_blocked(self):
            return
        self.blocked = self.behind = False
        self._owed_bytes = 0
        self._transport.write(snapshot)

    def abort(self) -> None:
        """Close without ceremony."""
        self.blocked = self._closing = True
        self._target.leave(self)
        self._transport.abort()

    def close(self, code: Close, reason: str = "") -> None:
        """Send a close frame and wait for the client's; the gate ends the wait."""
        if self._closing:
            return
        reader = self._reader or self._make_reader()
        reader.close(code, reason)
        metrics.CLOSES.labels(int(code)).inc()
        self._begin_closing()
        self._send_control(reader)

    def dismiss(self, farewell: bytes) -> None:
        """Close because this server stops."""
        self.write(farewell)
        self.close(Close.DRAINING, "this server is stopping")

    @property
    def is_closing(self) -> bool:
        """Whether its closing has begun; it hears nothing more."""
        return self._closing

    @property
    def unsent_bytes(self) -> int:
        """What waits in this process until the client reads."""
        return self._transport.get_write_buffer_size()

    @property
    def awaits_answer(self) -> bool:
        """Whether the book has still to answer something it asked."""
        return self.session is not None and bool(self.session.unanswered)

    def begin_session(self) -> Session:
        """The session, made when the client first says something."""
        if self.session is None:
            self.session = Session(self._gate.settings, self.principal.user, self._heard_at)
        return self.session

    # --- the gate's round -----------------------------------------------------------------------------------------

    def visit(self, now: float) -> float | None:
        """Ping, or close what is silent or no longer allowed; how long until the next visit, None when it closes."""
        settings = self._gate.settings
        silent_until = self._heard_at + settings.idle_close_ms / 1000
        if now >= silent_until:
            self.close(Close.IDLE, "no sign of life")
            return None
        token_left_s = self._token_left_s()
        if token_left_s <= 0:
            self.close(Close.TOKEN_EXPIRED, "the token has expired")
            return None
        role = self.principal.role
        if not self.blocked:
            self._transport.write(self._target.heartbeat.frames(self.encoding, self._gate.ping_within_ms(role), now))
        self._forget_quiet_speaker(now)
        return min(self._gate.ping_pause(role), silent_until - now, token_left_s)

    def first_pause(self) -> float:
        """Seconds until the first visit."""
        return min(self._gate.ping_pause(self.principal.role), self._token_left_s())

    def _token_left_s(self) -> float:
        """For how long this connection may go on: as long as its token would open another."""
        expires_at_s = self.principal.expires_at_s
        if not expires_at_s:
            return float("inf")
        return expires_at_s + self._gate.settings.token_leeway_ms / 1000 - time.time()

    def _forget_quiet_speaker(self, now: float) -> None:
        """A parser and a session are several times a silent viewer's memory: give them back when they are at rest."""
        if self._reader is not None and self._reader.at_rest and not self._closing:
            self._reader = None
        session = self.session
        if session is not None and session.user == self.principal.user and session.at_rest(now):
            self.session = None

    # --- parts ----------------------------------------------------------------------------------------------------

    def _make_reader(self) -> FrameReader:
        self._reader = FrameReader(self._gate.settings.frame_max_bytes)
        return self._reader

    def _send_control(self, reader: FrameReader) -> None:
        """Send what the parser has to say: a close frame and the end."""
        for data in reader.to_send():
            if data:
                self._transport.write(data)
            elif reader.failed:
                # The client is still sending: closing now would reset the connection before it reads why.
                self._begin_closing()
                if self._transport.can_write_eof():
                    self._transport.write_eof()
            else:
                self._begin_closing()
                self._transport.close()

    def _begin_closing(self) -> None:
        if not self._closing:
            self.blocked = self._closing = True
            self._target.leave(self)
            self._gate.closing(self)

    def _take_frames(self, reader: FrameReader, data: bytes) -> None:
        """Take the frames that are whole. Each costs an allowance before it is parsed; the first that is too much ends
        it. Of several pings the last is answered (RFC 6455 §5.5.3)."""
        session = self.begin_session()
        ping: Received | None = None
        reader.take(data)
        while not self._closing and reader.is_frame:
            if self._answers_a_ping(reader.pong_number):
                reader.next()
                continue
            verdict = session.admit(self._heard_at)
            if verdict is FrameVerdict.CLOSE:
                self.close(Close.RATE_LIMITED, "too many messages")
                return
            received = reader.next()
            if received.kind is Kind.PING:
                ping = received
            elif received.kind is Kind.TEXT or received.kind is Kind.BINARY:
                self._take(received, session, verdict)
            elif received.kind is Kind.CLOSE or received.kind is Kind.BROKEN:
                break
        if ping is not None:
            self.write(pong(bytes(ping.payload)))
        if reader.pieces >= PIECES_AT_ONCE:
            self._gate.hold(self)

    def _answers_a_ping(self, number: int | None) -> bool:
        """Whether this is the pong of a numbered ping that was sent and not answered yet. It costs no allowance: there
        are no more of them than of the pings."""
        return number is not None and self._target.answered(self, number)

    def hold(self, *, back: bool) -> None:
        """Stop or go on reading: one that sends frames in crumbs is read again with the gate's next round."""
        if self._transport.is_closing():
            return
        if back:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
            if self._reader is not None:
                self._reader.pieces = 0

    def _take(self, received: Received, session: Session, verdict: FrameVerdict) -> None:
        """One message of an open connection."""
        expected = _EXPECTED_KIND[self.encoding]
        if received.kind is not expected:
            self._strike(session, f"expected a {expected.name.lower()} frame, as {self.encoding.value} has them")
            return
        try:
            self._target.hear(self, received.payload, limited=verdict is FrameVerdict.LIMIT)
        except InvalidInput as error:
            self._strike(session, str(error))

    def _strike(self, session: Session, fault: str) -> None:
        metrics.MESSAGES_IN.labels("invalid").inc()
        self.write(framed(Error(code=Code.BAD_MESSAGE, message=fault), self.encoding))
        if session.strike():
            self.close(Close.BAD_MESSAGES, EXPLANATION[Code.BAD_MESSAGE])
