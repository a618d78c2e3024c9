"""A WebSocket client that can misbehave: every byte it sends and reads is in the test's hands."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import ssl
from typing import Any, ClassVar, Self

import msgspec
from shelfcast.protocol.codec import Encoding, decode_server
from waiting import WAIT_S

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


class Closed(Exception):
    """The server closed the socket; `code` is None without a close frame."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class RawSocket:
    """One TCP (or TLS) connection. `status`, `headers` and `body` are the answer to the handshake."""

    opened: ClassVar[list[RawSocket]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.encoding = Encoding.JSON
        self.pings = 0
        self.opened.append(self)

    @classmethod
    async def connect(cls, port: int, *, tls: ssl.SSLContext | None = None, limit: int = 2**20) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls, limit=limit))

    @classmethod
    async def join(
        cls,
        port: int,
        room: str = "evening",
        *,
        token: str | None = None,
        encoding: Encoding | None = Encoding.JSON,
        tls: ssl.SSLContext | None = None,
        path: str | None = None,
        **headers: str,
    ) -> Self:
        """Connect and shake hands; the token, when there is one, comes as a subprotocol, as in a browser."""
        made = await cls.connect(port, tls=tls)
        offered = [encoding.value] if encoding else []
        if token is not None:
            offered.append(f"bearer.{token}")
        extra = {"Sec-WebSocket-Protocol": ", ".join(offered)} if offered else {}
        extra |= {name.replace("_", "-"): value for name, value in headers.items()}
        await made.shake_hands(path or f"/v1/rooms/{room}/ws", **extra)
        made.encoding = encoding or Encoding.JSON
        return made

    async def shake_hands(self, path: str, *, method: str = "GET", **headers: str | None) -> None:
        """Send an upgrade request (a header of None is left out) and read the answer."""
        fields: dict[str, str | None] = {
            "Host": "127.0.0.1",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **headers,
        }
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value)]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        await self.read_response()

    async def read_response(self) -> None:
        async with asyncio.timeout(WAIT_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            self.status = int(head[0].split()[1])
            self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
            if self.status != 101:
                self.body = await self.reader.readexactly(int(self.headers["content-length"]))

    @property
    def problem(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    # --- out ------------------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def frame(self, opcode: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True, rsv: int = 0) -> None:
        """Send one frame, right or wrong."""
        length = len(payload)
        head = bytes([(0x80 if fin else 0) | rsv | opcode])
        mask_bit = 0x80 if masked else 0
        if length < 126:
            head += bytes([mask_bit | length])
        elif length < 65536:
            head += bytes([mask_bit | 126]) + length.to_bytes(2)
        else:
            head += bytes([mask_bit | 127]) + length.to_bytes(8)
        if masked:
            mask = os.urandom(4)
            payload = mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.send(head + payload)

    def encoded(self, **message: object) -> bytes:
        encode = msgspec.json.encode if self.encoding is Encoding.JSON else msgspec.msgpack.encode
        return encode(message)

    def say(self, **message: object) -> None:
        """Send a message as a well-behaved client would."""
        self.frame(TEXT if self.encoding is Encoding.JSON else BINARY, self.encoded(**message))

    # --- in -------------------------------------------------------------------------------------------------

    async def read_frame(self) -> tuple[int, bytes]:
        """The next frame. Raises Closed at the end of the stream."""
        try:
            async with asyncio.timeout(WAIT_S):
                first, second = await self.reader.readexactly(2)
                length = second & 0x7F
                assert not second & 0x80, "a server's frames are not masked"
                if length >= 126:
                    length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8))
                payload = await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed(None, "") from None
        return first & 0x0F, payload

    def decode(self, payload: bytes) -> Any:
        """What the server says."""
        return decode_server(payload, self.encoding)

    async def hear(self) -> Any:
        """The next message; pings are counted and answered. Raises Closed."""
        while True:
            opcode, payload = await self.read_frame()
            if opcode == PING:
                self.pings += 1
                self.frame(PONG, payload)
            elif opcode == CLOSE:
                self.frame(CLOSE, payload)
                raise Closed(int.from_bytes(payload[:2]) if payload else None, payload[2:].decode())
            elif opcode in (TEXT, BINARY):
                assert (opcode == TEXT) == (self.encoding is Encoding.JSON)
                return self.decode(payload)

    async def wait_for(self, kind: type[Any], /, **fields: object) -> Any:
        """The next message of this kind with these fields; others are passed over."""
        while True:
            message = await self.hear()
            if isinstance(message, kind) and all(getattr(message, name) == value for name, value in fields.items()):
                return message

    async def wait_closed(self) -> Closed:
        """How the server ends the connection; what it says before is passed over."""
        try:
            while True:
                await self.hear()
        except Closed as closed:
            return closed

    def close(self) -> None:
        self.writer.transport.abort()

    @classmethod
    async def abort_all(cls) -> None:
        """End what a test has left open, so that no server has to wait for it."""
        opened, cls.opened = cls.opened, []
        for socket in opened:
            socket.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await socket.writer.wait_closed()
