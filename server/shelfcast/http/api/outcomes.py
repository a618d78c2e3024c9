"""From the stock book's outcomes to answers and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shelfcast.http.api.bodies import MoveDone, Step
from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.codes import Code
from shelfcast.protocol.messages import ReservationState
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Count, Op, OpenBatch
from shelfcast.stock.outcomes import Outcome

# The engine's names for parts of an operation that a body calls otherwise.
_BODY_FIELDS = {"counted": "qty", "frozen": "kind"}


async def applied(book: StockBook, op: Op) -> Outcome:
    """Apply one operation; its outcome, which is OK. Raises ApiError."""
    outcome = await book.apply(op)
    if outcome.code is not Code.OK:
        raise await refused(book, outcome)
    return outcome


async def done(book: StockBook, op: Op, id: str, outcome: Outcome) -> MoveDone:  # noqa: A002 - the answer's field
    """What a move did."""
    data = _reported(op, outcome.data)
    short = await book.short_reservations(op.sku, data["shortage"]) if isinstance(op, Count) and data else []
    return MoveDone(id=id, seq=outcome.seq, data=data, short_reservations=[reservation.id for reservation in short])


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


async def refused(book: StockBook, outcome: Outcome, *, within: str = "") -> ApiError:
    """The problem that says what an outcome refused; `within` is the part of the body it was about."""
    retry_after_ms = None
    if outcome.retry_at_ms > 0:
        retry_after_ms = max(0, outcome.retry_at_ms - await book.now_ms())
    field = _BODY_FIELDS.get(outcome.field, outcome.field)
    detail = ""
    if outcome.code is Code.LIMIT_PER_ORDER and outcome.field == "sku":
        detail = f"the room lists {outcome.available:,} SKUs, the most that one may (skus_a_room_max)"
    return ApiError(
        outcome.code,
        detail,
        field=f"{within}.{field}".strip("."),
        retry_after_ms=retry_after_ms,
        available=outcome.available if outcome.available >= 0 else None,
    )


async def first_refusal(book: StockBook, outcomes: Sequence[Outcome], *, rows: str) -> ApiError | None:
    """The first refusal of a bulk request's outcomes, with its row; None when all were carried out."""
    for row, outcome in enumerate(outcomes):
        if outcome.code is not Code.OK:
            return await refused(book, outcome, within=f"{rows}[{row}]")
    return None


def _reported(op: Op, data: Any) -> dict[str, int] | None:
    """What a move reports besides, under names (the Lua files give lists)."""
    if isinstance(op, Count):
        on_hand, difference, shortage = data
        return {"on_hand": on_hand, "difference": difference, "shortage": shortage}
    return {"skus": data} if isinstance(op, OpenBatch) else None
