"""Many real WebSocket connections of one room, read from one loop. No threads, no tasks, no waiting.

Whoever owns a crowd calls `tend` and `poll` again and again.
A connection costs a descriptor and four entries of dictionaries: what it knows of its room is a shared `Mirror`.
"""

from __future__ import annotations

import errno
import heapq
import os
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gevent.monkey import get_original
from histogram import UNITS_A_MS, Histogram, bucket_of
from mirror import NOTHING, Counts, Mirror, Special
from tally import Tally
from wire import BINARY, CLOSE, MSGPACK, PONG, TEXT, Unreadable, invitation, masked, read_head

# gevent takes epoll away, and makes sockets wait for it: this loop is its own, and gevent waits for the loop.
_epoll, _socket = get_original("select", "epoll"), get_original("socket", "socket")
_EPOLLIN, _EPOLLOUT, _EPOLLET = 0x001, 0x004, 1 << 31
_AF_INET, _SOCK_STREAM, _IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT = 2, 1, 0, 24
_EINPROGRESS = frozenset((0, errno.EINPROGRESS))

READ_BYTES = 16_384
EVENTS_A_POLL = 1_024
ENTERING_MAX = 128
"""Connections of a crowd whose handshake is under way."""
ENTERING_S = 20.0
"""A handshake that takes longer has failed."""
BACKOFF_S = 0.5
BACKOFF_MAX_S = 20.0
"""Full jitter, as the SDKs have it (docs/protocol.md)."""
WRONG_SHOWN_MAX = 3
_EMPTY_PING = b"\x89\x00"
_EMPTY_PONG = b"\x8a\x80\x00\x00\x00\x00"


class Place(NamedTuple):
    """Where a crowd connects to, and from which loopback address: each has ports of its own."""

    host: str
    port: int
    room: str
    source: str = "127.0.0.1"
    subprotocol: str = MSGPACK


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
        self._random = random.Random(seed)
        self._invitation = invitation(f"{place.host}:{place.port}", place.room, place.subprotocol)
        self._epoll = _epoll()
        self._mirrors: dict[int, Mirror] = {}
        """By descriptor: what each open connection knows."""
        self._arrived: dict[int, float] = {}
        """When each was last told new counts, in milliseconds."""
        self._rests: dict[int, bytes] = {}
        self._entering: dict[int, tuple[float, bool]] = {}
        """When a handshake was begun, and whether its request is sent."""
        self._tickets: dict[int, tuple[str, int]] = {}
        """The token a connection came with, and how often it was tried before."""
        self._due: list[tuple[float, int, str, int]] = []
        self._numbers = 0

    def __len__(self) -> int:
        return len(self._mirrors)

    @property
    def open(self) -> list[int]:
        """The descriptors of the open connections."""
        return list(self._mirrors)

    def holds(self, fd: int, token: str) -> bool:
        """Whether the descriptor is, still, an open connection that came with this token."""
        return fd in self._mirrors and self._tickets[fd][0] == token

    def enter(self, at: float, token: str = "") -> None:
        """Connect at this time (seconds since 1970), and again whenever the connection is lost."""
        self._again(at, token, 0)

    def _again(self, at: float, token: str, attempt: int) -> None:
        self._numbers += 1
        heapq.heappush(self._due, (at, self._numbers, token, attempt))

    # --- connecting -----------------------------------------------------------------------------------------------

    def tend(self, now: float) -> float:
        """Begin the connections that are due; the seconds until there is something to do here again."""
        for fd, (begun, _) in list(self._entering.items()):
            if now - begun < ENTERING_S:
                break
            self._fail(fd, "timeout")
        while self._due and self._due[0][0] <= now:
            if len(self._entering) >= ENTERING_MAX:
                return 0.01
            _, _, token, attempt = heapq.heappop(self._due)
            self._begin(token, attempt)
        return max(0.0, self._due[0][0] - now) if self._due else 1.0

    def _begin(self, token: str, attempt: int) -> None:
        made, now = _socket(_AF_INET, _SOCK_STREAM), time.time()
        self._tally.slot(now).asked += 1
        made.setblocking(False)
        made.setsockopt(_IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        made.bind((self.place.source, 0))
        fault = made.connect_ex((self.place.host, self.place.port))
        fd = made.detach()
        self._entering[fd] = (now, False)
        self._tickets[fd] = (token, attempt)
        if fault not in _EINPROGRESS:
            self._epoll.register(fd, 0)
            self._fail(fd, errno.errorcode.get(fault, str(fault)))
            return
        # On loopback the other end has usually answered by now.
        sent = self._ask(fd)
        self._epoll.register(fd, _EPOLLIN | _EPOLLET if sent else _EPOLLOUT)

    def _ask(self, fd: int) -> bool:
        try:
            os.write(fd, self._invitation.request(self._tickets[fd][0]))
        except OSError:
            return False
        self._entering[fd] = (self._entering[fd][0], True)
        return True

    def _fail(self, fd: int, reason: str) -> None:
        """A connection that did not come about is tried again."""
        now = time.time()
        self._tally.slot(now).failed[reason] += 1
        self._end(fd, now, slow=True)

    def _lose(self, fd: int, reason: str) -> None:
        now = time.time()
        self._tally.slot(now).lost[reason] += 1
        self._end(fd, now, slow=False)

    def _end(self, fd: int, now: float, *, slow: bool) -> None:
        self._epoll.unregister(fd)
        os.close(fd)
        self._mirrors.pop(fd, None)
        self._arrived.pop(fd, None)
        self._rests.pop(fd, None)
        self._entering.pop(fd, None)
        token, attempt = self._tickets.pop(fd)
        attempt = attempt + 1 if slow else 0
        self._again(now + self._random.uniform(0, min(BACKOFF_MAX_S, BACKOFF_S * 2**attempt)), token, attempt)

    # --- reading --------------------------------------------------------------------------------------------------

    def poll(self) -> int:
        """Read what is there, once a connection; returns how many could be read."""
        events = self._epoll.poll(0, EVENTS_A_POLL)
        if not events:
            return 0
        read, clock, mirrors, rests, arrived = os.read, time.time, self._mirrors, self._rests, self._arrived
        slot = self._tally.slot(clock())
        latency, kinds = slot.latency, slot.kinds
        slot.reads += len(events)
        for fd, event in events:
            mirror = mirrors.get(fd)
            if mirror is None or event != _EPOLLIN:
                self._unusual(fd, event)
                continue
            try:
                data = read(fd, READ_BYTES)
            except OSError as error:
                self._lose(fd, errno.errorcode.get(error.errno or 0, "error"))
                continue
            if len(data) == READ_BYTES:
                self._rearm(fd)
            now_ms = clock() * 1000
            heard = mirror.memo.get(data) if fd not in rests else None
            if heard is None:
                if data == _EMPTY_PING and fd not in rests:
                    kinds["ping"] += 1
                    self.write(fd, _EMPTY_PONG)
                else:
                    self._parse(fd, mirror, data, now_ms)
                continue
            if heard.after is not None:
                mirrors[fd] = heard.after
            for kind, count in heard.kinds:
                kinds[kind] += count
            for at_ms in heard.stamps:
                units = int((now_ms - at_ms) * UNITS_A_MS)
                bucket = units if 0 <= units < 2_048 else bucket_of(units)
                latency[bucket] = latency.get(bucket, 0) + 1
                arrived[fd] = now_ms
            slot.backwards += heard.backwards
        return len(events)

    def _rearm(self, fd: int) -> None:
        """There may be more than one read took: say so again. Edges cost the kernel half of what levels do."""
        self._epoll.modify(fd, _EPOLLIN | _EPOLLET)

    def _unusual(self, fd: int, event: int) -> None:
        """A connection that is entering, or broken."""
        if fd not in self._entering:
            if fd in self._mirrors:
                self._rearm(fd)
                self._read_last(fd)
            return
        _, asked = self._entering[fd]
        if not asked:
            if event == _EPOLLOUT and self._ask(fd):
                self._epoll.modify(fd, _EPOLLIN | _EPOLLET)
            else:
                self._fail(fd, "refused")
            return
        try:
            data = os.read(fd, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(fd, errno.errorcode.get(error.errno or 0, "error"))
            return
        if len(data) == READ_BYTES:
            self._rearm(fd)
        self._enter(fd, self._rests.pop(fd, b"") + data, whole=bool(data))

    def _read_last(self, fd: int) -> None:
        """The other end is gone; it may have said why."""
        try:
            data = os.read(fd, READ_BYTES)
        except OSError as error:
            self._lose(fd, errno.errorcode.get(error.errno or 0, "error"))
        else:
            self._parse(fd, self._mirrors[fd], data, time.time() * 1000)

    def _enter(self, fd: int, data: bytes, *, whole: bool) -> None:
        """The answer to the handshake, and the first snapshot behind it."""
        if not whole:
            self._fail(fd, "closed")
            return
        try:
            answer = read_head(data, self._invitation)
        except Unreadable:
            self._fail(fd, "unreadable")
            return
        if answer is None:
            self._rests[fd] = data
            return
        status, rest = answer
        if status != 101:
            self._fail(fd, str(status))
            return
        heard = NOTHING.memo.get(rest)
        if heard is None and not _has_whole_frame(rest):
            self._rests[fd] = data
            return
        now = time.time()
        begun, _ = self._entering.pop(fd)
        self._tickets[fd] = (self._tickets[fd][0], 0)
        self._mirrors[fd] = NOTHING
        if self._on_open is not None:
            self._on_open(fd, self._tickets[fd][0])
        slot = self._tally.slot(now)
        slot.opened += 1
        bucket = bucket_of(int((now - begun) * 1000 * UNITS_A_MS))
        slot.entering[bucket] = slot.entering.get(bucket, 0) + 1
        if heard is not None and heard.after is not None:
            self._mirrors[fd] = heard.after
            for kind, count in heard.kinds:
                slot.kinds[kind] += count
        else:
            self._parse(fd, NOTHING, rest, now * 1000)

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
            self.write(fd, masked(PONG, payload) if payload else _EMPTY_PONG)
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
            return os.write(fd, data) == len(data)
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
        for fd in (*self._mirrors, *self._entering):
            os.close(fd)
        self._mirrors.clear()
        self._entering.clear()
        self._due.clear()
        self._epoll.close()


def _has_whole_frame(data: bytes) -> bool:
    """Whether a server's first frame is whole."""
    if len(data) < 2:
        return False
    length, begin = data[1] & 0x7F, 2
    if length > 125:
        begin = 4 if length == 126 else 10
        length = int.from_bytes(data[2:begin])
    return len(data) >= begin + length


def _difference(counts: Counts, book: Mapping[str, tuple[int, int]]) -> str:
    if not counts:
        return "nothing was told"
    wrong = {sku: (counts.get(sku), book.get(sku)) for sku in book.keys() | counts.keys()}
    sku, (said, true) = next((sku, pair) for sku, pair in sorted(wrong.items()) if pair[0] != pair[1])
    return f"{sku}: the viewer shows {said}, the book {true}"
