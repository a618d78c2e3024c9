"""What everybody in a room is sent: the shelf, its changes, and what the operator says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from shelfcast_client.messages.states import BannerKind, Level, RoomStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuView:
    """One SKU of a snapshot. `next_batch_at_ms` is when a batch brings more of it: 0 where somebody opens it by hand,
    None where none waits. `waiting` people are on its waitlist here."""

    sku: str
    title: str
    price_minor: int
    currency: str
    available: int
    held: int
    level: Level | str
    limit_per_user: int | None = None
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    link: int | None = None
    image_url: str | None = None
    next_batch_at_ms: int | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingNotice:
    """The operator's notice as it stands."""

    text: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The whole room: always first, and again whenever this connection may have missed something.

    In a `demonstration` anybody may reserve, and payment is for show. Where there is a `waitlist`, who was too late may
    wait for what comes back.
    """

    type: ClassVar[str] = "snapshot"
    room: str
    title: str = ""
    epoch: int
    seq: int
    at_ms: int
    status: RoomStatus | str
    demonstration: bool = False
    waitlist: bool = False
    spotlight: str | None
    viewers: int
    notice: StandingNotice | None = None
    skus: list[SkuView]


class StockRow(NamedTuple):
    """New absolute values of one SKU."""

    sku: str
    available: int
    held: int
    level: Level | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """New absolute values of the SKUs that changed."""

    type: ClassVar[str] = "stock"
    seq: int
    at_ms: int
    rows: list[StockRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """A short announcement about one SKU; `left` is its available count at `seq`. `batch_exhausted` says with
    `opens_at_ms` when the next batch opens, where that is known."""

    type: ClassVar[str] = "banner"
    seq: int
    sku: str
    kind: BannerKind | str
    left: int
    opens_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A SKU's sale terms changed; all of them are given anew."""

    type: ClassVar[str] = "sale"
    sku: str
    title: str
    price_minor: int
    currency: str
    limit_per_user: int | None = None
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    link: int | None = None
    image_url: str | None = None
    next_batch_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotlight:
    """The SKU the host shows now, or None."""

    type: ClassVar[str] = "spotlight"
    sku: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The room's status changed."""

    type: ClassVar[str] = "status"
    status: RoomStatus | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewers:
    """How many viewers are connected to the room."""

    type: ClassVar[str] = "viewers"
    viewers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A line from the operator to everybody; an empty one takes the last one back."""

    type: ClassVar[str] = "notice"
    text: str
    at_ms: int
