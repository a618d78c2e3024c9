"""What is set aside of opening stock, and of which SKUs nothing is when a show begins."""

from __future__ import annotations

from shelfcast.insight.reserves import Shares, reserves
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import SAFETY_PERCENT, PoolConfig


async def without_buffer(book: StockBook, room: str) -> list[str]:
    """The SKUs on a room's shelf that would have a safety buffer by the pool's part or their own number, and have none,
    by name. Presale sells nothing that is on hand, and what is not in stock needs no buffer. Raises EngineError."""
    view, shares = await book.room_view(room), shares_of(await book.pool_config())
    wanting = []
    for listed in view.skus if view is not None else ():
        units = listed.stock.pool + sum(channel.allocated for channel in listed.stock.channels)
        aside = reserves(units, shares, safety_units=listed.config.safety_units)
        if aside.safety and not listed.listing.presale:
            wanting.append(listed.sku)
    set_aside = await book.safety_units(wanting)
    return sorted(sku for sku in wanting if not set_aside[sku])


def safety_percent(config: PoolConfig) -> int:
    """How much of opening stock an import leaves in the safety buffer, in percent."""
    return SAFETY_PERCENT if config.safety_percent is None else config.safety_percent


def shares_of(config: PoolConfig) -> Shares:
    """What an import sets aside of opening stock."""
    return Shares(safety_percent(config), config.elastic_percent, config.elastic_mode)
