"""The open connections of one room, and the loop that writes one frame to all of them.

No await, no task, no queue and no framing a connection: a frame is encoded once an encoding, and the same bytes go
to every socket. A plain socket whose transport has nothing buffered is written to by its descriptor; what the kernel
did not take, and everything on a TLS socket, goes through the transport. The loop stops after every chunk, so that
reservations are answered while a broadcast runs.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from shelfcast import metrics
from shelfcast.protocol.access import Principal
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Close
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
    told: int
    """The edition of the room's bulletin that it has, by a broadcast or a snapshot."""
    encoding: Encoding
    principal: Principal
    language: str
    address: str
    """What counts as one address of the client."""
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


class Sayings(Protocol):
    """What is broadcast; `room.bulletin` is the one implementation, and the bench has another."""

    edition: int

    def since(self, told: int, encoding: Encoding) -> bytes:
        """The frames for whoever was told this edition last; empty where that is the latest."""


_Write = Callable[[Sequence[Listener], Sayings, Encoding], tuple[int, int]]
"""Tells connections what they have not been told; returns how many were written to, and how many were skipped because
their socket is full."""


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
    """Frames on their way to a lane, a chunk of connections at a time. `amend` is called before every chunk but the
    first, and may add to what is said; `written` after every chunk, with its connections."""

    __slots__ = ("_amend", "_begun_s", "_chunks", "_done", "_sayings", "_written", "edition", "spent_s", "started")

    def __init__(
        self,
        lane: Lane,
        sayings: Sayings,
        chunk_connections: int,
        *,
        amend: Callable[[], None],
        written: Callable[[Sequence[Listener]], None],
        done: Callable[[Broadcast], None],
    ) -> None:
        self.edition = sayings.edition
        """What everybody has been told at the end, at least."""
        self.started = 0.0
        self.spent_s = 0.0
        """The processor time it took: what it waited for a core in between was nobody's airtime."""
        self._begun_s = 0.0
        self._sayings = sayings
        self._amend = amend
        self._written = written
        self._done = done
        self._chunks: deque[tuple[_Write, list[Listener], Encoding]] = deque()
        for encoding in Encoding:
            for write, some in ((write_plain, lane.plain[encoding]), (write_tls, lane.tls[encoding])):
                listeners = list(some)
                for begin in range(0, len(listeners), chunk_connections):
                    self._chunks.append((write, listeners[begin : begin + chunk_connections], encoding))

    def cost_s(self) -> float:
        """Its airtime, when it is over: its processor time, and where the worker had other work meanwhile, up to as
        much again. In a rush, those who come and those who reserve go first."""
        return self.spent_s + min(self.spent_s, time.thread_time() - self._begun_s - self.spent_s)

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write the next chunk, and come back for the one after it."""
        begun = time.thread_time()
        if self.started:
            self._amend()
        else:
            self.started, self._begun_s = loop.time(), begun
        if self._chunks:
            write, listeners, encoding = self._chunks.popleft()
            written, skipped = write(listeners, self._sayings, encoding)
            metrics.FRAMES_OUT.inc(written)
            if skipped:
                metrics.FRAMES_SKIPPED.inc(skipped)
            self._written(listeners)
        self.spent_s += time.thread_time() - begun
        if self._chunks:
            loop.call_soon(self.run, loop)
        else:
            self._done(self)


def write_plain(listeners: Sequence[Listener], sayings: Sayings, encoding: Encoding) -> tuple[int, int]:
    """Write to the descriptors."""
    write, edition, told, frames, size = os.write, sayings.edition, -1, b"", 0
    written = skipped = 0
    for listener in listeners:
        if listener.blocked:
            listener.behind = True
            skipped += 1
            continue
        if listener.told != told:
            told = listener.told
            frames = sayings.since(told, encoding)
            size = len(frames)
        if not size:
            continue
        listener.told = edition
        written += 1
        try:
            taken = write(listener.fd, frames)
        except BlockingIOError:
            listener.overflow(frames)
        except OSError:
            listener.abort()
        else:
            if taken != size:
                listener.overflow(memoryview(frames)[taken:])
    return written, skipped


def write_tls(listeners: Sequence[Listener], sayings: Sayings, encoding: Encoding) -> tuple[int, int]:
    """Write through the transports."""
    written = skipped = 0
    for listener in listeners:
        if listener.blocked:
            listener.behind = True
            skipped += 1
        elif frames := sayings.since(listener.told, encoding):
            listener.told = sayings.edition
            written += 1
            listener.overflow(frames)
    return written, skipped


class Audience:
    """All connections of a room in this process, and those of them that are backstage (hosts, operators)."""

    def __init__(self, chunk_connections: int) -> None:
        self.everybody = Lane()
        self.backstage = Lane()
        self.running = False
        """Whether a broadcast is under way; another must wait for its end."""
        self._chunk_connections = chunk_connections

    def __len__(self) -> int:
        return len(self.everybody)

    @property
    def viewers(self) -> int:
        """How many of them are viewers."""
        return len(self.everybody) - len(self.backstage)

    def join(self, listener: Listener, *, backstage: bool) -> None:
        """Take a connection in. A broadcast under way does not reach it: its snapshot holds what that says."""
        self.everybody.of(listener).add(listener)
        if backstage:
            self.backstage.of(listener).add(listener)

    def leave(self, listener: Listener) -> bool:
        """Let a connection go. False when it was not here."""
        if listener not in self.everybody.of(listener):
            return False
        self.everybody.of(listener).discard(listener)
        self.backstage.of(listener).discard(listener)
        return True

    def broadcast(
        self,
        lane: Lane,
        sayings: Sayings,
        *,
        amend: Callable[[], None],
        written: Callable[[Sequence[Listener]], None],
        done: Callable[[Broadcast], None],
    ) -> None:
        """Tell everybody in the lane what they have not been told, as `Broadcast` does; `done` is called at the end, at
        once when that is soon."""

        def over(broadcast: Broadcast) -> None:
            self.running = False
            done(broadcast)

        self.running = True
        chunk = self._chunk_connections
        Broadcast(lane, sayings, chunk, amend=amend, written=written, done=over).run(asyncio.get_running_loop())
