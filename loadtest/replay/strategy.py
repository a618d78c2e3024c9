"""What a strategy of selling is to a replay, and the plainest one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from house import House, Way


class Strategy(Protocol):
    """Where a day's stock may be sold, from the morning on. One object is one run."""

    name: str
    title: str
    """What it does, in a line."""
    ways: Mapping[str, Way]
    """Channel → how customers come through it."""
    duties: frozenset[str]
    """Duties of the server that it waits for in every minute, besides those that watch the show."""
    did: Counter[str]
    """What it did in the day, how often."""

    async def set_up(self, house: House) -> None:
        """In the morning: all units are in the pool, the channels are there, no room is live yet."""

    async def during(self, house: House, minute: int) -> None:
        """At the beginning of a minute of the day, before its customers come; quiet ones are passed over."""

    async def end(self, house: House) -> None:
        """In the evening, when the last customer has gone."""


ONE_ROOM = {"live": Way(customers=100, settings={"kind": "shared"})}


class Plain:
    """One shared pool: everything is for sale at any time, to anybody."""

    name = "plain"
    title = "one shared pool"
    ways: Mapping[str, Way] = ONE_ROOM
    duties: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.did: Counter[str] = Counter()

    async def set_up(self, house: House) -> None:
        """Nothing is to be done."""

    async def during(self, house: House, minute: int) -> None:
        """Nothing is to be done."""

    async def end(self, house: House) -> None:
        """Nothing is to be done."""
