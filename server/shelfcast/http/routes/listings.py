"""Routes of rooms' shelves: the terms of each SKU in a room, and its units there."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import ROWS_MAX, DefinitionBody, Request, Written
from shelfcast.http.api.call import Call, answer, definition
from shelfcast.http.api.definitions import given, write_definition
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import PUT_STATUSES, put_status
from shelfcast.http.api.fields import (
    Currency,
    Limit,
    LimitWindow,
    Link,
    ListedMinor,
    LobbyMillis,
    Position,
    Text,
    Units,
)
from shelfcast.http.api.outcomes import first_refusal, refused
from shelfcast.http.api.problems import ApiError
from shelfcast.http.routes.rooms import ROOM_PATH, TAG, no_room
from shelfcast.merchant import definitions
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Millis, Sku
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import Listing, What
from shelfcast.stock.records import ListedSku, RoomView
from shelfcast.stock.shelf import shelf_row


class ListingBody(DefinitionBody, frozen=True, kw_only=True):
    """A SKU's terms in one room (`Listing`). One that names no `link` keeps the one it has, or gets the lowest free."""

    title: Text | UnsetType | None = UNSET
    price_minor: ListedMinor | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    position: Position | UnsetType | None = UNSET
    opens_at_ms: Millis | UnsetType | None = UNSET
    closes_at_ms: Millis | UnsetType | None = UNSET
    limit_per_order: Limit | UnsetType | None = UNSET
    limit_per_user: Limit | UnsetType | None = UNSET
    limit_window: LimitWindow | UnsetType | None = UNSET
    last_n: Units | UnsetType | None = UNSET
    presale: bool | UnsetType | None = UNSET
    lobby_ms: LobbyMillis | UnsetType | None = UNSET
    link: Link | UnsetType | None = UNSET


class ListingRow(ListingBody, frozen=True, kw_only=True):
    """One listing of a bulk request; fields left out stay as they are."""

    sku: Sku


class ListingsBody(Request, frozen=True, kw_only=True):
    """Listings to set at once, each a merge."""

    skus: Annotated[list[ListingRow], Meta(min_length=1, max_length=ROWS_MAX)]


class RoomSku(Listing, frozen=True, kw_only=True, omit_defaults=False):
    """A SKU's terms in the room, with its units there: available, in live reservations, sold and unshipped. It is
    `frozen` by its own flag, the room's, its channel's or the pool's."""

    sku: str
    available: int
    held: int
    sold: int
    frozen: bool


class RoomSkuList(Struct, frozen=True, kw_only=True):
    """The shelf of a room, in its order, as of the pool's sequence `seq`."""

    seq: int
    skus: list[RoomSku]


async def list_room_skus(call: Call) -> Response:
    """The room's shelf in its order, with the units of each SKU there."""
    view = await (await call.room_pool()).book.room_view(call.path["room"])
    if view is None:
        raise no_room(call.path["room"])
    rows = [_room_sku(row, view) for row in view.skus]
    rows.sort(key=lambda row: (row.position, row.sku))
    return answer(RoomSkuList(seq=view.seq, skus=rows))


async def post_room_skus(call: Call) -> Response:
    """List many SKUs at once; fields left out stay as they are.

    The rows are not one transaction: when one is refused, the problem names it, and the request may be sent again.
    """
    book, room, rows = (await call.room_pool()).book, call.path["room"], call.body.skus
    by = call.by(bulk="listings")
    given_rows = [(row.sku, given(row)) for row in rows]
    outcomes = await definitions.change_many(book, What.LISTING, given_rows, by=by, parent=room)
    call.note(*outcomes)
    refusal = await first_refusal(book, outcomes, rows="skus")
    if refusal is not None:
        raise refusal
    return answer(Written(rows=len(rows), seq=max(outcome.seq for outcome in outcomes)))


async def get_room_sku(call: Call) -> Response:
    """One SKU's terms in the room, with its units there."""
    return definition(await _read_room_sku((await call.room_pool()).book, call.path["room"], call.path["sku"]))


async def put_room_sku(call: Call) -> Response:
    """List a SKU: terms left out take their defaults."""
    book, room, sku = (await call.room_pool()).book, call.path["room"], call.path["sku"]
    existed = await book.listing(room, sku) is not None
    await write_definition(book, call, What.LISTING, sku, parent=room)
    return definition(await _read_room_sku(book, room, sku), status=put_status(existed))


async def patch_room_sku(call: Call) -> Response:
    """Change the terms given."""
    book, room, sku = (await call.room_pool()).book, call.path["room"], call.path["sku"]
    if await book.listing(room, sku) is None:
        raise _not_listed(room, sku)
    await write_definition(book, call, What.LISTING, sku, parent=room)
    return definition(await _read_room_sku(book, room, sku))


async def delete_room_sku(call: Call) -> Response:
    """Take a SKU off the shelf; live reservations stay. Taking it off twice is no error."""
    book, expected = (await call.room_pool()).book, call.expected_revision()
    room, sku = call.path["room"], call.path["sku"]
    outcome = await definitions.take_off_shelf(book, room, sku, by=call.by(), expected=expected)
    call.note(outcome)
    if outcome.code not in (Code.OK, Code.NOT_FOUND):
        raise await refused(book, outcome)
    return Response(status_code=HTTPStatus.NO_CONTENT)


# --- parts -------------------------------------------------------------------------------------------------


async def _read_room_sku(book: StockBook, room: str, sku: str) -> RoomSku:
    view = await book.room_view(room)
    row = next((row for row in view.skus if row.sku == sku), None) if view is not None else None
    if view is None or row is None:
        raise _not_listed(room, sku)
    return _room_sku(row, view)


def _room_sku(row: ListedSku, view: RoomView) -> RoomSku:
    presale, base = row.listing.presale, row.base_row
    channel, kind = view.room.channel, view.channel.kind
    units = shelf_row(row.stock, channel, kind, presale=presale, base=base, stopped=view.stopped, settings=view.channel)
    return RoomSku(
        sku=row.sku,
        available=units.available,
        held=units.held,
        sold=units.sold,
        frozen=units.frozen,
        **asdict(row.listing),
    )


def _not_listed(room: str, sku: str) -> ApiError:
    return ApiError(Code.UNKNOWN_SKU, f"room {room!r} does not list SKU {sku!r}", field="sku")


# --- table -------------------------------------------------------------------------------------------------

_SKUS = ROOM_PATH + "/skus"
_SKU = _SKUS + "/{sku:path}"
_MISSING = (Code.NOT_FOUND,)

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_SKUS, summary="Read the shelf of a room", tag=TAG, handle=list_room_skus,
             access=Access.STAFF, answer=RoomSkuList, codes=_MISSING),
    Endpoint(method="POST", path=_SKUS, summary="List many SKUs", tag=TAG, handle=post_room_skus,
             access=Access.CONTROL, answer=Written, body=ListingsBody, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT, Code.SHELF_FULL)),
    Endpoint(method="GET", path=_SKU, summary="Read the terms of a SKU", tag=TAG, handle=get_room_sku,
             access=Access.STAFF, answer=RoomSku, revised=True, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU)),
    Endpoint(method="PUT", path=_SKU, summary="List a SKU", tag=TAG, handle=put_room_sku, access=Access.CONTROL,
             answer=RoomSku, statuses=PUT_STATUSES, body=ListingBody, body_optional=True, revised=True,
             acts=True, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT, Code.SHELF_FULL)),
    Endpoint(method="PATCH", path=_SKU, summary="Change the terms of a SKU", tag=TAG, handle=patch_room_sku,
             access=Access.CONTROL, answer=RoomSku, body=ListingBody, revised=True, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT)),
    Endpoint(method="DELETE", path=_SKU, summary="Take a SKU off the shelf", tag=TAG, handle=delete_room_sku,
             access=Access.CONTROL, statuses=(HTTPStatus.NO_CONTENT,), revised=True, acts=True,
             codes=_MISSING),
]
# fmt: on
