"""What the Locust users of one process share, and how they wait for their connections."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import gevent
from crowd import Crowd, Place
from gevent.socket import wait_read
from plan import ROOM, Plan
from shelfcast.http.auth import Tokens
from shelfcast.settings import Settings
from tally import Tally

if TYPE_CHECKING:
    from buyers import Buyers

WAIT_MAX_S = 0.5


class _Pause(Exception):
    """Nothing came."""


class Stage:
    """The plan, what is counted, the phase, and the crowds that are out. One a process, so it is never instantiated."""

    plan: Plan
    tally = Tally()
    tokens: Tokens
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
        cls.tally.phase = phase["name"]
        cls.selling, cls.feeding, cls.flash_at = phase["selling"], phase["feeding"], phase["flash_at"]


def attend(crowd: Crowd, pause_s: float) -> None:
    """Read what is there, or wait for it at most so long."""
    if crowd.poll():
        gevent.sleep(0)
        return
    try:
        wait_read(crowd.fileno(), timeout=min(pause_s, WAIT_MAX_S), timeout_exc=_Pause())
    except _Pause:
        return
