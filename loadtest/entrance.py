"""How connections come into a crowd: begun when they are due, asked at the door, tried again when it stays shut."""

from __future__ import annotations

import errno
import heapq
import os
import random
import socket
import ssl
import time
from typing import NamedTuple, Protocol

from gevent.monkey import get_original
from tally import Tally
from tunnel import Tunnel
from wire import MSGPACK, Unreadable, has_whole_frame, invitation, read_head

# gevent would make sockets wait. The interpreter's own type, without the wrapping of `socket.socket`, is enough here.
_Socket = get_original("socket", "SocketType")
_INET, _INET6 = int(socket.AF_INET), int(socket.AF_INET6)
_STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
_IP_BIND_ADDRESS_NO_PORT = 24
_EPOLLOUT = 0x004
READABLE = 0x001
WATCHED = READABLE | 0x2000 | 1 << 31
"""EPOLLIN, EPOLLRDHUP, EPOLLET: told once, what there is to read and that the other end has closed. Behind an event
that is not just READABLE there may be more than one read takes."""
_EINPROGRESS = frozenset((0, errno.EINPROGRESS))

READ_BYTES = 16_384
ENTERING_MAX = 128
"""Connections of a crowd whose handshake is under way."""
ENTERING_S = 20.0
"""A handshake that takes longer has failed."""
FULL_S = 0.01
"""The pause while as many as may be are on their way."""
BACKOFF_S = 0.5
BACKOFF_MAX_S = 20.0
"""Full jitter, as the SDKs have it (docs/protocol.md)."""


class Place(NamedTuple):
    """Where a crowd connects to, and from which loopback address: each has ports of its own."""

    host: str
    """An address, of IPv4 or IPv6."""
    port: int
    room: str
    source: str = "127.0.0.1"
    """Empty: the kernel chooses."""
    subprotocol: str = MSGPACK
    name: str = ""
    """The host's name, where it has one."""
    tls: ssl.SSLContext | None = None

    @property
    def authority(self) -> str:
        """What a `Host` header says, without the port that the scheme means anyway."""
        name = self.name or self.host
        bracketed = f"[{name}]" if ":" in name else name
        return bracketed if self.port == (443 if self.tls else 80) else f"{bracketed}:{self.port}"


class Epoll(Protocol):
    """The part of `select.epoll` that is needed to let somebody in."""

    def register(self, fd: int, events: int) -> None:
        """Watch a descriptor."""

    def modify(self, fd: int, events: int) -> None:
        """Watch it for something else."""

    def unregister(self, fd: int) -> None:
        """Watch it no longer."""


class Entered(NamedTuple):
    """A connection that has come in."""

    token: str
    """What it came with."""
    waited_ms: float
    """From the beginning of the connection to the first snapshot."""
    first: bytes
    """The frames behind the handshake."""


class _Asking(NamedTuple):
    """A handshake under way."""

    begun: float
    token: str
    attempt: int
    """How often it failed before."""
    asked: bool
    """Whether the request is sent."""
    heard: bytes
    """The beginning of the answer."""


class Entrance:
    """Connections of one crowd on their way in. Its epoll tells when something happens to one: then it calls `take`."""

    def __init__(self, place: Place, tally: Tally, epoll: Epoll, chance: random.Random) -> None:
        self._place = place
        self._tally = tally
        self._epoll = epoll
        self._random = chance
        self._invitation = invitation(place.authority, place.room, place.subprotocol)
        self._family = _INET6 if ":" in place.host else _INET
        self._to = (place.host, place.port)
        self._from = (place.source, 0) if place.source else None
        self.tunnels: dict[int, Tunnel] = {}
        """By descriptor: each connection's TLS, where the place has it. Whoever closes a descriptor takes it out."""
        self._asking: dict[int, _Asking] = {}
        """By descriptor, the oldest first."""
        self._due: list[tuple[float, int, str, int]] = []
        self._numbers = 0

    def __contains__(self, fd: int) -> bool:
        return fd in self._asking

    def due(self, at: float, token: str = "", attempt: int = 0) -> None:
        """Connect at this time (seconds since 1970)."""
        self._numbers += 1
        heapq.heappush(self._due, (at, self._numbers, token, attempt))

    def again(self, now: float, token: str, attempt: int) -> None:
        """Connect a little later, as the SDKs do."""
        pause_s = self._random.uniform(0, min(BACKOFF_MAX_S, BACKOFF_S * 2**attempt))
        self.due(now + pause_s, token, attempt)

    def tend(self, now: float) -> float:
        """Begin the connections that are due; the seconds until there is something to do here again."""
        asking, due = self._asking, self._due
        while asking:
            oldest = next(iter(asking))
            if now - asking[oldest].begun < ENTERING_S:
                break
            self._fail(oldest, "timeout")
        while due and due[0][0] <= now:
            if len(asking) >= ENTERING_MAX:
                return FULL_S
            _, _, token, attempt = heapq.heappop(due)
            self._begin(token, attempt)
        return max(0.0, due[0][0] - now) if due else 1.0

    def _begin(self, token: str, attempt: int) -> None:
        now = time.time()
        self._tally.slot(now).begun(now)
        try:
            made = _Socket(self._family, _STREAM)
        except OSError as error:
            self._tally.slot(now).failed[errno.errorcode.get(error.errno or 0, "error")] += 1
            self.again(now, token, attempt + 1)
            return
        if self._from is not None:
            made.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
            made.bind(self._from)
        fault = made.connect_ex(self._to)
        fd = made.detach()
        if fault not in _EINPROGRESS:
            self._epoll.register(fd, 0)
            self._asking[fd] = _Asking(now, token, attempt, asked=False, heard=b"")
            self._fail(fd, errno.errorcode.get(fault, str(fault)))
            return
        # On loopback the other end has usually answered by now.
        asked = self._ask(fd, token)
        self._asking[fd] = _Asking(now, token, attempt, asked, b"")
        self._epoll.register(fd, WATCHED if asked else _EPOLLOUT)

    def _ask(self, fd: int, token: str) -> bool:
        request = self._invitation.request(token)
        try:
            if self._place.tls is None:
                os.write(fd, request)
            else:
                self._tunnel(fd, self._place.tls).write(request)
        except OSError:
            self.tunnels.pop(fd, None)
            return False
        return True

    def _tunnel(self, fd: int, context: ssl.SSLContext) -> Tunnel:
        tunnel = self.tunnels[fd] = Tunnel(fd, context, self._place.name or self._place.host)
        return tunnel

    def take(self, fd: int, event: int) -> Entered | None:
        """Something has happened to a connection on its way. Once it is in, it is the crowd's."""
        asking = self._asking[fd]
        if not asking.asked:
            if event == _EPOLLOUT and self._ask(fd, asking.token):
                self._asking[fd] = asking._replace(asked=True)
                self._epoll.modify(fd, WATCHED)
            else:
                self._fail(fd, "refused")
            return None
        try:
            data = os.read(fd, READ_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            self._fail(fd, errno.errorcode.get(error.errno or 0, "error"))
            return None
        if not data:
            self._fail(fd, "closed")
            return None
        if len(data) == READ_BYTES or event != READABLE:
            self._epoll.modify(fd, WATCHED)
        if fd in self.tunnels:
            try:
                data = self.tunnels[fd].feed(data)
            except OSError as error:
                self._fail(fd, _tls_reason(error))
                return None
        return self._hear(fd, asking, asking.heard + data)

    def _hear(self, fd: int, asking: _Asking, heard: bytes) -> Entered | None:
        """The answer to the handshake, and the first snapshot behind it, or a part of them."""
        try:
            answer = read_head(heard, self._invitation)
        except Unreadable:
            self._fail(fd, "unreadable")
            return None
        if answer is not None and answer[0] != 101:
            self._fail(fd, str(answer[0]))
            return None
        if answer is None or not has_whole_frame(answer[1]):
            self._asking[fd] = asking._replace(heard=heard)
            return None
        del self._asking[fd]
        return Entered(asking.token, (time.time() - asking.begun) * 1000, answer[1])

    def _fail(self, fd: int, reason: str) -> None:
        """A connection that did not come about is tried again."""
        now = time.time()
        self._tally.slot(now).failed[reason] += 1
        self._epoll.unregister(fd)
        os.close(fd)
        self.tunnels.pop(fd, None)
        asking = self._asking.pop(fd)
        self.again(now, asking.token, asking.attempt + 1)

    def close(self) -> None:
        """Nobody comes any more."""
        for fd in self._asking:
            os.close(fd)
        self._asking.clear()
        self._due.clear()
        self.tunnels.clear()


def _tls_reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"TLS: {getattr(error, 'verify_message', '') or error.reason or 'unreadable'}"
    return errno.errorcode.get(error.errno or 0, "error")
