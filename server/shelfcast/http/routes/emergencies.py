"""Routes of emergencies: to freeze a SKU, a channel, a room or the whole pool at once, and to thaw it."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, replace
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access, authorize
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Reference, Text
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.merchant import emergencies as use_cases
from shelfcast.merchant.emergencies import InForce, Reach, Target
from shelfcast.protocol.access import Act, Owner, Right, Touches
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, Name, Sku
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import FreezeScope
from shelfcast.stock.outcomes import Outcome

FLAGS_MAX = 2_000
"""Of so many flags that are set the latest are listed; of more, those of any."""


class ScopeBody(Request, frozen=True, kw_only=True):
    """What is meant, by one of these; `pool` is true for the whole pool of the path."""

    sku: Sku | UnsetType = UNSET
    channel: Name | UnsetType = UNSET
    room: Name | UnsetType = UNSET
    pool: bool | UnsetType = UNSET


class FreezeBody(Request, frozen=True, kw_only=True):
    """What to freeze or thaw, and why.

    `id` (or the Idempotency-Key header) makes it happen once. `actor` is who asked for it, where that is not the
    token's own user. A `dry_run` takes no id and changes nothing: it says what would be reached.
    """

    scope: ScopeBody
    id: Id | UnsetType = UNSET
    actor: Reference = ""
    reason: Text = ""
    dry_run: bool = False


class FreezeDone(Reach, frozen=True, kw_only=True):
    """What the flag is over, as of the pool's sequence `seq`: `skus` is how many there are (of a channel and a room
    those that are listed), `rooms` which sell them, `viewers` how many are in those, in all processes. `holds` are
    live, with `units_held` units, and stay as they are.

    `frozen` is the flag as it is now, of a dry run as it would be; `changed` whether it was (or would be) another. `id`
    is empty of a dry run. The sales of what another flag is over do not go on with a thaw. `undoable` says whether
    something undoes it.
    """

    id: str
    frozen: bool
    changed: bool
    dry_run: bool
    undoable: bool


class InForceQuery(Query, frozen=True, kw_only=True):
    """How many to list."""

    limit: PageLimit = 100


class Emergencies(Struct, frozen=True, kw_only=True):
    """What stops sales now, the latest first, as of the pool's sequence `seq`: flags that are set (`frozen`) and rooms
    that are `paused`. `count` says how many there are, of which at most `limit` are listed.

    `by`, `reason` and `action` say who did it, why and by which action, `since_ms` since when: null, and the others
    empty, of a flag that a release of before has set. Of a pause no reason is known.
    """

    in_force: list[InForce]
    count: int
    seq: int


TAG = "emergencies"


async def get_emergencies(call: Call) -> Response:
    """What stops sales now: frozen SKUs, channels, rooms, the frozen pool, and paused rooms. A token for one room is
    told what does there by that room's own flag and status."""
    book = (await call.pool()).book
    found, count, seq = await use_cases.in_force(book, FLAGS_MAX)
    reached = [each for each in found if call.reaches(_owner(book, each))]
    if len(reached) < len(found):
        count = len(reached)
    return answer(Emergencies(in_force=reached[: call.page_limit()], count=count, seq=seq))


def _owner(book: StockBook, each: InForce) -> Owner:
    return Owner(pool=book.pool, room=each.name if each.scope is FreezeScope.ROOM else "")


async def post_freeze(call: Call) -> Response:
    """Stop all sales of a SKU, a channel, a room or the whole pool, at once for every viewer. Each has a flag of its
    own: what is sold is frozen while any over it is set. Holds stay, and are paid, given back or run out as ever.

    A token for one room freezes that room alone. The same id and body gets the same answer again, with what the flag
    is over by then; another body is ID_CONFLICT.
    """
    return await _carry_out(call, frozen=True)


async def post_thaw(call: Call) -> Response:
    """Take a flag back. What no other flag is over is sold again; a thaw is a move like others, for services, too."""
    return await _carry_out(call, frozen=False)


async def _carry_out(call: Call, *, frozen: bool) -> Response:
    pool, body = await call.pool(), call.body
    target = _target(body.scope)
    touches, room = (Touches.ROOM, target.name) if target.scope is FreezeScope.ROOM else (Touches.POOL, None)
    act = Act(Right.FREEZE if frozen else Right.KEEP, touches)
    authorize(call.principal, act, pool=pool.book.pool, room=room)
    key, undoable = "", False
    if body.dry_run:
        changed = await _is_frozen(pool.book, target) is not frozen
    else:
        key, actor = call.operation_id(None if body.id is UNSET else body.id), call.actor(body.actor)
        outcome = await use_cases.set_frozen(pool.book, key, target, frozen=frozen, actor=actor, reason=body.reason)
        await passed(pool.book, _by_the_body(outcome, target))
        call.note(outcome)
        changed, undoable = outcome.action is not None, outcome.undoable
    reached = asdict(await use_cases.reach(pool.book, call.services.pools.viewer_count, target))
    done = FreezeDone(id=key, frozen=frozen, changed=changed, dry_run=body.dry_run, undoable=undoable, **reached)
    return answer(done)


async def _is_frozen(book: StockBook, target: Target) -> bool:
    """Whether this very flag is set. Raises ApiError where there is nothing of that name."""
    frozen = await book.is_frozen(target.scope, target.name)
    if frozen is None:
        code = Code.UNKNOWN_SKU if target.scope is FreezeScope.SKU else Code.NOT_FOUND
        raise ApiError(code, f"the pool has no {target.scope} {target.name!r}", field=f"scope.{target.scope}")
    return frozen


def _target(scope: ScopeBody) -> Target:
    """What a body means. Raises InvalidInput where it names nothing, or several things."""
    named = {FreezeScope(name): value for name, value in asdict(scope).items() if value is not UNSET}
    if len(named) != 1:
        raise InvalidInput("expected one of sku, channel, room and pool", field="scope")
    [(kind, name)] = named.items()
    if kind is not FreezeScope.POOL:
        return Target(kind, str(name))
    if name is not True:
        raise InvalidInput("expected true, for the pool of the path", field="scope.pool")
    return Target(kind)


def _by_the_body(outcome: Outcome, target: Target) -> Outcome:
    """A refusal that names the fields of this body."""
    if outcome.code is Code.OK or not outcome.field:
        return outcome
    if outcome.code is not Code.ID_CONFLICT:
        return replace(outcome, field=f"scope.{target.scope}")
    # Of what the body cannot have otherwise, the id was another kind of request's.
    return replace(outcome, field="scope" if outcome.field in ("sku", "scope") else "id")


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=POOL_PATH + "/emergencies", summary="What stops sales now", tag=TAG,
             handle=get_emergencies, access=Access.CONTROL, answer=Emergencies, query=InForceQuery, filtered=True,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=POOL_PATH + "/emergencies/freeze", summary="Stop sales at once", tag=TAG,
             handle=post_freeze, access=Access.OPERATOR, answer=FreezeDone, body=FreezeBody, keyed=True, acts=True,
             filtered=True, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT)),
    Endpoint(method="POST", path=POOL_PATH + "/emergencies/thaw", summary="Let sales go on", tag=TAG,
             handle=post_thaw, access=Access.CONTROL, answer=FreezeDone, body=FreezeBody, keyed=True, acts=True,
             filtered=True, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT)),
]
# fmt: on
