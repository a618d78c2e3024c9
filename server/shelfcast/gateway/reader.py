"""From bytes to whole messages: the parser of one connection, made when the client first speaks. No I/O.

A read may hold ten thousand frames. Where each ends is seen from its header alone, so whoever drives the reader counts
a frame before it costs anything, and stops at the one that is too much.
"""

from __future__ import annotations

import logging
from enum import Enum, auto
from typing import NamedTuple, cast

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.utils import apply_mask

from shelfcast.protocol.frame import NUMBERED_PONG_BYTES, pong_number

_logger = logging.getLogger("shelfcast.gateway.frames")
_logger.setLevel(logging.WARNING)

_PING, _PONG, _CLOSE = 0x89, 0x8A, 0x88
"""The first bytes of whole control frames."""
_BEATS = frozenset((_PING, _PONG))
_MASKED = 0x80
_CONTROL_MAX_BYTES = 125
"""RFC 6455 §5.5."""
CLOSING_FRAME_BYTES = 256
"""What a frame or a read counts at least, once the connection is closing."""
CLOSING_BYTES = 262_144
"""What is still listened to while a client's close frame is waited for: a thousand small frames."""


class Kind(Enum):
    """What a client sent."""

    TEXT = auto()
    BINARY = auto()
    PING = auto()
    PONG = auto()
    CLOSE = auto()
    """Answered already."""
    PART = auto()
    """A fragment of a message that is not whole yet."""
    BROKEN = auto()
    """Not a frame: the client has broken the protocol."""


class Received(NamedTuple):
    """One frame, or the message that it made whole."""

    kind: Kind
    payload: bytes | bytearray = b""


_EMPTY_PING = Received(Kind.PING)
_ANY_PONG = Received(Kind.PONG)


class FrameReader:
    """Finds frames, parses them with `websockets`' Sans-I/O protocol, and puts fragmented messages together.

    `take` bytes, then call `next` as long as there `is_frame`. You must send `to_send` afterwards and after `close`; it
    ends with an empty element when the connection is to be ended. A message is at most `max_bytes` long, whatever its
    fragments. What is kept between two reads is less than a frame.
    """

    __slots__ = ("_at", "_closing_bytes", "_data", "_end", "_kind", "_max_bytes", "_partial", "_protocol", "pieces")

    def __init__(self, max_bytes: int) -> None:
        self._protocol = ServerProtocol(state=State.OPEN, max_size=max_bytes, logger=_logger)
        self._max_bytes = max_bytes
        self._partial: bytearray | None = None
        self._kind = Kind.PART
        self._data = b""
        self._at = 0
        self._end = 0
        self._closing_bytes = CLOSING_BYTES
        self.pieces = 0
        """Reads since a frame was last whole."""

    def take(self, data: bytes) -> None:
        """Add bytes from the client."""
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._at = 0
        self.pieces += 1

    @property
    def is_frame(self) -> bool:
        """Whether a whole frame is there, or one that is wrong by its header; nothing of it has been parsed."""
        self._end = self._find_end()
        return self._end > 0

    @property
    def pong_number(self) -> int | None:
        """The number of the ping that the frame which `is_frame` has found answers, None where it is anything else."""
        if self._data[self._at] != _PONG or self._end - self._at != NUMBERED_PONG_BYTES:
            return None
        return pong_number(self._data[self._at : self._end])

    def next(self) -> Received:
        """Parse the frame that `is_frame` has found."""
        data, at = self._data, self._at
        self._at = self._end
        self.pieces = 0
        first, length = data[at], data[at + 1] & ~_MASKED
        if first in _BEATS and length <= _CONTROL_MAX_BYTES and data[at + 1] & _MASKED:
            if first == _PONG:
                return _ANY_PONG
            if not length:
                return _EMPTY_PING
            return Received(Kind.PING, apply_mask(data[at + 6 : self._end], data[at + 2 : at + 6]))
        return self._parse(data[at : self._end])

    def await_close(self, data: bytes) -> bool:
        """Look for the client's close frame in what it sends after ours, and for nothing else. False when it has sent
        so much that it is not listened to any more."""
        self.take(data)
        self._closing_bytes -= CLOSING_FRAME_BYTES
        while self._closing_bytes > 0 and not self.failed and self.is_frame:
            self._closing_bytes -= max(CLOSING_FRAME_BYTES, self._end - self._at)
            if self._data[self._at] == _CLOSE:
                self.next()
                break
            if self._end - self._at < 6:
                # Cut off behind its header: no frame begins there.
                self._closing_bytes = 0
            self._at = self._end
        if self.failed:
            self._closing_bytes -= len(data)
            self._data = b""
        return self._closing_bytes > 0

    def to_send(self) -> list[bytes]:
        """Close frames and the end of the stream, in order."""
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
        return self._protocol.state is State.OPEN and self._partial is None and self._at == len(self._data)

    def _find_end(self) -> int:
        """Where the next frame ends, 0 while it is not whole. One that is not masked or too long ends behind its
        header: the parser refuses it by that."""
        data, at = self._data, self._at
        left = len(data) - at
        if left < 2:
            return 0
        second = data[at + 1]
        length = second & ~_MASKED
        begin = at + 2
        if not second & _MASKED:
            return begin
        if length > _CONTROL_MAX_BYTES:
            begin += 2 if length == 126 else 8
            if len(data) < begin:
                return 0
            length = int.from_bytes(data[at + 2 : begin])
            if length > self._max_bytes:
                return begin
        elif length > self._max_bytes:
            return begin
        end = begin + 4 + length
        return end if end <= len(data) else 0

    def _parse(self, frame: bytes) -> Received:
        self._protocol.receive_data(frame)
        events = self._protocol.events_received()
        return self._receive(cast(Frame, events[0])) if events else Received(Kind.BROKEN)

    def _receive(self, frame: Frame) -> Received:
        if frame.opcode is Opcode.CLOSE:
            return Received(Kind.CLOSE)
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
