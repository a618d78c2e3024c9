"""The route of a room's status, which says first what it will do."""

from __future__ import annotations

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict, replace
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.fields import Override
from shelfcast.http.api.outcomes import passed
from shelfcast.http.routes.checklist_items import GateFound, gate_found
from shelfcast.http.routes.gate import override_of, right_of
from shelfcast.http.routes.rooms import ANOTHER_WAY, ROOM_PATH, TAG, no_room
from shelfcast.merchant import statuses as use_cases
from shelfcast.merchant.statuses import StatusEffect
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.actions import By


class StatusBody(Request, frozen=True, kw_only=True):
    """The status that a room shall have; with `continue_show` a room that has ended and becomes `live` goes on with its
    last show. `override` says why a show may begin though the room's checklist fails and its gate would refuse that;
    it takes an operator, no program.

    `id` (or the Idempotency-Key header) names the action. A `dry_run` takes no id and changes nothing: it says what
    would be reached, or refuses as the write would.
    """

    status: RoomStatus
    continue_show: bool = False
    override: Override | UnsetType = UNSET
    id: Id | UnsetType = UNSET
    dry_run: bool = False


class StatusDone(StatusEffect, frozen=True, kw_only=True):
    """What the status is over, as of the pool's sequence `seq`, and of a write counted behind it: `skus` that the room
    lists, its live `holds`, which are paid, given back or run out as ever, with `units_held` units, and its
    `viewers` in all processes. `waiting` are those who waited for a SKU there before, one who waits for two counts
    twice: what ends the show ends their wait, and while it is paused nobody gets anything.

    `before` is the status that it followed on, `show` the id of the show that it is in, empty before the first.
    `changed` says whether the room was (or would be) another before, `undoable` whether something undoes it. `id` is
    that of the action, empty of a dry run. `gate` is what the room's checklist says of a show that begins, null where
    nobody looked: the gate is off, or nothing begins.
    """

    id: str
    changed: bool
    dry_run: bool
    undoable: bool
    gate: GateFound | None


async def post_status(call: Call) -> Response:
    """Begin, pause, go on with or end the show of a room, and say what that reaches. `PATCH` of the room's status is
    the same write.

    The status is written first, and what it reaches is counted behind that. Where counting fails (503), the status may
    be written: the same id and body says what became of it.
    """
    pool, room, body = await call.room_pool(), call.path["room"], call.body
    book, continues, override = pool.book, body.continue_show, override_of(body)
    config = await book.room_config(room)
    if config is None:
        raise no_room(room)
    viewers = call.services.pools.viewer_count
    waiting = await use_cases.waiting(book, room)
    key = ""
    if body.dry_run:
        most_ms = call.services.settings.show_continue_max_ms
        outcome = await use_cases.tried(
            book, room, config, body.status, continues=continues, most_ms=most_ms, override=override
        )
        await passed(book, outcome)
    else:
        key = call.operation_id(None if body.id is UNSET else body.id)
        by = By(key, call.actor(""), room)
        outcome = await use_cases.set_status(book, by, body.status, continues=continues, override=override)
        call.note(await passed(book, outcome))
    reached = await use_cases.effect(book, viewers, room, config, body.status, continues=continues, waiting=waiting)
    if not body.dry_run and outcome.action and reached.before is body.status:  # it was asked for before
        reached = replace(reached, before=await use_cases.came_from(book, room, config))
    done = StatusDone(
        **{**asdict(reached), "seq": outcome.seq},
        id=outcome.action_id or key,
        changed=outcome.action is not None,
        dry_run=body.dry_run,
        undoable=outcome.undoable,
        gate=gate_found(outcome.gate),
    )
    return answer(done)


# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=ROOM_PATH + "/status", summary="Begin, pause or end a show", tag=TAG,
             handle=post_status, access=Access.CONTROL, answer=StatusDone, body=StatusBody, keyed=True, acts=True,
             right_of=right_of, codes=(Code.NOT_FOUND, Code.GATE), problems=ANOTHER_WAY),
]
# fmt: on
