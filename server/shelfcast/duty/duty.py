"""What a duty is: work that every pool needs done again and again, whether anybody watches or not."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from shelfcast.stock.pools import Pool


class Duty(Protocol):
    """One kind of work. A process has one object of it for all pools; `registry` makes it, `keeper` runs it."""

    @property
    def name(self) -> str:
        """What log, metrics and /readyz call it."""

    @property
    def interval_ms(self) -> int:
        """How often it is run for each pool, in milliseconds."""

    @property
    def may_run_twice(self) -> bool:
        """Whether two processes may do it at the same time, with no other effect than one.

        Such a duty is also run where nobody can say who holds the lease. Any other one waits, is given up when the
        lease it began under may be over, and has what it writes to refuse a fence lower than the highest seen.
        """

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Do what is due for one pool, in bounded steps; what is left is for the next run.

        `fence` is that of the lease, and None only for a duty that may run twice while the lease is unknown. In one
        process there is one run at a time for a pool. Raises EngineError for what the engine did not do, TimeoutError;
        whatever else it raises is a defect. A run that raises is tried again, with back-off.
        """


@runtime_checkable
class LastingDuty(Duty, Protocol):
    """A duty that goes on between its runs, for as long as this process has the lease: a run begins that where it is
    not under way, and does what is due besides."""

    def let_go(self, pool: Pool) -> None:
        """The lease is this process's no longer, or it stops: what goes on for the pool ends here, at once."""
