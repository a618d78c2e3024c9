"""A catalogue with opening stock, many SKUs at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shelfcast.merchant.definitions import change_many, check_new_skus, check_once
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Move, MoveKind
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import POOL, SUPPLIER

ID_MAX = 64


class Row(NamedTuple):
    """A SKU, the fields of it that are given, and the units to receive from the supplier."""

    sku: str
    given: Mapping[str, Any]
    opening: int


async def check(book: StockBook, rows: Sequence[Row]) -> None:
    """Raises InvalidInput for a SKU that stands twice or could be taken for another; nothing is written before."""
    check_once([row.sku for row in rows])
    await check_new_skus(book, [(row.sku, f"skus[{index}].sku") for index, row in enumerate(rows)])


async def define(book: StockBook, rows: Sequence[Row], by: By) -> list[Outcome]:
    """Define the SKUs, each a merge; no transaction, and one action. `check` comes first."""
    return await change_many(book, What.SKU, [(row.sku, row.given) for row in rows], by=by)


async def receive_opening(
    book: StockBook, rows: Sequence[Row], key: str, *, by: By, reason: str, reference: str
) -> list[Outcome]:
    """Receive the opening stock of rows that have some, once under this key and as part of the action; an outcome
    each."""
    return await asyncio.gather(
        *[
            book.apply(
                Move(
                    opening_id(key, row.sku),
                    MoveKind.RECEIVE,
                    row.sku,
                    row.opening,
                    SUPPLIER,
                    POOL,
                    by.actor,
                    reason,
                    reference,
                    by,
                )
            )
            for row in rows
        ]
    )


def opening_id(key: str, sku: str) -> str:
    """The id of the move that receives a row's opening stock: "key:sku", or its SHA-256 where that is no id."""
    plain = f"{key}:{sku}"
    if len(plain) <= ID_MAX and plain.isascii() and plain.isprintable() and " " not in plain:
        return plain
    return hashlib.sha256(plain.encode()).hexdigest()
