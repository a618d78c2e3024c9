"""What is asked of the book about receipts, lots, an ERP's figures and refund requests. As in `stock.operations` the
order of the fields is part of the format."""

from __future__ import annotations

from shelfcast.stock.actions import By
from shelfcast.stock.operations import Op
from shelfcast.stock.receipts import ReceiptExpected, ReceiptLine


class OpenReceipt(Op, frozen=True, tag="receipt_open"):
    """Make a receipt, once an id. The outcome's data is its record."""

    id: str
    supplier: str
    reference: str
    note: str
    expected: list[ReceiptExpected]
    by: By


class EnterReceipt(Op, frozen=True, tag="receipt_enter"):
    """All lines of one person, in place of those it had; with `done` it has finished: the goods come in where that is
    enough (one person, or a second one whose figures are equal). The outcome's data is the record."""

    receipt: str
    lines: list[ReceiptLine]
    done: bool
    user: str
    by: By


class CancelReceipt(Op, frozen=True, tag="receipt_cancel"):
    """Nothing comes of it. The outcome's data is the record."""

    receipt: str
    by: By


class PullLot(Op, frozen=True, tag="pull_lot"):
    """Make `qty` units of a lot unsellable, from wherever they are free. A move: its id makes it happen once."""

    id: str
    sku: str
    lot: str
    expires_on: str
    qty: int
    actor: str
    reason: str = ""


class NoteErpLevels(Op, frozen=True, tag="erp_levels"):
    """What an ERP says is on hand: [sku, units], at most 500. SKUs that the catalogue has not are passed over; the
    outcome's data: [noted, [unknown SKU, …], differing]."""

    rows: list[tuple[str, int]]
    actor: str


class AskRefund(Op, frozen=True, tag="refund_ask"):
    """Units of a paid reservation shall go back. Under the same id, or while it is open with the same units and reason,
    it is the same request; another one is ID_CONFLICT while one is open. The outcome's data is the record."""

    reservation: str
    units: int
    reason: str
    by: By


class DecideRefund(Op, frozen=True, tag="refund_decide"):
    """It is declined, or the money went back without goods: nothing moves. UNSAID, as much goes back as would with the
    goods. The outcome's data is the record."""

    reservation: str
    state: str
    note: str
    refunded_minor: int
    by: By
