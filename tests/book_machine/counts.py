"""Counts, while all else goes on."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from plain_book.counts import OPEN, RECOUNT_OVER, SIGN_OVER
from plain_book.records import PlainCount
from shelfcast.stock.actions import By
from shelfcast.stock.count_operations import (
    AnswerQuestion,
    ApplyCount,
    AskRecount,
    BeginCounting,
    CancelCount,
    ClaimSkus,
    CloseCounting,
    DropLine,
    GiveReasons,
    OpenCount,
    OpenLine,
    SaveLine,
    SignCount,
)
from shelfcast.stock.counts import CountRow
from shelfcast.stock.operations import Confirm, Move, MoveKind, Reserve, Ship

from book_machine.drawn import SKUS, picks, skus, users
from book_machine.machine import Machine

OTHERS = 30
"""One of so many picks is any count there was; the others are the open one that was made first."""
COMPARED = 6
"""Counts that are compared, the latest."""


offs, bads = st.integers(-9, 6), st.integers(0, 3)
"""Units that are found beyond those that are there, and bad ones among them."""
moves_between = st.lists(
    st.sampled_from(("ship", "receive", "return", "sell", "spoil", "open_line")), min_size=2, max_size=5
)


class Counts(Machine):
    """Rules of counting."""

    @rule(some=st.lists(skus, min_size=1, max_size=2, unique=True))
    def make_count(self, some: list[str]) -> None:
        name = f"c{len(self.plain.counts) + 1}"
        elsewhere = self.plain.make_count(name, some)
        by = By(self.move_id(), "ops")
        self.both(OpenCount(name, "spot", "", "", "", True, RECOUNT_OVER, SIGN_OVER, "", by), "OK")
        claimed = self.both(ClaimSkus(name, some), "OK")
        assert [sku for sku, _ in claimed.data[1]] == elsewhere
        self.both(BeginCounting(name), "OK")

    @rule(pick=picks, sku=skus, user=users)
    def open_line(self, pick: int, sku: str, user: str) -> None:
        name = self.count_named(pick)
        sku = self.on_it(name, sku, pick)
        self.both(OpenLine(name, sku, "", "", "", user), self.plain.open_line(name, sku, user))

    @rule(pick=picks, sku=skus, user=users, off=offs, bad=bads, parts=st.integers(1, 2))
    def save_line(self, pick: int, sku: str, user: str, off: int, bad: int, parts: int) -> None:
        """Something like what is there, or half of it."""
        name = self.count_named(pick)
        sku = self.on_it(name, sku, pick)
        good = max(0, self.plain.on_hand(sku) // parts + off)
        code = self.plain.save_line(name, sku, user, 0, good, bad)
        self.both(SaveLine(name, 0, sku, "", "", "", good, bad, "", user), code)

    @rule(sku=skus, user=users, off=offs, bad=bads, between=moves_between, again=st.booleans())
    def count_while_it_moves(self, sku: str, user: str, off: int, bad: int, between: list[str], again: bool) -> None:
        """From opening a line until it is saved, and perhaps for another line, something goes on."""
        self.open_line(0, sku, user)
        for n, kind in enumerate(between):
            self.move_something(kind, sku, n + 1)
        self.save_line(0, sku, user, off, bad, 2 if again else 1)
        if again:
            for n, kind in enumerate(reversed(between)):
                self.move_something(kind, sku, n + 2)
            self.save_line(0, sku, "zoe", off, 0, 2)

    def move_something(self, kind: str, sku: str, qty: int) -> None:
        if kind == "open_line":
            self.open_line(0, sku, "bob")
        elif kind == "sell":
            code = self.plain.reserve(name := self.move_id(), "evening", sku, qty, "eve")
            self.both(Reserve(name, "evening", sku, qty, "eve"), code)
            self.both(Confirm(name), self.plain.confirm(name))
        elif kind == "ship":
            sold = [name for name, r in self.plain.reservations.items() if (r.state, r.sku) == ("confirmed", sku)]
            if sold:
                self.both(Ship(self.move_id(), sold[-1], qty), self.plain.ship(sold[-1], qty))
        else:
            op, source, target = {
                "receive": (MoveKind.RECEIVE, "supplier", "pool"),
                "return": (MoveKind.RETURN, "returned", "pool"),
                "spoil": (MoveKind.QUARANTINE, "pool", "unsellable"),
            }[kind]
            if kind == "return":
                code = self.plain.move(sku, "shipped", "returned", qty)
                self.both(Move(self.move_id(), op, sku, qty, "shipped", "returned"), code)
            self.both(Move(self.move_id(), op, sku, qty, source, target), self.plain.move(sku, source, target, qty))

    @rule(pick=picks, sku=skus, other=picks, off=offs, user=st.none() | users)
    def correct_line(self, pick: int, sku: str, other: int, off: int, user: str | None) -> None:
        name = self.count_named(pick)
        if line := self.line(name, sku, other):
            n, by = line
            good = max(0, self.plain.on_hand(sku) + off)
            code = self.plain.save_line(name, sku, user or by, n, good, 0)
            self.both(SaveLine(name, n, sku, "", "", "", good, 0, "", user or by), code)

    @rule(pick=picks, sku=skus, other=picks)
    def drop_line(self, pick: int, sku: str, other: int) -> None:
        name = self.count_named(pick)
        if line := self.line(name, sku, other):
            n, by = line
            self.both(DropLine(name, sku, n, by), self.plain.drop_line(name, sku, by, n))

    @rule(pick=picks, sku=skus, included=st.integers(0, 1_000), user=users)
    def answer_all(self, pick: int, sku: str, included: int, user: str) -> None:
        """How much of what left or came while a SKU was counted is in the lines."""
        name = self.count_named(pick)
        row = self.plain.counts[name].rows.get(sku)
        if not row:
            return
        asked = list(self.plain.questions(sku, row).items())
        found = self.run(self.shop.book.count_row(name, sku))
        assert [question.units for question in found.questions] == [units for _, units in asked]
        for (n, units), question in zip(asked, found.questions, strict=True):
            part = included % (abs(units) + 1)
            code = self.plain.answer_question(name, sku, n, part)
            self.both(AnswerQuestion(name, sku, question.seq, part, user), code)

    @rule(pick=picks, again=st.sampled_from((False, False, False, True)), anyway=st.booleans())
    def close_count(self, pick: int, again: bool, anyway: bool) -> None:
        name = self.count_named(pick)
        code = self.plain.close_count(name, again=again, anyway=anyway)
        self.both(CloseCounting(name, "ops", again, anyway), code)

    @rule(pick=picks, sku=skus)
    def ask_recount(self, pick: int, sku: str) -> None:
        name = self.count_named(pick)
        self.both(AskRecount(name, [sku], "ops"), self.plain.ask_recount(name, sku))

    @rule(pick=picks)
    def give_reasons(self, pick: int) -> None:
        name = self.count_named(pick)
        for sku in SKUS:
            self.both(GiveReasons(name, [(sku, "lost", "")], "ops"), self.plain.give_reason(name, sku))

    @rule(pick=picks, user=users)
    def sign_count(self, pick: int, user: str) -> None:
        name = self.count_named(pick)
        self.both(SignCount(name, self.revision(name), user), self.plain.sign(name, user))

    @rule(pick=picks, user=users)
    def apply_count(self, pick: int, user: str) -> None:
        name = self.count_named(pick)
        op = ApplyCount(name, self.revision(name), user, By(self.move_id(), user))
        assert self.both(op, self.plain.apply_count(name, user)).left == 0

    @rule(pick=picks, sku=skus, off=offs, bad=bads, between=moves_between, again=st.booleans())
    def count_to_the_end(self, pick: int, sku: str, off: int, bad: int, between: list[str], again: bool) -> None:
        """One more SKU is counted, and all that is missing is done, by whom it takes."""
        self.count_while_it_moves(sku, "ann", off, bad, between, again)
        name = self.count_named(pick)
        count = self.plain.counts[name]
        if count.state not in OPEN:
            return
        self.close_count(pick, again=False, anyway=True)
        for one in SKUS:
            self.answer_all(pick, one, pick, "ann")
        for one, row in count.rows.items():
            if self.plain.row_status(one, row) == "recount":
                new, good = self.move_id(), max(0, self.plain.on_hand(one) - 2)
                code = self.plain.save_line(name, one, new, 0, good, 0)
                self.both(SaveLine(name, 0, one, "", "", "", good, 0, "", new), code)
                self.answer_all(pick, one, pick, "ann")
        self.give_reasons(pick)
        self.sign_count(pick, "ann")
        self.apply_count(pick, "bob")

    @rule(pick=picks, cancels=st.sampled_from((False, False, True)))
    def cancel_count(self, pick: int, cancels: bool) -> None:
        if cancels:
            name = self.count_named(pick)
            self.both(CancelCount(name, By(self.move_id(), "ops")), self.plain.cancel_count(name))

    def count_named(self, pick: int) -> str:
        """An open count, made where there is none; or now and then any that there was."""
        names = list(self.plain.counts)
        if pick % OTHERS == 1 and names:
            return names[pick % len(names)]
        open_now = [name for name, count in self.plain.counts.items() if count.state in OPEN and count.rows]
        if not open_now:
            self.make_count(list(SKUS))
            return list(self.plain.counts)[-1]
        return open_now[0]

    def on_it(self, name: str, sku: str, pick: int) -> str:
        """A SKU of the count; or now and then any."""
        rows = self.plain.counts[name].rows
        return sku if sku in rows or pick % OTHERS == 2 or not rows else next(iter(rows))

    def line(self, name: str, sku: str, pick: int) -> tuple[int, str] | None:
        """A line's number, and whose it is."""
        row = self.plain.counts[name].rows.get(sku)
        if not row or not row.lines:
            return None
        line = row.lines[pick % len(row.lines)]
        return line.n, line.by

    def revision(self, name: str) -> int:
        revision: int = self.run(self.shop.book.count(name)).revision
        return revision

    @invariant()
    def counts_agree(self) -> None:
        for name, plain in list(self.plain.counts.items())[-COMPARED:]:
            record = self.run(self.shop.book.count(name))
            assert (record.state, record.rows) == (plain.state, len(plain.rows))
            assert {signature.by for signature in record.signatures} >= plain.signed
            for row in self.run(self.shop.book.count_rows(name, limit=9)):
                self.rows_agree(plain, row.sku, row)
        on = {sku: self.plain.counting(sku) for sku in SKUS}
        assert self.run(self.shop.book.counting(SKUS)) == {sku: name for sku, name in on.items() if name}
        last = self.run(self.shop.book.last_counts(SKUS))
        told = {sku: (one.count, one.counted, one.difference, one.shortage) for sku, one in last.items()}
        assert told == self.plain.counted

    def rows_agree(self, count: PlainCount, sku: str, row: CountRow) -> None:
        plain = count.rows[sku]
        assert row.counted == self.plain.found(plain)
        assert row.adjusted == self.plain.adjusted(sku, plain)
        assert row.difference == self.plain.difference(sku, plain)
        assert row.bad - row.unsellable == self.plain.spoilt(plain)
        assert len(row.lines) == len(plain.lines)
        if count.state != "counting":
            assert row.status == self.plain.row_status(sku, plain)
