"""Shows: one stretch of a room from live to ended, as the book keeps it (stock/library/shows.lua)."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.protocol.states import RoomStatus

NEXT_STATUSES: dict[RoomStatus, tuple[RoomStatus, ...]] = {
    RoomStatus.SCHEDULED: (RoomStatus.LIVE,),
    RoomStatus.LIVE: (RoomStatus.PAUSED, RoomStatus.ENDED),
    RoomStatus.PAUSED: (RoomStatus.LIVE, RoomStatus.ENDED),
    RoomStatus.ENDED: (RoomStatus.LIVE,),
}
"""What a room may become from where it is; a test holds it against the library's own table."""
ON_AIR = frozenset({RoomStatus.LIVE, RoomStatus.PAUSED})
"""Statuses of a show that is on."""
FIRST_STATUSES = (RoomStatus.SCHEDULED, RoomStatus.LIVE)
"""What a room may be when it is made."""

SHOW_ID_PATTERN = r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?\.[1-9][0-9]{0,8}$(?!\n)"
"""A room's name, a dot, and the number of its show."""


def show_id(room: str, number: int) -> str:
    """The id of a room's show; empty where it is in none (number 0)."""
    return f"{room}.{number}" if number else ""


def room_of(show: str) -> str:
    """The room whose show this is."""
    return show.rpartition(".")[0]


class StatusChange(Struct, array_like=True, frozen=True):
    """A status that a room took during the show, and who gave it; `actor` is empty where the book did."""

    status: RoomStatus
    at_ms: int
    actor: str


class Spotlit(Struct, array_like=True, frozen=True):
    """A SKU in the spotlight, until `to_ms`; 0 where it still is."""

    sku: str
    from_ms: int
    to_ms: int


class BaseRow(Struct, array_like=True, frozen=True):
    """What had been taken of a SKU when the show began, or the SKU was listed: by place, live holds left out; and what
    was in those. `batches` has both of those that were open then, and only what was not 0."""

    seq: int
    at_ms: int
    pool: int
    own: int
    presale: int
    pool_held: int = 0
    own_held: int = 0
    presale_held: int = 0
    batches: dict[str, tuple[int, int]] = {}


class ShowRecord(Struct, frozen=True, kw_only=True):
    """A show. `n` counts the room's shows from 1. Times and sequences of its end are 0 while it is on.

    `planned_start_ms` and `planned_minutes` are 0 where nothing is planned; `time_zone` is empty where it is the
    pool's. Of `history` the last 200 rows are kept, of `spotlight` the last 1,000. `continued` is how often it went on
    after it had ended.
    """

    id: str
    room: str
    n: int
    channel: str
    planned_start_ms: int = 0
    planned_minutes: int = 0
    time_zone: str = ""
    started_at_ms: int
    started_seq: int
    started_by: str
    ended_at_ms: int = 0
    ended_seq: int = 0
    ended_by: str = ""
    history: list[StatusChange] = []
    spotlight: list[Spotlit] = []
    continued: int = 0
    upgraded: bool = False
    """Whether the room was live in a book of before: limits that count by show count what was bought by then, too."""

    @property
    def status(self) -> RoomStatus:
        """What it is, or was last."""
        return self.history[-1].status if self.history else RoomStatus.LIVE
