"""Receipts, lots and what an ERP says, as the book keeps them (stock/library/receipts.lua, lots.lua, erp_levels.lua).

Rules: docs/rules.md#receipts.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ReceiptState(StrEnum):
    """Where a receipt stands. It `differs` where two people have finished and their figures are not equal."""

    OPEN = "open"
    DIFFERS = "differs"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class ReceiptLine(Struct, frozen=True, kw_only=True):
    """What one person found of a SKU in a delivery. `lot` and `expires_on` (YYYY-MM-DD) are empty where there is
    none."""

    sku: str
    good: int
    bad: int = 0
    lot: str = ""
    expires_on: str = ""
    note: str = ""


class ReceiptEntry(Struct, frozen=True, kw_only=True):
    """The lines of one person; `done_at_ms` is 0 while it is at work."""

    by: str
    lines: list[ReceiptLine] = []
    done_at_ms: int = 0


class ReceiptExpected(Struct, array_like=True, frozen=True):
    """How many units of a SKU the supplier has announced."""

    sku: str
    units: int


class ReceiptRecord(Struct, frozen=True, kw_only=True):
    """A receipt: goods that arrive. `by_two` is what the pool said when it was made. `differing` are the SKUs whose
    figures are not equal, `seq` the pool's sequence when they came in."""

    id: str
    state: ReceiptState
    supplier: str = ""
    reference: str = ""
    note: str = ""
    by_two: bool
    expected: list[ReceiptExpected] = []
    entries: list[ReceiptEntry] = []
    differing: list[str] = []
    made_by: str
    made_at_ms: int
    received_at_ms: int = 0
    received_by: str = ""
    units: int = 0
    bad: int = 0
    seq: int = 0
    cancelled_by: str = ""


class Lot(Struct, frozen=True, kw_only=True):
    """Goods of a SKU that were made, and expire, together. `units` is how many there were as of `as_of_ms`, by `source`
    (`receipt:ID`, `count:ID`): sales since then are not taken off, for nobody knows of which lot they were. `pulled`
    are those that were made unsellable since."""

    sku: str
    lot: str
    expires_on: str
    units: int
    pulled: int = 0
    as_of_ms: int
    source: str


class ErpLevel(Struct, array_like=True, frozen=True):
    """What an ERP says is on hand of a SKU, and what the book had when it said so: that it differs by then is fixed,
    whatever is shipped later."""

    at_ms: int
    seq: int
    units: int
    on_hand: int

    @property
    def difference(self) -> int:
        """Units that the ERP has more than the book."""
        return self.units - self.on_hand
