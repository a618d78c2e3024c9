"""What an order of a file is to the book: new, the same, changed, or a fault that says what stands against it."""

from __future__ import annotations

import pytest
from shelfcast.merchant.order_imports import OrderVerdict, against
from shelfcast.protocol.states import ReservationState
from shelfcast.sheets.platform_orders import PlatformOrder
from shelfcast.stock.records import Reservation


def ordered(qty: int, cancelled: int = 0) -> PlatformOrder:
    return PlatformOrder(
        line=2, order="A1", sku="mug", qty=qty, cancelled=cancelled, paid_at_ms=1, paid_minor=None, currency="CNY"
    )


def booked(qty: int, left: int, *, shipped: int = 0, external: bool = True) -> Reservation:
    return Reservation(
        id="a1",
        state=ReservationState.CONFIRMED,
        sku="mug",
        qty=qty,
        user="",
        room="",
        channel="douyin",
        expires_at_ms=0,
        from_channel=left,
        from_pool=0,
        left=left,
        shipped=shipped,
        external=external,
    )


@pytest.mark.parametrize(
    ("order", "record", "is_over", "verdict", "does"),
    [
        (ordered(5), None, False, OrderVerdict.NEW, (5, 0)),
        (ordered(5, 2), None, False, OrderVerdict.NEW, (3, 0)),
        (ordered(5, 5), None, False, OrderVerdict.SAME, (0, 0)),
        (ordered(5), None, True, OrderVerdict.SAME, (0, 0)),
        (ordered(5), booked(5, 5), False, OrderVerdict.SAME, (0, 0)),
        (ordered(5, 2), booked(5, 5), False, OrderVerdict.CHANGED, (0, 2)),
        (ordered(5, 2), booked(5, 3), False, OrderVerdict.SAME, (0, 0)),
        (ordered(5, 2), booked(3, 3), False, OrderVerdict.SAME, (0, 0)),
    ],
)
def test_what_a_line_does(
    order: PlatformOrder, record: Reservation | None, is_over: bool, verdict: OrderVerdict, does: tuple[int, int]
) -> None:
    found = against(order, "a1", record, is_over=is_over)
    assert not isinstance(found, str)
    assert (found[0], (found[1].book, found[1].cancel)) == (verdict, does)


@pytest.mark.parametrize(
    ("order", "record", "says"),
    [
        (ordered(5), booked(5, 5, external=False), "none of another platform"),
        (ordered(6), booked(5, 5), "booked with 5 units; the file has 6"),
        (ordered(4), booked(5, 5), "booked with 5 units; the file has 4"),
        (ordered(5, 4), booked(5, 2, shipped=3), "3 of its units have left"),
    ],
)
def test_what_stands_against_it(order: PlatformOrder, record: Reservation, says: str) -> None:
    found = against(order, "a1", record, is_over=False)
    assert isinstance(found, str)
    assert says in found
