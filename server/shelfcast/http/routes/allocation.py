"""Routes of the split: proposals to move units between a pool's channels, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from msgspec import UNSET, Struct, UnsetType
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import EmptyBody, MoveDone, Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Text
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.problems import ApiError
from shelfcast.http.routes.actions import undone
from shelfcast.merchant import allocation as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id
from shelfcast.stock.book import StockBook
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.proposals import Cover, ProposalRecord, ProposalState, ProposedMove


class ProposalMove(Struct, frozen=True, kw_only=True):
    """`qty` units of `sku` from one place to another. The minutes say for how long each of the two has units, before
    and after the whole proposal, at what is expected to be sold there; null where nothing is."""

    sku: str
    qty: int
    source: str
    target: str
    source_minutes_before: float | None
    source_minutes_after: float | None
    target_minutes_before: float | None
    target_minutes_after: float | None


class ProposalItem(Struct, frozen=True, kw_only=True):
    """A proposal to move units where they are sold.

    `state` is open, applied, dismissed, undone, or lapsed: it can be decided about until `lapses_at_ms`. It was worked
    out by `made_by` (`book`: when its time had come) at the pool's sequence `seq`. `action` is the one that applied or
    dismissed it, empty before that.
    """

    id: str
    state: ProposalState
    made_at_ms: int
    made_by: str
    lapses_at_ms: int
    seq: int
    moves: list[ProposalMove]
    units: int
    decided_at_ms: int | None
    decided_by: str
    reason: str
    action: str


class ProposalList(Struct, frozen=True, kw_only=True):
    """The proposals that are kept, newest first."""

    proposals: list[ProposalItem]


class ProposalMade(Struct, frozen=True, kw_only=True):
    """What was proposed; null where nothing is worth moving."""

    proposal: ProposalItem | None


class ProposeBody(Request, frozen=True, kw_only=True):
    """Work out the split now. `id` (or the Idempotency-Key header) makes it happen once."""

    id: Id | UnsetType = UNSET


class DismissBody(Request, frozen=True, kw_only=True):
    """Put a proposal aside, and say why."""

    reason: Text


TAG = "allocation"


async def list_proposals(call: Call) -> Response:
    """The last proposals, newest first; `proposals_kept_max` are kept."""
    book = (await call.pool()).book
    now_ms = await book.now_ms()
    return answer(ProposalList(proposals=[item(record, now_ms) for record in await book.proposals()]))


async def get_proposal(call: Call) -> Response:
    """One proposal."""
    book = (await call.pool()).book
    return answer(item(await _found(book, call), await book.now_ms()))


async def post_proposal(call: Call) -> Response:
    """Work out the split now, and propose what follows from the last half hour's demand. A pool whose `split` is off
    notes no demand: 422 with the field `split`.

    A SKU with which a proposal was made or decided within `split_pause_ms` is left out.
    """
    book, body, settings = (await call.pool()).book, call.body, call.services.settings
    key = call.operation_id(None if body.id is UNSET else body.id)
    outcome = await use_cases.propose(
        book,
        key,
        actor=call.actor(""),
        moves_max=settings.moves_a_call_max,
        pause_ms=settings.split_pause_ms,
    )
    made = (await passed(book, outcome)).data
    record = await book.proposal(made) if made else None
    return answer(ProposalMade(proposal=item(record, await book.now_ms()) if record is not None else None))


async def post_apply_proposal(call: Call) -> Response:
    """Carry a proposal out: all its moves in one step, or none. Asked again, by whomever, it answers the same.

    `STALE` where it has lapsed or was decided otherwise, or where a place (`field`) cannot give as many units any more
    without going below its floor, or would get more than its cap.
    """
    book, name = (await call.pool()).book, call.path["proposal"]
    key = call.key() or use_cases.apply_id(name)
    return await _decided(book, call, await use_cases.apply(book, name, key, actor=call.actor("")))


async def post_dismiss_proposal(call: Call) -> Response:
    """Put a proposal aside, with the reason. Asked again, it answers the same."""
    book, name = (await call.pool()).book, call.path["proposal"]
    key = call.key() or use_cases.dismiss_id(name)
    outcome = await use_cases.dismiss(book, name, key, actor=call.actor(""), reason=call.body.reason)
    return await _decided(book, call, outcome)


async def post_undo_proposal(call: Call) -> Response:
    """Take back what a proposal has moved, all of it or nothing: the undo of its `action`, and as that.

    `INSUFFICIENT` names the place that does not hold as many free units any more.
    """
    book = (await call.pool()).book
    record = await _found(book, call)
    outcome = await use_cases.undo(book, record, actor=call.actor(""))
    if outcome is None:
        detail = "expected one that was applied, and whose action is still known"
        raise ApiError(Code.BAD_MESSAGE, detail, status=HTTPStatus.CONFLICT, field="proposal")
    call.note(await undone(book, outcome))
    return answer(MoveDone(id=outcome.action_id, seq=outcome.seq, undoable=outcome.undoable))


def item(record: ProposalRecord, now_ms: int) -> ProposalItem:
    """A proposal as the API shows it."""
    return ProposalItem(
        id=record.id,
        state=record.state_at(now_ms),
        made_at_ms=record.made_at_ms,
        made_by=record.made_by,
        lapses_at_ms=record.lapses_at_ms,
        seq=record.seq,
        moves=[_move(move) for move in record.moves],
        units=sum(move.units for move in record.moves),
        decided_at_ms=record.decided_at_ms or None,
        decided_by=record.decided_by,
        reason=record.reason,
        action=record.action,
    )


def _move(move: ProposedMove) -> ProposalMove:
    return ProposalMove(
        sku=move.sku,
        qty=move.units,
        source=move.source,
        target=move.target,
        source_minutes_before=_minutes(move.source_before),
        source_minutes_after=_minutes(move.source_after),
        target_minutes_before=_minutes(move.target_before),
        target_minutes_after=_minutes(move.target_after),
    )


def _minutes(cover: Cover) -> float | None:
    return None if cover is False else float(cover)


async def _found(book: StockBook, call: Call) -> ProposalRecord:
    record = await book.proposal(call.path["proposal"])
    if record is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no proposal {call.path['proposal']!r}", field="proposal")
    return record


async def _decided(book: StockBook, call: Call, outcome: Outcome) -> Response:
    """What became of a proposal, whose outcome this is."""
    if outcome.code is Code.STALE:
        # What stands against it is the state of things, as in a move; no condition of the request's has failed.
        available = outcome.available if outcome.available >= 0 else None
        field = "proposal" if outcome.field in use_cases.WHY else outcome.field
        raise ApiError(
            Code.STALE,
            use_cases.why_stale(outcome),
            status=HTTPStatus.CONFLICT,
            field=field,
            available=available,
            seq=outcome.seq,
        )
    if outcome.code is Code.NOT_FOUND:
        await _found(book, call)
    call.note(await passed(book, outcome))
    return answer(item(await _found(book, call), await book.now_ms()))


_ALL = POOL_PATH + "/allocation/proposals"
_ONE = _ALL + "/{proposal}"
_STALE: Mapping[int, str] = {
    HTTPStatus.CONFLICT: "STALE: it has lapsed, was decided otherwise, or does not fit the units any more."
}

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_ALL, summary="List proposals to move units", tag=TAG, handle=list_proposals,
             access=Access.CONTROL, answer=ProposalList, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ALL, summary="Work out the split now", tag=TAG, handle=post_proposal,
             access=Access.CONTROL, answer=ProposalMade, body=ProposeBody, body_optional=True, keyed=True,
             codes=(Code.NOT_FOUND, Code.ID_CONFLICT)),
    Endpoint(method="GET", path=_ONE, summary="Read a proposal", tag=TAG, handle=get_proposal,
             access=Access.CONTROL, answer=ProposalItem, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ONE + "/apply", summary="Apply a proposal", tag=TAG, handle=post_apply_proposal,
             access=Access.OPERATOR, answer=ProposalItem, body=EmptyBody, body_optional=True, acts=True,
             codes=(Code.NOT_FOUND,), problems=_STALE),
    Endpoint(method="POST", path=_ONE + "/dismiss", summary="Dismiss a proposal", tag=TAG,
             handle=post_dismiss_proposal, access=Access.OPERATOR, answer=ProposalItem, body=DismissBody, acts=True,
             codes=(Code.NOT_FOUND,), problems=_STALE),
    Endpoint(method="POST", path=_ONE + "/undo", summary="Undo a proposal", tag=TAG, handle=post_undo_proposal,
             access=Access.OPERATOR, answer=MoveDone, body=EmptyBody, body_optional=True, acts=True,
             codes=(Code.NOT_FOUND, Code.INSUFFICIENT),
             problems={HTTPStatus.CONFLICT: "BAD_MESSAGE: nothing of it was applied, or that is not known any more."}),
]
# fmt: on
