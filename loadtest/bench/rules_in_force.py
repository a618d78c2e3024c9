"""Rules that SKUs can be under while they are reserved: what each costs is what `instructions.py` compares."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shelfcast.protocol.codes import Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Freeze, Move, MoveKind, Op, put

Rule = Callable[[StockBook, Sequence[str], int], Awaitable[None]]
"""Puts SKUs under a rule; each has so many units in the pool."""


async def plain(book: StockBook, skus: Sequence[str], units: int) -> None:
    """No rule at all: what nobody who uses none may pay for."""


async def batch(book: StockBook, skus: Sequence[str], units: int) -> None:
    """A batch is open that has half of each SKU's units, more than are reserved: all are drawn from it."""
    ops: list[Op] = [put(What.BATCH, "first", {"title": "First batch", "opens_at_ms": await book.now_ms()})]
    ops += [Move(f"b:{sku}", MoveKind.CARVE, sku, units // 2, "pool", "batch:first") for sku in skus]
    await _all(book, ops)


async def elastic(book: StockBook, skus: Sequence[str], units: int) -> None:
    """Each SKU has a reserve whose rule is looked at with every change, and never releases."""
    ops: list[Op] = [Move(f"e:{sku}", MoveKind.CARVE, sku, 1, "pool", "elastic") for sku in skus]
    rule = {"mode": "auto", "at_units": 1, "at_share_percent": 1}
    ops += [put(What.SKU, sku, {"elastic": rule}) for sku in skus]
    await _all(book, ops)


async def freeze(book: StockBook, skus: Sequence[str], units: int) -> None:
    """Something is frozen in the pool, but nothing that is reserved: another SKU, and a channel."""
    channel: Any = "channel"  # servers of before have no name for what else can be frozen, and say so
    ops: list[Op] = [put(What.SKU, "frozen", {"title": "Frozen"}), put(What.CHANNEL, "frozen", {"title": "Frozen"})]
    ops += [Freeze("f:sku", "frozen", True), Freeze("f:channel", "frozen", True, scope=channel)]
    await _all(book, ops)


async def waitlist(book: StockBook, skus: Sequence[str], units: int) -> None:
    """The room keeps a waitlist, and nobody is on it."""
    await _all(book, [put(What.ROOM, "flash", {"channel": "live", "status": "live", "waitlist": True})])


async def known(book: StockBook, skus: Sequence[str], units: int) -> None:
    """No SKU is under a rule, and everybody who reserves has a pseudonym already."""
    people: Any = importlib.import_module("shelfcast.stock.people_operations")  # servers of before have none
    users = [f"user-{number:08}" for number in range(units)]
    await _all(book, [people.NamePeople(users[first : first + 500]) for first in range(0, units, 500)])


RULES: dict[str, Rule] = {rule.__name__: rule for rule in (plain, known, batch, elastic, freeze, waitlist)}


async def _all(book: StockBook, ops: Sequence[Op]) -> None:
    for op in ops:
        outcome = await book.apply(op)
        assert outcome.code == Code.OK, (op, outcome)
