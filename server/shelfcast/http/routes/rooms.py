"""Routes of rooms: their definition, and what a viewer sees; their shelves stand in listings.py."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType
from msgspec import field as struct_field
from msgspec.structs import asdict, replace
from starlette.responses import Response

from shelfcast.http.api.access import Access, authorize, no_session, unauthorized
from shelfcast.http.api.bodies import DefinitionBody
from shelfcast.http.api.call import Call, answer, definition
from shelfcast.http.api.definitions import write_definition
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import PUT_STATUSES, put_status
from shelfcast.http.api.fields import HoldMillis, Override, PlannedMinutes, RunOrder, Text, TimeZone
from shelfcast.http.api.outcomes import stale
from shelfcast.http.api.problems import ApiError
from shelfcast.http.routes.checklist_items import GateFound, gate_found
from shelfcast.http.routes.gate import check_loosened, override_of, right_of
from shelfcast.http.routes.gate import check_new as check_gate_of_new
from shelfcast.merchant.buffers import without_buffer
from shelfcast.merchant.days import check_time_zone
from shelfcast.protocol.access import ANONYMOUS, ENDED, Act, Owner, Right, Touches
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Millis, Name, Sku
from shelfcast.protocol.from_server import Snapshot
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import ANY_REVISION, Gate, RoomConfig, What
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.pools import Pool
from shelfcast.stock.show import FIRST_STATUSES


class RoomBody(DefinitionBody, frozen=True, kw_only=True):
    """A room (`RoomConfig`). A PUT that does not name `status` or `spotlight` leaves the running show as it is, and one
    that does not name `gate` leaves that. Where it has a `waitlist`, who was too late may wait for what comes free;
    switched off, nobody waits there any more.

    `override` says why a show may begin though the room's checklist fails and its gate would refuse that. It takes an
    operator, no program, and so does a `gate` that lets more through than before."""

    channel: Name | UnsetType | None = UNSET
    title: Text | UnsetType | None = UNSET
    status: RoomStatus | UnsetType | None = UNSET
    spotlight: Sku | UnsetType | None = UNSET
    run_order: RunOrder | UnsetType | None = UNSET
    hold_ms: HoldMillis | UnsetType | None = UNSET
    payment_extension_ms: HoldMillis | UnsetType | None = UNSET
    anonymous: bool | UnsetType | None = UNSET
    open_reservations: bool | UnsetType | None = UNSET
    waitlist: bool | UnsetType | None = UNSET
    gate: Gate | UnsetType | None = UNSET
    planned_start_ms: Millis | UnsetType | None = UNSET
    planned_minutes: PlannedMinutes | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType | None = UNSET


class RoomPatch(RoomBody, frozen=True, kw_only=True):
    """Fields of a room to change. With `continue_show` a room that has ended and becomes `live` goes on with its last
    show, where it would begin the next one: within `show_continue_max_ms` of its end, through the same channel."""

    continue_show: bool = False
    override: Override | UnsetType = UNSET


class RoomPut(RoomBody, frozen=True, kw_only=True):
    """The whole definition of a room, and the pool it sells from, which never changes afterwards."""

    pool: Name
    channel: Name
    override: Override | UnsetType = UNSET


class RoomWarning(Struct, frozen=True, kw_only=True):
    """What somebody should look into who takes a room live. `no_safety_buffer`: SKUs that are listed and in stock, and
    have nothing set aside, although they or the pool say how much; of `count` the first 100 by name."""

    kind: str
    count: int
    skus: list[str]


class Room(RoomConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A room; `viewers` are those of all processes. `show` is the number of its current or last show, 0 before the
    first; the show's id is `<room>.<show>`. A write that takes it live answers `warnings`, and where its gate is not
    off what the checklist `found`; other answers have none."""

    room: str
    pool: str
    viewers: int
    warnings: list[RoomWarning] = struct_field(default_factory=list)
    found: GateFound | None = None


class RoomList(Struct, frozen=True, kw_only=True):
    """The rooms the token may see, and how many SKUs each may list."""

    rooms: list[Room]
    skus_a_room_max: int


TAG = "rooms"
NO_BUFFER = "no_safety_buffer"
WARNED_SKUS_MAX = 100


async def list_rooms(call: Call) -> Response:
    """The rooms in the token's scope."""
    pools = call.services.pools
    known = await pools.directory.rooms()
    in_scope = {room: pool for room, pool in known.items() if call.reaches(Owner(pool=pool, room=room))}
    found: dict[str, Room] = {}
    for name in sorted(set(in_scope.values())):
        pool = await pools.get(name)
        if pool is not None:
            configs = {room: config for room, config in (await pool.book.rooms()).items() if in_scope.get(room) == name}
            viewers = await pools.viewer_count.read(pool.book.base, configs)
            found |= {room: _room(room, name, viewers[room], config) for room, config in configs.items()}
    rooms = [found[room] for room in in_scope if room in found]
    return answer(RoomList(rooms=rooms, skus_a_room_max=call.services.settings.skus_a_room_max))


async def get_room(call: Call) -> Response:
    """One room."""
    return definition(await _read_room(call, await call.room_pool()))


async def put_room(call: Call) -> Response:
    """Define a room: fields left out take their defaults, but a show goes on as it is.

    The pool cannot be changed. A token for one room may redefine that room, but not the channel it sells through, and
    make none. A new room's name is claimed before anything of it is written, so that of two who make it in two pools
    one leaves nothing behind.
    """
    room, body = call.path["room"], call.body
    _check_time_zone(body)
    directory = call.services.pools.directory
    owner = await directory.room_pool(room)
    # A new room is one more that sells what is the pool's.
    touches = Touches.POOL if owner is None else Touches.ROOM
    authorize(call.principal, Act(Right.KEEP, touches), pool=body.pool, room=room)
    override = override_of(body)
    pool = await _pool_of_body(call, owner)
    config = await pool.book.room_config(room)
    _check_channel(call, pool, config)
    if owner is None:
        if call.expected_revision() != ANY_REVISION:
            raise stale(call.expected_revision(), -1)
        await _check_new(call, pool.book)
        await check_gate_of_new(call, pool.book)
        if await directory.create_room(room, body.pool) != body.pool:
            raise _other_pool(room)
    check_loosened(call, pool.book.pool, config)
    outcome = await write_definition(pool.book, call, What.ROOM, room, override=override)
    return definition(await _written(call, pool, config, outcome), status=put_status(config is not None))


async def patch_room(call: Call) -> Response:
    """Change the fields given: start or pause the show, set the spotlight, the run order, the hold time …

    A room goes from `scheduled` to `live`, from there to `paused` and back, and from both to `ended`. When it is `live`
    again its next show begins, or with `continue_show` the last one goes on. Anything else is 409, and says what is
    allowed. Its channel is fixed while it is live or paused.
    """
    pool, body = await call.room_pool(), call.body
    _check_time_zone(body)
    before = await _config(pool.book, call.path["room"])
    _check_channel(call, pool, before)
    check_loosened(call, pool.book.pool, before)
    outcome = await write_definition(
        pool.book, call, What.ROOM, call.path["room"], continues=body.continue_show, override=override_of(body)
    )
    return definition(await _written(call, pool, before, outcome))


async def get_snapshot(call: Call) -> Response:
    """The frame a viewer who connects now would get first."""
    pool, room = await call.room_pool(), call.path["room"]
    if call.principal == ANONYMOUS and not (await _config(pool.book, room)).anonymous:
        if call.principal is ENDED:
            raise no_session("the session has ended, and this room needs one, or a token")
        raise unauthorized("this room needs a token", field="")
    snapshot = await call.services.hub.snapshot(room)
    if snapshot is None:
        raise no_room(room)
    return answer(snapshot)


# --- parts -------------------------------------------------------------------------------------------------


def _check_time_zone(body: RoomBody) -> None:
    """Raises InvalidInput for a name that is no time zone. None and an empty one are the pool's."""
    if isinstance(body.time_zone, str) and body.time_zone:
        check_time_zone(body.time_zone)


async def _pool_of_body(call: Call, owner: str | None) -> Pool:
    name = call.body.pool
    if owner not in (None, name):
        raise _other_pool(call.path["room"])
    pool = await call.services.pools.get(name)
    if pool is None:
        raise ApiError(Code.NOT_FOUND, f"there is no pool {name!r}", field="pool")
    return pool


def _check_channel(call: Call, pool: Pool, config: RoomConfig | None) -> None:
    """Refuse another channel to a token for one room: through it the room would sell units that are others'.
    Raises ApiError (403)."""
    if config is not None and call.body.channel not in (UNSET, config.channel):
        authorize(call.principal, Act(Right.KEEP, Touches.POOL), pool=pool.book.pool, room=call.path["room"])


async def _check_new(call: Call, book: StockBook) -> None:
    """Refuse what the book would refuse of a new room, before its name is claimed: a claim is for good."""
    body, most = call.body, call.services.settings.rooms_a_pool_max
    if len(await book.rooms()) >= most:
        raise ApiError(Code.SHELF_FULL, f"there may be {most:,} of these, and there are", field="room")
    if body.channel not in await book.channels():
        raise ApiError(Code.NOT_FOUND, field="channel")
    if isinstance(body.status, RoomStatus) and body.status not in FIRST_STATUSES:
        names = " or ".join(FIRST_STATUSES)
        detail = f"a room that is new may be {names}, not {body.status}"
        raise ApiError(Code.BAD_MESSAGE, detail, field="status", status=409)
    for field in ("spotlight", "run_order"):
        if getattr(body, field):
            raise ApiError(Code.UNKNOWN_SKU, "a new room has no shelf yet", field=field)


async def _config(book: StockBook, room: str) -> RoomConfig:
    config = await book.room_config(room)
    if config is None:
        raise no_room(room)
    return config


async def _written(call: Call, pool: Pool, before: RoomConfig | None, outcome: Outcome) -> Room:
    """The room as it is after a write, and what to look into where that has taken it live."""
    room = replace(await _read_room(call, pool), found=gate_found(outcome.gate))
    if room.status is not RoomStatus.LIVE or (before is not None and before.status is RoomStatus.LIVE):
        return room
    skus = await without_buffer(pool.book, room.room)
    if not skus:
        return room
    return replace(room, warnings=[RoomWarning(kind=NO_BUFFER, count=len(skus), skus=skus[:WARNED_SKUS_MAX])])


async def _read_room(call: Call, pool: Pool) -> Room:
    room = call.path["room"]
    config = await _config(pool.book, room)
    viewers = await call.services.pools.viewer_count.read(pool.book.base, [room])
    return _room(room, pool.book.pool, viewers[room], config)


def _room(room: str, pool: str, viewers: int, config: RoomConfig) -> Room:
    return Room(room=room, pool=pool, viewers=viewers, **asdict(config))


def no_room(room: str) -> ApiError:
    """The 404 of a room that is not there, or not any more."""
    return ApiError(Code.NOT_FOUND, f"there is no room {room!r}", field="room")


def _other_pool(room: str) -> ApiError:
    return ApiError(Code.ID_CONFLICT, f"room {room!r} belongs to another pool", field="pool")


# --- table -------------------------------------------------------------------------------------------------

ROOM_PATH = "/v1/rooms/{room}"
_MISSING = (Code.NOT_FOUND,)
ANOTHER_WAY = {
    409: "BAD_MESSAGE: the room's show does not go that way from where it is; `detail` says what is allowed."
}

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/rooms", summary="List rooms", tag=TAG, handle=list_rooms, access=Access.CONTROL,
             answer=RoomList, filtered=True),
    Endpoint(method="GET", path=ROOM_PATH, summary="Read a room", tag=TAG, handle=get_room, access=Access.STAFF,
             answer=Room, revised=True, codes=_MISSING),
    Endpoint(method="PUT", path=ROOM_PATH, summary="Define a room", tag=TAG, handle=put_room, access=Access.CONTROL,
             answer=Room, statuses=PUT_STATUSES, body=RoomPut, revised=True, acts=True,
             right_of=right_of, problems=ANOTHER_WAY,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT, Code.SHELF_FULL, Code.GATE)),
    Endpoint(method="PATCH", path=ROOM_PATH, summary="Change a room or its show", tag=TAG, handle=patch_room,
             access=Access.CONTROL, answer=Room, body=RoomPatch, revised=True, acts=True,
             right_of=right_of, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.GATE), problems=ANOTHER_WAY),
    Endpoint(method="GET", path=ROOM_PATH + "/snapshot", summary="What a viewer sees now", tag=TAG, handle=get_snapshot,
             access=Access.GUEST, answer=Snapshot, codes=_MISSING),
]
# fmt: on
