"""Every message that a server sends on a room's socket. One definition encodes MessagePack and JSON.

A message is a map whose `type` names it; `protocol.fields` says what its fields are in.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from shelfcast.protocol.codes import Code, Retry
from shelfcast.protocol.states import AlertRule, AlertState, BannerKind, Level, ReservationState, RoomStatus, Severity


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
    waiting: int | UnsetType = UNSET
    """How many people wait here for some of it; left out where nobody does."""


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
    waitlist: bool = False
    """Whether who was too late may wait here for what comes back."""
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
    offered: bool | UnsetType = UNSET
    """True of what the waitlist gave; left out of any other."""


class Place(Struct, frozen=True, kw_only=True):
    """One place of the user who reads it on the waitlist of a SKU: the `first` to the `last` of those who wait.

    `stopped` says why nothing is given at the moment (FROZEN, PAUSED); the place stays. Left out while it goes on.
    """

    id: str
    sku: str
    qty: int
    first: int
    last: int
    stopped: Code | UnsetType = UNSET


class Me(Struct, frozen=True, kw_only=True, tag="me"):
    """All live reservations of this connection's user in this room, and for what it waits here."""

    reservations: list[Holding]
    waiting: list[Place] = []


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


class Waiting(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="waiting"):
    """The user waits for `qty` units, among the `first` to the `last` of those who do; told again when that changes.

    `stopped` says why nothing is given at the moment (FROZEN, PAUSED): the place stays. The same id and body gets this
    again.
    """

    id: str
    sku: str
    qty: int
    first: int
    last: int
    stopped: Code | UnsetType = UNSET


class Offer(Struct, frozen=True, kw_only=True, tag="offer"):
    """It is the user's turn: `qty` units are held until `expires_at_ms`, under the id of the `wait`.

    `asked` is how many it waited for: after a while that is not made to wait for ever, it gets what there is. From here
    on it is a reservation as any other.
    """

    id: str
    sku: str
    qty: int
    asked: int
    expires_at_ms: int
    seq: int
    at_ms: int


class WaitOver(Struct, frozen=True, kw_only=True, tag="wait_over"):
    """The user does not wait any more under this id, and gets nothing: it went by itself (OK), or `code` says why."""

    id: str
    sku: str
    qty: int
    code: Code
    message: str


WaitlistRow = tuple[str, int]
"""sku, people"""


class Waitlist(Struct, frozen=True, kw_only=True, tag="waitlist"):
    """How many people wait in this room, of the SKUs of which that has changed; at most once in a while."""

    rows: list[WaitlistRow]


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
    `units_a_minute` None before the first minute of the show has ended. Of ten times `sold_out_in_minutes` lies eight
    times between its `low` and its `high`: None where that is not known, and `high` where it may never be."""

    sku: str
    remaining: int
    held: int
    offered: int
    share_left: float | None
    sold: int
    units_a_minute: float | None
    sold_out_in_minutes: float | None
    sell_through: float
    waiting: int = 0
    """People who wait for it in this room."""
    sold_out_in_minutes_low: float | None = None
    sold_out_in_minutes_high: float | None = None


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

    Of the units `serves` people who wait get theirs first, as it was when the alert rang: `remaining_after` is what is
    left then.
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
    serves: int = 0


class Alert(Struct, frozen=True, kw_only=True, tag="alert"):
    """An alert of the show, or of the room where `show` is empty, as it is now; told when it rings and whenever it
    changes, and all that stand to whoever comes backstage. The same in every process and after every restart.

    `sku` is empty where it is about the whole show, `room` where it is about the whole pool, `tier_percent` 0 where the
    rule has none. `value` passed `threshold`; `peak` is the gravest value since. `remaining_share` is `remaining` of
    `offered`, 0 where nothing was. `at_ms` is when it rang last, `since_ms` since when it stands. An `unsteady` one
    came and went too often to ring on.
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
    | Waiting
    | Offer
    | WaitOver
    | Waitlist
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
