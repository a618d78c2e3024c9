"""What goes into the stock book and what comes out: operations, outcomes, feed messages, configuration.

An operation crosses to the engine as a MessagePack array `[kind, ...]`; the function library
(`stock/library/*.lua`) reads it by position, so the order of the fields here is part of the format.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from shelfcast.protocol.codes import Code
from shelfcast.protocol.messages import ReservationState, RoomStatus

# --- buckets and accounts ----------------------------------------------------------------------------

POOL = "pool"
SAFETY = "safety"
ELASTIC = "elastic"
UNSELLABLE = "unsellable"
BATCH = "batch:"
CHANNEL = "channel:"
HELD = "held:"
SOLD = "sold:"

SUPPLIER = "supplier"
SHIPPED = "shipped"
RETURNED = "returned"
WRITTEN_OFF = "written_off"
COUNT_GAIN = "count_gain"
COUNT_LOSS = "count_loss"
EXTERNAL_OVERSOLD = "external_oversold:"
OUTSIDE = "outside"

PRESALE = "presale"
PRESALE_HELD = "presale_held:"
PRESALE_SOLD = "presale_sold:"

Buckets = dict[str, int]
"""Bucket or account name → units, as the engine keeps it for one SKU. `supplier` and `count_gain` run negative:
every entry takes from one name and gives to another, so their sum over all names is zero."""


class Stream(StrEnum):
    """The two ledgers of a pool."""

    STOCK = "ledger"
    PRESALE = "presale"


class MoveKind(StrEnum):
    """Plain moves between two named places; which places each may join stands in stock/library/moves.lua."""

    RECEIVE = "receive"
    CARVE = "carve"
    ALLOCATE = "allocate"
    RELEASE_ELASTIC = "release_elastic"
    RETURN = "return"
    QUARANTINE = "quarantine"
    WRITE_OFF = "write_off"


# --- operations ----------------------------------------------------------------------------------------


class Op(Struct, array_like=True, frozen=True):
    """An operation on one pool's book. Its first field after the kind is the id that makes it idempotent."""


class Reserve(Op, frozen=True, tag="reserve"):
    """Hold units for a user, drawn from the room's channel (and the pool, where the channel is shared)."""

    id: str
    room: str
    sku: str
    qty: int
    user: str


class Pay(Op, frozen=True, tag="pay"):
    """Payment began: active → payment_pending, which extends the hold once."""

    id: str
    actor: str = ""


class Confirm(Op, frozen=True, tag="confirm"):
    """Payment arrived. After expiry it re-acquires the units, or lands in the PAID_NO_STOCK queue."""

    id: str
    reference: str = ""
    actor: str = ""


class Cancel(Op, frozen=True, tag="cancel"):
    """Give a live hold back. With `user` set, only that user's own reservation is found."""

    id: str
    user: str = ""
    actor: str = ""
    reason: str = ""


class Refund(Op, frozen=True, tag="refund"):
    """The money of a PAID_NO_STOCK reservation went back: paid_no_stock → cancelled."""

    id: str
    actor: str = ""
    reason: str = ""


class External(Op, frozen=True, tag="external"):
    """An order another platform already took: sold at once; what is missing is owed as external_oversold."""

    id: str
    channel: str
    sku: str
    qty: int
    user: str = ""
    reference: str = ""
    actor: str = ""


class SettleOversold(Op, frozen=True, tag="settle"):
    """Give pool units to an external order's shortfall: pool → sold, external_oversold shrinks."""

    id: str
    reservation: str
    qty: int
    actor: str = ""


class Move(Op, frozen=True, tag="move"):
    """A plain move of one SKU between two places."""

    id: str
    kind: MoveKind
    sku: str
    qty: int
    source: str
    target: str
    actor: str = ""
    reason: str = ""
    reference: str = ""


class OpenBatch(Op, frozen=True, tag="open_batch"):
    """Open a batch's window now: all its units, of every SKU, go to where the batch says."""

    id: str
    batch: str
    actor: str = ""


class Count(Op, frozen=True, tag="count"):
    """A stocktake found `counted` units of the SKU physically there (unsellable and sold ones included)."""

    id: str
    sku: str
    counted: int
    actor: str = ""
    reason: str = ""


class Freeze(Op, frozen=True, tag="freeze"):
    """Stop or resume all sales of a SKU."""

    id: str
    sku: str
    frozen: bool
    actor: str = ""
    reason: str = ""


class Ship(Op, frozen=True, tag="ship"):
    """Sold units leave: sold → shipped. `qty` 0 means all that is left of the reservation."""

    id: str
    reservation: str
    qty: int = 0
    actor: str = ""
    reference: str = ""


class CancelPaid(Op, frozen=True, tag="cancel_paid"):
    """Take a paid, unshipped order (or part of it) back into stock. `qty` 0 means all that is left."""

    id: str
    reservation: str
    qty: int = 0
    actor: str = ""
    reason: str = ""


class Quota(Op, frozen=True, tag="quota"):
    """Raise (or, negative, lower) the presale quota of a SKU."""

    id: str
    sku: str
    qty: int
    actor: str = ""
    reason: str = ""


class Fulfil(Op, frozen=True, tag="fulfil"):
    """Goods for a paid presale order arrived: pool (then its channel) → sold; presale_sold shrinks."""

    id: str
    reservation: str
    actor: str = ""


class Expire(Op, frozen=True, tag="expire"):
    """Release holds whose time is over, at most `limit` of them."""

    limit: int


class OpenDue(Op, frozen=True, tag="open_due"):
    """Open the batches whose window has come, at most `limit` of them."""

    limit: int


class Retire(Op, frozen=True, tag="retire"):
    """Forget finished ids whose time of remembrance is over, at most `limit` of them."""

    limit: int


class What(StrEnum):
    """The kinds of configuration a pool keeps."""

    SKU = "sku"
    CHANNEL = "channel"
    ROOM = "room"
    LISTING = "listing"
    BATCH = "batch"
    USER = "user"


class Put(Op, frozen=True, tag="put"):
    """Set fields of one piece of configuration, and clear others; made where it was not there.

    `parent` is the room of a listing, else empty. `values` are the fields to set, without None (see `put`).
    """

    what: What
    parent: str
    key: str
    values: dict[str, Any]
    clear: list[str] = []


class Drop(Op, frozen=True, tag="drop"):
    """Take a listing out of its room."""

    parent: str
    key: str


# --- outcomes --------------------------------------------------------------------------------------------


class Outcome(Struct, array_like=True, frozen=True):
    """What became of one operation. `code` OK means done (or done before, by the same id and body).

    `seq` is the pool's sequence after it; `state` the reservation's `ReservationState`, or empty; `available`
    what the room could still sell when it was refused; `retry_at_ms` when a refusal for time ends; `field` the
    part that conflicts or is wrong; `left` the units of the reservation still held or sold; `data` what else an
    operation reports (see the Lua files).
    """

    code: Code
    seq: int = 0
    sku: str = ""
    qty: int = 0
    state: str = ""
    expires_at_ms: int = 0
    available: int = -1
    retry_at_ms: int = 0
    field: str = ""
    left: int = 0
    data: Any = None


class Reply(Struct, array_like=True, frozen=True):
    """The answer to one call: outcomes in the order of its operations. `previous_seq` is the sequence before it."""

    epoch: int
    previous_seq: int
    seq: int
    at_ms: int
    outcomes: list[Outcome]


# --- stock as the rooms see it -----------------------------------------------------------------------------


class ChannelUnits(Struct, array_like=True, frozen=True):
    """One channel's units of one SKU."""

    channel: str
    allocated: int = 0
    held: int = 0
    sold: int = 0
    presale_held: int = 0
    presale_sold: int = 0


class SkuStock(Struct, array_like=True, frozen=True):
    """Absolute values of one SKU, enough for every room of the pool.

    `locked` is what waits in unopened batches; `presale` the presale quota still free.
    """

    sku: str
    pool: int
    frozen: bool
    locked: int
    presale: int
    channels: list[ChannelUnits]

    def in_channel(self, channel: str) -> ChannelUnits:
        """The units of one channel; zeros where it has none."""
        return next((units for units in self.channels if units.channel == channel), ChannelUnits(channel))


class HoldEvent(Struct, array_like=True, frozen=True):
    """A reservation's new state, for its user's other connections and for the room's counters."""

    id: str
    user: str
    room: str
    sku: str
    qty: int
    state: ReservationState
    expires_at_ms: int


class ConfigEvent(Struct, array_like=True, frozen=True):
    """A piece of configuration changed; `values` is the whole of it now, None when it was dropped."""

    what: What
    parent: str
    key: str
    values: dict[str, Any] | None = None


class FeedMessage(Struct, array_like=True, frozen=True):
    """What one engine call changed. `previous_seq` is the pool's sequence before it, so that a gap shows."""

    epoch: int
    previous_seq: int
    seq: int
    at_ms: int
    stock: list[SkuStock]
    holds: list[HoldEvent]
    config: list[ConfigEvent]


# --- configuration -------------------------------------------------------------------------------------------


class SkuConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SKU of the pool's catalogue. `elastic_release_at`: the main stock (units sellable in a channel) at or
    below which the elastic reserve is released by itself; None leaves that to the operator."""

    title: str = ""
    price_minor: int = 0
    currency: str = "CNY"
    barcode: str = ""
    category: str = ""
    elastic_release_at: int | None = None


class ChannelKind(StrEnum):
    """Where a channel sells from."""

    SHARED = "shared"
    DEDICATED = "dedicated"


class ChannelConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel of the pool: shared ones sell from their own units, then from the pool."""

    kind: ChannelKind = ChannelKind.SHARED
    title: str = ""


class RoomConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room: one show of one pool through one channel. `hold_ms` 0 takes the server's default."""

    channel: str = ""
    title: str = ""
    status: RoomStatus = RoomStatus.SCHEDULED
    spotlight: str | None = None
    run_order: list[str] = []
    hold_ms: int = 0
    payment_extension_ms: int = 0
    anonymous: bool = True
    open_reservations: bool = False
    """Whether a viewer without a token may reserve, under a name of its own: for demonstrations only."""
    ended_at_ms: int = 0


LOBBY_MS_MAX = 10_000


class Listing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SKU's terms in one room. Empty title and negative price fall back to the catalogue's.

    `last_n` is the count at or below which "last N left" is announced. `position` orders the shelf.
    A presale listing sells from the SKU's presale quota. With `lobby_ms` (at most LOBBY_MS_MAX) the reservations of so
    many milliseconds after `opens_at_ms` are shuffled before the book sees them (`room.lobby`).
    """

    title: str = ""
    price_minor: int = -1
    currency: str = ""
    position: int = 0
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    limit_per_order: int | None = None
    limit_per_user: int | None = None
    last_n: int | None = None
    presale: bool = False
    lobby_ms: int = 0


class BatchConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A batch's window: when it opens (None: by hand only) and where its units go then."""

    title: str = ""
    opens_at_ms: int | None = None
    target: str = POOL
    opened_at_ms: int = 0


class Standing(StrEnum):
    """Whether a user's reservations are taken."""

    OK = "ok"
    REVIEW = "review"
    BLOCKED = "blocked"


class UserConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the operator decided about a user."""

    standing: Standing = Standing.OK
    reason: str = ""


# --- reading --------------------------------------------------------------------------------------------------


class ListedSku(Struct, array_like=True, frozen=True):
    """A SKU of a room: its terms there, its catalogue entry, its stock."""

    sku: str
    listing: Listing
    config: SkuConfig
    stock: SkuStock


class RoomView(Struct, array_like=True, frozen=True):
    """All a process needs to open a room, read in one call."""

    epoch: int
    seq: int
    at_ms: int
    room: RoomConfig
    channel: ChannelConfig
    skus: list[ListedSku]


class Reservation(Struct, frozen=True, kw_only=True):
    """A reservation's record. `from_channel` and `from_pool` are where its units go back to; `left` the units
    still held or sold, `shipped` those gone out, `oversold` those an external platform sold beyond the stock."""

    id: str
    state: ReservationState
    sku: str
    qty: int
    user: str
    room: str
    channel: str
    expires_at_ms: int
    from_channel: int
    from_pool: int
    left: int
    shipped: int = 0
    oversold: int = 0
    presale: bool = False
    external: bool = False
    reference: str = ""


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """One entry of a pool's ledger: `qty` units of `sku` went from `source` to `target`.

    `seq` is its place in its own ledger, `pool_seq` in both together: what sockets call `seq`.
    """

    seq: int
    pool_seq: int
    at_ms: int
    id: str
    kind: str
    sku: str
    qty: int
    source: str
    target: str
    channel: str
    user: str
    reference: str
    actor: str
    reason: str


def put(what: What, key: str, values: Struct | dict[str, Any], *, parent: str = "") -> Put:
    """A `Put` that sets the given fields and clears those that are None (or an empty list).

    A configuration struct sets every field that differs from its default and clears the others; a dict
    touches only the fields it names.
    """
    if isinstance(values, Struct):
        fields = {name: getattr(values, name) for name in values.__struct_fields__}
        defaults = type(values)()
        kept = {name: value for name, value in fields.items() if value != getattr(defaults, name)}
        values = {name: kept.get(name) for name in fields}
    clear = [name for name, value in values.items() if value is None or value == []]
    return Put(what, parent, key, {name: value for name, value in values.items() if name not in clear}, clear)
