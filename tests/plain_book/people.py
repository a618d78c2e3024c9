"""Forgetting a person: what was sold stays, somebody else's."""

from __future__ import annotations

from plain_book.receipts import Refunds
from plain_book.records import LIVE
from plain_book.waiting import Waiting


class People(Refunds, Waiting):
    """Whose everything is."""

    def open_of(self, user: str) -> list[str]:
        """The reservations of a user that have to end before."""
        return [
            name
            for name, r in self.reservations.items()
            if r.user == user
            and (r.state in (*LIVE, "paid_no_stock") or r.left or r.oversold or self.is_asked_for(name))
        ]

    def is_asked_for(self, name: str) -> bool:
        return name in self.refunds and self.refunds[name].state == "open"

    def forget(self, user: str, pseudonym: str) -> None:
        """All of a user's is the pseudonym's from here on; the user waits no more, and has no standing."""
        for wait in self.waits.values():
            if wait.user == user:
                if wait.state == "waiting":
                    wait.state = "left"
                self.take_out(wait)
                wait.user = pseudonym
        for r in self.reservations.values():
            if r.user == user:
                r.user = pseudonym
        for batch, owner, sku in list(self.from_batch):
            if owner == user:
                self.from_batch[batch, pseudonym, sku] = self.from_batch.pop((batch, user, sku))
        self.standing.pop(user, None)
        self.defined = True
