"""From bytes to whole messages: the parser of one connection, made when the client first speaks. No I/O."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple, cast

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

_logger = logging.getLogger("shelfcast.gateway.frames")
_logger.setLevel(logging.WARNING)


class Kind(Enum):
    """What a client sent."""

    TEXT = auto()
    BINARY = auto()
    CONTROL = auto()
    """A ping, a pong or a close; already answered."""
    PART = auto()
    """A fragment of a message that is not whole yet."""


class Received(NamedTuple):
    """One frame, or the message that it made whole."""

    kind: Kind
    payload: bytes | bytearray = b""


class FrameReader:
    """Parses frames with `websockets`' Sans-I/O protocol, and puts fragmented messages together.

    After `feed` and `close` you must send `to_send`; it ends with an empty element when the connection is to be ended.
    A message is at most `max_bytes` long, whatever its fragments.
    """

    __slots__ = ("_kind", "_partial", "_protocol")

    def __init__(self, max_bytes: int) -> None:
        self._protocol = ServerProtocol(state=State.OPEN, max_size=max_bytes, logger=_logger)
        self._partial: bytearray | None = None
        self._kind = Kind.PART

    def feed(self, data: bytes) -> Iterator[Received]:
        """Take bytes from the client; yields what they complete."""
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            yield self._receive(cast(Frame, event))

    def to_send(self) -> list[bytes]:
        """Pongs, close frames and the end of the stream, in order."""
        return self._protocol.data_to_send()

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; what comes after is discarded."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)

    @property
    def failed(self) -> bool:
        """Whether the client broke the protocol, and was told so with a close frame."""
        return self._protocol.parser_exc is not None

    @property
    def at_rest(self) -> bool:
        """Whether nothing of a frame or of a message is waiting for its rest."""
        protocol = self._protocol
        return protocol.state is State.OPEN and self._partial is None and not protocol.reader.buffer

    def _receive(self, frame: Frame) -> Received:
        if frame.opcode in (Opcode.PING, Opcode.PONG, Opcode.CLOSE):
            return Received(Kind.CONTROL)
        if frame.opcode is Opcode.CONT:
            if self._partial is None:
                return Received(Kind.PART)
            self._partial += frame.data
            if not frame.fin:
                return Received(Kind.PART)
            whole, self._partial = self._partial, None
            return Received(self._kind, whole)
        kind = Kind.TEXT if frame.opcode is Opcode.TEXT else Kind.BINARY
        if frame.fin:
            return Received(kind, bytes(frame.data))
        self._kind, self._partial = kind, bytearray(frame.data)
        return Received(Kind.PART)
