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
_UNREADY: Mapping[str, str] = {
    "asking": "of {n:,} SKUs goods left or came meanwhile: say first what of them is in the lines",
    "recounts": "{n:,} SKUs are to be counted again first, by somebody else",
    "unreasoned": "{n:,} SKUs differ, and nobody has said why",
}
"""Why a count cannot be signed yet."""
_OPEN_LINES = (
    "somebody has a line of {skus} open still: wait until it is saved, or close the counting anyway (`anyway`), "
    "and what is open has no effect"
)
_LOOSENED: Mapping[str, str] = {
    "sign_over_units": "to let one person move more takes two",
    "receipts_by_two": "to let one person take goods in takes two",
}
"""Settings of a pool that take two people to loosen."""


def in_words(outcome: Outcome) -> str:
    """The refusal in a sentence; empty where it is none of these."""
    code, field = outcome.code, outcome.field
    if code is Code.NOT_FOUND:
        return _NOT_THERE.get(field, "")
    if code is Code.SAME_SIGNER:
        if outcome.sku:
            return f"somebody who has not counted {outcome.sku!r} before has to count it again"
        return "you have done it before, and nobody else has: somebody else has to"
    if code is Code.NEEDS_APPROVAL:
        return _why_approval(outcome)
    return against_state(outcome) if code is Code.BAD_MESSAGE else ""


def against_state(outcome: Outcome) -> str:
    """What the state of the thing itself stands against, in a sentence; empty where what was sent is wrong."""
    if outcome.code is not Code.BAD_MESSAGE:
        return ""
    if outcome.field == "state" and isinstance(outcome.data, list):
        now, *allowed = outcome.data
        return f"expected one that is {' or '.join(allowed)}: it is {now}"
    if outcome.field == "open_lines":
        n = outcome.available
        return _OPEN_LINES.format(skus="1 SKU" if n == 1 else f"{n:,} SKUs")
    if outcome.field in _UNREADY and outcome.available > 0:
        return _UNREADY[outcome.field].format(n=outcome.available)
    return ""


def expected_of_count(outcome: Outcome) -> str:
    """What was expected of a part of what was sent about a count, in words; empty where nothing of it is wrong."""
    field, data = outcome.field, outcome.data
    if outcome.code is not Code.BAD_MESSAGE:
        return ""
    if field == "begun_seq" and isinstance(data, list):
        return f"expected {data[0]:,} to {data[1]:,}: when the SKU could first be counted, and now"
    if field == "included" and isinstance(data, list):
        return f"expected 0 to {data[1]:,}, as many as moved"
    return ""


def _why_approval(outcome: Outcome) -> str:
    if outcome.field in _LOOSENED:
        return f"{_LOOSENED[outcome.field]}: another operator has to ask for the same within a day"
    count = count_of(outcome)
    if outcome.field == "kind" and not count:
        return "two people enter what arrives in this pool: make a receipt of it (POST …/receipts)"
    if outcome.field == "count":
        return f"one person may not stand for so many units; the SKU is being counted on {count!r}: enter it there"
    if outcome.field == "id":
        return f"the id was used: this move became the count {count!r}, which is over; to ask once more takes a new id"
    if count:
        return f"one person may not stand for so many units; it waits as the count {count!r}, which two people sign"
    return "somebody else has to sign it before"


def count_of(outcome: Outcome) -> str:
    """The count at which it is decided what one person may not do alone; empty of any other outcome."""
    data = outcome.data
    return data if outcome.code is Code.NEEDS_APPROVAL and isinstance(data, str) else ""


def why_not_saved(outcome: Outcome) -> str:
    """Why a line of a count was not saved."""
    if outcome.code is Code.SHELF_FULL:
        return f"there may be {outcome.available:,} {outcome.field}, and there are"
    if outcome.code is Code.UNKNOWN_SKU:
        return "the pool has no such SKU"
    if outcome.code is Code.SAME_SIGNER:
        return "somebody else has to count it again: you have counted it"
    said = EXPLANATION[outcome.code]
    return in_words(outcome) or expected_of_count(outcome) or (f"{said} ({outcome.field})" if outcome.field else said)
