"""Goods that arrive, lots that are pulled, and refunds that are asked for."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from plain_book.receipts import Lines
from shelfcast.stock.actions import By, undo_id
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Move, MoveKind, Op, Undo, put
from shelfcast.stock.receipt_operations import (
    AskRefund,
    CancelReceipt,
    DecideRefund,
    EnterReceipt,
    OpenReceipt,
    PullLot,
)
from shelfcast.stock.receipts import ReceiptLine
from shelfcast.stock.records import UNSAID

from book_machine.drawn import SKUS, picks, skus, small, users
from book_machine.machine import Machine

DAYS = {"": "", "A": "2027-01-31", "B": ""}
"""Lots, and when they expire."""
lots = st.sampled_from(tuple(DAYS))
found = st.lists(st.tuples(skus, lots, st.integers(0, 4), st.integers(0, 2)), max_size=3)


class Receipts(Machine):
    """Rules of receipts: those that were made last are entered and cancelled."""

    @rule(by_two=st.booleans())
    def who_receives(self, by_two: bool) -> None:
        self.look_first()
        if self.plain.by_two and not by_two:
            self.both(self._says(by_two, "ann"), "NEEDS_APPROVAL")
        self.plain.by_two, self.plain.defined = by_two, True
        self.both(self._says(by_two, "bob"), "OK")

    def _says(self, by_two: bool, person: str) -> Op:
        return put(What.POOL, "", {"receipts_by_two": by_two}, by=By(self.move_id(), person))

    @rule(lines=found, agree=st.booleans(), stays=st.sampled_from((False, False, True)))
    def two_enter(self, lines: Lines, agree: bool, stays: bool) -> None:
        self.who_receives(by_two=True)
        name = self.new_receipt()
        self.who_receives(by_two=stays)
        self.enter_as(name, "ann", lines, done=True)
        self.enter_as(name, "ann", lines, done=True)
        self.enter_as(name, "bob", lines[::-1] if agree else [*lines, ("mug", "", 1, 0)], done=True)
        self.enter_as(name, "eve", lines, done=True)

    @rule(back=st.integers(0, 2), person=users, lines=found, done=st.booleans())
    def enter(self, back: int, person: str, lines: Lines, done: bool) -> None:
        made = list(self.plain.receipts)
        self.enter_as(made[-1 - back] if back < len(made) else self.new_receipt(), person, lines, done=done)

    @rule(back=st.integers(0, 2))
    def cancel_receipt(self, back: int) -> None:
        made = list(self.plain.receipts)
        if back < len(made):
            name = made[-1 - back]
            self.both(CancelReceipt(name, By(self.move_id(), "ann")), self.plain.cancel_receipt(name))

    @rule(sku=skus, lot=lots, qty=small, takes_back=st.booleans())
    def pull(self, sku: str, lot: str, qty: int, takes_back: bool) -> None:
        before, name = self.plain.units[sku].copy(), self.move_id()
        code = self.plain.pull(sku, lot, qty)
        taken = before - self.plain.units[sku]
        self.both(PullLot(name, sku, lot, DAYS[lot], qty, "ann"), code)
        if code != "OK" or not takes_back or self.plain.units[sku]["unsellable"] < qty:
            return
        for place, units in taken.items():
            self.plain.shift(sku, "unsellable", place, units)
        units, pulled = self.plain.lots[sku, lot]
        self.plain.lots[sku, lot] = units, pulled - qty
        self.both(Undo(undo_id(name), name, "bob"), "OK")

    @rule(pick=picks, units=small)
    def ask_refund(self, pick: int, units: int) -> None:
        name = self.name(pick)
        self.both(AskRefund(name, units, "broken", By(self.move_id(), "ann")), self.plain.ask(name, units))

    @rule(pick=picks, state=st.sampled_from(("declined", "without_goods")))
    def decide_refund(self, pick: int, state: str) -> None:
        name = self.name(pick)
        self.both(DecideRefund(name, state, "", UNSAID, By(self.move_id(), "eve")), self.plain.decide(name, state))

    @rule(pick=picks, sku=skus, qty=small)
    def bring_back(self, pick: int, sku: str, qty: int) -> None:
        name = self.name(pick)
        code = self.plain.move(sku, "shipped", "returned", qty, MoveKind.RETURN)
        if code == "OK":
            self.plain.came_back(name, sku, qty, "returned")
        self.both(Move(self.move_id(), MoveKind.RETURN, sku, qty, "shipped", "returned", "ann", "", name), code)

    @invariant()
    def receipts_agree(self) -> None:
        kept = {receipt.id: receipt for receipt in self.run(self.shop.book.receipts())}
        assert {name: kept[name].state for name in self.plain.receipts} == {
            name: receipt.state for name, receipt in self.plain.receipts.items()
        }

    @invariant()
    def lots_agree(self) -> None:
        there = self.run(self.shop.book.lots(SKUS))
        assert {(lot.sku, lot.lot): (lot.units, lot.pulled) for lot in there} == self.plain.lots

    @invariant()
    def refunds_agree(self) -> None:
        there = {one.reservation: one for one in self.run(self.shop.book.refund_requests())}
        assert {name: (one.state, one.units, one.done_units) for name, one in there.items()} == {
            name: (one.state, one.units, one.back) for name, one in self.plain.refunds.items()
        }

    def new_receipt(self) -> str:
        name = self.move_id()
        op = OpenReceipt(name, "", "", "", [], By(f"{name}-made", "ann"))
        self.both(op, self.plain.make_receipt(name))
        return name

    def enter_as(self, name: str, person: str, lines: Lines, *, done: bool) -> None:
        said = [
            ReceiptLine(sku=sku, good=good, bad=bad, lot=lot, expires_on=DAYS[lot]) for sku, lot, good, bad in lines
        ]
        code = self.plain.enter(name, person, lines, done=done)
        self.both(EnterReceipt(name, said, done, person, By(self.move_id(), person)), code)
