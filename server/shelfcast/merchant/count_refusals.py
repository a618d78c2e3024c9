"""Why the book refuses what several people do together (counts, receipts, requests), in sentences for people."""

from __future__ import annotations

from collections.abc import Mapping

from shelfcast.protocol.codes import EXPLANATION, Code
from shelfcast.stock.outcomes import Outcome

_NOT_THERE: Mapping[str, str] = {
    "count": "the pool has no such count, or not any more",
    "line": "there is no such line of yours",
    "sku": "it is not on the count",
    "question": "there is no such question about it",
    "receipt": "the pool has no such receipt, or not any more",
    "lot": "there is no such lot of it",
    "refund_request": "no refund of this reservation was asked for",
}
_SIGN_OVER = "sign_over_units"


def in_words(outcome: Outcome) -> str:
    """The refusal in a sentence; empty where it is none of these."""
    code, field = outcome.code, outcome.field
    if code is Code.NOT_FOUND:
        return _NOT_THERE.get(field, "")
    if code is Code.BAD_MESSAGE and field == "state" and isinstance(outcome.data, list):
        now, *allowed = outcome.data
        return f"expected one that is {' or '.join(allowed)}: it is {now}"
    if code is Code.SAME_SIGNER:
        if outcome.sku:
            return f"somebody who has not counted {outcome.sku!r} before has to count it again"
        return "you have signed it, and nobody else has: somebody else has to"
    if code is Code.NEEDS_APPROVAL:
        if field == _SIGN_OVER:
            return "to sign for less takes two people: another operator has to ask for the same within a day"
        if field == "kind" and not draft_of(outcome):
            return "two people enter what arrives in this pool: make a receipt of it (POST …/receipts)"
        if draft_of(outcome):
            return "it is of more units than one person may stand for; it waits as a count that two people sign"
        return "somebody else has to sign it before"
    return ""


def draft_of(outcome: Outcome) -> str:
    """The count that a move has become which one person may not stand for; empty of any other outcome."""
    if outcome.code is not Code.NEEDS_APPROVAL or outcome.field == _SIGN_OVER:
        return ""
    data = outcome.data
    return data if isinstance(data, str) else ""


def why_not_saved(outcome: Outcome) -> str:
    """Why a line of a count was not saved."""
    if outcome.code is Code.SHELF_FULL:
        return f"the count may have {outcome.available:,} {outcome.field}, and has them"
    if outcome.code is Code.UNKNOWN_SKU:
        return "the pool has no such SKU"
    said = EXPLANATION[outcome.code]
    return in_words(outcome) or (f"{said} ({outcome.field})" if outcome.field else said)
