"""Refunds that somebody has asked for: records that move nothing. Rules: docs/rules.md#refund-requests."""

from __future__ import annotations

import msgspec

from shelfcast.errors import InvalidInput
from shelfcast.protocol.access import Owner
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.receipt_operations import AskRefund, DecideRefund
from shelfcast.stock.records import UNSAID
from shelfcast.stock.refund_requests import RefundRequest, RefundState

DECISIONS = (RefundState.DECLINED, RefundState.WITHOUT_GOODS)
"""What somebody decides; the other ends come with the goods."""


def owner_of(pool: str, request: RefundRequest) -> Owner:
    """Whose a request is: that of the reservation."""
    return Owner(pool=pool, room=request.room, user=request.user)


async def ask(book: StockBook, reservation: str, units: int, reason: str, *, by: By) -> Outcome:
    """Units of a paid reservation shall go back."""
    return await book.apply(AskRefund(reservation, units, reason, by))


async def decide(
    book: StockBook, reservation: str, state: RefundState, *, note: str, refunded_minor: int | None, by: By
) -> Outcome:
    """Decline it, or say that the money went back without goods: `refunded_minor`, None for as much as with the goods.
    Raises InvalidInput for money with what is declined."""
    if refunded_minor is not None and state is not RefundState.WITHOUT_GOODS:
        raise InvalidInput("expected none: what is declined pays nothing back", field="refunded_minor")
    amount = UNSAID if refunded_minor is None else refunded_minor
    return await book.apply(DecideRefund(reservation, state, note, amount, by))


def request_of(outcome: Outcome) -> RefundRequest:
    """The request that an outcome which is OK tells."""
    return msgspec.convert(outcome.data, RefundRequest)


def age_ms(request: RefundRequest, now_ms: int) -> int:
    """How long somebody has waited for it, or did until it was decided."""
    return max(0, (request.decided_at_ms or now_ms) - request.asked_at_ms)
