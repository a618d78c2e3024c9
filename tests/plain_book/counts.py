"""Counts."""

from __future__ import annotations

from plain_book.moves import Moves
from plain_book.records import PlainCount, PlainLine, PlainRow

RECOUNT_OVER, SIGN_OVER = 6, 4
OPEN = ("counting", "review")


class Counts(Moves):
    """Sheets from making them to applying them. What moves meanwhile is looked up in the list of all that moved."""

    # --- what a row comes to

    def round_of(self, row: PlainRow) -> int:
        """The last round with a line."""
        return max([line.round for line in row.lines if line.saved is not None], default=1)

    def counting_lines(self, row: PlainRow) -> list[PlainLine]:
        found = [line for line in row.lines if line.saved is not None and line.round == self.round_of(row)]
        return sorted(found, key=lambda line: line.order)

    def questions(self, sku: str, row: PlainRow) -> dict[int, int]:
        """What moved from the first line's beginning to the last one's end: which movement, and its units."""
        lines = self.counting_lines(row)
        if not lines:
            return {}
        window = range(min(line.begun for line in lines), max(line.saved or 0 for line in lines))
        return {n: self.crossings[sku][n] for n in window}

    def adjusted(self, sku: str, row: PlainRow) -> int:
        """What left and is in the lines is too much; what came and is not is missing in them."""
        total = 0
        for n, units in self.questions(sku, row).items():
            if n in row.answers:
                total += -row.answers[n] if units < 0 else units - row.answers[n]
        return total

    def found(self, row: PlainRow) -> int | None:
        lines = self.counting_lines(row)
        return sum(line.good + line.bad for line in lines) if lines else None

    def difference(self, sku: str, row: PlainRow) -> int:
        found = self.found(row)
        if found is None:
            return 0
        return found + self.adjusted(sku, row) - self.counting_lines(row)[-1].on_hand

    def spoilt(self, row: PlainRow) -> int:
        """Units more that are bad than the book had as such."""
        lines = self.counting_lines(row)
        return sum(line.bad for line in lines) - lines[-1].unsellable if lines else 0

    def row_status(self, sku: str, row: PlainRow) -> str:
        if row.applied:
            return "applied"
        if row.again:
            return "recount"
        if self.found(row) is None:
            return "counting" if row.lines else "uncounted"
        if self.questions(sku, row).keys() - row.answers.keys():
            return "asks"
        difference = self.difference(sku, row)
        if self.round_of(row) == 1 and abs(difference) > RECOUNT_OVER:
            return "recount"
        return "reason" if difference and not row.reasoned else "ready"

    def note_difference(self, count: PlainCount, sku: str) -> None:
        """A reason does not hold for another kind of difference; what was signed holds for nothing else."""
        row = count.rows[sku]
        now, before = self.difference(sku, row), row.difference_before
        if now * before < 0 or (before and not now):
            row.reasoned = False
        row.difference_before = now
        count.signed.clear()

    # --- what people do

    def counting(self, sku: str) -> str | None:
        """The open count that a SKU is on."""
        open_now = ((name, count) for name, count in self.counts.items() if count.state in OPEN)
        return next((name for name, count in open_now if sku in count.rows), None)

    def make_count(self, name: str, skus: list[str]) -> list[str]:
        """Returns the SKUs that are on another one."""
        elsewhere = [sku for sku in skus if self.counting(sku)]
        rows = {sku: PlainRow(len(self.crossings[sku])) for sku in skus if sku not in elsewhere}
        self.counts[name] = PlainCount(rows=rows)
        return elsewhere

    def round_now(self, count: PlainCount, sku: str) -> int:
        """Of a line that is made now."""
        row = count.rows[sku]
        recount = row.again or (count.state == "review" and self.row_status(sku, row) == "recount")
        return self.round_of(row) + recount

    def refuse_line(self, count: PlainCount, sku: str, user: str) -> str | None:
        round_now = self.round_now(count, sku)
        if count.state != "counting" and (count.state != "review" or round_now == 1):
            return "BAD_MESSAGE"
        before = {line.by for line in count.rows[sku].lines if line.saved is not None and line.round < round_now}
        return "SAME_SIGNER" if user in before else None

    def opened(self, count: PlainCount, sku: str, user: str) -> PlainLine | None:
        """The line that somebody has open."""
        own = (line for line in count.rows[sku].lines if line.by == user and line.saved is None)
        return next((line for line in own if line.round == self.round_now(count, sku)), None)

    def new_line(self, count: PlainCount, sku: str, user: str, begun: int) -> PlainLine:
        count.lines_made += 1
        line = PlainLine(count.lines_made, self.round_now(count, sku), user, begun)
        count.rows[sku].lines.append(line)
        return line

    def open_line(self, name: str, sku: str, user: str) -> str:
        count = self.counts[name]
        if sku not in count.rows:
            return "NOT_FOUND"
        if code := self.refuse_line(count, sku, user):
            return code
        if not self.opened(count, sku, user):
            self.new_line(count, sku, user, len(self.crossings[sku]))
        return "OK"

    def save_line(self, name: str, sku: str, user: str, n: int, good: int, bad: int) -> str:
        count = self.counts[name]
        if sku not in count.rows:
            return "NOT_FOUND"
        row, round_now = count.rows[sku], self.round_now(count, sku)
        line = next((line for line in row.lines if (line.n, line.by) == (n, user)), None)
        if n and not line:
            return "NOT_FOUND"
        if line and line.round < round_now:
            return "BAD_MESSAGE"
        if code := self.refuse_line(count, sku, user):
            return code
        ended = [before.saved for before in row.lines if before.saved is not None and before.round < round_now]
        line = line or self.opened(count, sku, user) or self.new_line(count, sku, user, max([row.begun, *ended]))
        count.saves += 1
        line.good, line.bad, line.saved, line.order = good, bad, len(self.crossings[sku]), count.saves
        line.on_hand, line.unsellable = self.on_hand(sku), self.units[sku]["unsellable"]
        row.again = False
        self.note_difference(count, sku)
        return "OK"

    def drop_line(self, name: str, sku: str, user: str, n: int) -> str:
        count = self.counts[name]
        row = count.rows.get(sku)
        line = next((line for line in row.lines if (line.n, line.by) == (n, user)), None) if row else None
        if not row or not line:
            return "NOT_FOUND"
        if count.state != "counting" and (count.state != "review" or line.round == 1):
            return "BAD_MESSAGE"
        if line.saved is not None and line.round < self.round_now(count, sku):
            return "BAD_MESSAGE"
        row.lines.remove(line)
        if line.saved is not None:
            row.again = row.again or (line.round > 1 and self.round_of(row) < line.round)
            self.note_difference(count, sku)
        return "OK"

    def answer_question(self, name: str, sku: str, n: int, included: int) -> str:
        count = self.counts[name]
        if count.state not in OPEN:
            return "BAD_MESSAGE"
        row = count.rows[sku]
        if row.answers.get(n) != included:
            row.answers[n] = included
            self.note_difference(count, sku)
        return "OK"

    def in_review(self, name: str, sku: str) -> str | None:
        count = self.counts[name]
        if count.state != "review":
            return "BAD_MESSAGE"
        return None if sku in count.rows else "NOT_FOUND"

    def ask_recount(self, name: str, sku: str) -> str:
        if code := self.in_review(name, sku):
            return code
        self.counts[name].rows[sku].again = True
        self.counts[name].signed.clear()
        return "OK"

    def give_reason(self, name: str, sku: str) -> str:
        if code := self.in_review(name, sku):
            return code
        count = self.counts[name]
        if not count.rows[sku].reasoned:
            count.rows[sku].reasoned = True
            count.signed.clear()
        return "OK"

    def is_open_row(self, row: PlainRow) -> bool:
        """Whether somebody has a line of its last round open."""
        return any(line.saved is None and line.round >= self.round_of(row) for line in row.lines)

    def close_count(self, name: str, *, again: bool, anyway: bool) -> str:
        count = self.counts[name]
        open_rows = [row for row in count.rows.values() if self.is_open_row(row)]
        if count.state == "counting" and open_rows and not (again or anyway):
            return "BAD_MESSAGE"
        source, target = ("review", "counting") if again else ("counting", "review")
        if count.state not in (source, target):
            return "BAD_MESSAGE"
        if count.state == source:
            count.state = target
            count.signed.clear()
        return "OK"

    def refuse_unready(self, count: PlainCount) -> bool:
        statuses = {self.row_status(sku, row) for sku, row in count.rows.items()}
        return count.state != "review" or bool(statuses & {"asks", "recount", "reason"})

    def sign(self, name: str, user: str) -> str:
        count = self.counts[name]
        if self.refuse_unready(count):
            return "BAD_MESSAGE"
        count.signed.add(user)
        return "OK"

    def apply_count(self, name: str, user: str) -> str:
        count = self.counts[name]
        if count.state == "applied":
            return "OK"
        if self.refuse_unready(count):
            return "BAD_MESSAGE"
        sizes = [max(abs(self.difference(sku, row)), abs(self.spoilt(row))) for sku, row in count.rows.items()]
        if max(sizes, default=0) > SIGN_OVER and not count.signed - {user}:
            return "SAME_SIGNER" if user in count.signed else "NEEDS_APPROVAL"
        for sku, row in sorted(count.rows.items()):
            if self.found(row) is not None:
                self.apply_row(name, sku, row)
        count.state = "applied"
        return "OK"

    def apply_row(self, name: str, sku: str, row: PlainRow) -> None:
        found, difference, spoilt = self.found(row) or 0, self.difference(sku, row), self.spoilt(row)
        self.shift(sku, "unsellable", "pool", min(max(0, -spoilt), self.units[sku]["unsellable"]))
        self.shift(sku, "count_gain", "pool", max(0, difference))
        shortage = self.take_unsold(sku, max(0, -difference), "count_loss")
        self.take_unsold(sku, max(0, spoilt), "unsellable")
        row.applied = True
        self.counted[sku] = name, found, difference, shortage

    def cancel_count(self, name: str) -> str:
        count = self.counts[name]
        if count.state == "applied":
            return "BAD_MESSAGE"
        count.state = "cancelled"
        return "OK"
