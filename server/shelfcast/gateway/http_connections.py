"""Connections that are no open sockets: bounded in number, in time to send a request and in time to read an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakSet

from shelfcast.gateway.newcomer import Newcomer
from shelfcast.settings import Settings

FAIR_SHARE = 4
"""An address that has more than one in so many of what there may be makes room for others when all are taken."""
FAIR_LEAST = 8
LOOKED_AT = 256
"""Connections of an address among which one is sought that may be ended."""
HEALTH_PLACES = 16
"""Connections that are refused unless the first they say is a whole health check."""


class HttpConnections:
    """Holds every connection from its first byte until it is a socket or gone. `now` is the loop's clock."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self._unfinished_until: dict[Newcomer, float] = {}
        self._longer_until: dict[Newcomer, float] = {}
        """Those whose request may take longer: a few, for each asks for itself."""
        self._of_address: dict[str, dict[Newcomer, None]] = {}
        """By the address that connects; a proxy is one, too."""
        self._large: set[str] = set()
        """Addresses that may have more than their share of something; the shares allow for a few of them alone."""
        self._large_from = 1 + min(map(_share, (settings.http_connections_max, settings.handshakes_max)))
        self._idle: dict[Newcomer, None] = {}
        """Answered, and nothing more asked; the one that has been so longest first."""
        self._count = 0
        self._unread: dict[Newcomer, tuple[int, float]] = {}
        """Bytes that wait for a client to read them, and since when they have not become less."""
        self._probes: dict[Newcomer, None] = {}
        self.securing: WeakSet[Newcomer] = WeakSet()
        """Accepted, and at TLS: we hear of them when they are through. Of those that never are nobody tells us; the
        loop forgets them."""

    def __len__(self) -> int:
        return self._count

    @property
    def unfinished(self) -> int:
        """Connections that have not finished their request or upgrade."""
        return len(self._unfinished_until)

    # --- one connection -------------------------------------------------------------------------------------------

    def add(self, newcomer: Newcomer) -> bool:
        """A client has connected, and begins its first request. False when there is no place for it."""
        if self._count >= self._settings.http_connections_max and not self._make_room(
            self._settings.http_connections_max
        ):
            return False
        if not self.begin(newcomer):
            return False
        self._put(newcomer)
        return True

    def begin(self, newcomer: Newcomer) -> bool:
        """A client begins a request. False when too many have not finished theirs."""
        unfinished, settings = self._unfinished_until, self._settings
        self._idle.pop(newcomer, None)
        if newcomer in unfinished:
            return True
        if len(unfinished) >= settings.handshakes_max and not self._make_room(settings.handshakes_max, unfinished):
            return False
        unfinished[newcomer] = self._now() + settings.handshake_timeout_ms / 1000
        return True

    def give_time(self, newcomer: Newcomer, ms: int) -> None:
        """A client that is known is sending something long: its request may take so much longer from now on."""
        if self._unfinished_until.pop(newcomer, None) is not None:
            self._longer_until[newcomer] = self._now() + ms / 1000

    def finish(self, newcomer: Newcomer) -> None:
        """A client has finished its request."""
        self._unfinished_until.pop(newcomer, None)
        self._longer_until.pop(newcomer, None)

    def rest(self, newcomer: Newcomer) -> None:
        """A client has been answered, and asks nothing more for the moment."""
        if newcomer in self._of_address.get(newcomer.peer, ()):
            self._idle[newcomer] = None

    def remove(self, newcomer: Newcomer) -> None:
        """It is gone, or an open socket."""
        self.finish(newcomer)
        self._unread.pop(newcomer, None)
        self._probes.pop(newcomer, None)
        self._idle.pop(newcomer, None)
        same = self._of_address.get(newcomer.peer)
        if same is not None and newcomer in same:
            del same[newcomer]
            self._count -= 1
            if len(same) < self._large_from:
                self._large.discard(newcomer.peer)
            if not same:
                del self._of_address[newcomer.peer]

    # --- health checks --------------------------------------------------------------------------------------------

    def probe(self, newcomer: Newcomer) -> Newcomer | None:
        """Hear what a connection says that there is no place for; returns one that has to go for it."""
        oldest = next(iter(self._probes)) if len(self._probes) >= HEALTH_PLACES else None
        if oldest is not None:
            del self._probes[oldest]
        self._probes[newcomer] = None
        return oldest

    def answer_probe(self, newcomer: Newcomer) -> None:
        """It is a health check: it keeps its place until it is answered."""
        self._put(newcomer)

    # --- the gate's round -----------------------------------------------------------------------------------------

    def late(self) -> list[Newcomer]:
        """Those whose request is not finished in time; they are not asked for again."""
        now, late = self._now(), []
        for newcomer, until in self._unfinished_until.items():
            if until > now:
                break
            late.append(newcomer)
        late += [newcomer for newcomer, until in self._longer_until.items() if until <= now]
        for newcomer in late:
            self.finish(newcomer)
        return late

    def reads(self, newcomer: Newcomer) -> None:
        """It has read what it was sent, and more may be written. What waits for it may be as much as before by the next
        look: an answer that is streamed fills its place again at once."""
        self._unread.pop(newcomer, None)

    def unread(self) -> list[Newcomer]:
        """Those that have not read anything of their answer for too long."""
        now = self._now()
        longest_s = self._settings.response_stall_max_ms / 1000
        stalled = []
        for newcomer in self._everybody():
            waiting = newcomer.unsent_bytes
            if not waiting:
                self._unread.pop(newcomer, None)
                continue
            before, since = self._unread.get(newcomer, (0, now))
            if waiting < before or not before:
                since = now
            self._unread[newcomer] = waiting, since
            if now - since >= longest_s:
                stalled.append(newcomer)
        return stalled

    # --- parts ----------------------------------------------------------------------------------------------------

    def _put(self, newcomer: Newcomer) -> None:
        same = self._of_address.setdefault(newcomer.peer, {})
        same[newcomer] = None
        self._count += 1
        if len(same) >= self._large_from:
            self._large.add(newcomer.peer)

    def _everybody(self) -> Iterable[Newcomer]:
        for same in self._of_address.values():
            yield from same

    def _make_room(self, places: int, among: dict[Newcomer, float] | None = None) -> bool:
        """End the oldest connection of the address that has most, where that is more than its share; of all that are
        asked for, an idle one goes first. One whose request waits for us is never it.

        A flood makes this the way of every connection, so nothing here looks through all of them: whoever may not be
        ended goes behind the others.
        """
        if among is None and self._idle:
            self._end(next(iter(self._idle)))
            return True
        most = max((self._of_address[address] for address in self._large), key=len, default={})
        if len(most) <= _share(places):
            return False
        chosen = among if among is not None else most
        for _ in range(min(len(most), LOOKED_AT)):
            newcomer = next(iter(most))
            if newcomer in chosen and newcomer.may_be_ended:
                self._end(newcomer)
                return True
            most[newcomer] = most.pop(newcomer)
        return False

    def _end(self, newcomer: Newcomer) -> None:
        self.remove(newcomer)
        newcomer.abort()


def _share(places: int) -> int:
    """How many of so many places are no reason to make room."""
    return max(FAIR_LEAST, places // FAIR_SHARE)
