"""What operators did, newest first, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping

from shelfcast.errors import InvalidInput
from shelfcast.merchant.statuses import why_refused
from shelfcast.protocol.access import Act, Owner, Right, Touches
from shelfcast.protocol.codes import EXPLANATION, Code
from shelfcast.protocol.fields import ACTION_ID_MAX
from shelfcast.stock.actions import Action, ShownAction, undo_id
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Undo
from shelfcast.stock.outcomes import Outcome

WHY: Mapping[str, str] = {
    "undone": "it was undone already",
    "reservation": "it is about a reservation, whose customer has been told",
    "said": "it has been read; say something else, or take a notice back with an empty one",
    "dismissed": "the next round proposes anew what is still worth it",
    "decided": "decide anew instead; the last decision stands",
    "bulk": "it is a bulk write; undo what is wrong in it one by one",
    "made": "what it made may be in use",
    "nothing": "it moved nothing",
    "many": "it moved more than one undo can",
    "too_large": "what was there before was too long to be kept",
    "receipt": "goods that have come in stay; a count says what was wrong",
    "status": "a room does not go back that way; begin, pause or end its show instead",
    "counted": "it is a count's; count again what is not right",
    "erased": "whom it was about is forgotten",
    "signed": "what takes two people is two people's to say",
}
"""Why nothing undoes an action, by the words of the book (stock/library/actions.lua)."""

PROPOSAL_APPLIED = "apply_proposal"
"""The kind of an action that carried a proposal out."""
_FOR_PEOPLE: Mapping[str, str] = {What.ROOM: "gate", What.POOL: "receipts_by_two"}
"""Fields of definitions that no program loosens."""
_OF_A_ROOM = frozenset({What.ROOM, What.LISTING})


def owner_of(pool: str, action: Action) -> Owner:
    """Whose an action is, for whoever reads it: that of the room where it was done."""
    return Owner(pool=pool, room=action.room)


def act_of_undo(action: Action) -> Act:
    """What an undo takes, which is what doing the same by hand takes. A freeze of anything but a room is the whole
    pool's, wherever it was asked for, and so is the channel of a room. A gate is opened by no program, by an undo
    neither, nor are receipts by two people switched off."""
    right = Right.FREEZE if action.freezes else Right.KEEP
    if _FOR_PEOPLE.get(action.what) in action.fields:
        right = Right.SIGN
    if action.what in _OF_A_ROOM and "channel" not in action.fields:
        return Act(right, Touches.ROOM)
    if action.what == What.USER or action.kind == PROPOSAL_APPLIED:
        return Act(Right.DECIDE, Touches.POOL)
    return Act(right, Touches.POOL)


async def latest(book: StockBook, *, before: int, limit: int, room: str) -> list[ShownAction]:
    """The latest actions, newest first: those before number `before` (0: all), of one room alone where it is named."""
    return await book.actions(before=before, limit=limit, room=room)


async def undo(book: StockBook, action: Action, *, actor: str) -> Outcome:
    """Take an action back, all of it or nothing; done once, whoever asks, and answered the same.

    INSUFFICIENT names the place that holds too few free units, STALE what has been changed since, BAD_MESSAGE has in
    its data why nothing undoes it (`WHY`). Raises InvalidInput for an undo of an undo of an undo too many."""
    name = undo_id(action.id)
    if len(name) > ACTION_ID_MAX:
        raise InvalidInput("it has been undone and redone too often; do it anew", field="action")
    return await book.apply(Undo(name, action.id, actor))


def why_not(shown: ShownAction) -> tuple[str, str]:
    """Why an action cannot be undone now: a word of `WHY` or a code, and a sentence; both empty where it can be."""
    if shown.action.undone_by:
        return "undone", WHY["undone"]
    return refusal_of(shown.refusal) if shown.refusal else ("", "")


def refusal_of(outcome: Outcome) -> tuple[str, str]:
    """The same of what an undo was refused with."""
    code, field = outcome.code, outcome.field
    if sentence := why_refused(outcome):
        return code, sentence
    if code is Code.BAD_MESSAGE and outcome.data in WHY:
        return str(outcome.data), WHY[outcome.data]
    if code is Code.INSUFFICIENT:
        return code, f"{field} holds {outcome.available:,} free units of {outcome.sku!r}, fewer than went there"
    if code is Code.NEEDS_APPROVAL:
        return code, f"it would take more of {outcome.sku!r} away than one person may; count it, and have two sign"
    if code is Code.STALE:
        return code, f"{field} has been changed since"
    return code, f"{EXPLANATION[code]} ({field})" if field else EXPLANATION[code]
