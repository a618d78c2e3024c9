"""Moves of units, and what stands beside them: counts, freezes, batches, presale quotas, other platforms' orders.

Each happens once: the same `key` and content gets the same outcome again, other content ID_CONFLICT. `actor` is who
asked for it.
"""

from __future__ import annotations

from shelfcast.protocol.codes import Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import (
    CloseBatch,
    Count,
    External,
    Move,
    MoveKind,
    OpenBatch,
    Quota,
    ReleaseLot,
    SettleOversold,
)
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.records import UNSAID


async def move(
    book: StockBook,
    key: str,
    kind: MoveKind,
    sku: str,
    qty: int,
    *,
    source: str,
    target: str,
    actor: str,
    reason: str = "",
    reference: str = "",
) -> Outcome:
    """Move units between two places, as `kind` allows."""
    return await book.apply(Move(key, kind, sku, qty, source, target, actor, reason, reference))


async def count(book: StockBook, key: str, sku: str, counted: int, *, actor: str, reason: str = "") -> Outcome:
    """`counted` units were found, unsellable and sold ones included. The outcome has: on hand, difference, shortage."""
    return await book.apply(Count(key, sku, counted, actor, reason))


async def open_batch(book: StockBook, key: str, batch: str, *, actor: str) -> Outcome:
    """Open a batch by hand. The outcome's data: how many SKUs it has.

    In a book that is not at format 3 yet its units go to its target, over several calls where they are many.
    """
    return await _until_done(book, OpenBatch(key, batch, actor))


async def close_batch(book: StockBook, key: str, batch: str, *, actor: str) -> Outcome:
    """Close a batch by hand. The outcome's data: how many SKUs had something left.

    A large batch is closed over several calls of the book, each with the same key. Where this process ends in between,
    the same key goes on with it, or the duty that opens and closes batches does.
    """
    return await _until_done(book, CloseBatch(key, batch, actor))


async def _until_done(book: StockBook, op: OpenBatch | CloseBatch) -> Outcome:
    while True:
        outcome = await book.apply(op)
        if outcome.code is not Code.OK or outcome.left == 0:
            return outcome


async def release_lot(
    book: StockBook, key: str, room: str, sku: str, qty: int, *, actor: str, reason: str = ""
) -> Outcome:
    """Put units more of a SKU on sale in a room: of its lots on call, or else of the pool where its channel is
    dedicated."""
    return await book.apply(ReleaseLot(key, room, sku, qty, actor, reason))


async def change_quota(book: StockBook, key: str, sku: str, units: int, *, actor: str, reason: str = "") -> Outcome:
    """Add units to a presale quota, or take some off it."""
    return await book.apply(Quota(key, sku, units, actor, reason))


async def settle_oversold(book: StockBook, key: str, reservation: str, units: int, *, actor: str) -> Outcome:
    """Give pool units to another platform's order that came when there were too few."""
    return await book.apply(SettleOversold(key, reservation, units, actor))


async def take_external_order(
    book: StockBook,
    key: str,
    channel: str,
    sku: str,
    qty: int,
    *,
    user: str,
    reference: str,
    actor: str,
    paid_minor: int = UNSAID,
    currency: str = "",
) -> Outcome:
    """Book an order that another platform has taken; what is missing is owed. `paid_minor` is for all its units, in
    `currency` (empty: that of the price)."""
    return await book.apply(External(key, channel, sku, qty, user, reference, actor, paid_minor, currency))
