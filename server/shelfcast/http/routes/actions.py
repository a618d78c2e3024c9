"""Routes of the log of actions: what operators did to a pool, and undoing it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.http.api.access import Access, authorize
from shelfcast.http.api.bodies import EmptyBody, MoveDone
from shelfcast.http.api.call import Call, Finder, Found, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.outcomes import refused
from shelfcast.http.api.problems import STATUS, ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.merchant import actions as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Name
from shelfcast.stock.actions import ShownAction
from shelfcast.stock.book import StockBook
from shelfcast.stock.outcomes import Outcome


class ActionQuery(Query, frozen=True, kw_only=True):
    """A page of actions, newest first: those before number `before`; with `room`, what was done in that room alone."""

    before: Annotated[int, Meta(ge=1, description="the number `n` of the last action already read")] | None = None
    limit: PageLimit = 100
    room: Name | None = None


class Effect(Struct, frozen=True, kw_only=True):
    """`qty` units of `sku` went from `source` to `target`."""

    sku: str
    qty: int
    source: str
    target: str


class ActionItem(Struct, frozen=True, kw_only=True):
    """What somebody did: a write of an operator, a service, or a host.

    `n` is the number of its event and orders them. `kind` is that of a move, or status, spotlight, define, unlist,
    notice, cue, catalogue, listings, apply_proposal, dismiss_proposal, undo; `subject` what it was about, `room` where
    it was done, empty where it was the whole pool. `effect` are the units that it moved, at most 200 rows; `rows` how
    many there were, or how many rows a bulk write has written. Of a definition, `what` is its kind and `fields` are
    what changed. `text` is the reason given, or what was said. `undone_by` and `undoes` are ids of actions.

    `undoable` says whether it can be undone now, else `why_not` says why in a word or code, and `reason` in a sentence.
    """

    id: str
    n: int
    at_ms: int
    actor: str
    kind: str
    room: str
    subject: str
    effect: list[Effect]
    rows: int
    what: str
    fields: list[str]
    text: str
    undoable: bool
    why_not: str
    reason: str
    undoes: str
    undone_by: str


class ActionList(Struct, frozen=True, kw_only=True):
    """Actions, newest first; `next` is the `before` of the next page, null on the last."""

    actions: list[ActionItem]
    next: int | None


TAG = "actions"


async def list_actions(call: Call) -> Response:
    """What operators did, newest first, with its effect and whether it can be undone now; the last
    `actions_a_pool_max` are kept. A token for one room is told what was done in that room."""
    book, query, limit = (await call.pool()).book, call.query, call.page_limit()
    room = query.room or _one_of(call.principal.rooms)
    found = await use_cases.latest(book, before=query.before or 0, limit=limit + 1, room=room)
    page = found[:limit]
    # Another room's than the token's is a page of nothing.
    reached = [item(shown) for shown in page if call.reaches(use_cases.owner_of(book.pool, shown.action))]
    return answer(ActionList(actions=reached, next=page[-1].action.n if len(found) > limit else None))


def _one_of(rooms: frozenset[str] | None) -> str:
    """The room of a caller that reaches one alone: its pages come full. Of several rooms they may come with gaps."""
    return next(iter(rooms)) if rooms is not None and len(rooms) == 1 else ""


async def get_action(call: Call) -> Response:
    """One action, with its effect and whether it can be undone now."""
    return answer(item(await call.found()))


async def post_undo(call: Call) -> Response:
    """Take an action back, all of it or nothing. It is an action itself: its undo is the redo. Asked again, by
    whomever, it answers the same.

    A move is undone while each place its units went to holds as many free ones (`INSUFFICIENT` names the one that does
    not), a definition while nobody has changed it since, a freeze while it is as set (`STALE`).
    """
    book, action = (await call.pool()).book, (await call.found()).action
    authorize(call.principal, use_cases.act_of_undo(action), pool=book.pool, room=action.room or None)
    outcome = await undone(book, await use_cases.undo(book, action, actor=call.actor("")))
    call.note(outcome)
    return answer(MoveDone(id=outcome.action_id, seq=outcome.seq, undoable=outcome.undoable))


async def undone(book: StockBook, outcome: Outcome) -> Outcome:
    """The outcome of an undo, which is OK. Raises ApiError where it is a refusal."""
    if outcome.code in (Code.OVERLOADED, Code.UNAVAILABLE):
        raise await refused(book, outcome)
    if outcome.code is not Code.OK:
        _, reason = use_cases.refusal_of(outcome)
        # What stands against it is the state of things, as in a move; no condition of the request's has failed.
        status = 409 if outcome.code in (Code.STALE, Code.BAD_MESSAGE) else STATUS[outcome.code]
        available = outcome.available if outcome.available >= 0 else None
        raise ApiError(outcome.code, reason, status=status, field=outcome.field, available=available)
    return outcome


def item(shown: ShownAction) -> ActionItem:
    """An action as the API shows it."""
    action = shown.action
    why_not, reason = use_cases.why_not(shown)
    return ActionItem(
        id=action.id,
        n=action.n,
        at_ms=action.at_ms,
        actor=action.actor,
        kind=action.kind,
        room=action.room,
        subject=action.subject,
        effect=[Effect(sku=row.sku, qty=row.qty, source=row.source, target=row.target) for row in action.effect],
        rows=action.rows,
        what=action.what,
        fields=action.fields,
        text=action.text,
        undoable=not why_not,
        why_not=why_not,
        reason=reason,
        undoes=action.undoes,
        undone_by=action.undone_by,
    )


async def _find(call: Call) -> Found | None:
    book = (await call.pool()).book
    shown = await book.action(call.path["action"])
    return None if shown is None else Found(shown, use_cases.owner_of(book.pool, shown.action))


_ALL = POOL_PATH + "/actions"
_ONE = _ALL + "/{action}"
_FINDER = Finder("action", "action", _find)

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_ALL, summary="List what operators did", tag=TAG, handle=list_actions,
             access=Access.CONTROL, answer=ActionList, query=ActionQuery, filtered=True, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=_ONE, summary="Read an action", tag=TAG, handle=get_action, access=Access.CONTROL,
             answer=ActionItem, finds=_FINDER, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ONE + "/undo", summary="Undo an action", tag=TAG, handle=post_undo,
             access=Access.CONTROL, answer=MoveDone, body=EmptyBody, body_optional=True, finds=_FINDER, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.INSUFFICIENT, Code.ID_CONFLICT, Code.SHELF_FULL,
                    Code.NEEDS_APPROVAL),
             problems={409: "STALE: what it was about has been changed since. BAD_MESSAGE: nothing undoes it."}),
]
# fmt: on
