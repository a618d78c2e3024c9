"""Every message of a pool's socket as a frozen dataclass. Rows are arrays on the wire, named tuples here.

Reference: docs/protocol.md (A pool's socket). `Alive`, `Error` and `Draining` are a room's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from shelfcast_client.messages import Alert, Alive, Draining, Error, RoomStatus


class Topic(StrEnum):
    """What a pool's socket can be asked for."""

    UNITS = "units"
    PEOPLE = "people"
    ACTIONS = "actions"
    ALERTS = "alerts"
    CREW = "crew"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSnapshot:
    """The beginning of everything: of a connection, and of a new epoch."""

    type: ClassVar[str] = "pool"
    pool: str
    epoch: int
    seq: int
    at_ms: int
    topics: list[Topic | str]


class ChannelRow(NamedTuple):
    """One channel's units of one SKU."""

    channel: str
    allocated: int
    held: int
    sold: int
    presale_held: int
    presale_sold: int


class WaitingRow(NamedTuple):
    """How many people wait for a SKU in one room."""

    room: str
    people: int


class BatchRow(NamedTuple):
    """One batch's units of one SKU. `channel` is the one it serves, empty where it serves all shared ones."""

    batch: str
    channel: str
    units: int
    is_open: bool


class UnitsRow(NamedTuple):
    """Where the units of one SKU are, as of `seq`: `locked` wait in unopened batches, `presale` is the quota still
    free; `safety`, `elastic` and `unsellable` are the units of these three places (0 from a server of before). Channels
    and batches without any are left out, and so are rooms in which nobody waits for it."""

    sku: str
    seq: int
    pool: int
    locked: int
    presale: int
    frozen: bool
    channels: list[ChannelRow]
    waiting: Sequence[WaitingRow] = ()
    safety: int = 0
    elastic: int = 0
    unsellable: int = 0
    batches: Sequence[BatchRow] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """New values of some SKUs."""

    type: ClassVar[str] = "units"
    at_ms: int
    rows: list[UnitsRow]


class PeopleRow(NamedTuple):
    """One room: `viewers` are those of all servers."""

    room: str
    status: RoomStatus | str
    spotlight: str | None
    viewers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """New values of some rooms."""

    type: ClassVar[str] = "people"
    at_ms: int
    rows: list[PeopleRow]


class ActionRow(NamedTuple):
    """An event of the pool. `n` counts them without a gap; `room` is empty where it is the whole pool's, `actor` and
    `action` (the id of the write behind it) where the book did it by itself."""

    n: int
    at_ms: int
    type: str
    room: str
    subject: str
    data: dict[str, Any]
    actor: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """Events that are new."""

    type: ClassVar[str] = "actions"
    at_ms: int
    rows: list[ActionRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Alerts of the pool's shows as they are now; one that is resolved is told once more, and then no longer."""

    type: ClassVar[str] = "alerts"
    at_ms: int
    rows: list[Alert]


class CrewRow(NamedTuple):
    """Somebody who follows the pool with this role: so many `connections` over all servers, 0 where they have gone, the
    first since `since_ms`."""

    user: str
    role: str
    connections: int
    since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Those who came, left, or have another number of connections."""

    type: ClassVar[str] = "crew"
    at_ms: int
    rows: list[CrewRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Everything up to `seq` has been said: what is shown now is the pool as it is."""

    type: ClassVar[str] = "current"
    seq: int
    at_ms: int


PoolMessage = PoolSnapshot | Units | People | Actions | Alerts | Crew | Current | Alive | Error | Draining
