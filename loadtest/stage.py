"""What the Locust users of one process share, and how they wait for their connections."""

from __future__ import annotations

import gc
import itertools
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import gevent
from crowd import EVENTS_A_POLL, Crowd, Place
from plan import ROOM, Plan
from shelfcast.http.auth import Tokens
from shelfcast.settings import Settings
from tally import Tally
from timetable import ARRIVING_SHARE

if TYPE_CHECKING:
    from buyers import Buyers

WAIT_MAX_S = 0.5
ASK_S = 0.05
SEND_TOGETHER_S = 0.002
"""What is meant to be sent within this is sent together; being late counts as waiting."""
NAP_S = 0.001
NAP_A_CONNECTION_S = 1.2e-6
"""Naps: 1 ms in a small test, 21 ms with 17,000 connections in the process. They are a part of the latency."""


class Stage:
    """The plan, what is counted, the phase, and the crowds that are out. One a process, so it is never instantiated."""

    plan: Plan
    tally = Tally()
    tokens: Tokens
    nap_s = 0.001
    """How long a crowd rests when it has read everything; more connections a process, more comes meanwhile."""
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
    def prepare(cls, plan: Plan, settings: Settings, process: Callable[[], int]) -> None:
        """Before the first user comes."""
        cls.nap_s = NAP_S + NAP_A_CONNECTION_S * plan.viewers / plan.processes
        cls.plan, cls.tokens, cls.process = plan, Tokens(settings), process

    @classmethod
    def place(cls, subprotocol: str = "") -> Place:
        """Where to connect to, from a loopback address that nobody else connects from."""
        number = next(cls._sources)
        source = f"127.{20 + cls.process() % 200}.{number // 250 % 250}.{1 + number % 250}"
        place = Place(cls.plan.host, cls.plan.port, ROOM, source)
        return place._replace(subprotocol=subprotocol) if subprotocol else place

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
    gevent.sleep(0 if crowd.poll() == EVENTS_A_POLL else min(max(pause_s, SEND_TOGETHER_S), Stage.nap_s))
