"""A viewer of a room who remembers what it was shown, and insists that counts never run backwards in an epoch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple, Self

from raw_socket import Closed, RawSocket
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.from_server import Error, ServerMessage, Snapshot, Stock

PATIENCE_S = 30.0


class Count(NamedTuple):
    """What is shown of one SKU."""

    available: int
    held: int


class Viewer:
    """One connection; a task reads all it is sent. `hung_up` when the server has ended it."""

    def __init__(self, socket: RawSocket) -> None:
        self.epoch = 0
        self.seq = 0
        self.counts: dict[str, Count] = {}
        self.old = False
        """Whether the server has said that the counts may be old."""
        self.snapshots = 0
        self.epochs: list[int] = []
        self.hung_up = False
        self.answers: dict[str, ServerMessage] = {}
        """The last message that names each request's id."""
        self._socket = socket
        self._news = asyncio.Event()
        self._reader = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def join(cls, port: int, room: str, **options: Any) -> Self:
        socket = await RawSocket.join(port, room, encoding=Encoding.MSGPACK, **options)
        assert socket.status == 101, socket.body
        viewer = cls(socket)
        await viewer.until(lambda: viewer.snapshots)
        return viewer

    def reserve(self, request_id: str, sku: str, qty: int = 1, *, again: bool = False) -> None:
        self.answers.pop(request_id, None)
        self._socket.say(type="reserve", id=request_id, sku=sku, qty=qty, again=again)

    async def answer(self, request_id: str) -> Any:
        await self.until(lambda: request_id in self.answers)
        return self.answers[request_id]

    async def shows(self, sku: str, available: int, held: int = 0) -> None:
        """Wait until these counts are shown, and not as old ones."""
        await self.until(lambda: not self.old and self.counts.get(sku) == Count(available, held))

    async def until(self, condition: Callable[..., object], *, within_s: float = PATIENCE_S) -> None:
        """Wait for something to be true after a message. Raises TimeoutError, and what the reader has found wrong."""
        async with asyncio.timeout(within_s):
            while not condition():
                if self._reader.done():
                    self._reader.result()
                    raise AssertionError("the server hung up")
                self._news.clear()
                await self._news.wait()

    async def leave(self) -> None:
        """Go; raises what was found wrong."""
        self._reader.cancel()
        self._socket.close()
        (fault,) = await asyncio.gather(self._reader, return_exceptions=True)
        if isinstance(fault, Exception):
            raise fault

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._socket.hear())
                self._news.set()
        except Closed:
            self.hung_up = True
        finally:
            self._news.set()

    def _take(self, message: ServerMessage) -> None:
        if isinstance(message, Snapshot):
            assert message.epoch != self.epoch or message.seq >= self.seq, "a snapshot of the past"
            if message.epoch != self.epoch:
                assert message.epoch > self.epoch, "an epoch of the past"
                self.epochs.append(message.epoch)
            self.epoch, self.seq, self.old = message.epoch, message.seq, False
            self.counts = {sku.sku: Count(sku.available, sku.held) for sku in message.skus}
            self.snapshots += 1
        elif isinstance(message, Stock):
            assert message.seq >= self.seq, "counts of the past"
            self.seq = message.seq
            self.counts |= {sku: Count(available, held) for sku, available, held, *_ in message.rows}
        elif isinstance(message, Error) and message.code == "UNAVAILABLE":
            self.old = True
        elif isinstance(request_id := getattr(message, "id", None), str):
            self.answers[request_id] = message
