"""What a show's people do in its room: its status, the SKU in the spotlight, notices to everybody, cues to the host.

`by` is whose message it is: its id, who sent it, and the room.
"""

from __future__ import annotations

from shelfcast.errors import EngineError
from shelfcast.merchant import actions
from shelfcast.merchant.definitions import change
from shelfcast.merchant.emergencies import Target, set_frozen
from shelfcast.protocol.access import Principal, missing
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By
from shelfcast.stock.book import UNAVAILABLE, StockBook
from shelfcast.stock.configuration import FreezeScope, What
from shelfcast.stock.operations import Acknowledge, SayCue, SayNotice
from shelfcast.stock.outcomes import Outcome


async def set_spotlight(book: StockBook, by: By, sku: str | None) -> Outcome:
    """Put a SKU of the room in the spotlight, or none."""
    return await change(book, What.ROOM, by.room, {"spotlight": sku}, by=by)


async def say_notice(book: StockBook, by: By, text: str) -> Outcome:
    """Tell everybody in the room; an empty text takes the last notice back."""
    return await book.apply(SayNotice(by.id, by.room, text, by))


async def say_cue(book: StockBook, by: By, text: str, sku: str | None) -> Outcome:
    """Tell the host what to do, perhaps about a SKU of the room."""
    return await book.apply(SayCue(by.id, by.room, text, sku or "", by))


async def acknowledge(book: StockBook, by: By, cue: str) -> Outcome:
    """The host has read a cue."""
    return await book.apply(Acknowledge(by.id, by.room, cue, by.actor))


async def freeze(book: StockBook, by: By, sku: str, *, frozen: bool, reason: str = "") -> Outcome:
    """Stop the sale of a SKU in the whole pool, asked for in a room; or let it go on."""
    target = Target(FreezeScope.SKU, sku)
    return await set_frozen(book, by.id, target, frozen=frozen, actor=by.actor, reason=reason, room=by.room)


async def freeze_room(book: StockBook, by: By, *, frozen: bool, reason: str = "") -> Outcome:
    """Stop all sales in a room, or let them go on."""
    target = Target(FreezeScope.ROOM, by.room)
    return await set_frozen(book, by.id, target, frozen=frozen, actor=by.actor, reason=reason, room=by.room)


async def undo(book: StockBook, by: By, action: str, principal: Principal) -> Outcome:
    """Take back what was done in the room, if `principal` may; see `merchant.actions.undo`."""
    try:
        shown = await book.action(action)
    except EngineError:
        return UNAVAILABLE
    if shown is None or shown.action.room != by.room:
        return Outcome(Code.NOT_FOUND, field="action")
    if missing(principal, actions.act_of_undo(shown.action), pool=book.pool, room=by.room):
        return Outcome(Code.FORBIDDEN)
    return await actions.undo(book, shown.action, actor=by.actor)
