"""Work of the book that `instructions.py` counts: a reservation, and each way in which units come free.

Each is prepared for as many as a run can do, and done for fewer or for all, so that only the work itself is between
the two. Of a release all units there are were reserved before: with `waiting` as many people wait for them as come
free, and each unit is an offer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import ModuleType
from typing import NamedTuple

from rules_in_force import waitlist
from shelfcast.protocol.codes import Code
from shelfcast.stock import operations
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import CloseBatch, Expire, Move, MoveKind, Op, OpenBatch, put

OUTSTANDING = 2_000
EXPIRY_MAX = 250
"""Holds that one operation ends; a call may make twice as many moves, so that each can be offered in the same call."""
LOOK_AGAIN_S = 0.2
ROOM = "flash"


class Shelf(NamedTuple):
    """What the work is done on: the checkout's bench of reservations, a book, its SKUs, and whether people wait."""

    bench: ModuleType
    book: StockBook
    skus: Sequence[str]
    waiting: bool = False


class Work(NamedTuple):
    """One way, what one of it is called, and how many a long and a short run do."""

    each: str
    do: Callable[[Shelf, int], Awaitable[None]]
    """Does so many."""
    few: int
    many: int
    reserved: bool = True
    """Whether all units are reserved before."""
    hold_ms: int = 3_600_000
    in_batches: bool = False

    def units(self, skus: int) -> int:
        """Of each SKU, to begin with."""
        return self.many // skus if self.reserved else self.many


async def reserve(shelf: Shelf, count: int) -> None:
    """Reservations of one unit, each by somebody else."""
    await shelf.bench.reserve_all(shelf.book, list(shelf.skus), "bench", count, OUTSTANDING)


async def expire(shelf: Shelf, count: int) -> None:
    """Holds that have run out, as the duty ends them. How many did is told by the ledger: the operation says its limit
    where there is more to do, and each end, and each offer, is an entry."""
    _, begin, _ = await shelf.book.clock()
    ended, entries = 0, 2 if shelf.waiting else 1
    while ended < count:
        before = ended
        await shelf.book.apply(Expire(min(count - ended, EXPIRY_MAX)))
        ended = ((await shelf.book.clock())[1] - begin) // entries
        if ended == before:
            await asyncio.sleep(LOOK_AGAIN_S)


async def cancel(shelf: Shelf, count: int) -> None:
    """Reservations that are given back."""
    ops = [operations.Cancel(f"bench-{number:08}-4f9c2e", room=ROOM) for number in range(count)]
    await _together(shelf.book, ops)


async def receive(shelf: Shelf, count: int) -> None:
    """Units that come in, one a move."""
    names = shelf.skus
    ops = [Move(f"r:{n}", MoveKind.RECEIVE, names[n % len(names)], 1, "supplier", "pool", "duty") for n in range(count)]
    await _together(shelf.book, ops)


async def batch(shelf: Shelf, count: int) -> None:
    """Batches that open and close; each has a unit of every SKU."""
    for number in range(count):
        for op in (OpenBatch(f"o:{number}", f"b{number}"), CloseBatch(f"c:{number}", f"b{number}")):
            await _together(shelf.book, [op])


WORKS: dict[str, Work] = {
    "reserve": Work("reservation", reserve, 2_000, 6_000, reserved=False),
    "expire": Work("hold that runs out", expire, 2_000, 6_000, hold_ms=1_000),
    "cancel": Work("reservation given back", cancel, 2_000, 6_000),
    "receive": Work("unit that comes in", receive, 2_000, 6_000),
    "batch": Work("batch of 20 SKUs that opens and closes", batch, 20, 60, in_batches=True),
}


async def prepare(shelf: Shelf, work: Work) -> None:
    """All is reserved, and waited for. A server of before knows no waitlist: raises TypeError, or AttributeError."""
    if not work.reserved:
        return
    await reserve(shelf, len(shelf.skus) * work.units(len(shelf.skus)))
    if work.in_batches:
        await _fill_batches(shelf, work.many)
    if shelf.waiting:
        each = work.many if work.in_batches else work.units(len(shelf.skus))
        await _wait(shelf, each)


async def _fill_batches(shelf: Shelf, count: int) -> None:
    ops: list[Op] = []
    for number in range(count):
        ops.append(put(What.BATCH, f"b{number}", {"title": f"Batch {number}"}))
        ops += [
            Move(f"i{number}:{sku}", MoveKind.RECEIVE, sku, 1, "supplier", f"batch:b{number}") for sku in shelf.skus
        ]
    await _together(shelf.book, ops)


async def _wait(shelf: Shelf, each: int) -> None:
    """So many people wait for each SKU."""
    await waitlist(shelf.book, shelf.skus, each)
    wait = operations.Wait
    await _together(
        shelf.book,
        [wait(f"w{n}:{sku}", ROOM, sku, 1, f"waits-{n}-{sku}") for n in range(each) for sku in shelf.skus],
    )


async def _together(book: StockBook, ops: Sequence[Op]) -> None:
    """As few calls as can be. Raises RuntimeError where one is refused."""
    outcomes = await asyncio.gather(*(book.apply(op) for op in ops))
    for op, outcome in zip(ops, outcomes, strict=True):
        if outcome.code != Code.OK:
            raise RuntimeError(f"expected OK: {op}, {outcome}")
