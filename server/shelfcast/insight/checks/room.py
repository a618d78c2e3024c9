"""Checks of the room itself."""

from __future__ import annotations

from collections.abc import Iterator

from shelfcast.insight.checklist import Check, Cure, CureKind, Item, Level
from shelfcast.insight.checks.facts import RoomFacts
from shelfcast.insight.checks.wording import count, span, units

_FLAGS = {"room": "the room is frozen", "channel": "its channel is frozen", "pool": "the whole pool is frozen"}


def room_items(room: RoomFacts) -> Iterator[Item]:
    """What is looked at once for the room."""
    yield _shelf(room)
    yield _run_order(room)
    yield _planned_start(room)
    yield _freeze(room)
    yield from _batches(room)


def _shelf(room: RoomFacts) -> Item:
    if room.listed:
        says = f"{count(room.listed, 'SKU')} on the shelf"
        return Item(Check.SHELF, Level.PASS, "listed", says, {"skus": room.listed})
    says = "the shelf is empty: there is nothing to sell"
    return Item(Check.SHELF, Level.FAIL, "empty", says, {}, (Cure(CureKind.LIST_SKUS),))


def _run_order(room: RoomFacts) -> Item:
    if room.slots:
        says = f"{count(room.slots, 'place')} in the run order"
        return Item(Check.RUN_ORDER, Level.PASS, "set", says, {"slots": room.slots})
    says = "there is no run order: nothing says what comes when, nor how much of it is expected to go"
    return Item(Check.RUN_ORDER, Level.WARN, "not_set", says, {}, (Cure(CureKind.SET_RUN_ORDER),))


def _planned_start(room: RoomFacts) -> Item:
    cures = (Cure(CureKind.SET_PLANNED_START),)
    if room.planned_start_ms is None:
        says = "no start is planned: nobody is reminded, and windows are held against now"
        return Item(Check.PLANNED_START, Level.WARN, "not_set", says, {}, cures)
    values = {"planned_start_ms": room.planned_start_ms}
    until_ms = room.planned_start_ms - room.now_ms
    if until_ms < 0:
        says = f"the planned start was {span(-until_ms)} ago"
        return Item(Check.PLANNED_START, Level.WARN, "over", says, values, cures)
    return Item(Check.PLANNED_START, Level.PASS, "set", f"planned to begin in {span(until_ms)}", values)


def _freeze(room: RoomFacts) -> Item:
    if not room.frozen:
        return Item(Check.FREEZE, Level.PASS, "none", "nothing over the room is frozen")
    says = " and ".join(_FLAGS[flag] for flag in room.frozen) + ": nothing can be reserved"
    names = {"room": room.room, "channel": room.channel, "pool": True}
    cures = tuple(Cure(CureKind.THAW, {flag: names[flag]}) for flag in room.frozen)
    return Item(Check.FREEZE, Level.FAIL, room.frozen[0], says, {"scopes": list(room.frozen)}, cures)


def _batches(room: RoomFacts) -> Iterator[Item]:
    for batch in room.batches:
        values = {"batch": batch.batch, "opens_at_ms": batch.opens_at_ms, "skus": batch.skus, "units": batch.units}
        if batch.units:
            says = f"batch {batch.batch} opens during the show with {units(batch.units)} of {count(batch.skus, 'SKU')}"
            yield Item(Check.BATCHES, Level.PASS, "filled", says, values)
        else:
            says = f"batch {batch.batch} opens during the show, and there is nothing in it"
            cure = Cure(CureKind.FILL_BATCH, {"batch": batch.batch})
            yield Item(Check.BATCHES, Level.FAIL, "empty", says, values, (cure,))
