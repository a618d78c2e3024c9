"""Time goes by, and the duties look."""

from __future__ import annotations

import signal

from hypothesis import strategies as st
from hypothesis.stateful import rule
from shelfcast.stock.operations import Expire, OpenDue

from book_machine.drawn import later
from book_machine.machine import Machine

EXPIRIES_ASKED = 500
"""One call ends them all, also while somebody waits and it therefore looks at a fifth of that: an example makes fewer
than two holds a step. In two calls those who wait would be served between them, which the plain book does not do."""


class Clock(Machine):
    """Rules of the clock."""

    @rule(ms=later)
    def advance(self, ms: int) -> None:
        self.plain.now += ms
        self.plain.end_closed()
        self.clock_moved = True
        self.run(self.shop.advance(ms))

    @rule(hours=st.sampled_from([1, 23, 24]))
    def advance_hours(self, hours: int) -> None:
        self.advance(hours * 3_600_000)

    @rule(ends=st.sampled_from((True, *[False] * 19)))
    def restart_the_engine(self, ends: bool) -> None:
        """It is killed, and has all that was acknowledged when it comes again."""
        if ends:
            self.engine_process.stop(signal.SIGKILL)
            self.engine_process.start()

    @rule()
    def expire(self) -> None:
        expected = self.plain.expire()
        assert self.both(Expire(EXPIRIES_ASKED), "OK").data == expected

    @rule()
    def open_due(self) -> None:
        expected = self.plain.open_due()
        assert self.both(OpenDue(10), "OK").data == expected
