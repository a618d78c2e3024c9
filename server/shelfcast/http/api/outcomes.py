"""From the stock book's outcomes to answers and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shelfcast.http.api.bodies import Step
from shelfcast.http.api.call import MATCH_HEADER
from shelfcast.http.api.problems import ApiError, FailingItem
from shelfcast.merchant.count_refusals import against_state, count_of, expected_of_count, in_words
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
_NOTHING_SAID: Mapping[str, str] = {}
_BODY_FIELDS = {"counted": "qty", "frozen": "kind"}


async def passed(book: StockBook, outcome: Outcome, said: Mapping[str, str] = _NOTHING_SAID) -> Outcome:
    """The outcome, which is OK. Raises ApiError where it is a refusal; `said` has sentences for some, by code or
    field."""
    if outcome.code is not Code.OK:
        raise await refused(book, outcome, said=said)
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


async def refused(
    book: StockBook,
    outcome: Outcome,
    *,
    within: str = "",
    row: str = "",
    said: Mapping[str, str] = _NOTHING_SAID,
) -> ApiError:
    """The problem that says what an outcome refused; `within` is the part of the body it was about, and `row` the one
    that stands for the whole operation there."""
    if outcome.code in _OF_THE_WHOLE:
        return _OF_THE_WHOLE[outcome.code](outcome)
    retry_after_ms = None
    if outcome.retry_at_ms > 0:
        retry_after_ms = max(0, outcome.retry_at_ms - await book.now_ms())
    field = row or _BODY_FIELDS.get(outcome.field, outcome.field)
    # Where the form is right, the state of the room or the count stands against it.
    against = why_refused(outcome) or against_state(outcome)
    said_here = said.get(outcome.code) or said.get(outcome.field)
    on_sale = outcome.data == "on_sale"
    return ApiError(
        outcome.code,
        said_here or against or in_words(outcome) or _detail(outcome, field),
        field=f"{within}.{field}".strip("."),
        status=409 if against or on_sale else 0,
        retry_after_ms=retry_after_ms,
        count=count_of(outcome) or None,
        available=outcome.available if outcome.available >= 0 and outcome.code is not Code.SHELF_FULL else None,
    )


def _detail(outcome: Outcome, field: str) -> str:
    """What was expected; empty where the code says it all."""
    if outcome.code is Code.SHELF_FULL:
        return f"there may be {outcome.available:,} of these, and there are"
    if outcome.field == "link":
        return f"expected a number that is free in the room: SKU {outcome.sku!r} has this one"
    if outcome.code is Code.UNKNOWN_SKU and outcome.sku:
        where = "the room does not list" if field == "run_order" else "the pool has no"
        return f"{where} SKU {outcome.sku!r}"
    if outcome.field == "refunded_minor" and outcome.code is Code.BAD_MESSAGE:
        return f"expected at most what was paid and has not gone back: {outcome.available}"
    if outcome.field == "cap_units":
        return (
            f"expected at least floor_units, which is {outcome.available:,}"
            if outcome.available >= 0
            else "expected none: a shared channel sells from the pool, which has no cap"
        )
    if outcome.field == "elastic_percent":
        return f"expected at most {outcome.available}: the safety buffer takes the rest"
    if outcome.field == "closes_at_ms" and outcome.code is Code.BAD_MESSAGE:
        return "expected a moment behind opens_at_ms"
    if outcome.data == "on_sale":
        return "it is already on sale: the room's channel is shared, and no lot waits for it"
    return _DETAILS.get(outcome.field, "") or expected_of_count(outcome)


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


def _stale(outcome: Outcome) -> ApiError:
    if outcome.field != "revision":
        return stale(*outcome.data, seq=outcome.seq)
    # What was looked at, and not what was to be written: the caller named the revision in the body.
    expected, revision = outcome.data
    detail = f"it was changed since revision {expected}, and is at {revision}: look at it anew"
    return ApiError(Code.STALE, detail, field="revision", expected=expected, revision=revision, seq=outcome.seq)


_OF_THE_WHOLE: Mapping[Code, Callable[[Outcome], ApiError]] = {
    Code.STALE: _stale,
    Code.GATE: lambda outcome: shut(outcome.gate),
}
"""Refusals that are about no field."""


async def first_refusal(book: StockBook, outcomes: Sequence[Outcome], *, rows: str) -> ApiError | None:
    """The first refusal of a bulk request's outcomes, with its row; None when all were carried out."""
    for row, outcome in enumerate(outcomes):
        if outcome.code is not Code.OK:
            return await refused(book, outcome, within=f"{rows}[{row}]")
    return None
