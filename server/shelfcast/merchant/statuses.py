"""The status of a room: what another one would stop or let go on, and why the room does not take it now, in sentences
for people. Rules: docs/rules.md#shows."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from shelfcast.merchant.definitions import change
from shelfcast.merchant.emergencies import Target, reach
from shelfcast.merchant.gate import check_live
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import FreezeScope, RoomConfig, What
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.show import NEXT_STATUSES, ON_AIR, ShowRecord, show_id
from shelfcast.stock.viewer_count import ViewerCount

_CANNOT_CONTINUE: Mapping[str, str] = {
    "status": "only a room that has ended and becomes live again can continue its show",
    "none": "the room has no show that could continue",
    "channel": "the room sells through another channel now: that takes a new show",
}


def why_refused(outcome: Outcome) -> str:
    """Why a room's show does not allow a write of the room, in a sentence; empty where that is not what was refused."""
    if outcome.code is not Code.BAD_MESSAGE or not isinstance(outcome.data, list):
        return ""
    if outcome.field == "status":
        before, wanted, allowed = outcome.data
        names = " or ".join(allowed)
        if not before:
            return f"a room that is new may be {names}, not {wanted}"
        return f"a room that is {before} may become {names}, not {wanted}"
    if outcome.field == "channel":
        return f"the channel of a room is fixed while its show is {outcome.data[0]}"
    if outcome.field == "continue_show":
        why, most_ms = outcome.data
        late = f"a show can go on within {most_ms / 60_000:g} minutes of its end, and that is over"
        return _CANNOT_CONTINUE.get(why, late)
    return ""


class StatusEffect(Struct, frozen=True, kw_only=True):
    """What a status is over, as of the pool's sequence `seq`: `skus` that the room lists, its live `holds`, which stay,
    with `units_held` units, how many people are `waiting` there for a SKU (one who waits for two counts twice) and the
    `viewers` in all processes. `before` is the status that it follows on, `show` the id of the show that it is in."""

    seq: int
    room: str
    show: str
    before: RoomStatus
    status: RoomStatus
    skus: int
    holds: int
    units_held: int
    waiting: int
    viewers: int


async def waiting(book: StockBook, room: str) -> int:
    """How many people wait in the room for a SKU. Raises EngineError."""
    return sum(waited.people for waited in await book.waitlists(room))


async def effect(
    book: StockBook,
    viewers: ViewerCount,
    room: str,
    config: RoomConfig,
    wanted: RoomStatus,
    *,
    continues: bool,
    waiting: int,
) -> StatusEffect:
    """What this status means, or would mean, for a room that was as `config` says and so many `waiting`. It looks
    through all live holds of the pool: a pause must not wait for that. Raises EngineError."""
    reached = await reach(book, viewers, Target(FreezeScope.ROOM, room))
    begins = wanted in ON_AIR and config.status not in ON_AIR and not continues
    return StatusEffect(
        seq=reached.seq,
        room=room,
        show=show_id(room, config.show + begins),
        before=config.status,
        status=wanted,
        skus=reached.skus,
        holds=reached.holds,
        units_held=reached.units_held,
        waiting=waiting,
        viewers=reached.viewers,
    )


async def tried(
    book: StockBook,
    room: str,
    config: RoomConfig,
    wanted: RoomStatus,
    *,
    continues: bool,
    most_ms: int,
    override: str = "",
) -> Outcome:
    """What a write of this status would be answered now, by the gate, too; nothing is written. `most_ms` is how long
    after its end a show can go on. Raises EngineError."""
    _, seq, now_ms = await book.clock()
    last = await book.show(show_id(room, config.show)) if continues and config.show else None
    refusal = fault(config, last, wanted, continues=continues, now_ms=now_ms, most_ms=most_ms)
    if refusal is not None:
        return refusal
    verdict = None
    if wanted in ON_AIR and config.status not in ON_AIR and not continues:
        verdict = await check_live(book, room, {"status": wanted}, override=override)
    if verdict is not None and not verdict.opens:
        return Outcome(Code.GATE, field="status", gate=verdict)
    turns_back = config.status in NEXT_STATUSES[wanted]
    action = ("", turns_back) if wanted is not config.status else None
    return Outcome(Code.OK, seq=seq, action=action, gate=verdict)


def fault(
    config: RoomConfig, last: ShowRecord | None, wanted: RoomStatus, *, continues: bool, now_ms: int, most_ms: int
) -> Outcome | None:
    """What a room that is as `config` says is refused this status with; None where it is not. `last` is its last show.
    The book decides by the same table (`shows.fault` in stock/library/shows.lua), which a test holds against this."""
    before = config.status
    if wanted is before:
        return None
    if wanted not in NEXT_STATUSES[before]:
        told = [before.value, wanted.value, [status.value for status in NEXT_STATUSES[before]]]
        return Outcome(Code.BAD_MESSAGE, field="status", data=told)
    if not continues:
        return None
    why = ""
    if (before, wanted) != (RoomStatus.ENDED, RoomStatus.LIVE):
        why = "status"
    elif last is None:
        why = "none"
    elif last.channel != config.channel:
        why = "channel"
    elif now_ms - last.ended_at_ms > most_ms:
        why = "late"
    return Outcome(Code.BAD_MESSAGE, field="continue_show", data=[why, most_ms]) if why else None


async def set_status(
    book: StockBook, by: By, wanted: RoomStatus, *, continues: bool = False, override: str = ""
) -> Outcome:
    """Begin, pause, go on with or end the show of the room of `by`. `continues`: the last one, which has ended, goes
    on, where a new one would begin. `override`: why it may begin though the room's checklist fails."""
    return await change(book, What.ROOM, by.room, {"status": wanted}, by=by, continues=continues, override=override)


async def came_from(book: StockBook, room: str, config: RoomConfig) -> RoomStatus:
    """The status that a room had before the one it has. Raises EngineError."""
    show = await book.show(show_id(room, config.show))
    if show is not None and len(show.history) > 1:
        return show.history[-2].status
    return RoomStatus.ENDED if config.show > 1 else RoomStatus.SCHEDULED
