"""Receipts, lots and refund requests as answers show them."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.stock.receipts import ReceiptState
from shelfcast.stock.refund_requests import RefundState


class ReceiptLineItem(Struct, frozen=True, kw_only=True):
    """What somebody found of a SKU in a delivery."""

    sku: str
    title: str
    good: int
    bad: int
    lot: str
    expires_on: str | None
    note: str


class ReceiptEntryItem(Struct, frozen=True, kw_only=True):
    """Who has entered lines, and whether it has finished. Another person's `lines` are null until the receipt is
    over."""

    by: str
    done: bool
    lines: list[ReceiptLineItem] | None


class ReceiptExpectedItem(Struct, frozen=True, kw_only=True):
    """How many units the supplier has announced, and how many came; null while they are being entered."""

    sku: str
    title: str
    units: int
    received: int | None


class ReceiptItem(Struct, frozen=True, kw_only=True):
    """Goods that arrive. With `by_two` two people enter them, who do not see each other's figures: equal, they come in;
    else the receipt `differs` in the SKUs named. `expected` is null for whoever only counts."""

    receipt: str
    state: ReceiptState
    supplier: str
    reference: str
    note: str
    by_two: bool
    expected: list[ReceiptExpectedItem] | None
    entries: list[ReceiptEntryItem]
    differing: list[str]
    made_by: str
    made_at_ms: int
    received_at_ms: int | None
    units: int
    bad: int
    seq: int | None


class ReceiptList(Struct, frozen=True, kw_only=True):
    """The receipts of a pool that are kept, those that are open first, the newest first; without lines and what was
    expected, which are null here."""

    receipts: list[ReceiptItem]


class LotItem(Struct, frozen=True, kw_only=True):
    """A lot that expires: `units` as of `as_of_ms`, of which `pulled` were made unsellable since. `free` is how many of
    the SKU could be pulled now, `days_left` is below zero where it has expired."""

    sku: str
    title: str
    lot: str
    expires_on: str
    days_left: int
    units: int
    pulled: int
    free: int
    as_of_ms: int
    source: str


class LotList(Struct, frozen=True, kw_only=True):
    """Lots that expire within `days`, the first to expire first; `more` says that there are others behind them."""

    days: int
    lots: list[LotItem]
    more: bool


class ErpLevelItem(Struct, frozen=True, kw_only=True):
    """What an ERP said is on hand of a SKU, `at_ms`, and what the book had then: that they differed is fixed, whatever
    is shipped later. `difference` is what the ERP had more; `age_ms` is how old its word is."""

    sku: str
    title: str
    units: int
    on_hand: int
    difference: int
    at_ms: int
    age_ms: int
    seq: int


class ErpLevelList(Struct, frozen=True, kw_only=True):
    """What an ERP said of SKUs, by name; of others it has said nothing."""

    levels: list[ErpLevelItem]


class LevelFault(Struct, frozen=True, kw_only=True):
    """What is wrong with a cell of a file."""

    line: int
    column: str
    message: str


class ErpLevelsNoted(Struct, frozen=True, kw_only=True):
    """What an ERP said was noted of so many SKUs, of which so many are `differing` from the book. SKUs that the
    catalogue has not were passed over: `unknown` names the first 1,000 of `unknown_count`. So were rows of a file with
    a fault: `faults` are the first 1,000 of `fault_count`."""

    noted: int
    differing: int
    unknown: list[str]
    unknown_count: int
    faults: list[LevelFault]
    fault_count: int


class RefundRequestItem(Struct, frozen=True, kw_only=True):
    """A refund that was asked for; it is `age_ms` old. Nothing moves by it: it is over when as many `units` came back
    (`cancel-paid`, or a return that names the order), when the money went back without goods, or when it is
    declined."""

    reservation: str
    state: RefundState
    sku: str
    title: str
    units: int
    done_units: int
    reason: str
    room: str | None
    show: str | None
    channel: str
    user: str
    asked_by: str
    asked_at_ms: int
    age_ms: int
    decided_by: str
    decided_at_ms: int | None
    note: str
    refunded_minor: int | None
    currency: str | None


class RefundRequestList(Struct, frozen=True, kw_only=True):
    """Refunds that were asked for, those that wait longest first; of decided ones, those decided first. `next` is what
    to ask with as `after` for those behind them, null at the end."""

    requests: list[RefundRequestItem]
    next: str | None
