"""What is asked of the stock book.

An operation crosses to the engine as a MessagePack array `[kind, ...]`; the function library
(`stock/library/*.lua`) reads it by position, so the order of the fields here is part of the format.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from shelfcast.stock.actions import By
from shelfcast.stock.configuration import ANY_REVISION, DEFAULTS, WRITTEN_BY_THE_BOOK, FreezeScope, What
from shelfcast.stock.records import UNSAID
from shelfcast.stock.refusals import RefusedRow


class MoveKind(StrEnum):
    """Plain moves between two named places; which places each may join stands in stock/library/moves.lua."""

    RECEIVE = "receive"
    CARVE = "carve"
    ALLOCATE = "allocate"
    RELEASE_ELASTIC = "release_elastic"
    RETURN = "return"
    QUARANTINE = "quarantine"
    WRITE_OFF = "write_off"


class Op(Struct, array_like=True, frozen=True):
    """An operation on one pool's book. Its first field after the kind is the id that makes it idempotent."""


class Reserve(Op, frozen=True, tag="reserve"):
    """Hold units for a user, drawn from the room's channel (and the pool, where the channel is shared)."""

    id: str
    room: str
    sku: str
    qty: int
    user: str


class Wait(Op, frozen=True, tag="wait"):
    """Wait for units that come free; where some are free already that nobody waits for, they are offered at once.

    The outcome's `state` is `waiting`, with the data [number, first, last place of the band], or what the reservation
    has become that was offered under this id: its `qty` may be less than what was asked for."""

    id: str
    room: str
    sku: str
    qty: int
    user: str


class Decline(Op, frozen=True, tag="decline"):
    """Wait no more, or give back what was offered. The outcome's `state` is `left` or `cancelled`."""

    id: str
    user: str
    room: str = ""


class Pay(Op, frozen=True, tag="pay"):
    """Payment began: active → payment_pending, which extends the hold once."""

    id: str
    actor: str = ""


class Confirm(Op, frozen=True, tag="confirm"):
    """Payment arrived. After expiry it re-acquires the units, or lands in the PAID_NO_STOCK queue. The first
    `paid_minor` that is said counts; `currency` is its own, empty where it is the price's."""

    id: str
    reference: str = ""
    actor: str = ""
    paid_minor: int = UNSAID
    currency: str = ""


class Cancel(Op, frozen=True, tag="cancel"):
    """Give a live hold back. With `user` set, only that user's own reservation is found; with `room`, only that
    room's."""

    id: str
    user: str = ""
    actor: str = ""
    reason: str = ""
    room: str = ""


class Refund(Op, frozen=True, tag="refund"):
    """The money of a PAID_NO_STOCK reservation went back: paid_no_stock → cancelled. UNSAID, all of it did."""

    id: str
    actor: str = ""
    reason: str = ""
    refunded_minor: int = UNSAID


class External(Op, frozen=True, tag="external"):
    """An order another platform already took: sold at once; what is missing is owed as external_oversold.

    With `keep_ms` its id is known so long at least, also when its record is over: said again then it is OK, and nothing
    happens."""

    id: str
    channel: str
    sku: str
    qty: int
    user: str = ""
    reference: str = ""
    actor: str = ""
    paid_minor: int = UNSAID
    currency: str = ""
    keep_ms: int = 0


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
    by: By | None = None
    """Where it is a row of a bulk write: which."""
    opening: bool = False
    """Whether these are to be the first units of the SKU: it is STALE where that has had some."""
    behind: str = ""
    """The id of the move whose units these are: it is STALE where that was not carried out."""


class ReleaseElastic(Op, frozen=True, tag="release_elastic"):
    """Release some of a SKU's elastic reserve; `units` 0 means a step of its rule, or all. The outcome's data: units
    released, and which release of the SKU it was."""

    id: str
    sku: str
    units: int
    target: str
    actor: str = ""
    reason: str = ""


class ElasticStep(Op, frozen=True, tag="elastic_step"):
    """The release of this number of a SKU's elastic reserve, made once, whoever asks. `units` 0 means as the rule says.

    With a `fence` it is the duty's, by the rule; one that does not say so any more does nothing. The outcome's data:
    units released, 0 where it was made before."""

    sku: str
    step: int
    units: int
    target: str
    actor: str = ""
    reason: str = ""
    fence: int = 0


class OpenBatch(Op, frozen=True, tag="open_batch"):
    """Open a batch's window now: its units are sold from in place. The outcome's data: its SKUs. In a book that is not
    at format 3 yet all its units go to its target; while the outcome's `left` is not 0, so many SKUs are still locked
    in it: the same operation goes on."""

    id: str
    batch: str
    actor: str = ""


class CloseBatch(Op, frozen=True, tag="close_batch"):
    """Close a batch now: what is left in it, of every SKU, goes to where its leftover goes. The outcome's data: SKUs
    that had something left. While its `left` is not 0, so many SKUs are still to be done: the same operation goes on.
    """

    id: str
    batch: str
    actor: str = ""


class ReleaseLot(Op, frozen=True, tag="release_lot"):
    """Put `qty` units more of a SKU on sale in a room: of the batches without times that it may draw from, by name;
    without one, of the pool where its channel is dedicated. BAD_MESSAGE with the data "on_sale" where it is shared."""

    id: str
    room: str
    sku: str
    qty: int
    actor: str = ""
    reason: str = ""


class Count(Op, frozen=True, tag="count"):
    """A stocktake found `counted` units of the SKU physically there (unsellable and sold ones included)."""

    id: str
    sku: str
    counted: int
    actor: str = ""
    reason: str = ""


class Freeze(Op, frozen=True, tag="freeze"):
    """Stop or resume all sales of a SKU; with a `scope`, of a channel, a room, or the pool, whose name is empty."""

    id: str
    name: str
    frozen: bool
    actor: str = ""
    reason: str = ""
    room: str = ""
    """Where it was asked for."""
    scope: FreezeScope | bool = False
    """False of a SKU: servers of before say no scope."""


class NoteFlags(Op, frozen=True, tag="note_flags"):
    """Flags that a release of before has set, which the book is to list with the others; `is_last` says that these are
    all."""

    flags: list[tuple[FreezeScope, str]]
    is_last: bool


class Ship(Op, frozen=True, tag="ship"):
    """Sold units leave: sold → shipped. `qty` 0 means all that is left of the reservation."""

    id: str
    reservation: str
    qty: int = 0
    actor: str = ""
    reference: str = ""


class CancelPaid(Op, frozen=True, tag="cancel_paid"):
    """Take a paid, unshipped order (or part of it) back into stock. `qty` 0 means all that is left. UNSAID, their
    part of what was paid goes back, and with the last part what is left of it."""

    id: str
    reservation: str
    qty: int = 0
    actor: str = ""
    reason: str = ""
    refunded_minor: int = UNSAID


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


class Undo(Op, frozen=True, tag="undo"):
    """Take an action back, all of it or nothing. `id` is `undo_id(action)`, whoever asks: so it happens once."""

    id: str
    action: str
    actor: str = ""


class SayNotice(Op, frozen=True, tag="notice"):
    """Tell everybody in a room something; an empty text takes the last notice back."""

    id: str
    room: str
    text: str
    by: By | None = None


class SayCue(Op, frozen=True, tag="cue"):
    """Ask the host of a room something; `sku` is empty where it is about none."""

    id: str
    room: str
    text: str
    sku: str = ""
    by: By | None = None


class Acknowledge(Op, frozen=True, tag="acknowledge"):
    """Somebody backstage has taken note of a cue."""

    id: str
    room: str
    cue: str
    actor: str


class AddRefusals(Op, frozen=True, tag="refusals"):
    """A process has refused these; they are added to the statistics of their shows (stock/refusals.py)."""

    rows: list[RefusedRow]


class Expire(Op, frozen=True, tag="expire"):
    """Release holds whose time is over, at most `limit` of them."""

    limit: int


class StepClock(Op, frozen=True, tag="step_clock"):
    """The engine's clock went ahead by `ms` (back, below zero): live holds keep the time they have left.

    `steps` is how often it had stepped before, as `StockBook.time` says: done once, whoever notices."""

    ms: int
    steps: int


class OpenDue(Op, frozen=True, tag="open_due"):
    """Tell the batches whose window has come, and close those whose window is over, at most `limit` of them."""

    limit: int


class ServeWaiting(Op, frozen=True, tag="serve_waiting"):
    """Look after the waitlists: whoever has waited long enough for as many as were asked for gets what there is, what a
    clock or a definition has opened is offered, and what is over is emptied. At most `limit` things."""

    limit: int


class Retire(Op, frozen=True, tag="retire"):
    """Forget finished ids whose time of remembrance is over, at most `limit` of them."""

    limit: int


class Put(Op, frozen=True, tag="put"):
    """Set fields of one piece of configuration, and clear others; made where it was not there.

    `parent` is the room of a listing, else empty. `values` are the fields to set, without None (see `put`). Where the
    definition is not at the `expected` revision (of a room: not its `state_revision`), it is STALE, with the data
    [expected, revision or -1]. But a write that changes nothing is OK, raises no revision and is told to nobody.

    A room whose status does not go that way is BAD_MESSAGE with the field `status`, `channel` or `continue_show`
    (`merchant.statuses.why_refused`). `continues`: the write takes it live again, and its last show goes on. A write
    that begins a show says in `gate` how many items of the room's checklist fail and warn, and why it may go on air
    with those that fail ("": nobody said). Where the room's gate is `refuse`, it is GATE without that.
    """

    what: What
    parent: str
    key: str
    values: dict[str, Any]
    clear: list[str] = []
    expected: int = ANY_REVISION
    by: By | None = None
    continues: bool = False
    gate: tuple[int, int, str] | None = None


class Drop(Op, frozen=True, tag="drop"):
    """Take a listing out of its room; `expected` as in `Put`."""

    parent: str
    key: str
    expected: int = ANY_REVISION
    by: By | None = None


def put(
    what: What,
    key: str,
    values: Struct | dict[str, Any],
    *,
    parent: str = "",
    expected: int = ANY_REVISION,
    by: By | None = None,
    continues: bool = False,
) -> Put:
    """A `Put` that sets the given fields and clears those that are None or their default: both are kept as nothing, so
    that saying a default is no change.

    A configuration struct sets every field that differs from its default and clears the others; a dict
    touches only the fields it names.
    """
    if isinstance(values, Struct):
        fields = {name: getattr(values, name) for name in values.__struct_fields__}
        values = {name: value for name, value in fields.items() if name not in WRITTEN_BY_THE_BOOK}
    defaults = DEFAULTS[what]
    clear = [name for name, value in values.items() if value is None or value == getattr(defaults, name, None)]
    kept = {name: value for name, value in values.items() if name not in clear}
    return Put(what, parent, key, kept, clear, expected, by, continues)
