"""Whether what was broadcast has arrived: a sample of viewers is pinged behind each broadcast. Pure.

A write that succeeds only says that the kernel has taken the bytes. A crowd that reads more slowly than it is written
to would be sent more and more of what is old already; so the next broadcast of a crowd waits for the pongs of the one
before. The caller tells the time (seconds of one monotonic clock), writes the pings and makes the broadcasts.

It must be no lever. The sample is spread over addresses; who never answered counts for nothing; who is late while three
in four are in time is slow by itself, and leaves the sample after three times; and as long as these are in time, the
others' lateness widens a tick to no more than twice its length.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from shelfcast.backoff import Backoff
from shelfcast.room.chance import Chance
from shelfcast.settings import Settings

LATE_SHARE = 0.1
"""More late ones than this, and broadcasts wait: the p90 of the pongs is later than the target."""
MANY = 0.25
"""More late ones than this, and it is the crowd that is behind, not a few of it."""
WIDENING_BY_FEW = 2.0
"""To how many ticks the lateness of less than `MANY` can widen one."""
LATE_TIMES_MAX = 3
"""So often late while the crowd is in time: treated as slow, and not asked again. An answer in time makes up for
one."""
PINGS_UNANSWERED_MAX = 64
"""Of one member; it is pinged again when it has answered."""
CANDIDATES = 4
"""Looked at for one place of the sample; the one whose address has the fewest places gets it."""
TARGET_TICKS = 2
"""The target is never shorter than so many ticks."""


class Sampled(Protocol):
    """What can be in the sample: an open connection."""

    address: str


L = TypeVar("L", bound=Sampled)


class _Member:
    """What is known of one member."""

    __slots__ = ("counted", "has_answered", "late_times", "unanswered")

    def __init__(self) -> None:
        self.has_answered = False
        self.late_times = 0
        self.counted = 0
        """The latest ping that was counted as late already."""
        self.unanswered: deque[tuple[int, float]] = deque()
        """Number and time of each ping."""


class _Late(NamedTuple):
    """The share of the sample that has not answered a ping for longer than a target."""

    target_s: float
    since: float
    until: float
    """When the next one is late, if its pong does not come. It holds from `since` to here, while nobody is pinged or
    answers."""
    share: float


NOTHING_KNOWN = _Late(-1.0, 0.0, 0.0, 0.0)


class Delivery(Generic[L]):
    """The sample of one room in one process, and what its pongs say of the next broadcast."""

    __slots__ = ("_late", "_members", "_min", "_of_address", "_random", "_share", "_slow", "_target_s", "_wait",
                 "_waits", "round")  # fmt: skip

    def __init__(self, settings: Settings, random: Chance) -> None:
        self.round = 0
        """The latest broadcast's number, which its pings carry; 0 before the first."""
        self._target_s = max(settings.delivery_target_ms, TARGET_TICKS * settings.tick_ms) / 1000
        self._wait = Backoff(settings.delivery_wait_ms, settings.delivery_wait_max_ms)
        self._waits = 0
        """Broadcasts in a row that found the one before undelivered."""
        self._share = settings.delivery_sample_share
        self._min = settings.delivery_sample_min
        self._random = random
        self._members: dict[L, _Member] = {}
        self._of_address: Counter[str] = Counter()
        self._slow: set[L] = set()
        """Connections that left the sample because they were late too often."""
        self._late = NOTHING_KNOWN

    def __len__(self) -> int:
        return len(self._members)

    # --- the sample -------------------------------------------------------------------------------------------

    def short_by(self, audience: int) -> int:
        """How many places of the sample are free in an audience of this size."""
        wanted = max(self._min, int(audience * self._share))
        return max(0, min(wanted, audience - len(self._slow)) - len(self._members))

    def draw(self, listeners: Sequence[L]) -> None:
        """Fill the free places from the audience, spread over addresses."""
        others = [one for one in listeners if one not in self._members and one not in self._slow]
        for _ in range(min(self.short_by(len(listeners)), len(others))):
            looked_at = [self._random.randrange(len(others)) for _ in range(CANDIDATES)]
            chosen = min(looked_at, key=lambda place: self._of_address[others[place].address])
            others[chosen], others[-1] = others[-1], others[chosen]
            listener = others.pop()
            self._late = NOTHING_KNOWN
            self._members[listener] = _Member()
            self._of_address[listener.address] += 1

    def leave(self, listener: L) -> bool:
        """A connection is closed. True when it was in the sample."""
        self._slow.discard(listener)
        return self._remove(listener)

    def _remove(self, listener: L) -> bool:
        if self._members.pop(listener, None) is None:
            return False
        self._late = NOTHING_KNOWN
        self._of_address[listener.address] -= 1
        if not self._of_address[listener.address]:
            del self._of_address[listener.address]
        return True

    # --- pings and pongs --------------------------------------------------------------------------------------

    def begin_round(self, now: float) -> None:
        """A broadcast begins: members that are late once more are counted, and who is slow leaves."""
        self.round += 1
        if self._late_share(now, self._target_s) > MANY:
            # It has waited in vain: what it says now will lie there, too.
            self._waits += 1
            return
        self._waits = 0
        before = now - self._target_s
        for listener, member in list(self._members.items()):
            late = [number for number, at in member.unanswered if at < before and number > member.counted]
            if late:
                self._count_late(listener, member, late[-1], times=len(late))

    def to_ping(self, listeners: Iterable[L]) -> list[L]:
        """Which of these connections are to be pinged now."""
        members = self._members
        return [
            listener
            for listener in members.keys() & listeners
            if len(members[listener].unanswered) < PINGS_UNANSWERED_MAX
        ]

    def pinged(self, listener: L, now: float) -> None:
        """A ping with the round's number was written behind the broadcast."""
        self._late = NOTHING_KNOWN
        self._members[listener].unanswered.append((self.round, now))

    def answered(self, listener: L, number: int, now: float) -> float | None:
        """A pong with this number came: all pings up to it are answered. The seconds it took; None where it answers
        nothing."""
        member = self._members.get(listener)
        if member is None or not member.unanswered or not member.unanswered[0][0] <= number <= self.round:
            return None
        self._late = NOTHING_KNOWN
        took_s = 0.0
        while member.unanswered and member.unanswered[0][0] <= number:
            took_s = now - member.unanswered.popleft()[1]
        member.has_answered = True
        if took_s <= self._target_s:
            member.late_times = max(0, member.late_times - 1)
        elif number > member.counted and self._late_share(now, self._target_s) <= MANY:
            self._count_late(listener, member, number)
        return took_s

    def _count_late(self, listener: L, member: _Member, number: int, *, times: int = 1) -> None:
        member.counted = number
        member.late_times += times
        if member.late_times >= LATE_TIMES_MAX:
            self._remove(listener)
            self._slow.add(listener)

    # --- pace -------------------------------------------------------------------------------------------------

    def free_at(self, now: float, started: float, ended: float, tick_s: float) -> float:
        """The earliest time the next broadcast may begin, as far as is known now. The last one went from `started` to
        `ended`.

        In a small audience it is now: what it is sent is little, and a few of them would be most of it. A broadcast
        that took as long as a pong may take is waited for whole: the crowd needs as long to read it.
        """
        late = self._late_share(now, 0.0 if ended - started >= self._target_s else self._target_s)
        if late <= LATE_SHARE:
            return now
        return max(now, started + (WIDENING_BY_FEW * tick_s if late <= MANY else self._wait.pause_s(1 + self._waits)))

    def _late_share(self, now: float, target_s: float) -> float:
        """Asked at every change of a room that waits: what was found is kept until a pong comes or another is late."""
        if self._late.target_s != target_s or not self._late.since <= now < self._late.until:
            self._late = self._look(now, target_s)
        return self._late.share

    def _look(self, now: float, target_s: float) -> _Late:
        before, next_s = now - target_s, float("inf")
        counting = late = 0
        for member in self._members.values():
            if member.has_answered:
                counting += 1
                if member.unanswered:
                    oldest = member.unanswered[0][1]
                    if oldest < before:
                        late += 1
                    else:
                        next_s = min(next_s, oldest)
        return _Late(target_s, now, next_s + target_s, late / counting if counting >= self._min else 0.0)
