"""The client's side of a WebSocket, without I/O: the handshake, frames from a server, frames to it (RFC 6455)."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import NamedTuple

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_FINAL = 0x80
_MASKED = 0x80
_CONTROL_MAX = 125
HEAD_END = b"\r\n\r\n"
MSGPACK = "shelfcast.v1.msgpack"
JSON = "shelfcast.v1.json"


class Unreadable(Exception):
    """A server's bytes are not what the protocol has there."""


class Invitation(NamedTuple):
    """One opening handshake. The key may serve many connections: it only proves that a server has read it."""

    head: bytes
    """The request up to where a token goes."""
    accept: bytes
    """What the answer must hold."""

    def request(self, token: str = "") -> bytes:
        """The request of one connection."""
        return self.head + (b"Authorization: Bearer %b\r\n\r\n" % token.encode() if token else b"\r\n")


def invitation(host: str, room: str, subprotocol: str) -> Invitation:
    """A handshake for a room, with a key of its own."""
    key = base64.b64encode(os.urandom(16))
    head = (
        f"GET /v1/rooms/{room}/ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key.decode()}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n"
    )
    accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    return Invitation(head.encode(), accept)


def read_head(data: bytes, expected: Invitation) -> tuple[int, bytes] | None:
    """The status of the handshake's answer and the bytes behind its head; None while the head is not whole."""
    head, end, rest = data.partition(HEAD_END)
    if not end:
        return None
    parts = head.split(b" ", 2)
    if len(parts) < 2 or not parts[1].isdigit():
        raise Unreadable(f"no HTTP response: {head[:80]!r}")
    status = int(parts[1])
    if status == 101 and b"Sec-WebSocket-Accept: " + expected.accept not in head:
        raise Unreadable("the server did not accept our key")
    return status, rest


def read_frames(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames at the beginning of the bytes, as (opcode, payload), and what is left of them.

    Raises Unreadable for a frame that a server may not send, and for a fragment: this server makes none.
    """
    frames: list[tuple[int, bytes]] = []
    at, size = 0, len(data)
    while size - at >= 2:
        first, second = data[at], data[at + 1]
        opcode, length, begin = first & 0x0F, second & 0x7F, at + 2
        if not first & _FINAL or first & 0x70 or second & _MASKED or opcode not in (TEXT, BINARY, CLOSE, PING, PONG):
            raise Unreadable(f"frame header {first:#04x} {second:#04x}")
        if opcode >= CLOSE and length > _CONTROL_MAX:
            raise Unreadable("a control frame of more than 125 bytes")
        if length > _CONTROL_MAX:
            begin += 2 if length == 126 else 8
            if size < begin:
                break
            length = int.from_bytes(data[at + 2 : begin])
        if size < begin + length:
            break
        frames.append((opcode, data[begin : begin + length]))
        at = begin + length
    return frames, data[at:]


def has_whole_frame(data: bytes) -> bool:
    """Whether the first of a server's frames has come to its end."""
    if len(data) < 2:
        return False
    length, begin = data[1] & 0x7F, 2
    if length > 125:
        begin = 4 if length == 126 else 10
        length = int.from_bytes(data[2:begin])
    return len(data) >= begin + length


def masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame of at most 65,535 bytes; a client masks every frame, with a mask of its own (§5.3)."""
    length, mask = len(payload), os.urandom(4)
    short = length <= _CONTROL_MAX
    header = bytes((_FINAL | opcode, _MASKED | (length if short else 126))) + (b"" if short else length.to_bytes(2))
    cover = (mask * (length // 4 + 1))[:length]
    hidden = (int.from_bytes(payload) ^ int.from_bytes(cover)).to_bytes(length)
    return header + mask + hidden
