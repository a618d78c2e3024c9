"""Many real WebSocket connections of one room, read from one loop. No threads, no tasks, no waiting.

Whoever owns a crowd calls `tend` and `poll` again and again.
A connection costs a descriptor and two entries of dictionaries: what it knows of its room is a shared `Mirror`.
"""

from __future__ import annotations

import errno
import os
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from entrance import READ_BYTES, READABLE, WATCHED, Entered, Entrance, Place
from gevent.monkey import get_original
from histogram import BUCKETS, UNITS_A_MS, Histogram, bucket_of
from mirror import NOTHING, Counts, Mirror, Special
from tally import Tally
from wire import BINARY, CLOSE, MSGPACK, PONG, TEXT, Unreadable, masked

# gevent takes epoll away: this loop is its own, and gevent waits for the loop.
_epoll = get_original("select", "epoll")

EVENTS_A_POLL = 1_024
WRONG_SHOWN_MAX = 3
BUCKETS_READY = len(BUCKETS)


class Compared(NamedTuple):
    """How what the viewers know agrees with the book."""

    right: int
    wrong: int
    samples: list[str]
    final: Histogram
    """From the last change's time to its arrival, of those who were there for it."""


class Crowd:
    """Connections that watch. `on_own` is told what was said to one connection alone: its descriptor, and the message.
    `on_open` is told a connection's descriptor and the token it came with.
    """

    def __init__(
        self,
        place: Place,
        tally: Tally,
        *,
        seed: str,
        on_own: Callable[[int, dict[str, Any]], None] | None = None,
        on_open: Callable[[int, str], None] | None = None,
    ) -> None:
        self.place = place
        self._tally = tally
        self._on_own = on_own
        self._on_open = on_open
        self._epoll = _epoll()
        self._entrance = Entrance(place, tally, self._epoll, random.Random(seed))
        self._tunnels = self._entrance.tunnels
        self._mirrors: dict[int, Mirror] = {}
        """By descriptor: what each open connection knows."""
        self._arrived: dict[int, float] = {}
        """When each was last told new counts, in milliseconds."""
        self._rests: dict[int, bytes] = {}
        self._tokens: dict[int, str] = {}
        """What a connection came with, if anything."""

    def __len__(self) -> int:
        return len(self._mirrors)

    @property
    def open(self) -> list[int]:
        """The descriptors of the open connections."""
        return list(self._mirrors)

    def holds(self, fd: int, token: str) -> bool:
        """Whether the descriptor is, still, an open connection that came with this token."""
        return fd in self._mirrors and self._tokens.get(fd, "") == token

    def fileno(self) -> int:
        """A descriptor that is readable while there is something to `poll`."""
        descriptor: int = self._epoll.fileno()
        return descriptor

    # --- coming and going -----------------------------------------------------------------------------------------

    def enter(self, at: float, token: str = "") -> None:
        """Connect at this time (seconds since 1970), and again whenever the connection is lost."""
        self._entrance.due(at, token)

    def tend(self, now: float) -> float:
        """Begin the connections that are due; the seconds until there is something to do here again."""
        return self._entrance.tend(now)

    def _welcome(self, fd: int, entered: Entered) -> None:
        now = time.time()
        slot = self._tally.slot(now)
        slot.came(now, bucket_of(int(entered.waited_ms * UNITS_A_MS)))
        self._mirrors[fd] = NOTHING
        if entered.token:
            self._tokens[fd] = entered.token
        if self._on_open is not None:
            self._on_open(fd, entered.token)
        heard = NOTHING.memo.get(entered.first)
        if heard is not None and heard.after is not None:
            self._mirrors[fd] = heard.after
            for kind, count in heard.kinds:
                slot.kinds[kind] += count
        else:
            self._parse(fd, NOTHING, entered.first, now * 1000)

    def _lose(self, fd: int, reason: str) -> None:
        now = time.time()
        self._tally.slot(now).lost[reason] += 1
        self._epoll.unregister(fd)
        os.close(fd)
        del self._mirrors[fd]
        self._tunnels.pop(fd, None)
        self._arrived.pop(fd, None)
        self._rests.pop(fd, None)
        self._entrance.again(now, self._tokens.pop(fd, ""), 0)

    # --- reading --------------------------------------------------------------------------------------------------

    def poll(self) -> int:
        """Read what is there, once a connection; returns how many could be read."""
        events = self._epoll.poll(0, EVENTS_A_POLL)
        if not events:
            return 0
        read, clock, mirrors, rests, arrived = os.read, time.time, self._mirrors, self._rests, self._arrived
        tunnels = self._tunnels
        slot = self._tally.slot(clock())
        latency, kinds, buckets = slot.latency, slot.kinds, BUCKETS
        slot.reads += len(events)
        for fd, event in events:
            mirror = mirrors.get(fd)
            if mirror is None or event != READABLE:
                self._unusual(fd, event)
                continue
            try:
                data = read(fd, READ_BYTES)
            except OSError as error:
                self._lose(fd, errno.errorcode.get(error.errno or 0, "error"))
                continue
            if len(data) == READ_BYTES:
                self._rearm(fd)
            if tunnels and data and not (data := self._opened(fd, data)):
                continue
            now_ms = clock() * 1000
            heard = mirror.memo.get(data) if fd not in rests else None
            if heard is None:
                self._parse(fd, mirror, data, now_ms)
                continue
            if heard.reply:
                self.write(fd, heard.reply)
            if heard.after is not None:
                mirrors[fd] = heard.after
            for kind, count in heard.kinds:
                kinds[kind] += count
            for at_ms in heard.stamps:
                units = int((now_ms - at_ms) * UNITS_A_MS)
                bucket = buckets[units] if 0 <= units < BUCKETS_READY else bucket_of(units)
                latency[bucket] = latency.get(bucket, 0) + 1
                arrived[fd] = now_ms
            slot.backwards += heard.backwards
        return len(events)

    def _rearm(self, fd: int) -> None:
        """There may be more than one read took: say so again. Edges cost the kernel half of what levels do."""
        self._epoll.modify(fd, WATCHED)

    def _unusual(self, fd: int, event: int) -> None:
        """A connection that is entering, or broken."""
        if fd in self._entrance:
            entered = self._entrance.take(fd, event)
            if entered is not None:
                self._welcome(fd, entered)
        elif fd in self._mirrors:
            self._rearm(fd)
            self._read_last(fd)

    def _read_last(self, fd: int) -> None:
        """The other end is gone; it may have said why."""
        try:
            data = os.read(fd, READ_BYTES)
        except OSError as error:
            self._lose(fd, errno.errorcode.get(error.errno or 0, "error"))
            return
        if self._tunnels and data and not (data := self._opened(fd, data)):
            return
        self._parse(fd, self._mirrors[fd], data, time.time() * 1000)

    def _opened(self, fd: int, data: bytes) -> bytes:
        """What TLS bytes say; nothing where their record is not whole, or where they broke the connection."""
        try:
            return self._tunnels[fd].feed(data)
        except OSError:
            self._lose(fd, "TLS")
            return b""

    def _parse(self, fd: int, mirror: Mirror, data: bytes, now_ms: float) -> None:
        """A read that nobody had before, or that is this connection's alone."""
        if not data:
            self._lose(fd, "closed")
            return
        slot = self._tally.slot(now_ms / 1000)
        slot.parsed += 1
        try:
            heard = mirror.hear(self._rests.pop(fd, b"") + data)
        except Unreadable:
            slot.unreadable += 1
            self._lose(fd, "unreadable")
            return
        if heard.reply:
            self.write(fd, heard.reply)
        if heard.after is not None:
            self._mirrors[fd] = heard.after
        for kind, count in heard.kinds:
            slot.kinds[kind] += count
        for at_ms in heard.stamps:
            bucket = bucket_of(int((now_ms - at_ms) * UNITS_A_MS))
            slot.latency[bucket] = slot.latency.get(bucket, 0) + 1
            self._arrived[fd] = now_ms
        slot.backwards += heard.backwards
        if heard.special is not None:
            self._take_special(fd, heard.special)

    def _take_special(self, fd: int, special: Special) -> None:
        if special.rest:
            self._rests[fd] = special.rest
        for payload in special.pings:
            self.write(fd, masked(PONG, payload))
        if self._on_own is not None:
            for message in special.own:
                self._on_own(fd, message)
        if special.close is not None:
            self.write(fd, masked(CLOSE, special.close.to_bytes(2) if special.close != 1005 else b""))
            if fd in self._mirrors:
                self._lose(fd, str(special.close))

    # --- saying, comparing, leaving ---------------------------------------------------------------------------------

    def say(self, fd: int, payload: bytes) -> bool:
        """Send a message; false when the connection is gone or does not take it."""
        return self.write(fd, masked(BINARY if self.place.subprotocol == MSGPACK else TEXT, payload))

    def write(self, fd: int, data: bytes) -> bool:
        """Send a frame. Frames are small and sockets empty, so the kernel takes all of it or the socket is broken."""
        try:
            tunnel = self._tunnels.get(fd)
            return (os.write(fd, data) if tunnel is None else tunnel.write(data)) == len(data)
        except OSError:
            return False

    def compare(self, book: Mapping[str, tuple[int, int]]) -> Compared:
        """Hold what each open connection knows against the book."""
        right: dict[int, bool] = {}
        result = Compared(0, 0, [], Histogram())
        good = 0
        for fd, mirror in self._mirrors.items():
            known = right.get(id(mirror))
            if known is None:
                known = right[id(mirror)] = mirror.counts == book
                if not known and len(result.samples) < WRONG_SHOWN_MAX:
                    result.samples.append(_difference(mirror.counts, book))
            good += known
            if known and fd in self._arrived:
                result.final.record(self._arrived[fd] - mirror.at_ms)
        return result._replace(right=good, wrong=len(self._mirrors) - good)

    def close(self) -> None:
        """Leave with all connections."""
        self._entrance.close()
        for fd in self._mirrors:
            os.close(fd)
        self._mirrors.clear()
        self._epoll.close()


def _difference(counts: Counts, book: Mapping[str, tuple[int, int]]) -> str:
    if not counts:
        return "nothing was told"
    wrong = {sku: (counts.get(sku), book.get(sku)) for sku in book.keys() | counts.keys()}
    sku, (said, true) = next((sku, pair) for sku, pair in sorted(wrong.items()) if pair[0] != pair[1])
    return f"{sku}: the viewer shows {said}, the book {true}"
