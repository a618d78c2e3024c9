"""What the Locust users of one process share, and how they wait for their connections."""

from __future__ import annotations

import gc
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import gevent
from crowd import EVENTS_A_POLL, Crowd
from entrance import Place
from gevent.socket import wait_read
from plan import Plan
from tally import Tally
from timetable import ARRIVING_SHARE

if TYPE_CHECKING:
    from buyers import Buyers
    from shelfcast.protocol.access import Role

WAIT_MAX_S = 0.5
ASK_S = 0.05
SEND_TOGETHER_S = 0.002
"""What is meant to be sent within this is sent together; being late counts as waiting."""
NAP_S = 0.001
NAP_A_CONNECTION_S = 1.2e-6
"""Naps: 1 ms in a small test, 21 ms with 17,000 connections in the process. They are a part of the latency."""


class Minter(Protocol):
    """Where tokens come from: `shelfcast.http.api.auth.Tokens`, or one that was given."""

    def mint(self, *, role: Role, user: str, room: str | None = None, pool: str | None = None) -> str:
        """A token for these claims."""


class Stage:
    """The plan, what is counted, the phase, and the crowds that are out. One a process, so it is never instantiated."""

    plan: Plan
    tally = Tally()
    tokens: Minter
    viewer_token = ""
    """What those who only watch come with, in a room that admits nobody without."""
    doors: Place
    """Where everybody connects to."""
    nap_s = 0.001
    """How long a crowd rests when it has read everything; more connections a process, more comes meanwhile. 0: it does
    not rest, but waits to be woken, which is cheaper where a process has hundreds of crowds of one viewer each."""
    arrive_at = 0.0
    """When the first connection is begun, in seconds since 1970; 0 while nobody knows."""
    selling = 0.0
    """Reservations a second, all buyers of all processes together."""
    feeding = False
    flash_at = 0.0
    """When every buyer reserves, in seconds since 1970; 0 when no flash is on."""
    crowds: ClassVar[set[Crowd]] = set()
    buyers: ClassVar[set[Buyers]] = set()
    process: Callable[[], int]
    """This process's number among the processes."""
    _sources: Iterator[int] = itertools.count()

    @classmethod
    def prepare(cls, plan: Plan, tokens: Minter, process: Callable[[], int], doors: Place | None = None) -> None:
        """Before the first user comes. `doors` is where a server is that this machine did not start for the plan."""
        cls.nap_s = 0.0 if doors else NAP_S + NAP_A_CONNECTION_S * plan.viewers / plan.processes
        cls.plan, cls.tokens, cls.process = plan, tokens, process
        cls.doors = doors or Place(plan.host, plan.port, plan.room)

    @classmethod
    def place(cls, subprotocol: str = "") -> Place:
        """Where to connect to; on this machine from a loopback address that nobody else connects from."""
        doors = cls.doors._replace(subprotocol=subprotocol) if subprotocol else cls.doors
        if ":" in doors.host or not IPv4Address(doors.host).is_loopback:
            return doors._replace(source="")
        number = next(cls._sources)
        source = f"127.{20 + cls.process() % 200}.{number // 250 % 250}.{1 + number % 250}"
        return doors._replace(source=source)

    @classmethod
    def follow(cls, phase: dict[str, Any]) -> None:
        """A phase begins."""
        # What is there now stays until the end: the collector need not look through a connection's entries again.
        gc.freeze()
        cls.tally.phase = phase["name"]
        cls.arrive_at = cls.arrive_at or phase["arrive_at"]
        cls.selling, cls.feeding, cls.flash_at = phase["selling"], phase["feeding"], phase["flash_at"]


def arrival_times(connections: int) -> Iterator[float]:
    """When each connection of a cohort is begun: evenly over the arrivals' time, once it is known when that begins.

    Where in its own first interval a cohort begins is left to chance, so that cohorts do not come in step.
    """
    while not Stage.arrive_at:
        gevent.sleep(ASK_S)
    interval_s = Stage.plan.arrive_s * ARRIVING_SHARE / connections
    begin = Stage.arrive_at + random.uniform(0, interval_s)
    return (begin + interval_s * number for number in range(connections))


def attend(crowd: Crowd, pause_s: float) -> None:
    """Read what is there, then let the others in, or rest.

    The rest is a nap, not a wait for the crowd's epoll: a waiter would have to be woken for every frame, which costs
    the sender more than the frame, and libev's own epoll would look through ours each time. What comes during a nap is
    read in one go.
    """
    if crowd.poll() == EVENTS_A_POLL:
        gevent.sleep(0)
    elif Stage.nap_s:
        gevent.sleep(min(max(pause_s, SEND_TOGETHER_S), Stage.nap_s))
    else:
        with suppress(TimeoutError):
            wait_read(crowd.fileno(), max(pause_s, SEND_TOGETHER_S))
