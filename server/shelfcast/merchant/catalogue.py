"""A catalogue with opening stock, many SKUs at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shelfcast.errors import InvalidInput
from shelfcast.insight.reserves import NOTHING, Reserves
from shelfcast.merchant.definitions import change_many, check_new_skus, check_once
from shelfcast.merchant.goods import check_goods
from shelfcast.origins import Origins
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Move, MoveKind
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import ELASTIC, POOL, SAFETY, SUPPLIER

ID_MAX = 64
_SUBSTITUTES = "substitutes"


class Row(NamedTuple):
    """A SKU, the fields of it that are given, and the units to receive from the supplier, some of them to set aside."""

    sku: str
    given: Mapping[str, Any]
    opening: int
    set_aside: Reserves = NOTHING


async def check(book: StockBook, rows: Sequence[Row], image_origins: Origins) -> None:
    """Raises InvalidInput for a SKU that stands twice or could be taken for another, and as `check_goods`; nothing is
    written before."""
    check_once([row.sku for row in rows])
    for index, row in enumerate(rows):
        check_goods(row.sku, row.given, image_origins, within=f"skus[{index}]")
        if sum(row.set_aside) > row.opening:
            field = "opening_safety" if row.set_aside.safety else "opening_elastic"
            said = f"expected, with what else is set aside, at most the {row.opening:,} units of opening"
            raise InvalidInput(said, field=f"skus[{index}].{field}")
    await check_new_skus(book, [(row.sku, f"skus[{index}].sku") for index, row in enumerate(rows)])


async def define(book: StockBook, rows: Sequence[Row], by: By) -> list[Outcome]:
    """Define the SKUs, each a merge; no transaction, and one action. `check` comes first.

    A row may name a substitute that another row makes: it is told its substitutes once they are all there.
    """
    named = {row.sku for row in rows}
    later = [index for index, row in enumerate(rows) if named.intersection(row.given.get(_SUBSTITUTES) or ())]
    first = [(row.sku, dict(row.given)) for row in rows]
    then = [(first[index][0], {_SUBSTITUTES: first[index][1].pop(_SUBSTITUTES)}) for index in later]
    outcomes = await change_many(book, What.SKU, first, by=by)
    if then and all(outcome.code is Code.OK for outcome in outcomes):
        for index, outcome in zip(later, await change_many(book, What.SKU, then, by=by), strict=True):
            outcomes[index] = outcome
    return outcomes


async def receive_opening(
    book: StockBook, rows: Sequence[Row], key: str, *, by: By, reason: str, reference: str, first: bool = False
) -> list[Outcome]:
    """Receive the opening stock of rows that have some, once under this key and as part of the action, and set aside
    what they say of it; an outcome each. That units were sold between the two is no fault: those are not set aside.
    Where they are to be the `first` units of a SKU, they are STALE of one that has had some, and none of those are set
    aside."""

    def move(id_: str, kind: MoveKind, row: Row, units: int, source: str, target: str) -> Move:
        is_receipt = kind is MoveKind.RECEIVE
        behind = "" if is_receipt else opening_id(key, row.sku)
        opening = first and is_receipt
        return Move(id_, kind, row.sku, units, source, target, by.actor, reason, reference, by, opening, behind)

    async def receive(row: Row) -> Outcome:
        # One behind the other without a pause, so that the book decides them in this order, mostly in one call.
        ops = [move(opening_id(key, row.sku), MoveKind.RECEIVE, row, row.opening, SUPPLIER, POOL)]
        for place, units in zip((SAFETY, ELASTIC), row.set_aside, strict=True):
            if units:
                ops.append(move(carve_id(key, row.sku, place), MoveKind.CARVE, row, units, POOL, place))
        received, *carved = await asyncio.gather(*[book.apply(op) for op in ops])
        if received.code is Code.STALE:
            return received
        return next((outcome for outcome in carved if outcome.code not in (Code.OK, Code.INSUFFICIENT)), received)

    return await asyncio.gather(*[receive(row) for row in rows])


def carve_id(key: str, sku: str, place: str) -> str:
    """The id of the move that sets units of a row's opening stock aside in a place: no other name makes it."""
    return hashlib.sha256(f"{place}\x1f{key}\x1f{sku}".encode()).hexdigest()


def opening_id(key: str, sku: str) -> str:
    """The id of the move that receives a row's opening stock: "key:sku", or its SHA-256 where that is no id."""
    plain = f"{key}:{sku}"
    if len(plain) <= ID_MAX and plain.isascii() and plain.isprintable() and " " not in plain:
        return plain
    return hashlib.sha256(plain.encode()).hexdigest()
