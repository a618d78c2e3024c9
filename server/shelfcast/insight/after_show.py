"""What became of a show's reservations, from the entries of both ledgers that are stamped with it. No I/O.

Formulas: docs/rules.md#after-the-show.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from shelfcast.stock.places import FULFILLED, OUTSIDE, PRESALE


class Entry(Protocol):
    """What is looked at of an entry of a ledger (`stock.records.LedgerEntry`)."""

    @property
    def id(self) -> str:
        """Of the reservation."""

    @property
    def kind(self) -> str:
        """What was done."""

    @property
    def show(self) -> str:
        """The show it was made in."""

    @property
    def sku(self) -> str:
        """Its SKU."""

    @property
    def qty(self) -> int:
        """Units that moved."""

    @property
    def target(self) -> str:
        """Where they went."""

    @property
    def currency(self) -> str:
        """Of the amounts."""

    @property
    def price_minor(self) -> int | None:
        """Of one unit, when it was made; None where that is not known."""

    @property
    def paid_minor(self) -> int | None:
        """What this step says was paid."""

    @property
    def refunded_minor(self) -> int | None:
        """What went back with this step."""


@dataclass
class Tally:
    """Units of one SKU by what became of them: of those from stock, or of those of a presale, never of both together.

    Of a presale `fulfilled` are those whose goods came, and `cancelled_unfulfilled` those given back before that.
    `refunded_no_stock` were paid, had no goods, and the money went back. `orders` are the reservations that were paid.
    """

    orders: int = 0
    paid: int = 0
    cancelled: int = 0
    shipped: int = 0
    fulfilled: int = 0
    cancelled_unfulfilled: int = 0
    refunded_no_stock: int = 0

    @property
    def sold(self) -> int:
        """Net: paid, and not given back."""
        return self.paid - self.cancelled

    @property
    def unshipped(self) -> int:
        """Sold, and still here or owed."""
        return self.sold - self.shipped

    @property
    def awaiting_goods(self) -> int:
        """Of a presale: sold, and the goods have not come."""
        return self.paid - self.cancelled_unfulfilled - self.fulfilled


@dataclass
class Money:
    """Amounts of one currency, in its minor units: what payments said (`paid`), what those came to by the price that
    said nothing (`by_price`), and what went back."""

    paid: int = 0
    by_price: int = 0
    refunded: int = 0


@dataclass(frozen=True)
class Kept:
    """Units of a reservation that is neither sold nor over: held, or paid without stock. `by_price` is what its payment
    came to, where it named no amount."""

    sku: str
    units: int
    is_presale: bool
    by_price: int = 0
    currency: str = ""


@dataclass
class ShowFold:
    """The entries of a show so far. First all of the presale's ledger are added, then those of the stock's: what a
    presale order is fulfilled with stands in the second."""

    show: str
    stock: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    presale: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    money_of: defaultdict[tuple[str, str], Money] = field(default_factory=lambda: defaultdict(Money))
    """By SKU and currency."""
    held: dict[str, Kept] = field(default_factory=dict)
    """Live holds, by reservation."""
    owed: dict[str, Kept] = field(default_factory=dict)
    """Payments without stock that wait, by reservation."""
    presale_orders: set[str] = field(default_factory=set)
    """Reservations that were paid as presale."""
    refunded_alone: set[str] = field(default_factory=set)
    """Reservations of which money went back without goods."""
    _last_reacquired: str = ""
    _ran_out: dict[str, int] = field(default_factory=dict)
    """Units of holds that ran out, by reservation: a payment may come late, and its entry says no units."""

    @property
    def money(self) -> dict[str, Money]:
        """The amounts of all SKUs together, by currency."""
        found: defaultdict[str, Money] = defaultdict(Money)
        for (_, currency), money in self.money_of.items():
            total = found[currency]
            total.paid += money.paid
            total.by_price += money.by_price
            total.refunded += money.refunded
        return dict(found)

    def add(self, entry: Entry, *, of_presale: bool) -> None:
        """Take an entry of the presale's ledger, or of the stock's; one of another show changes nothing."""
        step = self._STEPS.get(entry.kind) if entry.show == self.show else None
        if step is None:
            return
        is_presale = of_presale or entry.id in self.presale_orders
        step(self, entry, is_presale, (self.presale if is_presale else self.stock)[entry.sku])
        if entry.paid_minor is not None:
            self.money_of[entry.sku, entry.currency].paid += entry.paid_minor
        if entry.refunded_minor is not None:
            self.money_of[entry.sku, entry.currency].refunded += entry.refunded_minor

    def _on_reserve(self, entry: Entry, is_presale: bool, _: Tally) -> None:
        known = self.held.get(entry.id)
        self.held[entry.id] = Kept(entry.sku, entry.qty + (known.units if known else 0), is_presale)

    def _on_confirm(self, entry: Entry, is_presale: bool, tally: Tally) -> None:
        self.held.pop(entry.id, None)
        tally.paid += entry.qty
        tally.orders += 1
        if is_presale:
            self.presale_orders.add(entry.id)
        if entry.paid_minor is None:
            self._by_price(entry, entry.qty)

    def _on_reacquire(self, entry: Entry, is_presale: bool, tally: Tally) -> None:
        # One that drew from several places has an entry for each; the first one says the payment.
        tally.paid += entry.qty
        if entry.id != self._last_reacquired:
            tally.orders += 1
            self._last_reacquired = entry.id
        if is_presale:
            self.presale_orders.add(entry.id)
        waited = self.owed.pop(entry.id, None)
        units = self._ran_out.pop(entry.id, 0)
        if waited is not None and entry.paid_minor is not None:
            self.money_of[waited.sku, waited.currency].by_price -= waited.by_price
        elif waited is None and units and entry.paid_minor is None:
            self._by_price(entry, units)

    def _on_paid_no_stock(self, entry: Entry, is_presale: bool, _: Tally) -> None:
        units = self._ran_out.get(entry.id, 0)
        by_price = self._by_price(entry, units) if entry.paid_minor is None else 0
        self.owed[entry.id] = Kept(entry.sku, units, is_presale, by_price, entry.currency)

    def _on_refund(self, entry: Entry, _: bool, tally: Tally) -> None:
        waited = self.owed.pop(entry.id, None)
        tally.refunded_no_stock += waited.units if waited else 0

    def _on_end_of_hold(self, entry: Entry, _: bool, __: Tally) -> None:
        self.held.pop(entry.id, None)
        if entry.kind == "expire":
            self._ran_out[entry.id] = self._ran_out.get(entry.id, 0) + entry.qty

    def _on_ship(self, entry: Entry, _: bool, tally: Tally) -> None:
        tally.shipped += entry.qty

    def _on_cancel_paid(self, entry: Entry, _: bool, tally: Tally) -> None:
        if entry.target != OUTSIDE:
            tally.cancelled += entry.qty
        if entry.target == PRESALE:
            tally.cancelled_unfulfilled += entry.qty

    def _on_fulfil(self, entry: Entry, is_presale: bool, tally: Tally) -> None:
        # The presale's ledger has it once; the stock's, for each place that goods were drawn from.
        if entry.target == FULFILLED and is_presale:
            tally.fulfilled += entry.qty

    def _on_refund_only(self, entry: Entry, _: bool, __: Tally) -> None:
        self.refunded_alone.add(entry.id)

    def _by_price(self, entry: Entry, units: int) -> int:
        amount = (entry.price_minor or 0) * units
        self.money_of[entry.sku, entry.currency].by_price += amount
        return amount

    _STEPS: ClassVar = {
        "reserve": _on_reserve,
        "confirm": _on_confirm,
        "reacquire": _on_reacquire,
        "paid_no_stock": _on_paid_no_stock,
        "refund": _on_refund,
        "cancel": _on_end_of_hold,
        "expire": _on_end_of_hold,
        "ship": _on_ship,
        "cancel_paid": _on_cancel_paid,
        "fulfil": _on_fulfil,
        "refund_only": _on_refund_only,
    }
