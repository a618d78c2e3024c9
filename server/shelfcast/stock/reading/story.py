"""The story of a reservation: its own entries of both ledgers, from the one that made it on.

Nothing says where these stand, so they are looked for where they must be: the first one where its hold began, by the
end of that; the others behind it, until they tell all that the record says. What has no record any more is looked for
from the newest entry back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from shelfcast.protocol.states import ReservationState
from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.places import EXTERNAL_OVERSOLD, HELD, PRESALE_HELD, PRESALE_SOLD, SHIPPED, SOLD
from shelfcast.stock.reading.definitions import DefinitionsReader
from shelfcast.stock.reading.people import PeopleReader
from shelfcast.stock.reading.reservations import ReservationsReader
from shelfcast.stock.reading.search import Wanted, fitting
from shelfcast.stock.reading.shows import ShowsReader
from shelfcast.stock.reading.walk import LOOK_COUNT, Numbers, Walk, WalkedLedgers
from shelfcast.stock.records import LedgerEntry, Reservation, Stream

EXPIRY_STEP_MS = 250
"""Holds end on a quarter of a second (stock/library/names.lua)."""
FIRST_STEPS = frozenset({"reserve", "external", "external_oversold"})
"""Kinds of entries that make a reservation."""
_STEPS = FIRST_STEPS | {
    "confirm", "reacquire", "cancel", "expire", "paid_no_stock", "refund", "ship", "cancel_paid", "fulfil", "settle",
}  # fmt: skip
_OWN_PLACES = (HELD, SOLD, PRESALE_HELD, PRESALE_SOLD, EXTERNAL_OVERSOLD, SHIPPED)
"""What the places of a reservation's units begin with."""


class Story(Struct, frozen=True, kw_only=True):
    """A reservation's record (None where it is not kept any more) and its entries, oldest first.

    `complete` says that these are all of them so far. Where they are not, `next` is the sequence behind which later
    ones may stand; without it, it is the first ones that were not found. `archived_through` is the pool's sequence up
    to which they may be in the archive, None where they are not there.
    """

    record: Reservation | None
    steps: list[LedgerEntry]
    complete: bool
    next: int | None = None
    archived_through: int | None = None


class StoryReader(PeopleReader, DefinitionsReader, ShowsReader, ReservationsReader, WalkedLedgers):
    """What a `StockBook` reads of the story of a reservation."""

    async def story(
        self,
        id: str,  # noqa: A002 - the field's own name
        record: Reservation | None,
        *,
        holds_ms: Sequence[int],
        look_max: int,
        near: int = 0,
        after: int = 0,
    ) -> Story:
        """The story of a reservation with this record, or its part behind the pool's sequence `after`. `near` is the
        sequence of any of its entries, where one is known. `holds_ms` are how long its hold may have been, likely ones
        first. At most `look_max` entries are looked at."""
        last = await self._last_numbers()
        wanted = Wanted(reservation=id)
        steps: list[LedgerEntry] = []
        left = look_max
        if after:
            begin: Numbers | None = await self._numbers_through(after, last)
        else:
            begin, left = await self._begin(record, wanted, last, holds_ms, near, look_max)
        if begin is None:
            newest = last if not near else await self._numbers_through(near, last)
            walk = self._walk_back(newest, dict.fromkeys(Stream, 0), left)
            steps = await _back_to_the_first(walk, wanted)
            if not _is_begun(steps):
                archived = (await self.cut()).seq if await walk.is_over() else 0
                told = await self._for_people(steps)
                return Story(record=record, steps=told, complete=False, archived_through=archived or None)
            begin, left = newest, walk.left
        story = await self._go_on(record, wanted, steps, begin, last, left, is_whole=not after)
        cut = await self.cut()
        is_cut = after < cut.seq if after else not _is_begun(story.steps) and _is_up_to(begin, cut)
        if is_cut:
            story = msgspec.structs.replace(story, complete=False, archived_through=cut.seq)
        return story

    async def _go_on(
        self,
        record: Reservation | None,
        wanted: Wanted,
        steps: list[LedgerEntry],
        behind: Numbers,
        last: Numbers,
        look_max: int,
        *,
        is_whole: bool,
    ) -> Story:
        """Look for what comes behind a place, until `steps` tell all."""
        walk = self._walk_on(behind, last, max(look_max, LOOK_COUNT))
        needles, reached = wanted.needles(), 0
        is_told = is_whole and tells_all(steps, record)
        while not is_told and (row := await walk.next()):
            reached = row.pool_seq
            entry = fitting(row, needles, wanted)
            if entry is not None and entry.kind in _STEPS:
                steps.append(entry)
                is_told = is_whole and tells_all(steps, record)
        is_told = is_told or await walk.is_over()
        return Story(
            record=record, steps=await self._for_people(steps), complete=is_told, next=None if is_told else reached
        )

    async def _begin(
        self,
        record: Reservation | None,
        wanted: Wanted,
        last: Numbers,
        holds_ms: Sequence[int],
        near: int,
        look_max: int,
    ) -> tuple[Numbers | None, int]:
        """The place in front of the entry that made a reservation, and how many entries may still be looked at; None
        where its record does not say it."""
        if record is None or record.external or near:
            return None, look_max
        for hold_ms in holds_ms:
            made_ms = record.expires_at_ms - hold_ms
            behind = await self._numbers_until(made_ms - EXPIRY_STEP_MS, last)
            walk = self._walk_on(behind, await self._numbers_until(made_ms, last), look_max)
            needles = wanted.needles()
            while row := await walk.next():
                entry = fitting(row, needles, wanted)
                if entry is not None and entry.kind in FIRST_STEPS:
                    return await self._numbers_through(entry.pool_seq - 1, last), walk.left
            look_max = walk.left
        show = await self.show(record.show) if record.show else None
        return (await self._numbers_through(show.started_seq, last) if show else None), look_max


def _is_begun(steps: Sequence[LedgerEntry]) -> bool:
    """Whether the first steps of a reservation are there."""
    return bool(steps) and steps[0].kind in FIRST_STEPS


def _is_up_to(numbers: Numbers, cut: LedgerPlace) -> bool:
    """Whether a place in both ledgers is not behind the cut."""
    return cut.seq > 0 and all(numbers[stream] <= cut.of(stream) for stream in Stream)


async def _back_to_the_first(walk: Walk, wanted: Wanted) -> list[LedgerEntry]:
    """The entries of a reservation, oldest first, from where the walk begins back to what made it."""
    needles, found = wanted.needles(), []
    was_made = False
    while row := await walk.next():
        entry = fitting(row, needles, wanted)
        if entry is not None and entry.kind in _STEPS:
            found.append(entry)
            was_made = entry.kind in FIRST_STEPS
        elif was_made:
            break  # units from several places are entries that stand side by side
    return found[::-1]


def tells_all(steps: Sequence[LedgerEntry], record: Reservation | None) -> bool:
    """Whether a reservation's steps so far lead to what its record says; without one, to where nothing can follow."""
    kinds = {step.kind for step in steps}
    units: Counter[str] = Counter()
    for step in steps:
        for place, change in ((step.source, -step.qty), (step.target, step.qty)):
            units[next((own for own in _OWN_PLACES if place.startswith(own)), "")] += change
    held, sold = units[HELD] + units[PRESALE_HELD], units[SOLD] + units[PRESALE_SOLD]
    if record is None:
        is_over = bool(kinds & {"cancel", "refund", "ship", "cancel_paid"})
        return is_over and held == sold == units[EXTERNAL_OVERSOLD] == 0
    if units[SHIPPED] != record.shipped or units[EXTERNAL_OVERSOLD] != record.oversold:
        return False
    if record.state in (ReservationState.ACTIVE, ReservationState.PAYMENT_PENDING):
        return 0 < held == record.left
    if record.state is ReservationState.CONFIRMED:
        is_paid = bool(kinds & {"confirm", "reacquire", "external", "external_oversold"})
        return (
            is_paid and held == 0 and sold == record.left and (units[PRESALE_SOLD] > 0) == (record.presale and sold > 0)
        )
    ends = {
        ReservationState.EXPIRED: {"expire"},
        ReservationState.PAID_NO_STOCK: {"paid_no_stock"},
        ReservationState.CANCELLED: {"cancel", "refund", "cancel_paid"},
    }
    return bool(kinds & ends[record.state]) and held == sold == 0
