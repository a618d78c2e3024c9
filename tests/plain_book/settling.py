"""Units that come free go first to those who have paid: where the pool settles by itself."""

from __future__ import annotations

from plain_book.after_sale import AfterSale


class Settling(AfterSale):
    """Late payments, then orders of other platforms; the oldest first."""

    def owed(self, sku: str) -> bool:
        """Whether some of it goes to debts as soon as it is free."""
        unfilled = (self.reservations[name] for name in self.without_stock)
        debts = [*unfilled, *(r for r in self.reservations.values() if r.oversold)]
        return self.auto_settle and any(r.sku == sku for r in debts)

    def settle_all(self, sku: str) -> None:
        if not self.auto_settle:
            return
        for name in list(self.without_stock):
            r = self.reservations[name]
            if r.sku == sku and self.take_anew(r):
                del self.without_stock[name]
        for name, r in self.reservations.items():
            stopped = sku in self.frozen or bool({("channel", r.channel), ("pool", "")} & self.stopped)
            if r.sku == sku and r.oversold and not stopped:
                qty = min(r.oversold, self.available(sku, r.channel, external=True))
                if qty:
                    assert self.settle(name, qty) == "OK"
