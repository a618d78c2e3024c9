"""From the stock book's outcomes to answers and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shelfcast.http.api.bodies import Step
from shelfcast.http.api.call import MATCH_HEADER
from shelfcast.http.api.problems import ApiError, FailingItem
from shelfcast.merchant.count_refusals import draft_of, in_words
from shelfcast.merchant.gate import Verdict
from shelfcast.merchant.statuses import why_refused
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import ReservationState
from shelfcast.stock.book import StockBook
from shelfcast.stock.outcomes import Outcome

# The engine's names for parts of an operation that a body calls otherwise.
_DETAILS = {
    "low_mark_units": "expected how many units the low mark is at",
    "rehearsal": "expected what it is: a pool with an entry in its ledger stays a rehearsal, or none",
}
"""What was expected of a field, whatever was said."""
_BODY_FIELDS = {"counted": "qty", "frozen": "kind"}


async def passed(book: StockBook, outcome: Outcome) -> Outcome:
    """The outcome, which is OK. Raises ApiError where it is a refusal."""
    if outcome.code is not Code.OK:
        raise await refused(book, outcome)
    return outcome


def step(id: str, outcome: Outcome) -> Step:  # noqa: A002 - the name of the answer's field
    """Where a reservation stands now."""
    return Step(
        id=id,
        seq=outcome.seq,
        sku=outcome.sku,
        qty=outcome.qty,
        state=ReservationState(outcome.state),
        expires_at_ms=outcome.expires_at_ms,
        left=outcome.left,
    )


async def refused(book: StockBook, outcome: Outcome, *, within: str = "", row: str = "") -> ApiError:
    """The problem that says what an outcome refused; `within` is the part of the body it was about, and `row` the one
    that stands for the whole operation there."""
    if outcome.code in _OF_THE_WHOLE:
        return _OF_THE_WHOLE[outcome.code](outcome)
    retry_after_ms = None
    if outcome.retry_at_ms > 0:
        retry_after_ms = max(0, outcome.retry_at_ms - await book.now_ms())
    field = row or _BODY_FIELDS.get(outcome.field, outcome.field)
    detail = why_refused(outcome) or in_words(outcome)
    # The form is right, and the state of the room or the count stands against it.
    status = 409 if detail and outcome.code is Code.BAD_MESSAGE else 0
    if outcome.code is Code.SHELF_FULL:
        detail = f"there may be {outcome.available:,} of these, and there are"
    elif outcome.field == "link":
        detail = f"expected a number that is free in the room: SKU {outcome.sku!r} has this one"
    elif outcome.code is Code.UNKNOWN_SKU and outcome.sku:
        where = "the room does not list" if field == "run_order" else "the pool has no"
        detail = f"{where} SKU {outcome.sku!r}"
    elif outcome.field == "refunded_minor" and outcome.code is Code.BAD_MESSAGE:
        detail = f"expected at most what was paid and has not gone back: {outcome.available}"
    elif outcome.field == "cap_units":
        detail = (
            f"expected at least floor_units, which is {outcome.available:,}"
            if outcome.available >= 0
            else "expected none: a shared channel sells from the pool, which has no cap"
        )
    elif outcome.field == "elastic_percent":
        detail = f"expected at most {outcome.available}: the safety buffer takes the rest"
    elif outcome.field == "closes_at_ms" and outcome.code is Code.BAD_MESSAGE:
        detail = "expected a moment behind opens_at_ms"
    elif outcome.data == "on_sale":
        detail, status = "it is already on sale: the room's channel is shared, and no lot waits for it", 409
    elif outcome.field in _DETAILS:
        detail = _DETAILS[outcome.field]
    return ApiError(
        outcome.code,
        detail,
        field=f"{within}.{field}".strip("."),
        status=status,
        retry_after_ms=retry_after_ms,
        count=draft_of(outcome) or None,
        available=outcome.available if outcome.available >= 0 and outcome.code is not Code.SHELF_FULL else None,
    )


def shut(verdict: Verdict | None) -> ApiError:
    """The problem of a show that does not begin, as the room's checklist fails; None where the gate was shut while it
    was being looked at."""
    if verdict is None:
        return ApiError(Code.GATE, "the room's gate was shut a moment ago; ask again", field="status")
    items = [
        FailingItem(check=item.check, why=item.why, sku=item.sku or None, title=item.title, detail=item.detail)
        for item in verdict.failing
    ]
    first = items[0]
    named = f"{first.sku}: {first.detail}" if first.sku else first.detail
    more = f", and {verdict.fails - 1:,} more" if verdict.fails > 1 else ""
    detail = f"the checklist of the room fails: {named}{more}; mend that, or say in `override` why it may go on air"
    return ApiError(Code.GATE, detail, field="status", fails=verdict.fails, warns=verdict.warns, items=items)


def stale(expected: int, revision: int, *, seq: int | None = None) -> ApiError:
    """The problem of a definition that is not at the expected revision; -1 where there is none, as the book says it."""
    found = "there is none" if revision < 0 else f"it is at revision {revision}"
    return ApiError(
        Code.STALE,
        f"expected revision {expected}, and {found}" if expected >= 0 else f"expected one to be there, and {found}",
        field=MATCH_HEADER,
        expected=expected if expected >= 0 else None,
        revision=revision if revision >= 0 else None,
        seq=seq,
    )


_OF_THE_WHOLE: Mapping[Code, Callable[[Outcome], ApiError]] = {
    Code.STALE: lambda outcome: stale(*outcome.data, seq=outcome.seq),
    Code.GATE: lambda outcome: shut(outcome.gate),
}
"""Refusals that are about no field."""


async def first_refusal(book: StockBook, outcomes: Sequence[Outcome], *, rows: str) -> ApiError | None:
    """The first refusal of a bulk request's outcomes, with its row; None when all were carried out."""
    for row, outcome in enumerate(outcomes):
        if outcome.code is not Code.OK:
            return await refused(book, outcome, within=f"{rows}[{row}]")
    return None
