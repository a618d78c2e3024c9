"""A server's WebSocket frames (RFC 6455 §5.2): unmasked, so that the same bytes serve every connection."""

from __future__ import annotations

from shelfcast.protocol.codec import Encoding, encode
from shelfcast.protocol.from_server import ServerMessage
from shelfcast.protocol.pool_messages import PoolMessage

_FINAL_TEXT = 0x81
_FINAL_BINARY = 0x82
_FINAL_PONG = 0x8A
PING = b"\x89\x00"
"""A ping without a payload."""
PONG_BYTES = 6
"""The length of a client's answer to `PING`: two bytes of header and the mask, nothing to mask."""
NUMBER_BYTES = 4
"""Of the payload of a ping that has a number."""
NUMBERED_PONG_BYTES = PONG_BYTES + NUMBER_BYTES


def frame(payload: bytes, encoding: Encoding) -> bytes:
    """The payload as one whole data frame: text for JSON, binary for MessagePack."""
    opcode = _FINAL_TEXT if encoding is Encoding.JSON else _FINAL_BINARY
    length = len(payload)
    if length < 126:
        return bytes((opcode, length)) + payload
    if length < 65_536:
        return bytes((opcode, 126)) + length.to_bytes(2) + payload
    return bytes((opcode, 127)) + length.to_bytes(8) + payload


def framed(message: ServerMessage | PoolMessage, encoding: Encoding) -> bytes:
    """A message encoded and framed, ready for a socket."""
    return frame(encode(message, encoding), encoding)


def pong(payload: bytes) -> bytes:
    """The answer to a client's ping: its payload, at most 125 bytes."""
    return bytes((_FINAL_PONG, len(payload))) + payload


def is_pong(data: bytes) -> bool:
    """Whether these bytes are exactly a client's answer to our `PING`."""
    return len(data) == PONG_BYTES and data[0] == 0x8A and data[1] == 0x80


def numbered_ping(number: int) -> bytes:
    """A ping whose pong tells which one it answers: a client repeats the payload (RFC 6455 §5.5.3)."""
    return bytes((0x89, NUMBER_BYTES)) + (number & 0xFFFFFFFF).to_bytes(NUMBER_BYTES)


def pong_number(data: bytes) -> int | None:
    """The number of the ping that these bytes answer; None where they are anything but one whole such pong."""
    if len(data) != NUMBERED_PONG_BYTES or data[0] != 0x8A or data[1] != 0x84:
        return None
    return int.from_bytes(data[2:6]) ^ int.from_bytes(data[6:10])
