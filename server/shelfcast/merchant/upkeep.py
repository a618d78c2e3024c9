"""What a pool needs done at its time, whether anybody asks or not; the duties call it. Each is safe to do twice."""

from __future__ import annotations

from shelfcast.errors import EngineUnavailable
from shelfcast.protocol.codes import Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Expire, Op, OpenDue, Retire, ServeWaiting

STEPS_A_RUN_MAX = 50
"""How often one bounded operation is repeated for one pool in a run: other calls of the pool get their turn."""


async def release_expired(book: StockBook, at_most: int) -> None:
    """Give back what holds had that ran out, `at_most` in one operation. Raises EngineUnavailable."""
    await _repeat(book, Expire(at_most), at_most)


async def open_due_batches(book: StockBook, at_most: int) -> None:
    """Tell the batches whose window has come, and close those whose is over, `at_most` in one operation.

    Raises EngineUnavailable."""
    await _repeat(book, OpenDue(at_most), at_most)


async def serve_waiting(book: StockBook, at_most: int) -> None:
    """Look after the waitlists, `at_most` things in one operation. Raises EngineUnavailable."""
    await _repeat(book, ServeWaiting(at_most), at_most)


async def forget_finished(book: StockBook, at_most: int) -> None:
    """Forget ids that need not be remembered any more, `at_most` in one operation. Raises EngineUnavailable."""
    await _repeat(book, Retire(at_most), at_most)


async def _repeat(book: StockBook, op: Op, limit: int) -> None:
    """Apply `op`, which does at most `limit` things at a time, until it does fewer: then nothing is left.

    Raises EngineUnavailable where the book did not do it.
    """
    for _ in range(STEPS_A_RUN_MAX):
        outcome = await book.apply(op)
        if outcome.code != Code.OK:
            raise EngineUnavailable(f"{type(op).__name__} of pool {book.pool}: {outcome.code}")
        if outcome.data < limit:
            return
