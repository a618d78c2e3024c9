"""Batches."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule
from plain_book.records import PlainBatch
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, CancelPaid, CloseBatch, Confirm, Move, MoveKind, OpenBatch

from book_machine.drawn import later, leftovers, picks, skus, small, users
from book_machine.machine import batch_config
from book_machine.reservations import Reservations

BATCHES_MAX = 12


class Batches(Reservations):
    """Rules of batches: made, filled, opened, closed, outlived."""

    @rule(pick=picks)
    def open_batch(self, pick: int) -> None:
        name = self.batch(pick)
        self.plain.open_batch(name)
        self.both(OpenBatch(self.move_id(), name), "OK")

    @rule(pick=picks)
    def close_batch(self, pick: int) -> None:
        name = self.batch(pick)
        self.plain.close_batch(name)
        self.both(CloseBatch(self.move_id(), name), "OK")

    @rule(pick=picks, sku=skus, qty=small)
    def fill_batch(self, pick: int, sku: str, qty: int) -> None:
        self.fill(self.batch(pick), sku, qty)

    @rule(pick=picks, sku=skus, qty=small)
    def take_from_batch(self, pick: int, sku: str, qty: int) -> None:
        source = f"batch:{self.batch(pick)}"
        code = self.plain.move(sku, source, "unsellable", qty)
        self.both(Move(self.move_id(), MoveKind.QUARANTINE, sku, qty, source, "unsellable"), code)

    @rule(
        pick=st.none() | picks,
        opens=st.none() | later,
        lasts=st.none() | later,
        channel=st.sampled_from(("", "", "live", "douyin")),
        exclusive=st.booleans(),
        limit=st.none() | small,
        leftover=leftovers,
        sku=skus,
    )
    def define_batch(
        self,
        pick: int | None,
        opens: int | None,
        lasts: int | None,
        channel: str,
        exclusive: bool,
        limit: int | None,
        leftover: str,
        sku: str,
    ) -> None:
        """A new one, with some units, or one anew, whatever state it is in."""
        self.look_first()
        is_new = pick is None and len(self.plain.batches) < BATCHES_MAX
        name = f"b{len(self.plain.batches) + 1}" if is_new else self.batch(pick or 0)
        batch = self.plain.batches.setdefault(name, PlainBatch())
        batch.opens_at = None if opens is None else self.plain.now + opens
        batch.closes_at = None if lasts is None else self.plain.now + (opens or 0) + lasts
        batch.channel, batch.exclusive, batch.limit_per_user = channel, exclusive, limit
        batch.leftover = leftover
        self.set(What.BATCH, name, batch_config(batch))
        if is_new:
            self.fill(name, sku, 4)

    @rule(
        pick=picks,
        sku=skus,
        qty=small,
        user=users,
        leftover=leftovers,
        by_hand=st.booleans(),
        looks=st.booleans(),
        end=st.sampled_from(("cancel", "pay", "expire", "confirm")),
    )
    def outlive_a_batch(
        self, pick: int, sku: str, qty: int, user: str, leftover: str, by_hand: bool, looks: bool, end: str
    ) -> None:
        """A hold is still live when its batch is over."""
        if len(self.plain.batches) == BATCHES_MAX:
            return
        self.define_batch(None, 0, None if by_hand else 1_000, "", True, None, leftover, sku)
        name, held = f"b{len(self.plain.batches)}", self.move_id()
        self.reserve_as(held, "evening", sku, qty, user)
        if by_hand:
            self.plain.close_batch(name)
            self.both(CloseBatch(self.move_id(), name), "OK")
        else:
            self.advance(1_000)
        if looks:
            self.open_due()
        if end == "cancel":
            self.both(Cancel(held, user), self.plain.cancel(held, user))
        elif end == "expire":
            self.advance(300_250)
            self.expire()
        else:
            self.both(Confirm(held), self.plain.confirm(held))
            if end == "confirm":
                self.both(CancelPaid(self.move_id(), held, 1), self.plain.cancel_paid(held, 1))

    def batch(self, pick: int) -> str:
        return f"b{pick % len(self.plain.batches) + 1}"

    def fill(self, name: str, sku: str, qty: int) -> None:
        code = self.plain.move(sku, "supplier", f"batch:{name}", qty)
        self.both(Move(self.move_id(), MoveKind.RECEIVE, sku, qty, "supplier", f"batch:{name}"), code)
