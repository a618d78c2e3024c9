"""The bodies of the HTTP API: what a request may say, and what an answer looks like.

Requests refuse unknown fields. The field names are those of `stock.configuration`, whose structs say what each means;
here stand the limits. A definition (SKU, channel, room, listing, batch, user) is written two ways:
PUT states the whole of it, so a field left out takes its default, and PATCH merges (RFC 7396): a field left out
stays as it is. In both, null means the default.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from shelfcast.http.api.fields import (
    UNITS_MAX,
    Currency,
    HoldMillis,
    Limit,
    ListedMinor,
    LobbyMillis,
    Minor,
    Place,
    Position,
    Reference,
    SignedUnits,
    Text,
    Units,
)
from shelfcast.protocol.access import Role
from shelfcast.protocol.messages import Id, Millis, Name, Qty, ReservationState, RoomStatus, Sku, User
from shelfcast.stock.audit import Violation
from shelfcast.stock.configuration import (
    BatchConfig,
    ChannelConfig,
    ChannelKind,
    Listing,
    RoomConfig,
    SkuConfig,
    Standing,
    UserConfig,
)
from shelfcast.stock.operations import MoveKind
from shelfcast.stock.places import Buckets
from shelfcast.stock.records import Reservation

ROWS_MAX = 1_000
"""Rows in one bulk request."""


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's body: a JSON object with no fields but these."""


# --- definitions -----------------------------------------------------------------------------------------


class PoolBody(Request, frozen=True, kw_only=True):
    """A pool has a name and nothing else; send an empty object or no body."""


class SkuBody(Request, frozen=True, kw_only=True):
    """A SKU of the catalogue (`SkuConfig`)."""

    title: Text | UnsetType | None = UNSET
    price_minor: Minor | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    barcode: Reference | UnsetType | None = UNSET
    category: Reference | UnsetType | None = UNSET
    elastic_release_at: Units | UnsetType | None = UNSET


class CatalogueRow(SkuBody, frozen=True, kw_only=True):
    """One SKU of a bulk request; fields left out stay as they are. `opening` units are received from the supplier."""

    sku: Sku
    opening: Units = 0


class CatalogueBody(Request, frozen=True, kw_only=True):
    """SKUs to define at once, each a merge, with their opening stock."""

    skus: Annotated[list[CatalogueRow], Meta(min_length=1, max_length=ROWS_MAX)]
    reason: Text = ""
    reference: Reference = ""


class ChannelBody(Request, frozen=True, kw_only=True):
    """A channel (`ChannelConfig`): shared ones sell from their own units, then from the pool."""

    kind: ChannelKind | UnsetType | None = UNSET
    title: Text | UnsetType | None = UNSET


class BatchBody(Request, frozen=True, kw_only=True):
    """A batch's window (`BatchConfig`). It opens by itself at `opens_at_ms`, or by hand with a move `open_batch`."""

    title: Text | UnsetType | None = UNSET
    opens_at_ms: Millis | UnsetType | None = UNSET
    target: Place | UnsetType | None = UNSET


class UserBody(Request, frozen=True, kw_only=True):
    """What the operator decided about a user (`UserConfig`)."""

    standing: Standing | UnsetType | None = UNSET
    reason: Text | UnsetType | None = UNSET


class RoomBody(Request, frozen=True, kw_only=True):
    """A room (`RoomConfig`). A PUT that does not name `status` or `spotlight` leaves the running show as it is."""

    channel: Name | UnsetType | None = UNSET
    title: Text | UnsetType | None = UNSET
    status: RoomStatus | UnsetType | None = UNSET
    spotlight: Sku | UnsetType | None = UNSET
    run_order: Annotated[list[Sku], Meta(max_length=2000)] | UnsetType | None = UNSET
    hold_ms: HoldMillis | UnsetType | None = UNSET
    payment_extension_ms: HoldMillis | UnsetType | None = UNSET
    anonymous: bool | UnsetType | None = UNSET
    open_reservations: bool | UnsetType | None = UNSET


class RoomPut(RoomBody, frozen=True, kw_only=True):
    """The whole definition of a room, and the pool it sells from, which never changes afterwards."""

    pool: Name
    channel: Name


class ListingBody(Request, frozen=True, kw_only=True):
    """A SKU's terms in one room (`Listing`)."""

    title: Text | UnsetType | None = UNSET
    price_minor: ListedMinor | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    position: Position | UnsetType | None = UNSET
    opens_at_ms: Millis | UnsetType | None = UNSET
    closes_at_ms: Millis | UnsetType | None = UNSET
    limit_per_order: Limit | UnsetType | None = UNSET
    limit_per_user: Limit | UnsetType | None = UNSET
    last_n: Units | UnsetType | None = UNSET
    presale: bool | UnsetType | None = UNSET
    lobby_ms: LobbyMillis | UnsetType | None = UNSET


class ListingRow(ListingBody, frozen=True, kw_only=True):
    """One listing of a bulk request; fields left out stay as they are."""

    sku: Sku


class ListingsBody(Request, frozen=True, kw_only=True):
    """Listings to set at once, each a merge."""

    skus: Annotated[list[ListingRow], Meta(min_length=1, max_length=ROWS_MAX)]


Definition = SkuBody | ChannelBody | BatchBody | UserBody | RoomBody | ListingBody


# --- moves and orders --------------------------------------------------------------------------------------


class MoveName(StrEnum):
    """What can be asked of /moves: the plain moves of `MoveKind`, and those that are no transfer between two places."""

    RECEIVE = MoveKind.RECEIVE.value
    CARVE = MoveKind.CARVE.value
    ALLOCATE = MoveKind.ALLOCATE.value
    RELEASE_ELASTIC = MoveKind.RELEASE_ELASTIC.value
    RETURN = MoveKind.RETURN.value
    QUARANTINE = MoveKind.QUARANTINE.value
    WRITE_OFF = MoveKind.WRITE_OFF.value
    COUNT = "count"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    OPEN_BATCH = "open_batch"
    QUOTA = "quota"
    SETTLE = "settle"


class MoveBody(Request, frozen=True, kw_only=True):
    """A move. Which fields a kind takes:

    | kind | fields |
    |---|---|
    | receive, carve, allocate, release_elastic, return, quarantine, write_off | sku, qty, source, target |
    | count | sku, qty: the units physically there, unsellable and sold ones included |
    | freeze, unfreeze | sku |
    | open_batch | batch |
    | quota | sku, qty: units to add to the presale quota; negative lowers it |
    | settle | reservation, qty: pool units for an external order's shortfall |

    `id` (or the Idempotency-Key header) makes it happen once. `actor` is who asked for it, where that is not the
    token's own user. What a kind leaves no choice about may be left out: the `source` of receive and of
    release_elastic, the `target` of write_off.
    """

    kind: MoveName
    id: Id | UnsetType = UNSET
    sku: Sku | UnsetType = UNSET
    qty: SignedUnits | UnsetType = UNSET
    source: Place | UnsetType = UNSET
    target: Place | UnsetType = UNSET
    batch: Name | UnsetType = UNSET
    reservation: Id | UnsetType = UNSET
    actor: Reference = ""
    reason: Text = ""
    reference: Reference = ""


class OrderBody(Request, frozen=True, kw_only=True):
    """An order another platform already took. It is sold at once; what is missing is owed (`external_oversold`)."""

    channel: Name
    sku: Sku
    qty: Qty
    id: Id | UnsetType = UNSET
    user: User | UnsetType = UNSET
    reference: Reference = ""
    actor: Reference = ""


class ActionBody(Request, frozen=True, kw_only=True):
    """What may be said of a step of a reservation: a payment's or parcel's reference, a reason, who asked."""

    reference: Reference = ""
    reason: Text = ""
    actor: Reference = ""


class EmptyBody(Request, frozen=True, kw_only=True):
    """There is nothing to say: `{}`, or no body at all."""


class GuestBody(Request, frozen=True, kw_only=True):
    """Whose pass is asked for. A host's is given only in a room where the server keeps open house."""

    role: Literal["viewer", "host"] = "viewer"


class PartBody(ActionBody, frozen=True, kw_only=True):
    """As above, for part of a reservation: `qty` 0 or left out means all that is left of it. `id` (or the
    Idempotency-Key header) makes the step happen once, since a reservation may have several."""

    id: Id | UnsetType = UNSET
    qty: Annotated[int, Meta(ge=0, le=UNITS_MAX)] = 0


# --- answers -----------------------------------------------------------------------------------------------


class Pool(Struct, frozen=True, kw_only=True):
    """A pool."""

    pool: str


class PoolList(Struct, frozen=True, kw_only=True):
    """The pools the token may see."""

    pools: list[Pool]


class PoolSku(SkuConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A SKU with the units in each of its buckets and accounts; names without units are left out."""

    sku: str
    buckets: Buckets


class SkuPage(Struct, frozen=True, kw_only=True):
    """SKUs in the order of their names; `next` is the `after` of the next page, null on the last."""

    skus: list[PoolSku]
    next: str | None


class Channel(ChannelConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A channel."""

    channel: str


class ChannelList(Struct, frozen=True, kw_only=True):
    """The channels of a pool."""

    channels: list[Channel]


class Batch(BatchConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A batch; `opened_at_ms` 0 while it is locked."""

    batch: str


class BatchList(Struct, frozen=True, kw_only=True):
    """The batches of a pool."""

    batches: list[Batch]


class PoolUser(UserConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A user's standing."""

    user: str


class Room(RoomConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A room; `viewers` are those of all processes."""

    room: str
    pool: str
    viewers: int


class RoomList(Struct, frozen=True, kw_only=True):
    """The rooms the token may see, and how many SKUs each may list."""

    rooms: list[Room]
    skus_a_room_max: int


class RoomSku(Listing, frozen=True, kw_only=True, omit_defaults=False):
    """A SKU's terms in the room, with its units there: available, in live reservations, sold and unshipped."""

    sku: str
    available: int
    held: int
    sold: int
    frozen: bool


class RoomSkuList(Struct, frozen=True, kw_only=True):
    """The shelf of a room, in its order, as of the pool's sequence `seq`."""

    seq: int
    skus: list[RoomSku]


class Written(Struct, frozen=True, kw_only=True):
    """A bulk request was carried out: how many rows, and the pool's sequence after the last of them."""

    rows: int
    seq: int


class MoveDone(Struct, frozen=True, kw_only=True):
    """A move was made; the same id and body gets the same answer again. `data` is what it reports besides: of a
    count {on_hand, difference, shortage}, of an opened batch {skus}. `short_reservations` are the ids of the
    reservations that a count's shortage stands against now, those last made first; none of them was touched."""

    id: str
    seq: int
    data: dict[str, int] | None = None
    short_reservations: list[str] = []


class Step(Struct, frozen=True, kw_only=True):
    """Where a reservation stands after a step; the same step gets the same answer again. `left` are the units it
    still holds or owns."""

    id: str
    seq: int
    sku: str
    qty: int
    state: ReservationState
    expires_at_ms: int
    left: int


class GuestPass(Struct, frozen=True, kw_only=True):
    """A token for one room and a user who was made up for it."""

    token: str
    user: str
    role: Role
    expires_at_ms: int


class ReservationList(Struct, frozen=True, kw_only=True):
    """Reservations, oldest first."""

    reservations: list[Reservation]


class Audit(Struct, frozen=True, kw_only=True):
    """What the audit of a pool's book looked at and found. `units_oversold` is what external platforms sold beyond
    the stock; the book itself never does. At most 1,000 violations are listed; `violation_count` counts all."""

    ok: bool
    pool: str
    entries: int
    skus: int
    reservations: int
    users: int
    units_on_hand: int
    units_oversold: int
    violation_count: int
    violations: list[Violation]


class Ready(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether this process should be sent traffic; `reasons` says why not, by check.

    `warnings`, where there are any, say what somebody must look into although the process can serve.
    """

    ready: bool
    reasons: dict[str, str]
    warnings: dict[str, str] = {}


class RoomOnAir(Struct, frozen=True, kw_only=True):
    """A live room that admits everybody. In a `demonstration` anybody may reserve, and pay for show; in an `open_house`
    this server also gives host passes to anybody (`shelfcast demo`)."""

    room: Name
    title: str
    demonstration: bool
    open_house: bool
