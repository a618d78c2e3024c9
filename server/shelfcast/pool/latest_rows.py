"""The latest row of each key, in the order in which they changed. Pure.

Whoever remembers the number of the last change it was told asks for what is behind it: that is everything at first,
what it has missed after it was slow, and the news of a tick else. A row that changed twice comes once, as it is now.
So nothing is kept for anybody, and nothing is lost between two pages.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from shelfcast.protocol.from_server import Alert
from shelfcast.protocol.pool_messages import ActionRow, CrewRow, PeopleRow, Topic, UnitsRow

Row = UnitsRow | PeopleRow | ActionRow | Alert | CrewRow

STALE_MIN = 1_000
"""Entries of rows that have changed again since are swept out when there are more of them than rows, and than this."""


class Key(NamedTuple):
    """Which row it is: that of a SKU, of a room, of an event by its number, of an alert, or of one of the crew."""

    topic: Topic
    name: str | int


class Page(NamedTuple):
    """Some rows, and the number of the last change that they include."""

    rows: list[tuple[Topic, Row]]
    told: int


class LatestRows:
    """The rows of one pool. What `put` changes has a number from the next `publish` on."""

    __slots__ = ("_changed", "_keys", "_number_of", "_numbers", "_rows", "last")

    def __init__(self) -> None:
        self.last = 0
        """The number of the latest change; 0 before the first."""
        self._rows: dict[Key, Row] = {}
        self._changed: dict[Key, None] = {}
        self._number_of: dict[Key, int] = {}
        self._numbers: list[int] = []
        self._keys: list[Key] = []
        """The changes with their numbers, in order; one is stale where its key has a later number."""

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: Key) -> Row | None:
        """The row as it is now."""
        return self._rows.get(key)

    def put(self, key: Key, row: Row, *, changed: bool = True) -> None:
        """Set a row. Where nobody would see a difference it is not told (`changed`)."""
        self._rows[key] = row
        if changed:
            self._changed[key] = None

    def drop(self, key: Key) -> None:
        """Forget a row."""
        for kept in (self._rows, self._changed, self._number_of):
            kept.pop(key, None)

    def clear(self) -> None:
        """Forget all rows. Numbers go on."""
        for kept in (self._rows, self._changed, self._number_of, self._numbers, self._keys):
            kept.clear()

    def publish(self) -> bool:
        """Number what has changed since. True where anything has."""
        if not self._changed:
            return False
        for key in self._changed:
            self.last += 1
            self._number_of[key] = self.last
            self._numbers.append(self.last)
            self._keys.append(key)
        self._changed.clear()
        if len(self._keys) > len(self._rows) + max(len(self._rows), STALE_MIN):
            self._sweep()
        return True

    def page(self, told: int, topics: AbstractSet[Topic], rows_max: int) -> Page:
        """The first rows of these topics that changed after the change of this number; at most `rows_max`."""
        rows: list[tuple[Topic, Row]] = []
        for place in range(bisect_right(self._numbers, told), len(self._numbers)):
            key, number = self._keys[place], self._numbers[place]
            if key.topic in topics and self._number_of.get(key) == number:
                rows.append((key.topic, self._rows[key]))
                if len(rows) == rows_max:
                    return Page(rows, number)
        return Page(rows, self.last)

    def _sweep(self) -> None:
        kept = [(n, key) for n, key in zip(self._numbers, self._keys, strict=True) if self._number_of.get(key) == n]
        self._numbers = [number for number, _ in kept]
        self._keys = [key for _, key in kept]
