"""Routes of batches: defining and filling them, opening and closing by hand, and putting more on sale in a room."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.http.api.access import Access, authorize
from shelfcast.http.api.bodies import ROWS_MAX, DefinitionBody, MoveDone, Request
from shelfcast.http.api.call import Call, answer, definition
from shelfcast.http.api.definitions import given, write_definition
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH, PUT_STATUSES, put_status
from shelfcast.http.api.fields import UNITS_MAX, Limit, Place, Reference, Text
from shelfcast.http.api.outcomes import passed, refused
from shelfcast.http.api.problems import ApiError
from shelfcast.merchant import batches as use_cases
from shelfcast.merchant import moves
from shelfcast.merchant.batches import BatchState, View
from shelfcast.protocol.access import Act, Right, Touches
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, Millis, Name, Qty, Sku
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import BatchConfig, Leftover, What
from shelfcast.stock.outcomes import Outcome

Carved = Annotated[int, Meta(ge=1, le=UNITS_MAX, description="units, at least 1")]

Filling = Annotated[dict[Sku, Carved], Meta(max_length=ROWS_MAX, description="units to move into it, by SKU")]


class BatchBody(DefinitionBody, frozen=True, kw_only=True):
    """A batch (`BatchConfig`). It opens and closes by itself at its times, and by hand where it has none, or earlier.

    `units` are moved into it from the pool, of each SKU once under the Idempotency-Key, which they need. `target` is
    what releases of before had: `channel:NAME` for the channel, `pool` for none.
    """

    title: Text | UnsetType | None = UNSET
    opens_at_ms: Millis | UnsetType | None = UNSET
    closes_at_ms: Millis | UnsetType | None = UNSET
    channel: Name | UnsetType | None = UNSET
    exclusive: bool | UnsetType | None = UNSET
    limit_per_user: Limit | UnsetType | None = UNSET
    leftover: Leftover | UnsetType | None = UNSET
    target: Place | UnsetType | None = UNSET
    units: Filling | UnsetType = UNSET


class BatchStep(Request, frozen=True, kw_only=True):
    """Open or close a batch now. `id` (or the Idempotency-Key header) makes it happen once."""

    id: Id | UnsetType = UNSET
    actor: Reference = ""


class MoreBody(Request, frozen=True, kw_only=True):
    """Put so many units more on sale. `id` (or the Idempotency-Key header) makes it happen once."""

    qty: Qty
    id: Id | UnsetType = UNSET
    actor: Reference = ""
    reason: Text = ""


class Batch(BatchConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A batch, and where it stands by the engine's clock.

    `units` are in it now, `taken` are those of it that holds and sales have taken, less what came back; of a closed one
    there are none: they went to `leftover_to`. `next_opens_at_ms` is when the next batch opens for the same channel,
    null where none is planned with a time.
    """

    batch: str
    state: BatchState
    units: dict[str, int]
    taken: dict[str, int]
    next_opens_at_ms: int | None


class BatchList(Struct, frozen=True, kw_only=True):
    """The batches of a pool."""

    batches: list[Batch]


TAG = "batches"


async def list_batches(call: Call) -> Response:
    """All batches of the pool."""
    found = await use_cases.views((await call.pool()).book)
    return answer(BatchList(batches=[_batch(name, found[name]) for name in sorted(found)]))


async def get_batch(call: Call) -> Response:
    """One batch."""
    return definition(await _read((await call.pool()).book, call.path["batch"]))


async def put_batch(call: Call) -> Response:
    """Define the batch: fields left out take their defaults. `units` are moved into it, beside what is in it.

    It is no transaction: where a SKU's units are refused, the problem names it, the batch is defined and others may
    have been moved, and the same request may be sent again with the same key.
    """
    book, name = (await call.pool()).book, call.path["batch"]
    existed = name in await book.batches()
    await _write(book, call)
    return definition(await _read(book, name), status=put_status(existed))


async def patch_batch(call: Call) -> Response:
    """Change the fields given, and move `units` into it; otherwise as PUT."""
    book, name = (await call.pool()).book, call.path["batch"]
    await _read(book, name)
    await _write(book, call)
    return definition(await _read(book, name))


async def post_open_batch(call: Call) -> Response:
    """Open a batch by hand: its units are sold from where they are. One that is open stays so.

    The move `open_batch` is the same.
    """
    book, name = (await call.pool()).book, call.path["batch"]
    key, actor = _key(call), call.actor(call.body.actor)
    return await _stepped(call, book, key, await moves.open_batch(book, key, name, actor=actor))


async def post_close_batch(call: Call) -> Response:
    """Close a batch by hand: what is left in it goes where its `leftover` says. One that is closed stays so."""
    book, name = (await call.pool()).book, call.path["batch"]
    key, actor = _key(call), call.actor(call.body.actor)
    return await _stepped(call, book, key, await moves.close_batch(book, key, name, actor=actor))


async def post_release_sku(call: Call) -> Response:
    """Put so many units more of a SKU on sale in a room: of its lots on call (batches without times), else of the pool,
    where the room's channel is dedicated. What a shared channel has no lot of is on sale already."""
    return await _release(call, await _pool_of_room(call), call.path["sku"])


async def post_release_link(call: Call) -> Response:
    """The same by the number that the host calls the SKU by: "put 50 more on link 3"."""
    book, room, link = await _pool_of_room(call), call.path["room"], call.path["link"]
    sku = await use_cases.sku_of_link(book, room, int(link))
    if sku is None:
        raise ApiError(Code.UNKNOWN_SKU, f"room {room!r} lists nothing under {link}", field="link")
    return await _release(call, book, sku)


# --- parts -------------------------------------------------------------------------------------------------


async def _write(book: StockBook, call: Call) -> None:
    name, units = call.path["batch"], call.body.units or {}
    key = call.operation_id(None) if units else ""
    use_cases.check_window(given(call.body))
    for sku in units:
        if await book.sku(sku) is None:
            raise ApiError(Code.UNKNOWN_SKU, f"the pool has no SKU {sku!r}", field=f"units.{sku}")
    await write_definition(book, call, What.BATCH, name)
    outcomes = await use_cases.fill(book, name, units, key, actor=call.actor(""))
    if not call.acted:
        call.note(*outcomes.values())
    for sku, outcome in outcomes.items():
        if outcome.code is not Code.OK:
            raise await refused(book, outcome, within="units", row=sku)


async def _read(book: StockBook, name: str) -> Batch:
    found = await use_cases.view(book, name)
    if found is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no batch {name!r}", field="batch")
    return _batch(name, found)


def _batch(name: str, view: View) -> Batch:
    return Batch(
        batch=name,
        state=view.state,
        units={sku: row.units for sku, row in view.units.items() if row.units},
        taken={sku: row.taken for sku, row in view.units.items() if row.taken},
        next_opens_at_ms=view.next_opens_at_ms,
        **asdict(view.config),
    )


def _key(call: Call) -> str:
    return call.operation_id(None if call.body.id is UNSET else call.body.id)


async def _stepped(call: Call, book: StockBook, key: str, outcome: Outcome) -> Response:
    call.note(await passed(book, outcome))
    return answer(MoveDone(id=key, seq=outcome.seq, data={"skus": outcome.data}, undoable=outcome.undoable))


async def _pool_of_room(call: Call) -> StockBook:
    """The book of the room's pool. Raises ApiError: a token for the room alone moves no stock of the pool."""
    book = (await call.room_pool()).book
    authorize(call.principal, Act(Right.KEEP, Touches.POOL), pool=book.pool, room=call.path["room"])
    return book


async def _release(call: Call, book: StockBook, sku: str) -> Response:
    body, key = call.body, _key(call)
    actor = call.actor(body.actor)
    outcome = await moves.release_lot(book, key, call.path["room"], sku, body.qty, actor=actor, reason=body.reason)
    call.note(await passed(book, outcome))
    return answer(MoveDone(id=key, seq=outcome.seq, undoable=outcome.undoable))


# --- table -------------------------------------------------------------------------------------------------

_ALL = POOL_PATH + "/batches"
_ONE = _ALL + "/{batch}"
_ROOM = "/v1/rooms/{room}"
_DEFINED = (Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.INSUFFICIENT, Code.ID_CONFLICT, Code.SHELF_FULL)
_RELEASED = (Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.INSUFFICIENT, Code.ID_CONFLICT)
_ON_SALE = {409: "BAD_MESSAGE: the room sells all there is already, and no lot waits for it."}

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_ALL, summary="List batches", tag=TAG, handle=list_batches, access=Access.CONTROL,
             answer=BatchList, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=_ONE, summary="Read a batch", tag=TAG, handle=get_batch, access=Access.CONTROL,
             answer=Batch, revised=True, codes=(Code.NOT_FOUND,)),
    Endpoint(method="PUT", path=_ONE, summary="Define a batch", tag=TAG, handle=put_batch, access=Access.CONTROL,
             answer=Batch, statuses=PUT_STATUSES, body=BatchBody, body_optional=True, revised=True, acts=True,
             codes=_DEFINED),
    Endpoint(method="PATCH", path=_ONE, summary="Change a batch", tag=TAG, handle=patch_batch, access=Access.CONTROL,
             answer=Batch, body=BatchBody, revised=True, acts=True, codes=_DEFINED),
    Endpoint(method="POST", path=_ONE + "/open", summary="Open a batch", tag=TAG, handle=post_open_batch,
             access=Access.CONTROL, answer=MoveDone, body=BatchStep, body_optional=True, keyed=True, acts=True,
             codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.SHELF_FULL)),
    Endpoint(method="POST", path=_ONE + "/close", summary="Close a batch", tag=TAG, handle=post_close_batch,
             access=Access.CONTROL, answer=MoveDone, body=BatchStep, body_optional=True, keyed=True, acts=True,
             codes=(Code.NOT_FOUND, Code.ID_CONFLICT)),
    Endpoint(method="POST", path=_ROOM + "/skus/{sku:path}/release", summary="Put more of a SKU on sale", tag=TAG,
             handle=post_release_sku, access=Access.CONTROL, answer=MoveDone, body=MoreBody, keyed=True, acts=True,
             codes=_RELEASED, problems=_ON_SALE),
    Endpoint(method="POST", path=_ROOM + "/links/{link}/release", summary="Put more of a link on sale", tag=TAG,
             handle=post_release_link, access=Access.CONTROL, answer=MoveDone, body=MoreBody, keyed=True, acts=True,
             codes=_RELEASED, problems=_ON_SALE),
]
# fmt: on
