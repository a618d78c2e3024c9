"""Goods that arrive, their lots, and refunds that were asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from plain_book.after_sale import AfterSale
from plain_book.counts import Counts
from plain_book.records import PlainRow

Lines = list[tuple[str, str, int, int]]
"""SKU, lot, good and bad units."""


@dataclass
class PlainReceipt:
    """A receipt, with what each person has found; `done` are those who have finished."""

    by_two: bool
    state: str = "open"
    lines: dict[str, Lines] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)


@dataclass
class PlainRefund:
    """A refund that was asked for."""

    sku: str
    units: int
    back: int = 0
    state: str = "open"


class Receipts(Counts):
    """Entered by one or by two, and lots pulled."""

    def __init__(self, now: int, skus: tuple[str, ...]) -> None:
        super().__init__(now, skus)
        self.by_two = False
        self.receipts: dict[str, PlainReceipt] = {}
        self.lots: dict[tuple[str, str], tuple[int, int]] = {}
        """By SKU and lot: units that came, and those that were pulled."""

    def move(self, sku: str, source: str, target: str, qty: int, kind: str = "") -> str:
        if source == "supplier" and self.by_two:
            return "NEEDS_APPROVAL"
        return super().move(sku, source, target, qty, kind)

    def make_receipt(self, name: str) -> str:
        self.receipts[name] = PlainReceipt(self.by_two)
        return "OK"

    def enter(self, name: str, person: str, lines: Lines, *, done: bool) -> str:
        receipt = self.receipts[name]
        if receipt.state in ("received", "cancelled"):
            again = receipt.state == "received" and done and person in receipt.done and receipt.lines[person] == lines
            return "OK" if again else "BAD_MESSAGE"
        receipt.lines[person] = lines
        receipt.done.discard(person)
        if not done:
            return "OK"
        others = [self.arrived(receipt.lines[other]) for other in receipt.done]
        receipt.done.add(person)
        if receipt.by_two and self.arrived(lines) not in others:
            receipt.state = "differs" if others else "open"
            return "OK"
        receipt.state = "received"
        # What comes of a SKU comes at once, whatever lots and lines it is of.
        for sku in dict.fromkeys(line[0] for line in lines):
            self.shift(sku, "supplier", "pool", sum(line[2] for line in lines if line[0] == sku))
            self.shift(sku, "supplier", "unsellable", sum(line[3] for line in lines if line[0] == sku))
        for sku, lot, good, _ in lines:
            if lot and good:
                units, pulled = self.lots.get((sku, lot), (0, 0))
                self.lots[sku, lot] = units + good, pulled
        return "OK"

    def arrived(self, lines: Lines) -> dict[tuple[str, str], tuple[int, int]]:
        good, bad = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for sku, lot, units, spoilt in lines:
            good[sku, lot] += units
            bad[sku, lot] += spoilt
        return {of: (good[of], bad[of]) for of in good if good[of] or bad[of]}

    def cancel_receipt(self, name: str) -> str:
        receipt = self.receipts[name]
        if receipt.state == "received":
            return "BAD_MESSAGE"
        receipt.state = "cancelled"
        return "OK"

    def pull(self, sku: str, lot: str, qty: int) -> str:
        if (sku, lot) not in self.lots:
            return "NOT_FOUND"
        units, pulled = self.lots[sku, lot]
        free = sum(n for place, n in self.units[sku].items() if self.is_unsold(place))
        if qty > units - pulled or qty > free:
            return "INSUFFICIENT"
        self.take_unsold(sku, qty, "unsellable")
        self.lots[sku, lot] = units, pulled + qty
        return "OK"

    def apply_row(self, name: str, sku: str, row: PlainRow) -> None:
        """Counts here name no lots: only one that finds nothing says anything of them."""
        super().apply_row(name, sku, row)
        if not any(line.good for line in self.counting_lines(row)):
            self.lots = {of: units for of, units in self.lots.items() if of[0] != sku}

    def is_unsold(self, place: str) -> bool:
        return place in ("pool", "safety", "elastic") or place.startswith(("batch:", "channel:"))


class Refunds(AfterSale):
    """Asked for, decided, and over with the goods."""

    def __init__(self, now: int, skus: tuple[str, ...]) -> None:
        super().__init__(now, skus)
        self.refunds: dict[str, PlainRefund] = {}

    def ask(self, name: str, units: int) -> str:
        known = self.refunds.get(name)
        if known and known.state == "open":
            return "OK" if known.units == units else "ID_CONFLICT"
        r = self.reservations.get(name)
        if r is None:
            return "NOT_FOUND"
        if r.state != "confirmed":
            return "BAD_MESSAGE"
        if units > r.left + r.oversold + r.shipped:
            return "INSUFFICIENT"
        self.refunds[name] = PlainRefund(r.sku, units)
        return "OK"

    def decide(self, name: str, state: str) -> str:
        refund = self.refunds.get(name)
        if refund is None:
            return "NOT_FOUND"
        if refund.state != "open":
            return "OK" if refund.state == state else "BAD_MESSAGE"
        refund.state = state
        return "OK"

    def came_back(self, name: str, sku: str, qty: int, state: str) -> None:
        refund = self.refunds.get(name)
        if refund and refund.state == "open" and refund.sku == sku:
            refund.back += qty
            if refund.back >= refund.units:
                refund.state = state

    def cancel_paid(self, name: str, qty: int) -> str:
        r = self.reservations.get(name)
        units = qty or (r.left + r.oversold if r else 0)
        code = super().cancel_paid(name, qty)
        if code == "OK" and r:
            self.came_back(name, r.sku, units, "cancelled_paid")
        return code
