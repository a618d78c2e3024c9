"""People are forgotten, and come again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis.stateful import invariant, rule
from plain_book.records import LIVE
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import InvalidInput
from shelfcast.merchant.people import forget
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.operations import Cancel, CancelPaid, Decline, Refund
from shelfcast.stock.receipt_operations import DecideRefund
from shelfcast.stock.records import UNSAID
from trimming import entries_of

from book_machine.drawn import USERS, users
from book_machine.machine import Machine


class People(Machine):
    """Rules of whose data is kept."""

    @rule(user=users)
    def forget(self, user: str) -> None:
        """Refused while something is open, with nothing changed."""
        self.look_first()
        archive = ArchiveStore(Settings(archive_url=str(Path(self.base_settings.data_dir) / "archive")))
        if self.plain.open_of(user):
            with pytest.raises(InvalidInput, match="must end first"):
                self.run(forget(self.shop.book, archive, user))
            return
        done = self.run(forget(self.shop.book, archive, user))
        self.plain.forget(user, done.pseudonym)
        self.plain.after_operation(by_hand=False)
        assert self.run(self.shop.book.users_of([done.pseudonym])) == {}

    @rule(user=users)
    def end_all_and_forget(self, user: str) -> None:
        for wait in list(self.plain.waits.values()):
            if wait.user == user and wait.state == "waiting":
                self.both(Decline(wait.name, user), self.plain.decline(wait.name, user))
        for name in self.plain.open_of(user):
            r = self.plain.reservations[name]
            if r.state in LIVE:
                self.both(Cancel(name), self.plain.cancel(name, ""))
            elif r.state == "paid_no_stock":
                self.both(Refund(name), self.plain.refund(name))
            if r.left or r.oversold:
                self.both(CancelPaid(self.move_id(), name, 0), self.plain.cancel_paid(name, 0))
            if self.plain.is_asked_for(name):
                declined = DecideRefund(name, "declined", "", UNSAID, By(self.move_id(), "eve"))
                self.both(declined, self.plain.decide(name, "declined"))
        assert self.plain.open_of(user) == []
        self.forget(user)

    @invariant()
    def the_ledgers_name_nobody(self) -> None:
        named = {entry.user for _, entry in self.run(entries_of(self.shop.book))}
        assert named.isdisjoint(USERS)
