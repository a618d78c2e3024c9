"""The open connections of one room, and the loop that writes one frame to all of them.

No await, no task, no queue and no framing a connection: a frame is encoded once an encoding, and the same bytes go
to every socket. A plain socket whose transport has nothing buffered is written to by its descriptor; what the kernel
did not take, and everything on a TLS socket, goes through the transport. The loop stops after every chunk, so that
reservations are answered while a broadcast runs.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

from shelfcast import metrics
from shelfcast.protocol.access import Principal
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Close
from shelfcast.protocol.frame import framed
from shelfcast.protocol.messages import ServerMessage
from shelfcast.room.session import Session


class Listener(Protocol):
    """An open connection as its room sees it. `gateway.connection` is the one implementation.

    Nobody may write to `fd` while `blocked` is true: the transport has something buffered (which must go first), or
    the connection is closing or closed (and the descriptor may be another's already).
    """

    fd: int
    """The descriptor of a plain socket, -1 where only the transport may write (TLS)."""
    blocked: bool
    behind: bool
    """It was skipped, and needs a snapshot when it drains."""
    encoding: Encoding
    principal: Principal
    language: str
    session: Session | None

    def write(self, data: bytes) -> None:
        """Write through the transport, whatever is buffered; used for what must not be dropped."""

    def overflow(self, rest: bytes | memoryview) -> None:
        """The kernel did not take this; it must go before anything else."""

    def refresh(self, snapshot: bytes) -> None:
        """It has drained after being skipped: write the snapshot, and take broadcasts again."""

    def abort(self) -> None:
        """The socket is broken."""

    def close(self, code: Close, reason: str = "") -> None:
        """Close politely with this code."""

    def begin_session(self) -> Session:
        """The connection's session, made now if it has not spoken yet."""


_Write = Callable[[Sequence[Listener], bytes], int]
"""Writes frames to connections; returns how many were skipped because their socket is full."""


class Lane:
    """The connections that get the same messages, by how they are written to."""

    __slots__ = ("plain", "tls")

    def __init__(self) -> None:
        self.plain: dict[Encoding, set[Listener]] = {encoding: set() for encoding in Encoding}
        self.tls: dict[Encoding, set[Listener]] = {encoding: set() for encoding in Encoding}

    def of(self, listener: Listener) -> set[Listener]:
        """The set this connection belongs to."""
        return (self.plain if listener.fd >= 0 else self.tls)[listener.encoding]

    def __len__(self) -> int:
        return sum(map(len, self.plain.values())) + sum(map(len, self.tls.values()))

    def __iter__(self) -> Iterator[Listener]:
        for encoding in Encoding:
            yield from self.plain[encoding]
            yield from self.tls[encoding]


class Broadcast:
    """Frames on their way to a lane, a chunk of connections at a time. `frames` makes the bytes of an encoding."""

    __slots__ = ("_chunks", "_done", "spent_s", "started")

    def __init__(
        self,
        lane: Lane,
        frames: Callable[[Encoding], bytes],
        chunk_connections: int,
        done: Callable[[Broadcast], None],
    ) -> None:
        self.started = 0.0
        self.spent_s = 0.0
        """How long it kept the loop busy."""
        self._done = done
        self._chunks: deque[tuple[_Write, list[Listener], bytes]] = deque()
        for encoding in Encoding:
            plain, tls = lane.plain[encoding], lane.tls[encoding]
            if not plain and not tls:
                continue
            data = frames(encoding)
            for write, listeners in ((write_plain, list(plain)), (write_tls, list(tls))):
                for begin in range(0, len(listeners), chunk_connections):
                    self._chunks.append((write, listeners[begin : begin + chunk_connections], data))

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write the next chunk, and come back for the one after it."""
        begun = loop.time()
        self.started = self.started or begun
        if self._chunks:
            write, listeners, frames = self._chunks.popleft()
            skipped = write(listeners, frames)
            metrics.FRAMES_OUT.inc(len(listeners) - skipped)
            if skipped:
                metrics.FRAMES_SKIPPED.inc(skipped)
        self.spent_s += loop.time() - begun
        if self._chunks:
            loop.call_soon(self.run, loop)
        else:
            self._done(self)


def framed_all(messages: Sequence[ServerMessage], encoding: Encoding) -> bytes:
    """The messages' frames, one behind the other: one write sends them all."""
    return b"".join([framed(message, encoding) for message in messages])


def write_plain(listeners: Sequence[Listener], frames: bytes) -> int:
    """Write to the descriptors; returns how many were skipped because their socket is full."""
    write, size, skipped = os.write, len(frames), 0
    for listener in listeners:
        if listener.blocked:
            listener.behind = True
            skipped += 1
            continue
        try:
            taken = write(listener.fd, frames)
        except BlockingIOError:
            listener.overflow(frames)
        except OSError:
            listener.abort()
        else:
            if taken != size:
                listener.overflow(memoryview(frames)[taken:])
    return skipped


def write_tls(listeners: Sequence[Listener], frames: bytes) -> int:
    """Write through the transports; returns how many were skipped because theirs is full."""
    skipped = 0
    for listener in listeners:
        if listener.blocked:
            listener.behind = True
            skipped += 1
        else:
            listener.overflow(frames)
    return skipped


class Audience:
    """All connections of a room in this process, and those of them that are backstage (hosts, operators)."""

    def __init__(self, chunk_connections: int) -> None:
        self.everybody = Lane()
        self.backstage = Lane()
        self.running = False
        """Whether a broadcast is under way; another must wait for its end."""
        self._chunk_connections = chunk_connections
        self._late: set[Listener] = set()

    def __len__(self) -> int:
        return len(self.everybody)

    @property
    def viewers(self) -> int:
        """How many of them are viewers."""
        return len(self.everybody) - len(self.backstage)

    def join(self, listener: Listener, *, backstage: bool) -> None:
        """Take a connection in. A broadcast under way does not reach it: its snapshot holds that already."""
        self.everybody.of(listener).add(listener)
        if backstage:
            self.backstage.of(listener).add(listener)

    def leave(self, listener: Listener) -> bool:
        """Let a connection go. False when it was not here."""
        if listener not in self.everybody.of(listener):
            return False
        self.everybody.of(listener).discard(listener)
        self.backstage.of(listener).discard(listener)
        self._late.discard(listener)
        return True

    def broadcast(self, lane: Lane, messages: Sequence[ServerMessage], done: Callable[[Broadcast], None]) -> None:
        """Write the messages to everybody in the lane; `done` is called at the end, at once when that is soon."""

        def over(broadcast: Broadcast) -> None:
            self.running = False
            done(broadcast)

        self.running = True
        Broadcast(lane, partial(framed_all, messages), self._chunk_connections, over).run(asyncio.get_running_loop())

    def wait_for_end(self, listener: Listener) -> None:
        """A connection has drained in the middle of a broadcast. It stays blocked until the end: the rest of the
        broadcast is older than the snapshot it will get, and counts must not run backwards."""
        self._late.add(listener)

    def late(self) -> list[Listener]:
        """The connections that waited for the end of the broadcast, once."""
        late, self._late = list(self._late), set()
        return late
