"""What a pool's socket says to those who run it. Values are absolute, and sent again whenever they change.

Rows are arrays, so that a catalogue of 50,000 SKUs stays small; a reader takes the fields it knows and leaves those
that a newer server adds behind them. `alive`, `error` and `draining` are the room's own (`protocol.messages`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from shelfcast.protocol.access import Role
from shelfcast.protocol.from_server import Alert, Alive, Draining, Error
from shelfcast.protocol.states import RoomStatus


class Topic(StrEnum):
    """What a pool's socket can be asked for; all of them where nothing is asked for."""

    UNITS = "units"
    """Where the units of each SKU are."""
    PEOPLE = "people"
    """The pool's rooms, and how many watch each."""
    ACTIONS = "actions"
    """What happened besides moves, the last of it: statuses, spotlights, definitions, freezes, batches."""
    ALERTS = "alerts"
    """The alerts of the shows that stand, and those that have ended since."""
    CREW = "crew"
    """Who follows the pool."""


class PoolSnapshot(Struct, frozen=True, kw_only=True, tag="pool"):
    """The beginning of everything: of a connection, and of a new epoch. Rows of all `topics` follow, then `current`."""

    pool: str
    epoch: int
    seq: int
    at_ms: int
    topics: list[Topic]


RoomRow = tuple[str, int]
"""room, people who wait in it"""
ChannelRow = tuple[str, int, int, int, int, int]
"""channel, then in units: allocated, held, sold, held of the presale, sold of the presale"""
BatchRow = tuple[str, str, int, bool]
"""batch, the channel it serves (empty: all shared ones), its units, whether it is open"""


# No row is part of a cycle: the collector need not look at 50,000 of them (`gc=False`).
class UnitsRow(Struct, array_like=True, frozen=True, gc=False):
    """The units of one SKU, as of `seq`: `locked` wait in unopened batches, `presale` is the presale quota still free.
    Channels and batches without any are left out, and so are rooms in which nobody waits for it. `safety`, `elastic`
    and `unsellable` are the units of these three places."""

    sku: str
    seq: int
    pool: int
    locked: int
    presale: int
    frozen: bool
    channels: list[ChannelRow]
    waiting: list[RoomRow] = []
    safety: int = 0
    elastic: int = 0
    unsellable: int = 0
    batches: list[BatchRow] = []


class Units(Struct, frozen=True, kw_only=True, tag="units"):
    """New values of some SKUs; a bounded number of rows."""

    at_ms: int
    rows: list[UnitsRow]


class PeopleRow(Struct, array_like=True, frozen=True, gc=False):
    """One room: `viewers` are those of all processes."""

    room: str
    status: RoomStatus
    spotlight: str | None
    viewers: int


class People(Struct, frozen=True, kw_only=True, tag="people"):
    """New values of some rooms; a bounded number of rows."""

    at_ms: int
    rows: list[PeopleRow]


class ActionRow(Struct, array_like=True, frozen=True):
    """An event of the pool. `n` counts them without a gap; `room` is empty where it is the whole pool's; `actor` and
    `action` (the id of the write behind it) where the book did it by itself."""

    n: int
    at_ms: int
    type: str
    room: str
    subject: str
    data: dict[str, Any]
    actor: str
    action: str


class Actions(Struct, frozen=True, kw_only=True, tag="actions"):
    """Events that are new, in order; a bounded number of rows."""

    at_ms: int
    rows: list[ActionRow]


class Alerts(Struct, frozen=True, kw_only=True, tag="alerts"):
    """Alerts as they are now, by their id; one that is resolved is told once more, and then no longer. A bounded number
    of rows, each as a room's socket says it."""

    at_ms: int
    rows: list[Alert]


class CrewRow(Struct, array_like=True, frozen=True, gc=False):
    """Somebody who follows the pool: so many `connections` over all processes, the first since `since_ms`; 0 where
    they have gone."""

    user: str
    role: Role
    connections: int
    since_ms: int


class Crew(Struct, frozen=True, kw_only=True, tag="crew"):
    """Those of the crew who came, left, or have another number of connections; a bounded number of rows."""

    at_ms: int
    rows: list[CrewRow]


class Current(Struct, frozen=True, kw_only=True, tag="current"):
    """Everything up to `seq` has been said: what is shown now is the pool as it is."""

    seq: int
    at_ms: int


PoolMessage = PoolSnapshot | Units | People | Actions | Alerts | Crew | Current | Alive | Error | Draining
