"""What a show's people do in its room: its status, the SKU in the spotlight, notices to everybody, cues to the host."""

from __future__ import annotations

from shelfcast.merchant import moves
from shelfcast.merchant.definitions import change
from shelfcast.protocol.messages import RoomStatus
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Acknowledge, SayCue, SayNotice
from shelfcast.stock.outcomes import Outcome


async def set_spotlight(book: StockBook, room: str, sku: str | None) -> Outcome:
    """Put a SKU of the room in the spotlight, or none."""
    return await change(book, What.ROOM, room, {"spotlight": sku})


async def set_status(book: StockBook, room: str, status: RoomStatus) -> Outcome:
    """Begin, pause, go on with or end the show."""
    return await change(book, What.ROOM, room, {"status": status})


async def say_notice(book: StockBook, room: str, key: str, text: str) -> Outcome:
    """Tell everybody in the room; an empty text takes the last notice back."""
    return await book.apply(SayNotice(key, room, text))


async def say_cue(book: StockBook, room: str, key: str, text: str, sku: str | None) -> Outcome:
    """Tell the host what to do, perhaps about a SKU of the room."""
    return await book.apply(SayCue(key, room, text, sku or ""))


async def acknowledge(book: StockBook, room: str, key: str, cue: str, user: str) -> Outcome:
    """The host has read a cue."""
    return await book.apply(Acknowledge(key, room, cue, user))


async def freeze(
    book: StockBook, room: str, key: str, sku: str, *, frozen: bool, actor: str, reason: str = ""
) -> Outcome:
    """Stop the sale of a SKU in the whole pool, asked for in a room; or let it go on."""
    del room  # the freeze is the pool's
    return await moves.freeze(book, key, sku, frozen=frozen, actor=actor, reason=reason)
