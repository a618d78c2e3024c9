"""How a room's numbers follow from a SKU's stock: the one place that says what is available.

Rules: docs/rules.md#selling.
"""

from __future__ import annotations

from typing import NamedTuple

from shelfcast.stock.changes import SkuStock
from shelfcast.stock.configuration import ChannelKind


class ShelfRow(NamedTuple):
    """One SKU on one room's shelf, in units. `locked` waits in batches that have not opened."""

    available: int
    held: int
    sold: int
    frozen: bool
    locked: int


def shelf_row(stock: SkuStock, channel: str, kind: ChannelKind, *, presale: bool) -> ShelfRow:
    """What a room on `channel` can sell of a SKU.

    A dedicated channel sells its own units alone, a shared one the pool's as well; a presale listing sells
    the presale quota and nothing that is on hand.
    """
    own = stock.in_channel(channel)
    if presale:
        return ShelfRow(stock.presale, own.presale_held, own.presale_sold, stock.frozen, 0)
    available = own.allocated + (stock.pool if kind is ChannelKind.SHARED else 0)
    return ShelfRow(available, own.held, own.sold, stock.frozen, stock.locked)
