"""Entries leave the real book; the plain one keeps none, and goes on as it would."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from shelfcast.protocol.codes import Code
from shelfcast.stock.archive_operations import Trim
from shelfcast.stock.audit import audit
from trimming import Sequence, entries_of, final_report, folded, note, note_days, passed_on, place_at

from book_machine.machine import Machine


class Archive(Machine):
    """Rules of checkpoints and trims."""

    @initialize()
    def have_an_archive(self) -> None:
        self.archived: Sequence = []
        """All entries up to the last checkpoint: what the archive has."""
        self.run(note_days(self.shop.book))

    @rule(back=st.integers(0, 30), limit=st.integers(0, 60))
    def archive(self, back: int, limit: int) -> None:
        """Up to a place that may be in the middle of what one operation moved; then some of all that is taken out."""
        self.run(self._write(back))
        self.run(self._take_out(limit))

    @rule()
    def archive_all(self) -> None:
        self.archive(0, 10_000)

    @rule()
    def audit_with_the_archive(self) -> None:
        self.run(self._audit())

    @invariant()
    def what_has_left_is_not_lost(self) -> None:
        assert not self.shop.book.lost_data

    async def _write(self, back: int) -> None:
        book = self.shop.book
        _, now, _ = await book.clock()
        behind = self.shop.begin.place.seq if self.shop.begin else 0
        seq = now - back
        if seq <= behind:
            return
        entries = [(stream, entry) for stream, entry in await entries_of(book) if behind < entry.pool_seq <= seq]
        place = await place_at(book, seq)
        begin = await folded(book, self.shop.begin, entries)
        assert begin.place == place
        assert (await note(book, place, digest=begin.hash())).code is Code.OK
        self.archived += entries
        self.shop.begin = begin

    async def _take_out(self, limit: int) -> None:
        book = self.shop.book
        through = (await book.archived()).through
        if not through.seq or not limit:
            return
        for show in await book.show_ids():
            await final_report(book, show)
        before = await book.cut()
        outcome = await book.apply(Trim(through.seq, limit))
        assert outcome.code is Code.OK, outcome
        after = await book.cut()
        assert after.seq - before.seq == min(limit, through.seq - before.seq)
        assert outcome.data == through.seq - after.seq
        assert after == await place_at(book, after.seq)

    async def _audit(self) -> None:
        whole = await audit(self.shop.book, earlier=passed_on(self.archived))
        assert whole.ok, whole.violations
        if self.shop.begin:
            assert await audit(self.shop.book, begin=self.shop.begin) == whole
