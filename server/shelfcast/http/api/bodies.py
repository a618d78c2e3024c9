"""What bodies of the HTTP API have in common, and the answers that several subjects give; the others stand with their
routes. Requests refuse unknown fields."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.protocol.fields import Name
from shelfcast.protocol.states import ReservationState

ROWS_MAX = 1_000
"""Rows in one bulk request."""


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's body: a JSON object with no fields but these."""


class DefinitionBody(Request, frozen=True, kw_only=True):
    """A definition (SKU, channel, room, listing, batch, user), by the field names of `stock.configuration`, whose
    structs say what each means; the body has the limits.

    It is written two ways: PUT states the whole of it, so a field left out takes its default, and PATCH merges
    (RFC 7396): a field left out stays as it is. In both, null means the default.
    """


class EmptyBody(Request, frozen=True, kw_only=True):
    """There is nothing to say: `{}`, or no body at all."""


class Written(Struct, frozen=True, kw_only=True):
    """A bulk request was carried out: how many rows, and the pool's sequence after the last of them."""

    rows: int
    seq: int


class MoveDone(Struct, frozen=True, kw_only=True):
    """A move was made; the same id and body gets the same answer again. `data` is what it reports besides: of a
    count {on_hand, difference, shortage}, of an opened batch {skus}. `short_reservations` are the ids of the
    reservations that a count's shortage stands against now, those last made first; none of them was touched.
    `undoable` says whether something undoes it."""

    id: str
    seq: int
    data: dict[str, int] | None = None
    short_reservations: list[str] = []
    undoable: bool = False


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
