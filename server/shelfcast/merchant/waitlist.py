"""Who waits for what comes free, and how many of them more units would serve. Rules: docs/rules.md#waitlist."""

from __future__ import annotations

from shelfcast.errors import InvalidInput
from shelfcast.stock.book import StockBook
from shelfcast.stock.places import CHANNEL, POOL
from shelfcast.stock.waitlist import WaitedFor, WaitlistEffect


async def of_room(book: StockBook, room: str) -> list[WaitedFor]:
    """The SKUs that people wait for in a room, by name."""
    return await book.waitlists(room)


async def effect(book: StockBook, sku: str, units: int, target: str) -> WaitlistEffect | None:
    """Who waits for a SKU, and how many of them `units` more in `target` (the pool or a channel) would serve at once;
    None where the pool has no such SKU. Nothing is moved. Raises InvalidInput for another place, or a channel that the
    pool does not have."""
    channel = target.partition(CHANNEL)[2] if target.startswith(CHANNEL) else ""
    if target != POOL and not channel:
        raise InvalidInput(
            f"expected {POOL}, or {CHANNEL} and the name of a channel: these are sold from", field="target"
        )
    if channel and channel not in await book.channels():
        raise InvalidInput(f"expected {POOL}, or a channel of this pool, which has no {channel!r}", field="target")
    return await book.waitlist_of(sku, units, target)
