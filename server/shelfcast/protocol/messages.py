"""Every message of the socket, both ways. One definition decodes, validates and encodes MessagePack and JSON.

A message is a map whose `type` names it. Counts are whole units, money is in minor units of its currency,
times are milliseconds of the engine's clock since 1970 (`..._at_ms`) or durations (`..._ms`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from shelfcast.protocol.codes import Code, Retry

NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$(?!\n)"
"""Pools, channels, rooms and batches: lower-case letters, digits, - and _; at most 64."""
ID_PATTERN = r"^[A-Za-z0-9_.:~-]{1,64}$(?!\n)"
"""Ids that clients make: reservations, moves, idempotency keys."""
TEXT_PATTERN = r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?$(?!\n)"
"""SKUs and users as real shops write them: printable, no space at either end, at most 128 characters."""

Name = Annotated[str, Meta(pattern=NAME_PATTERN, description="lower-case letters, digits, - and _; at most 64")]
Id = Annotated[str, Meta(pattern=ID_PATTERN, description="letters, digits and _.:~-; at most 64")]
ACTION_ID_MAX = 128
"""An undo's id is its action's behind a word, and an undo can be undone, and that one, too, but not for ever."""
ActionId = Annotated[
    str,
    Meta(
        pattern=rf"^[A-Za-z0-9_.:~-]{{1,{ACTION_ID_MAX}}}$(?!\n)",
        description="the id of an action: letters, digits and _.:~-; at most 128",
    ),
]
AlertId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_-]{1,64}\.[0-9]{1,9}:[0-9]{1,9}$(?!\n)",
        description="the id of an alert: its room, the number of the show, and its number in that, as evening.3:17",
    ),
]
SNOOZE_MINUTES_MAX = 30
SnoozeMinutes = Annotated[int, Meta(ge=1, le=SNOOZE_MINUTES_MAX, description="minutes, 1 to 30")]
Sku = Annotated[str, Meta(pattern=TEXT_PATTERN, description="printable, no space at either end, at most 128")]
User = Annotated[str, Meta(pattern=TEXT_PATTERN, description="printable, no space at either end, at most 128")]
Qty = Annotated[int, Meta(ge=1, le=1_000_000, description="units, 1 to 1,000,000")]
Millis = Annotated[
    int,
    Meta(ge=0, le=8_640_000_000_000_000, description="milliseconds since 1970, at most what a browser has a date for"),
]
LINE_MAX = 500
Line = Annotated[str, Meta(min_length=1, max_length=LINE_MAX)]


class Level(StrEnum):
    """How a SKU stands in a room, from plenty to none."""

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
    BATCH_EXHAUSTED = "batch_exhausted"


class ReservationState(StrEnum):
    """The states of a reservation; the transitions stand in stock/library/records.lua."""

    ACTIVE = "active"
    PAYMENT_PENDING = "payment_pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PAID_NO_STOCK = "paid_no_stock"


class AlertRule(StrEnum):
    """What an alert is about; docs/rules.md#alerts says when each rings."""

    SHARE_LEFT = "share_left"
    SOLD_OUT_ETA = "sold_out_eta"
    SELL_THROUGH = "sell_through"
    ACTIVE_SKU_RATE = "active_sku_rate"
    ELASTIC = "elastic"


class AlertState(StrEnum):
    """Whether an alert stands, and whether anybody has taken note of it."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How grave an alert is."""

    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"


# --- from the server -------------------------------------------------------------------------------


class SkuView(Struct, frozen=True, kw_only=True):
    """One SKU of a snapshot, as the viewers of one room see it."""

    sku: str
    title: str
    price_minor: int
    currency: str
    available: int
    held: int
    level: Level
    limit_per_user: int | None = None
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    link: int | UnsetType = UNSET
    """The number that the host calls it by; left out where it has none."""
    image_url: str | UnsetType = UNSET
    """Its picture: a whole address, or a path of this server; left out where it has none."""
    next_batch_at_ms: int | UnsetType = UNSET
    """When a batch opens that brings more of it here: 0 where somebody opens it by hand; left out where none waits."""


class StandingNotice(Struct, frozen=True, kw_only=True):
    """The operator's notice as a snapshot shows it."""

    text: str
    at_ms: int


class Snapshot(Struct, frozen=True, kw_only=True, tag="snapshot"):
    """The whole room. Always the first frame, and again whenever a connection may have missed something.

    In a `demonstration` anybody may reserve, and payment is for show.
    """

    room: str
    title: str = ""
    epoch: int
    seq: int
    at_ms: int
    status: RoomStatus
    demonstration: bool = False
    spotlight: str | None
    viewers: int
    notice: StandingNotice | None = None
    skus: list[SkuView]


StockRow = tuple[str, int, int, Level]
"""sku, available units, held units, level"""


class Stock(Struct, frozen=True, kw_only=True, tag="stock"):
    """New absolute values of the SKUs that changed since the last frame."""

    seq: int
    at_ms: int
    rows: list[StockRow]


class Banner(Struct, frozen=True, kw_only=True, tag="banner"):
    """A short announcement about one SKU; `left` is the available count at `seq`.

    `opens_at_ms` comes with `batch_exhausted` alone, where it is known when the next batch opens.
    """

    seq: int
    sku: str
    kind: BannerKind
    left: int
    opens_at_ms: int | UnsetType = UNSET


class Sale(Struct, frozen=True, kw_only=True, tag="sale"):
    """A SKU's sale terms in this room changed; all terms are given anew."""

    sku: str
    title: str
    price_minor: int
    currency: str
    limit_per_user: int | None = None
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    link: int | UnsetType = UNSET
    image_url: str | UnsetType = UNSET
    next_batch_at_ms: int | UnsetType = UNSET


class Spotlight(Struct, frozen=True, kw_only=True, tag="spotlight"):
    """The SKU the host shows now, or None."""

    sku: str | None


class Status(Struct, frozen=True, kw_only=True, tag="status"):
    """The room's status changed."""

    status: RoomStatus


class Viewers(Struct, frozen=True, kw_only=True, tag="viewers"):
    """How many viewers are connected to the room."""

    viewers: int


class Notice(Struct, frozen=True, kw_only=True, tag="notice"):
    """A line from the operator to everybody; an empty one takes the last one back."""

    text: str
    at_ms: int


class Holding(Struct, frozen=True, kw_only=True):
    """One live reservation of the user who reads it."""

    id: str
    sku: str
    qty: int
    state: ReservationState
    expires_at_ms: int


class Me(Struct, frozen=True, kw_only=True, tag="me"):
    """All live reservations of this connection's user in this room."""

    reservations: list[Holding]


class Reserved(Struct, frozen=True, kw_only=True, tag="reserved"):
    """The reservation holds: `qty` units until `expires_at_ms`. The same id and body gets this again."""

    id: str
    sku: str
    qty: int
    state: ReservationState
    expires_at_ms: int
    seq: int
    at_ms: int


class Refused(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="refused"):
    """A request changed nothing. `retry` says whether and how asking again can help."""

    id: str
    code: Code
    message: str
    retry: Retry
    retry_after_ms: int | UnsetType = UNSET
    available: int | UnsetType = UNSET
    field: str | UnsetType = UNSET


class Cancelled(Struct, frozen=True, kw_only=True, tag="cancelled"):
    """The reservation was given back; `seq` is the pool's sequence at which its units returned."""

    id: str
    sku: str
    qty: int
    seq: int


class Confirmed(Struct, frozen=True, kw_only=True, tag="confirmed"):
    """The reservation is paid."""

    id: str
    sku: str
    qty: int
    seq: int


class Expired(Struct, frozen=True, kw_only=True, tag="expired"):
    """The hold ran out and its units went back."""

    id: str
    sku: str
    qty: int
    seq: int


class Answer(Struct, frozen=True, kw_only=True, tag="answer"):
    """The answer to `ask`: a line in the client's language, from the count."""

    id: str
    sku: str
    text: str
    left: int
    level: Level


class Done(Struct, frozen=True, kw_only=True, tag="done"):
    """An operator's request was carried out; what it changed is broadcast to the room."""

    id: str


class MetricRow(Struct, frozen=True, kw_only=True):
    """One SKU's indicators (docs/rules.md#indicators): `sold` in the show, `share_left` None where nothing was offered,
    `units_a_minute` None before the first minute of the show has ended."""

    sku: str
    remaining: int
    held: int
    offered: int
    share_left: float | None
    sold: int
    units_a_minute: float | None
    sold_out_in_minutes: float | None
    sell_through: float


class Metrics(Struct, frozen=True, kw_only=True, tag="metrics"):
    """What the host and the operator watch; only SKUs that changed since the last one."""

    at_ms: int
    viewers: int
    rows: list[MetricRow]


class AlertAction(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that answers an alert, and its effect: `qty` units of `sku` go from `source` to `target`, which makes
    `remaining_after` of those left. `spotlight` shows `sku`, of which so many are left. `done_by` has carried it out.

    Of a release of the elastic reserve `step` says which of the SKU's it is: it is made once, whoever asks. At the
    show's pace the units last for about `minutes_more`, where that is known and not 0.
    """

    id: str
    sku: str
    qty: int = 0
    source: str = ""
    target: str = ""
    batch: str = ""
    remaining_after: int = 0
    done_by: str = ""
    step: int = 0
    minutes_more: int = 0


class Alert(Struct, frozen=True, kw_only=True, tag="alert"):
    """An alert of the show, as it is now; told when it rings and whenever it changes, and all that stand to whoever
    comes backstage. The same in every process and after every restart.

    `sku` is empty where it is about the whole show, `tier_percent` 0 where the rule has none. `value` passed
    `threshold`; `peak` is the gravest value since. `remaining_share` is `remaining` of `offered`, 0 where nothing was.
    `at_ms` is when it rang last, `since_ms` since when it stands. An `unsteady` one came and went too often to ring on.
    """

    id: str
    room: str
    show: str
    rule: AlertRule
    sku: str
    tier_percent: int
    state: AlertState
    severity: Severity
    value: float
    threshold: float
    peak: float
    remaining: int
    offered: int
    remaining_share: float
    advice: str
    actions: list[AlertAction] = []
    acknowledged_by: str = ""
    note: str = ""
    snoozed_until_ms: int = 0
    resolved_at_ms: int = 0
    unsteady: bool = False
    since_ms: int
    changed_at_ms: int
    at_ms: int


class Cue(Struct, frozen=True, kw_only=True, tag="cue"):
    """What the operator asks the host to say or do; it stands until somebody acknowledges it."""

    id: str
    text: str
    sku: str | None = None
    at_ms: int


class Acknowledged(Struct, frozen=True, kw_only=True, tag="acknowledged"):
    """A cue is settled: `by` has taken note of it."""

    cue: str
    by: str
    at_ms: int


class Alive(Struct, frozen=True, kw_only=True, tag="alive"):
    """Nothing but a sign of life, for clients that cannot see pings; the next one comes within `next_ms`."""

    at_ms: int
    next_ms: int


class Error(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="error"):
    """A message could not be understood or is not allowed here; the connection stays open."""

    code: Code
    message: str
    id: str | UnsetType = UNSET
    retry_after_ms: int | UnsetType = UNSET


class Draining(Struct, frozen=True, kw_only=True, tag="draining"):
    """This server is stopping; connect again, to another one, after this time."""

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


# --- from the client -------------------------------------------------------------------------------


class Reserve(Struct, frozen=True, kw_only=True, tag="reserve"):
    """Hold `qty` units. The client makes the id and keeps it until it is answered.

    `again` says that the id was sent before: then the book is asked in any case, never the state of the room.
    """

    id: Id
    sku: Sku
    qty: Qty
    again: bool = False


class Cancel(Struct, frozen=True, kw_only=True, tag="cancel"):
    """Give the reservation `id` back."""

    id: Id


class Ask(Struct, frozen=True, kw_only=True, tag="ask"):
    """How many are left?"""

    id: Id
    sku: Sku


class SayCue(Struct, frozen=True, kw_only=True, tag="cue"):
    """Operator: tell the host something."""

    id: Id
    text: Line
    sku: Sku | None = None


class SayNotice(Struct, frozen=True, kw_only=True, tag="notice"):
    """Operator: tell everybody something, or, with an empty text, take the last notice back."""

    id: Id
    text: Annotated[str, Meta(max_length=LINE_MAX)]


class Acknowledge(Struct, frozen=True, kw_only=True, tag="acknowledge"):
    """Host or operator: the cue of this id is noted."""

    id: Id
    cue: Id


class AcknowledgeAlert(Struct, frozen=True, kw_only=True, tag="acknowledge_alert"):
    """Host or operator: this alert is noted, and rings no more unless it becomes graver."""

    id: Id
    alert: AlertId
    note: Annotated[str, Meta(max_length=200)] = ""


class SnoozeAlert(Struct, frozen=True, kw_only=True, tag="snooze_alert"):
    """Host or operator: leave this alert aside for some minutes; then it rings again, if it still stands."""

    id: Id
    alert: AlertId
    minutes: SnoozeMinutes


class SetSpotlight(Struct, frozen=True, kw_only=True, tag="spotlight"):
    """Operator or host: show this SKU, or none."""

    id: Id
    sku: Sku | None


class SetStatus(Struct, frozen=True, kw_only=True, tag="status"):
    """Operator: start, pause, resume or end the show. `continue_show`: a room that has ended and becomes live goes on
    with its last show, where it would begin the next one."""

    id: Id
    status: RoomStatus
    continue_show: bool = False


class SetFreeze(Struct, frozen=True, kw_only=True, tag="freeze"):
    """Operator: stop or resume sales of one SKU, in every room of the pool."""

    id: Id
    sku: Sku
    frozen: bool
    reason: Annotated[str, Meta(max_length=200)] = ""


class FreezeRoom(Struct, frozen=True, kw_only=True, tag="freeze_room"):
    """Operator: stop or resume all sales in this room."""

    id: Id
    frozen: bool
    reason: Annotated[str, Meta(max_length=200)] = ""


class UndoAction(Struct, frozen=True, kw_only=True, tag="undo"):
    """Operator: take back what was done in this room; `action` is the id of the message that did it, or of an undo."""

    id: Id
    action: ActionId


ClientMessage = (
    Reserve
    | Cancel
    | Ask
    | SayCue
    | SayNotice
    | Acknowledge
    | AcknowledgeAlert
    | SnoozeAlert
    | SetSpotlight
    | SetStatus
    | SetFreeze
    | FreezeRoom
    | UndoAction
)
