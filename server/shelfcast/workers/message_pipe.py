"""Messages over the socket pair between the supervisor and one worker."""

from __future__ import annotations

import asyncio
import socket

import msgspec
import structlog

from shelfcast.barrier import barrier
from shelfcast.workers.messages import Message

_log = structlog.get_logger(__name__)

LENGTH_BYTES = 4
MESSAGE_MAX_BYTES = 16 * 1024 * 1024

_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_encode = msgspec.msgpack.Encoder().encode


class MessagePipe:
    """One end of the pair. The other end's process is gone when `receive` gives None. You must `close` it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, end: socket.socket) -> MessagePipe:
        """Take over one end of a socket pair."""
        return cls(*await asyncio.open_connection(sock=end))

    def send(self, message: Message) -> None:
        """Send, without waiting. What the other end does not read any more is dropped."""
        if self._writer.is_closing():
            return
        packed = _encode(message)
        self._writer.write(len(packed).to_bytes(LENGTH_BYTES, "big") + packed)

    async def receive(self) -> Message | None:
        """The next message; None at the end. What is no message of ours is passed over with a line in the log; one
        that cannot be passed over is the end."""
        try:
            while True:
                length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
                if length > MESSAGE_MAX_BYTES:
                    _log.error("channel.too_long", bytes=length, max=MESSAGE_MAX_BYTES)
                    self.close()
                    return None
                packed = await self._reader.readexactly(length)
                with barrier("channel.message"):
                    return _decoder.decode(packed)
        except (asyncio.IncompleteReadError, OSError):
            return None

    async def flush(self) -> None:
        """Wait until what was sent is with the kernel."""
        try:
            await self._writer.drain()
        except ConnectionError:
            return

    def close(self) -> None:
        """End the connection."""
        self._writer.close()
