"""What happens to paid orders, and to those that other platforms took."""

from __future__ import annotations

from plain_book.records import PlainReservation
from plain_book.reservations import Reservations


class AfterSale(Reservations):
    """Orders."""

    def paid(self, name: str) -> PlainReservation | None:
        r = self.reservations.get(name)
        return r if r and r.state == "confirmed" else None

    def ship(self, name: str, qty: int) -> str:
        r = self.paid(name)
        if not r:
            return "NOT_FOUND"
        there = 0 if r.presale else r.left
        qty = qty or there
        if qty == 0 or qty > there:
            return "INSUFFICIENT"
        self.shift(r.sku, r.place("sold"), "shipped", qty)
        self.take_home(r, qty)
        r.shipped += qty
        return "OK"

    def cancel_paid(self, name: str, qty: int) -> str:
        r = self.paid(name)
        if not r:
            return "NOT_FOUND"
        there = r.left + r.oversold
        qty = qty or there
        if qty == 0 or qty > there:
            return "INSUFFICIENT"
        owed = min(qty, r.oversold)
        r.oversold -= owed
        self.shift(r.sku, f"external_oversold:{r.channel}", "outside", owed)
        self.give_back(r, "sold", qty - owed)
        if not r.left and not r.oversold and not r.shipped:
            r.state = "cancelled"
        return "OK"

    def take_for(self, r: PlainReservation, qty: int) -> None:
        for place in self.sources(r.sku, r.channel, external=r.external):
            take = min(qty, self.units[r.sku][place])
            if take:
                self.shift(r.sku, place, r.place("sold"), take)
                self.note_drawn(r, place, take)
                qty -= take

    def fulfil(self, name: str) -> str:
        r = self.paid(name)
        if not r:
            return "NOT_FOUND"
        qty = r.left if r.presale else 0
        there = sum(self.units[r.sku][place] for place in self.sources(r.sku, r.channel))  # no mark holds for it
        if qty == 0 or there < qty:
            return "INSUFFICIENT"
        self.shift(r.sku, r.place("sold"), "fulfilled", qty)
        r.presale = False
        r.home.clear()
        self.take_for(r, qty)
        return "OK"

    def external(self, name: str, channel: str, sku: str, qty: int) -> str:
        if known := self.reservations.get(name):
            same = (known.external, known.channel, known.sku, known.qty) == (True, channel, sku, qty)
            return "OK" if same else "ID_CONFLICT"
        r = PlainReservation("", sku, qty, "", channel, external=True, state="confirmed")
        self.draw(r, "sold", partly=True)
        r.oversold = qty - r.left
        self.shift(sku, "outside", f"external_oversold:{channel}", r.oversold)
        self.reservations[name] = r
        return "OK"

    def settle(self, name: str, qty: int) -> str:
        r = self.paid(name)
        if not r:
            return "NOT_FOUND"
        if qty > r.oversold or self.available(r.sku, r.channel, external=True) < qty:
            return "INSUFFICIENT"
        self.take_for(r, qty)
        r.oversold -= qty
        self.shift(r.sku, f"external_oversold:{r.channel}", "outside", qty)
        return "OK"
