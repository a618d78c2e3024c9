"""What a business day did to each SKU, from the entries of both ledgers between its two cuts. No I/O.

Formulas: docs/rules.md#days. A day's rows are enough to begin the next one with: its closing is the other's opening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Protocol

from msgspec import Struct

from shelfcast.insight.after_show import Entry
from shelfcast.stock.places import (
    BATCH,
    CHANNEL,
    COUNT_GAIN,
    COUNT_LOSS,
    ELASTIC,
    HELD,
    OUTSIDE,
    POOL,
    PRESALE,
    PRESALE_SOLD,
    RETURNED,
    SAFETY,
    SHIPPED,
    SOLD,
    SUPPLIER,
    UNSELLABLE,
    WRITTEN_OFF,
)

_SELLABLE = (POOL, SAFETY, ELASTIC)
_ON_HAND = (*_SELLABLE, UNSELLABLE)


class DayEntry(Entry, Protocol):
    """What is looked at of an entry besides."""

    @property
    def at_ms(self) -> int:
        """When it was made."""

    @property
    def source(self) -> str:
        """Where its units came from."""

    @property
    def room(self) -> str:
        """The room of the reservation; empty of another platform's order."""


class DayMoney(Struct, array_like=True):
    """Amounts of one currency in its minor units: what payments said, what units came to by their price where those
    said nothing, and what went back."""

    currency: str
    paid: int = 0
    by_price: int = 0
    refunded: int = 0


class DayRow(Struct, array_like=True):
    """A SKU's day, in units.

    opening + received + returned + gained − shipped − written_off − lost = closing, of all that is on hand. `sellable`
    are those of it that nobody has and that are fit to be sold, wherever they are set aside; `for_sale` those of them
    that are in the pool or in a channel at the end.

    `sold` is net of `cancelled` and of this pool's own rooms, `external_sold` the same of other platforms, units beyond
    the stock among them. Presale stands apart, and is never added: `presale_sold` net; `fulfilled` are units of presale
    orders whose goods were drawn, which is when they leave what is sellable.

    `available_ms` is how long some were for sale and the SKU not frozen. `idle_days` counts the days in which it was
    available since something of it was sold; `last_sale` is the day of that, as YYYY-MM-DD, empty where there was none
    since it had stock. `price_minor` is the catalogue's when the day was written (-1: none), and `price_since` the
    first day of which that was so.
    """

    sku: str
    opening: int = 0
    opening_sellable: int = 0
    received: int = 0
    returned: int = 0
    gained: int = 0
    shipped: int = 0
    written_off: int = 0
    lost: int = 0
    closing: int = 0
    closing_sellable: int = 0
    for_sale: int = 0
    sold: int = 0
    cancelled: int = 0
    external_sold: int = 0
    external_cancelled: int = 0
    presale_sold: int = 0
    presale_cancelled: int = 0
    fulfilled: int = 0
    money: list[DayMoney] = []
    available_ms: int = 0
    is_frozen: bool = False
    idle_days: int = 0
    last_sale: str = ""
    price_minor: int = -1
    price_since: str = ""

    @property
    def has_moved(self) -> bool:
        """Whether anything happened to it."""
        return (
            any(getattr(self, name) for name in (*FLOWS, *SALES))
            or self.opening_sellable != self.closing_sellable
            or bool(self.money)
        )

    @property
    def units_sold(self) -> int:
        """Units that customers took of the stock, net."""
        return self.sold + self.external_sold + self.fulfilled

    @property
    def had_stock(self) -> bool:
        """Whether there was something to sell at any time of the day."""
        return bool(self.available_ms or self.opening_sellable or self.closing_sellable or self.received)

    @property
    def had_sale(self) -> bool:
        """Whether somebody bought it, also where that was given back."""
        return any(getattr(self, name) for name in SALES)

    def next_day(self) -> DayRow:
        """What the next day begins with."""
        return DayRow(
            sku=self.sku,
            opening=self.closing,
            opening_sellable=self.closing_sellable,
            closing=self.closing,
            closing_sellable=self.closing_sellable,
            for_sale=self.for_sale,
            is_frozen=self.is_frozen,
            idle_days=self.idle_days,
            last_sale=self.last_sale,
            price_minor=self.price_minor,
            price_since=self.price_since,
        )


FLOWS = ("received", "returned", "gained", "shipped", "written_off", "lost")
SALES = (
    "sold",
    "cancelled",
    "external_sold",
    "external_cancelled",
    "presale_sold",
    "presale_cancelled",
    "fulfilled",
)
_CAME = {SUPPLIER: "received", RETURNED: "returned", COUNT_GAIN: "gained"}
_LEFT = {SHIPPED: "shipped", WRITTEN_OFF: "written_off", COUNT_LOSS: "lost"}


class DayFold:
    """The entries of a day so far, added in the order of each ledger.

    `opening` are the rows of the day before. `paid_ahead` are reservations whose payment said an amount and has found
    no stock yet: what comes of them later is paid already.
    """

    def __init__(
        self, begins_ms: int, ends_ms: int, opening: Iterable[DayRow] = (), paid_ahead: Iterable[str] = ()
    ) -> None:
        self.begins_ms = begins_ms
        self.ends_ms = ends_ms
        self.paid_ahead = set(paid_ahead)
        self._rows = {row.sku: row.next_day() for row in opening}
        self._since: dict[str, int] = {
            row.sku: begins_ms for row in self._rows.values() if row.for_sale > 0 and not row.is_frozen
        }
        """Since when each has been available that is so now."""
        self._paid_now = ""
        """The reservation whose payment the last entry said: one from several places has an entry for each."""

    def add(self, entry: DayEntry) -> None:
        """Take the next entry of a ledger."""
        if not entry.sku:
            return
        row = self._rows.get(entry.sku)
        if row is None:
            row = self._rows[entry.sku] = DayRow(sku=entry.sku)
        if entry.qty:
            self._move(row, entry)
        step = self._STEPS.get(entry.kind)
        if step is not None:
            step(self, row, entry)
        if entry.paid_minor is not None:
            _money(row, entry.currency).paid += entry.paid_minor
        if entry.refunded_minor is not None:
            _money(row, entry.currency).refunded += entry.refunded_minor
        self._follow(row, entry.at_ms)

    def closed(self, date: str) -> list[DayRow]:
        """The rows of the day, by SKU, without those that have no stock and did not move. Nothing is added after it."""
        for sku, since in self._since.items():
            self._rows[sku].available_ms += max(0, self.ends_ms - since)
        self._since = {}
        rows = []
        for row in self._rows.values():
            if row.had_sale:
                row.idle_days, row.last_sale = 0, date
            elif row.available_ms:
                row.idle_days += 1
            if row.opening or row.closing or row.is_frozen or row.has_moved:
                rows.append(row)
        return sorted(rows, key=lambda row: row.sku)

    # --- units ------------------------------------------------------------------------------------------------

    def _move(self, row: DayRow, entry: DayEntry) -> None:
        source, target, qty = entry.source, entry.target, entry.qty
        was_here, is_here = _is_on_hand(source), _is_on_hand(target)
        row.closing_sellable += qty * (_is_sellable(target) - _is_sellable(source))
        row.for_sale += qty * (_is_for_sale(target) - _is_for_sale(source))
        if was_here == is_here:
            return
        row.closing += qty if is_here else -qty
        account, sign = (source, qty) if is_here else (target, -qty)
        if account in _CAME:
            name = _CAME[account]
            setattr(row, name, getattr(row, name) + sign)
        elif account in _LEFT:
            name = _LEFT[account]
            setattr(row, name, getattr(row, name) - sign)

    def _follow(self, row: DayRow, at_ms: int) -> None:
        """Note since when a SKU is available, or for how long it was."""
        is_available = row.for_sale > 0 and not row.is_frozen
        since = self._since.get(row.sku)
        if is_available == (since is not None):
            return
        at_ms = min(max(at_ms, self.begins_ms), self.ends_ms)
        if since is None:
            self._since[row.sku] = at_ms
        else:
            del self._since[row.sku]
            row.available_ms += max(0, at_ms - since)

    # --- what customers did -----------------------------------------------------------------------------------

    def _on_confirm(self, row: DayRow, entry: DayEntry) -> None:
        self._sell(row, entry)

    def _on_reacquire(self, row: DayRow, entry: DayEntry) -> None:
        self._sell(row, entry)

    def _on_fulfil(self, row: DayRow, entry: DayEntry) -> None:
        # The presale's ledger has it once, the stock's for each place that goods were drawn from.
        if entry.target.startswith(SOLD):
            row.fulfilled += entry.qty

    def _on_external(self, row: DayRow, entry: DayEntry) -> None:
        row.external_sold += entry.qty
        self._pay(row, entry)

    def _on_cancel_paid(self, row: DayRow, entry: DayEntry) -> None:
        if entry.source.startswith(PRESALE_SOLD):
            row.presale_sold -= entry.qty
            row.presale_cancelled += entry.qty
        elif entry.room:
            row.sold -= entry.qty
            row.cancelled += entry.qty
        else:
            row.external_sold -= entry.qty
            row.external_cancelled += entry.qty

    def _on_paid_no_stock(self, _: DayRow, entry: DayEntry) -> None:
        if entry.paid_minor is not None:
            self.paid_ahead.add(entry.id)

    def _on_refund(self, _: DayRow, entry: DayEntry) -> None:
        self.paid_ahead.discard(entry.id)

    def _on_undo(self, row: DayRow, entry: DayEntry) -> None:
        # Of what moved units the places say all. One that moves none between no places takes a flag back.
        if not entry.qty and entry.source == entry.target == OUTSIDE:
            row.is_frozen = not row.is_frozen

    def _on_freeze(self, row: DayRow, _: DayEntry) -> None:
        row.is_frozen = True

    def _on_unfreeze(self, row: DayRow, _: DayEntry) -> None:
        row.is_frozen = False

    def _sell(self, row: DayRow, entry: DayEntry) -> None:
        if entry.source.startswith(PRESALE):
            row.presale_sold += entry.qty
        else:
            row.sold += entry.qty
        self._pay(row, entry)

    def _pay(self, row: DayRow, entry: DayEntry) -> None:
        """A payment that names no amount comes to the price of its units."""
        if entry.id in self.paid_ahead:
            self.paid_ahead.discard(entry.id)
            self._paid_now = entry.id
        elif entry.paid_minor is not None:
            self._paid_now = entry.id
        elif entry.id != self._paid_now and entry.price_minor is not None:
            _money(row, entry.currency).by_price += entry.price_minor * entry.qty

    _STEPS: ClassVar[dict[str, Callable[[DayFold, DayRow, DayEntry], None]]] = {
        "confirm": _on_confirm,
        "reacquire": _on_reacquire,
        "fulfil": _on_fulfil,
        "external": _on_external,
        "external_oversold": _on_external,
        "cancel_paid": _on_cancel_paid,
        "paid_no_stock": _on_paid_no_stock,
        "refund": _on_refund,
        "freeze": _on_freeze,
        "unfreeze": _on_unfreeze,
        "undo": _on_undo,
    }


def _is_for_sale(place: str) -> bool:
    return place == POOL or place.startswith(CHANNEL)


def _is_sellable(place: str) -> bool:
    return place in _SELLABLE or place.startswith((CHANNEL, BATCH))


def _is_on_hand(place: str) -> bool:
    return place in _ON_HAND or place.startswith((CHANNEL, BATCH, HELD, SOLD))


def _money(row: DayRow, currency: str) -> DayMoney:
    for money in row.money:
        if money.currency == currency:
            return money
    row.money.append(DayMoney(currency))
    return row.money[-1]
