"""Many operations in one call of the engine."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import rule
from plain_book.records import LIVE
from shelfcast.stock.operations import Cancel, Confirm, Decline, Move, MoveKind, Op, Reserve, Wait

from book_machine.drawn import picks, rooms, skus, small, users
from book_machine.waiting import Waiting

KINDS = ("reserve", "wait", "wait", "cancel", "cancel", "decline", "confirm", "receive")


class AtOnce(Waiting):
    """What one has freed another one may want in the same call."""

    @rule(asked=st.lists(st.tuples(st.sampled_from(KINDS), rooms, skus, small, users, picks), min_size=2, max_size=6))
    def many_at_once(self, asked: list[tuple[str, str, str, int, str, int]]) -> None:
        self.look_first()  # one call looks around once, whatever its operations
        asked_for: list[tuple[Op, Callable[[], str]]] = []
        for kind, room, sku, qty, user, pick in asked:
            asked_for.append(self.one_of_many(kind, room, sku, qty, user, pick))
            self.plain.after_operation(by_hand=False)
        outcomes = self.run(self.shop.together(*[op for op, _ in asked_for]))
        for (op, expected), outcome in zip(asked_for, outcomes, strict=True):
            assert outcome.code == expected(), (op, outcome, expected())

    def one_of_many(
        self, kind: str, room: str, sku: str, qty: int, user: str, pick: int
    ) -> tuple[Op, Callable[[], str]]:
        """The operation, and what the plain book says to it once all are done."""
        name = self.move_id()
        if kind == "wait":
            code = self.plain.wait(name, room, sku, qty, user)
            return Wait(name, room, sku, qty, user), lambda: self.plain.answer_of(name) if code == "OK" else code
        if kind == "reserve":
            code = self.plain.reserve(name, room, sku, qty, user)
            return Reserve(name, room, sku, qty, user), lambda: code
        if kind == "receive":
            code = self.plain.move(sku, "supplier", "pool", qty)
            return Move(name, MoveKind.RECEIVE, sku, qty, "supplier", "pool"), lambda: code
        if kind == "decline":
            name = self.waiting(pick)
            user = self.plain.waits[name].user if name in self.plain.waits else user
            code = self.plain.decline(name, user)
            return Decline(name, user), lambda: code
        live = [name for name, r in self.plain.reservations.items() if r.state in LIVE] or ["nobody's"]
        name = live[-1 - pick % min(len(live), 10)]
        if kind == "cancel":
            code = self.plain.cancel(name, "")
            return Cancel(name), lambda: code
        code = self.plain.confirm(name)
        return Confirm(name), lambda: code
