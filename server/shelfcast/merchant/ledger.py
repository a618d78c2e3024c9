"""What happened, for people: the story of a reservation."""

from __future__ import annotations

from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.reading.story import Story


async def story(book: StockBook, reservation: str, settings: Settings, *, near: int = 0, after: int = 0) -> Story:
    """All that happened to a reservation, or what did behind the pool's sequence `after`; `near` is the sequence of any
    of its entries, where one is known. At most `ledger_search_max` entries are looked at. Raises EngineError."""
    record = await book.reservation(reservation)
    room = await book.room_config(record.room) if record and record.room else None
    hold_ms = (room.hold_ms if room else 0) or settings.hold_ms
    longer_ms = (room.payment_extension_ms if room else 0) or settings.payment_extension_ms
    holds = (hold_ms, hold_ms + longer_ms, settings.offer_ms, settings.offer_ms + longer_ms)
    return await book.story(
        reservation, record, holds_ms=holds, look_max=settings.ledger_search_max, near=near, after=after
    )
