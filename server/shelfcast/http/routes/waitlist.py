"""Routes of the waitlist: who waits for what comes free, and how many of them more units would serve."""

from __future__ import annotations

from msgspec import Struct
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Place, Units
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import Query
from shelfcast.http.routes import pools, rooms
from shelfcast.merchant import waitlist as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.stock.places import POOL


class WaitingQuery(Query, frozen=True, kw_only=True):
    """So many `units` more in `target`, which is the pool or a channel."""

    units: Units = 0
    target: Place = POOL


class WaitingSku(Struct, frozen=True, kw_only=True):
    """How many `people` wait for a SKU, and for how many `units` together."""

    sku: str
    people: int
    units: int


class RoomWaiting(Struct, frozen=True, kw_only=True):
    """The SKUs that people wait for in a room, by name; others are left out."""

    room: str
    skus: list[WaitingSku]


class WaitingInRoom(Struct, frozen=True, kw_only=True):
    """How many people wait in a room."""

    room: str
    people: int


class SkuWaiting(Struct, frozen=True, kw_only=True):
    """Who waits for a SKU: how many `people`, for how many `units`, in which `rooms`. The units of the question would
    serve so many of them at once (`serves`, of the first 500), who would get `given` units: of these, and of what is
    there already and was too little for them."""

    sku: str
    people: int
    units: int
    rooms: list[WaitingInRoom]
    serves: int
    given: int


async def get_room_waiting(call: Call) -> Response:
    """Who waits in the room, by SKU. What is offered to somebody is held, and counts no more."""
    pool, room = await call.room_pool(), call.path["room"]
    found = await use_cases.of_room(pool.book, room)
    skus = [WaitingSku(sku=row.sku, people=row.people, units=row.units) for row in found]
    return answer(RoomWaiting(room=room, skus=skus))


async def get_sku_waiting(call: Call) -> Response:
    """Who waits for the SKU, and whom putting up so many units would serve: "put 40 up: serves 38 who wait". Nothing is
    moved, and by the time something is, others may wait."""
    book, sku = (await call.pool()).book, call.path["sku"]
    found = await use_cases.effect(book, sku, call.query.units, call.query.target)
    if found is None:
        raise ApiError(Code.UNKNOWN_SKU, f"the pool has no SKU {sku!r}", field="sku")
    rooms = [WaitingInRoom(room=room, people=people) for room, people in found.rooms]
    return answer(
        SkuWaiting(sku=sku, people=found.people, units=found.units, rooms=rooms, serves=found.serves, given=found.given)
    )


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=rooms.ROOM_PATH + "/waiting", summary="Read who waits in a room", tag=rooms.TAG,
             handle=get_room_waiting, access=Access.STAFF, answer=RoomWaiting, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=POOL_PATH + "/skus/{sku:path}/waiting", summary="Read who waits for a SKU",
             tag=pools.TAG, handle=get_sku_waiting, access=Access.CONTROL, answer=SkuWaiting, query=WaitingQuery,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU)),
]
# fmt: on
