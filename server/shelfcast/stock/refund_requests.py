"""Refunds that somebody has asked for, as the book keeps them (stock/library/refund_requests.lua): records that move
nothing. Rules: docs/rules.md#refund-requests."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class RefundState(StrEnum):
    """What became of a request: the units came back (`cancel-paid`, or a return that names the order), the money went
    back without goods, or it was declined."""

    OPEN = "open"
    CANCELLED_PAID = "cancelled_paid"
    RETURNED = "returned"
    WITHOUT_GOODS = "without_goods"
    DECLINED = "declined"


class RefundRequest(Struct, frozen=True, kw_only=True):
    """`units` of a paid reservation shall go back, for a `reason`. `done_units` came back so far. `refunded_minor` is
    what went back without goods, in `currency`; `earlier_units` are those of which it did by requests before."""

    reservation: str
    state: RefundState
    sku: str
    units: int
    done_units: int = 0
    earlier_units: int = 0
    reason: str
    room: str = ""
    show: str = ""
    channel: str
    user: str = ""
    asked_by: str
    asked_at_ms: int
    decided_by: str = ""
    decided_at_ms: int = 0
    note: str = ""
    refunded_minor: int = 0
    currency: str = ""
