"""Goods that arrive, their lots, what an ERP says is there, and refunds that were asked for."""

from __future__ import annotations

from typing import TypedDict


class Article(TypedDict):
    """A SKU and what it is by the catalogue."""

    sku: str
    title: str
    barcode: str
    shelf_zone: str


class ReceiptLine(TypedDict):
    """What somebody found of a SKU in a delivery; `expires_on` is a day, YYYY-MM-DD."""

    sku: str
    title: str
    good: int
    bad: int
    lot: str
    expires_on: str | None
    note: str


class ReceiptEntry(TypedDict):
    """Who has entered lines, and whether that one has finished. Another person's `lines` are None until the receipt is
    over, and all are in lists."""

    by: str
    done: bool
    lines: list[ReceiptLine] | None


class ReceiptExpected(TypedDict):
    """How many units the supplier has announced, and how many came."""

    sku: str
    title: str
    units: int
    received: int | None


class Receipt(TypedDict):
    """A receipt. `state` is open, differs, received or cancelled. `by_two`: two people enter it, who do not see each
    other's figures; `differing` are the SKUs in which they do not agree. `expected` is None while somebody could still
    be one of the two, and for whoever only counts. `units` came in, `bad` ones of them unsellable."""

    receipt: str
    state: str
    supplier: str
    reference: str
    note: str
    by_two: bool
    expected: list[ReceiptExpected] | None
    entries: list[ReceiptEntry]
    differing: list[str]
    made_by: str
    made_at_ms: int
    received_at_ms: int | None
    units: int
    bad: int
    seq: int | None


class ExpiringLot(TypedDict):
    """A lot that expires: it had `units` as of `as_of_ms`, of which `pulled` were made unsellable since; sales are not
    taken off. `free` is how many of the SKU could be pulled now; `days_left` is below zero where it has expired."""

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


class ExpiringLots(TypedDict):
    """Lots that expire within `days`, the first to expire first; `more` says that there are others behind them."""

    days: int
    lots: list[ExpiringLot]
    more: bool


class ErpLevel(TypedDict):
    """What an ERP said is on hand of a SKU, and what the book had then; `difference` is what the ERP had more."""

    sku: str
    title: str
    units: int
    on_hand: int
    difference: int
    at_ms: int
    age_ms: int
    seq: int


class LevelFault(TypedDict):
    """What is wrong with a cell of a file."""

    line: int
    column: str
    message: str


class ErpLevelsNoted(TypedDict):
    """An ERP's figures were noted of so many SKUs, of which so many are `differing` from the book. `unknown` names the
    first 1,000 of `unknown_count` SKUs that the catalogue has not, `faults` are the first 1,000 rows of a file that
    were left out."""

    noted: int
    differing: int
    unknown: list[str]
    unknown_count: int
    faults: list[LevelFault]
    fault_count: int


class RefundRequest(TypedDict):
    """A refund that was asked for. `state` is open, cancelled_paid or returned (`units` came back), without_goods
    (`refunded_minor` went back) or declined. Until then `done_units` came back; it waits for `age_ms`."""

    reservation: str
    state: str
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
