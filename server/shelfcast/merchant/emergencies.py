"""Emergencies: stopping the sale of a SKU, a channel, a room or the whole pool at once, and letting it go on.

Each of the four has a flag of its own; what is sold is frozen while any flag over it is set.
Rules: docs/rules.md#freeze.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import FreezeScope
from shelfcast.stock.operations import Freeze, NoteFlags
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.show import show_id
from shelfcast.stock.viewer_count import ViewerCount

FLAGS_A_CALL = 500


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


class InForce(Struct, frozen=True, kw_only=True):
    """What stops sales now: a flag that is set (`frozen`), or a room that is `paused`. `since_ms` is None, and the rest
    empty, where a release of before has set it; the book keeps no reason of a pause."""

    kind: Literal["frozen", "paused"]
    scope: FreezeScope
    name: str = ""
    since_ms: int | None
    by: str
    reason: str
    action: str


async def in_force(book: StockBook, most: int) -> tuple[list[InForce], int, int]:
    """What stops sales now, the latest first, at most `most`; how many there are; and the pool's sequence. Raises
    EngineError."""
    if not await book.flags_are_noted():
        await _note_flags(book)
    _, seq, _ = await book.clock()
    flags = await book.flags(most)
    paused = {room: config for room, config in (await book.rooms()).items() if config.status is RoomStatus.PAUSED}
    shows = await book.shows_of([show_id(room, config.show) for room, config in paused.items()])
    found = [
        InForce(
            kind="frozen",
            scope=scope,
            name=name,
            since_ms=flag.at_ms or None,
            by=flag.actor,
            reason=flag.reason,
            action=flag.action,
        )
        for scope, name, flag in flags
    ]
    last = {show.room: show.history[-1] for show in shows if show.history}
    for room in paused:
        at_ms, by = (last[room].at_ms, last[room].actor) if room in last else (None, "")
        said = InForce(kind="paused", scope=FreezeScope.ROOM, name=room, since_ms=at_ms, by=by, reason="", action="")
        found.append(said)
    found.sort(key=lambda each: (-(each.since_ms or 0), each.scope, each.name))
    return found[:most], len(paused) + await book.flag_count(), seq


async def _note_flags(book: StockBook) -> None:
    """Have the book list the flags that a release of before has set: once, all definitions are looked through."""
    flags = [(FreezeScope.CHANNEL, name) for name, channel in (await book.channels()).items() if channel.frozen]
    flags += [(FreezeScope.ROOM, name) for name, room in (await book.rooms()).items() if room.frozen]
    if (await book.pool_config()).frozen:
        flags.append((FreezeScope.POOL, ""))
    async for skus in book.frozen_skus():
        flags += [(FreezeScope.SKU, sku) for sku in skus]
    for first in range(0, len(flags) or 1, FLAGS_A_CALL):
        some = flags[first : first + FLAGS_A_CALL]
        await book.apply(NoteFlags(some, is_last=first + FLAGS_A_CALL >= len(flags)))


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
