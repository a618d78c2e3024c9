"""Bounded operations of the book, repeated until nothing is left to do."""

from __future__ import annotations

from shelfcast.errors import EngineUnavailable
from shelfcast.protocol.codes import Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Op

STEPS_A_RUN_MAX = 50
"""How often one bounded operation is repeated for one pool in a run: other calls of the pool get their turn."""


async def repeat(book: StockBook, op: Op, limit: int) -> None:
    """Apply `op`, which does at most `limit` things at a time, until it does fewer: then nothing is left.

    Raises EngineUnavailable where the book did not do it.
    """
    for _ in range(STEPS_A_RUN_MAX):
        outcome = await book.apply(op)
        if outcome.code != Code.OK:
            raise EngineUnavailable(f"{type(op).__name__} of pool {book.pool}: {outcome.code}")
        if outcome.data < limit:
            return
