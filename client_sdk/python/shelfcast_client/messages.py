"""Every message of the socket as a frozen dataclass: what the server sends, what a client may send.

Counts are whole units, money is in minor units of its currency, times are milliseconds of the server's clock since
1970 (`..._at_ms`) or durations (`..._ms`). Enumerated values that this version does not know stay plain strings,
and fields it does not know are ignored, so that a newer server can add some. Reference: docs/protocol.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple

from shelfcast_client.codes import Code, Retry


class Level(StrEnum):
    """How a SKU stands in the room, from plenty to none."""

    OK = "ok"
    LOW = "low"
    LOWER = "lower"
    LAST = "last"
    ALL_HELD = "all_held"
    SOLD_OUT = "sold_out"
    FROZEN = "frozen"


class RoomStatus(StrEnum):
    """Where a show is in its evening."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class BannerKind(StrEnum):
    """Why a banner is shown."""

    LAST_N = "last_n"
    ALL_HELD = "all_held"
    SOLD_OUT = "sold_out"
    BACK_IN_STOCK = "back_in_stock"
    SALE_OPEN = "sale_open"
    BATCH_OPEN = "batch_open"


class ReservationState(StrEnum):
    """Where a reservation is between the tap and the parcel."""

    ACTIVE = "active"
    PAYMENT_PENDING = "payment_pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PAID_NO_STOCK = "paid_no_stock"


# --- from the server ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuView:
    """One SKU of a snapshot."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingNotice:
    """The operator's notice as it stands."""

    text: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The whole room: always first, and again whenever this connection may have missed something.

    In a `demonstration` anybody may reserve, and payment is for show.
    """

    type: ClassVar[str] = "snapshot"
    room: str
    title: str = ""
    epoch: int
    seq: int
    at_ms: int
    status: RoomStatus | str
    demonstration: bool = False
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
    """A short announcement about one SKU; `left` is its available count at `seq`."""

    type: ClassVar[str] = "banner"
    seq: int
    sku: str
    kind: BannerKind | str
    left: int


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One live reservation of this connection's user."""

    id: str
    sku: str
    qty: int
    state: ReservationState | str
    expires_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """All live reservations of this connection's user in this room."""

    type: ClassVar[str] = "me"
    reservations: list[Holding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """The reservation holds `qty` units until `expires_at_ms`."""

    type: ClassVar[str] = "reserved"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    qty: int
    state: ReservationState | str
    expires_at_ms: int
    seq: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A request changed nothing; `retry` says whether and how asking again can help."""

    type: ClassVar[str] = "refused"
    ok: ClassVar[bool] = False
    id: str
    code: Code | str
    message: str
    retry: Retry | str
    retry_after_ms: int | None = None
    available: int | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The reservation was given back; `seq` is where its units returned."""

    type: ClassVar[str] = "cancelled"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    qty: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The reservation is paid. Also the answer to a `reserve` sent again whose reservation is paid by now."""

    type: ClassVar[str] = "confirmed"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    qty: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """The hold ran out and its units went back."""

    type: ClassVar[str] = "expired"
    id: str
    sku: str
    qty: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to `ask`, a line in the client's language."""

    type: ClassVar[str] = "answer"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    text: str
    left: int
    level: Level | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An operator's request was carried out."""

    type: ClassVar[str] = "done"
    ok: ClassVar[bool] = True
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """The pace of one SKU."""

    sku: str
    remaining: int
    held: int
    sold: int
    units_a_minute: float
    sold_out_in_minutes: float | None
    sell_through: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What the host and the operator watch; only the SKUs that changed."""

    type: ClassVar[str] = "metrics"
    at_ms: int
    viewers: int
    rows: list[MetricRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A stock tier was crossed: `tier_percent` is 20, 10 or 5."""

    type: ClassVar[str] = "alert"
    sku: str
    tier_percent: int
    remaining: int
    remaining_share: float
    advice: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What the operator asks the host to say or do; it stands until somebody acknowledges it."""

    type: ClassVar[str] = "cue"
    id: str
    text: str
    sku: str | None = None
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A cue is settled: `by` has taken note of it."""

    type: ClassVar[str] = "acknowledged"
    cue: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """Nothing but a sign of life; the next one comes within `next_ms`."""

    type: ClassVar[str] = "alive"
    at_ms: int
    next_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """A message could not be understood or is not allowed here; the connection stays open."""

    type: ClassVar[str] = "error"
    code: Code | str
    message: str
    id: str | None = None
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draining:
    """This server is stopping; connect again after this time."""

    type: ClassVar[str] = "draining"
    reconnect_after_ms: int


ServerMessage = (
    Snapshot
    | Stock
    | Banner
    | Sale
    | Spotlight
    | Status
    | Viewers
    | Notice
    | Me
    | Reserved
    | Refused
    | Cancelled
    | Confirmed
    | Expired
    | Answer
    | Done
    | Metrics
    | Alert
    | Cue
    | Acknowledged
    | Alive
    | Error
    | Draining
)


# --- from the client ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Hold `qty` units. The client makes the id and keeps it until it is answered.

    `again` says that the id was sent before, so that its reservation may be there already.
    """

    type: ClassVar[str] = "reserve"
    id: str
    sku: str
    qty: int
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Give the reservation `id` back."""

    type: ClassVar[str] = "cancel"
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """How many are left?"""

    type: ClassVar[str] = "ask"
    id: str
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayCue:
    """Operator: tell the host something."""

    type: ClassVar[str] = "cue"
    id: str
    text: str
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SayNotice:
    """Operator: tell everybody something, or, with an empty text, take the last notice back."""

    type: ClassVar[str] = "notice"
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Host or operator: the cue of this id is noted."""

    type: ClassVar[str] = "acknowledge"
    id: str
    cue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSpotlight:
    """Operator or host: show this SKU, or none."""

    type: ClassVar[str] = "spotlight"
    id: str
    sku: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """Operator: start, pause, resume or end the show."""

    type: ClassVar[str] = "status"
    id: str
    status: RoomStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFreeze:
    """Operator: stop or resume sales of one SKU in every room of the pool; a service may resume them."""

    type: ClassVar[str] = "freeze"
    id: str
    sku: str
    frozen: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAction:
    """Operator: take back what was done in this room; `action` is the id of the message that did it, or of an undo."""

    type: ClassVar[str] = "undo"
    id: str
    action: str


ClientMessage = (
    Reserve | Cancel | Ask | SayCue | SayNotice | Acknowledge | SetSpotlight | SetStatus | SetFreeze | UndoAction
)
