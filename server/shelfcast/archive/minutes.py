"""A show's minutes as the archive keeps them: objects of a quarter of an hour, each beginning with the whole state.

So any minute needs one object. Layout: `archive.names.minutes`. Docs: docs/rules.md#replay.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import Struct

from shelfcast.archive import names
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged
from shelfcast.protocol.states import AlertRule, Level, RoomStatus, Severity

PART_MINUTES = 15
FORMAT = 1


class SkuUnits(NamedTuple):
    """A SKU at a minute's end: units available, in checkouts, sold net in the show, taken since it began (less what was
    given back); its level, and its pace in units a minute. The last two are null where they were not kept, and the pace
    before one was told."""

    sku: str
    available: int
    held: int
    sold: int
    taken: int
    level: Level | None
    units_a_minute: float | None


class SkuNamed(Struct, frozen=True, kw_only=True):
    """What a SKU was called and cost then, in the currency's minor units; `place` is its place on the shelf, from 1,
    `link` the number that hosts called it by, null where it had none. `as_of_then` is false where that was not kept:
    then it is what it was when the minutes were read."""

    sku: str
    place: int
    link: int | None
    title: str
    price_minor: int
    currency: str
    as_of_then: bool


class StoodAlert(Struct, frozen=True, kw_only=True):
    """An alert that stood then. Its severity and tier (0: the rule has none) are the last ones it said."""

    id: str
    rule: AlertRule
    sku: str
    severity: Severity
    tier_percent: int
    since_ms: int


class MinuteState(Struct, frozen=True, kw_only=True):
    """A show at the end of a minute, which is counted from 0, the one in which it went on air, and begins at
    `minute_ms`.

    Of a minute that follows on another, `units` and `terms` are those that differ, `gone` has what is not on the shelf
    any more, and `alerts` is null where the same stand. `paid` are the net units paid so far, `refused` says how often
    customers were refused so far, by code. `notice` is empty without one.
    """

    minute: int
    minute_ms: int
    status: RoomStatus
    spotlight: str | None
    notice: str
    viewers: int
    paid: int
    refused: dict[str, int]
    alerts: list[StoodAlert] | None
    units: list[SkuUnits]
    terms: list[SkuNamed]
    gone: list[str]


class MinutesPart(Struct, frozen=True, kw_only=True):
    """Up to PART_MINUTES minutes in a row: `state` is the whole first one, `changes` are those that follow. The show
    had `minutes` minutes; `is_full` says that no more were kept, as the bounds of a series were reached."""

    format: int = FORMAT
    show: str
    pool: str
    part: int
    minutes: int
    is_full: bool
    state: MinuteState
    changes: list[MinuteState]


def cut(part: MinutesPart, minute: int, count: int) -> tuple[MinuteState, list[MinuteState]]:
    """The whole state at the end of a minute of the part, and those of the `count` minutes that follow it in the part,
    each as it differs from the one before."""
    state = part.state
    begin = minute - state.minute
    for change in part.changes[:begin]:
        state = followed(state, change)
    return state, part.changes[begin : begin + count]


def followed(state: MinuteState, change: MinuteState) -> MinuteState:
    """The whole state at the end of the minute that follows on this one."""
    units = {row.sku: row for row in state.units} | {row.sku: row for row in change.units}
    terms = {one.sku: one for one in state.terms} | {one.sku: one for one in change.terms}
    for sku in change.gone:
        units.pop(sku, None)
        terms.pop(sku, None)
    return msgspec.structs.replace(
        change,
        alerts=state.alerts if change.alerts is None else change.alerts,
        units=list(units.values()),
        terms=sorted(terms.values(), key=by_place),
        gone=[],
    )


def by_place(named: SkuNamed) -> tuple[int, str]:
    """Where it stands on the shelf."""
    return named.place, named.sku


_decode = msgspec.json.Decoder(MinutesPart).decode


def part_of(minute: int) -> int:
    """The part that has a minute."""
    return minute // PART_MINUTES


def packed(part: MinutesPart) -> bytes:
    """A part as it is written."""
    return msgspec.json.encode(part)


def unpacked(name: str, content: bytes) -> MinutesPart:
    """A part as it was read. Raises ArchiveDamaged where it is none."""
    try:
        part = _decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ArchiveDamaged(f"{name} is no part of a show's minutes: {error}") from error
    if part.format != FORMAT:
        raise ArchiveDamaged(f"{name} has format {part.format}; this server reads {FORMAT}")
    return part


async def read_part(store: ArchiveStore, pool: str, show: str, part: int) -> tuple[str, bytes]:
    """A part's object and what it has. Raises ArchiveDamaged where it is not there, ArchiveUnavailable."""
    name = names.minutes(pool, show, part)
    content = await store.get(name)
    if content is None:
        raise ArchiveDamaged(f"{name} is not there any more")
    return name, content
