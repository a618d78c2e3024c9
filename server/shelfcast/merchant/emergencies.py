"""Emergencies: stopping the sale of a SKU, a channel, a room or the whole pool at once, and letting it go on.

Each of the four has a flag of its own; what is sold is frozen while any flag over it is set.
Rules: docs/rules.md#freeze.
"""

from __future__ import annotations

from msgspec import Struct

from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import FreezeScope
from shelfcast.stock.operations import Freeze
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.viewer_count import ViewerCount


class Target(Struct, frozen=True):
    """What is frozen or thawed; that of the pool has no name."""

    scope: FreezeScope
    name: str = ""


class Reach(Struct, frozen=True, kw_only=True):
    """What a flag is over, as of the pool's sequence `seq`, whoever else may have frozen it.

    `skus` is how many may not be sold there: of a channel and a room those that are listed. `holds` are live and stay,
    with `units_held` units: they are paid, given back or run out as ever. `viewers` are those of `rooms`, in all
    processes.
    """

    seq: int
    skus: int
    rooms: list[str]
    holds: int
    units_held: int
    viewers: int


async def set_frozen(
    book: StockBook, key: str, target: Target, *, frozen: bool, actor: str, reason: str = "", room: str = ""
) -> Outcome:
    """Set a flag, or take it back; `room` is where it was asked for. One that is so already stays, and is no action."""
    scope = False if target.scope is FreezeScope.SKU else target.scope
    op = Freeze(key, target.name, frozen=frozen, actor=actor, reason=reason, room=room, scope=scope)
    return await book.apply(op)


async def reach(book: StockBook, viewers: ViewerCount, target: Target) -> Reach:
    """What a freeze of this would stop. Raises EngineError."""
    _, seq, _ = await book.clock()
    rooms = await _rooms(book, target)
    holds = units = 0
    async for page in book.live_holds():
        for hold in page:
            if _is_over(target, hold.sku, hold.channel, hold.room):
                holds, units = holds + 1, units + hold.left
    watching = await viewers.read(book.base, rooms)
    return Reach(
        seq=seq,
        skus=await _sku_count(book, target, rooms),
        rooms=rooms,
        holds=holds,
        units_held=units,
        viewers=sum(watching.values()),
    )


def _is_over(target: Target, sku: str, channel: str, room: str) -> bool:
    named = {FreezeScope.SKU: sku, FreezeScope.CHANNEL: channel, FreezeScope.ROOM: room}
    return target.scope is FreezeScope.POOL or named[target.scope] == target.name


async def _rooms(book: StockBook, target: Target) -> list[str]:
    rooms = await book.rooms()
    if target.scope is FreezeScope.SKU:
        return [room for room in rooms if await book.listing(room, target.name) is not None]
    return [room for room, config in rooms.items() if _is_over(target, "", config.channel, room)]


async def _sku_count(book: StockBook, target: Target, rooms: list[str]) -> int:
    if target.scope is FreezeScope.SKU:
        return 1
    if target.scope is FreezeScope.POOL:
        return await book.sku_count()
    return len({sku for room in rooms for sku in await book.listed_skus(room)})
