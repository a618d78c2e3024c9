"""What a fold of a pool's ledgers knows: saved, loaded again, and without what the book has forgotten."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Mapping
from types import MappingProxyType
from typing import Self

from msgspec import Struct

from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.fold_state import FoldedState, FoldState, Kept, UserUnits
from shelfcast.stock.places import BATCH
from shelfcast.stock.records import Stream
from shelfcast.stock.windows import DAYS_MAX, EVER

HOUR_MS = 3_600_000

Complaint = Callable[[int, str, str], None]
"""Takes the number of the invariant, what is wrong, and how."""


class Folded(Struct, gc=False):
    """A reservation as its ledger entries tell it."""

    sku: str
    channel: str
    user: str
    state: str
    left: int
    made_at: int
    """The pool's sequence then."""
    counts_for_limit: bool = True
    home: dict[str, int] | None = None
    """While it is a hold that is counted: where its units came from, in the order of drawing."""
    drawn: dict[str, int] | None = None
    """Where the units of one came from that has some from batches, in the order of drawing, until they
    leave or go back."""
    gone_at: int = 0
    """The pool's sequence at which the book was seen to have forgotten it: nothing behind that is about it, unless it
    is made anew."""

    @property
    def is_over(self) -> bool:
        """Whether it has no units: nothing of it is looked at any more but its name and how it ended."""
        return self.left == 0 and self.state != "active"


class FoldedBook:
    """The book that the entries so far make.

    What it knows of grows with each reservation, customer and show there ever was. Who saves it (`state`) has it forget
    first what the book has forgotten (`forget`); what is left is as large as the book itself.
    """

    def __init__(
        self,
        complain: Complaint,
        upgraded_shows: Container[str] = (),
        batches_drawn: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """`upgraded_shows`: those whose limits count what was bought before shows were kept, too. `batches_drawn`: the
        sequence behind which the batches that there are now have been drawn from; names come again."""
        self._complain = complain
        self._upgraded_shows = upgraded_shows
        self._batches_drawn = batches_drawn
        self.units: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.by_user: Counter[tuple[str, str, str]] = Counter()
        """Net units by window (of days: the hour), user and SKU."""
        self._hours: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        """The same of the windows of days, by user and SKU, then by hour."""
        self.reservations: dict[str, Folded] = {}
        self.counters: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By SKU what is counted beside its units: `taken:pool` and its like."""
        self.sold: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By show and SKU: net units sold."""
        self.from_batches: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        """By batch, then by user and SKU: net units drawn from it, of those in `batches_drawn`."""
        self._closed: dict[tuple[str, str], int] = {}
        """By SKU and place of a closed batch: what had been taken from it."""
        self.seq = 0
        """The pool's sequence reached."""
        self._numbers = dict.fromkeys(Stream, 0)
        self._last_at_ms = 0
        self.hours_behind = 0
        """Of the windows of days, hours up to this one (since 1970) are forgotten."""

    @classmethod
    def from_state(
        cls,
        state: FoldState,
        complain: Complaint,
        upgraded_shows: Container[str] = (),
        batches_drawn: Mapping[str, int] = MappingProxyType({}),
    ) -> Self:
        """The fold that a state was of, to be gone on with; what else there is to say is as of now."""
        fold = cls(complain, upgraded_shows, batches_drawn)
        place, own = state.place, sys.intern
        fold.seq, fold._numbers, fold._last_at_ms = place.seq, place.numbers(), state.last_at_ms
        fold.hours_behind = state.hours_behind
        for loaded, counters in ((state.units, fold.units), (state.counters, fold.counters), (state.sold, fold.sold)):
            counters.update((name, Counter(numbers)) for name, numbers in loaded.items())
        for window, rows in state.by_user.items():
            fold.by_user.update({(own(window), user, own(sku)): units for user, sku, units in rows})
        for user, sku, numbers in state.hours:
            fold._hours[user, sku] = Counter(dict(numbers))
            fold.by_user.update({(str(hour), user, sku): units for hour, units in numbers})
        for batch, rows in state.from_batches.items():
            # One of that name that was first drawn from behind the state is another batch.
            if batches_drawn.get(batch, place.seq) < place.seq:
                fold.from_batches[batch] = Counter({(user, sku): units for user, sku, units in rows})
        fold._closed = {(sku, closed): taken for sku, closed, taken in state.closed}
        fold.reservations = {
            one.id: Folded(
                own(one.sku), own(one.channel), one.user, own(one.state), one.left, one.made_at, one.counts_for_limit,
                None if one.home is None else dict(one.home), None if one.drawn is None else dict(one.drawn),
                one.gone_at,
            )
            for one in state.reservations
        }  # fmt: skip
        return fold

    @property
    def place(self) -> LedgerPlace:
        """The place in both ledgers that was reached."""
        return LedgerPlace(seq=self.seq, ledger=self._numbers[Stream.STOCK], presale=self._numbers[Stream.PRESALE])

    def state(self) -> FoldState:
        """What was folded so far, to be saved. The same entries, with the same forgotten, are the same state."""
        by_user: defaultdict[str, list[UserUnits]] = defaultdict(list)
        for (window, user, sku), units in self.by_user.items():
            if units and not window.isdecimal():
                by_user[window].append((user, sku, units))
        hours = [(*name, sorted((hour, n) for hour, n in each.items() if n)) for name, each in self._hours.items()]
        return FoldState(
            place=self.place,
            last_at_ms=self._last_at_ms,
            units=_without_zeros(self.units),
            counters=_without_zeros(self.counters),
            sold=_without_zeros(self.sold),
            by_user={window: sorted(rows) for window, rows in by_user.items()},
            hours=sorted(row for row in hours if row[2]),
            hours_behind=self.hours_behind,
            from_batches={
                batch: sorted((user, sku, n) for (user, sku), n in users.items() if n)
                for batch, users in self.from_batches.items()
                if any(users.values())
            },
            closed=sorted((sku, place, taken) for (sku, place), taken in self._closed.items()),
            reservations=[_state_of(name, self.reservations[name]) for name in sorted(self.reservations)],
        )

    def forget(self, kept: Kept) -> None:
        """Forget what the book had forgotten at a moment behind the place that is reached: units of windows that
        nothing is held against any more, what shows sold that are not kept, closed batches that are not, and
        reservations. The last are seen to be gone first, and go once the fold has passed that: entries of before may
        still be about them.

        Raises ValueError where the book had not come so far then.
        """
        if kept.seq < self.seq:
            raise ValueError(f"expected what the book keeps at {self.seq} or later, not at {kept.seq}")
        for name in [name for name, one in self.reservations.items() if one.is_over]:
            one = self.reservations[name]
            one.gone_at = 0 if name in kept.reservations else one.gone_at or kept.seq
            if one.gone_at and one.gone_at <= self.seq:
                del self.reservations[name]
        self.hours_behind = max(self.hours_behind, self._last_at_ms // HOUR_MS - 24 * DAYS_MAX)
        for hours in self._hours.values():
            for hour in [hour for hour in hours if hour <= self.hours_behind]:
                del hours[hour]
        counts = kept.windows | {EVER}
        self.by_user = Counter(
            {
                (window, user, sku): units
                for (window, user, sku), units in self.by_user.items()
                if units and (int(window) > self.hours_behind if window.isdecimal() else window in counts)
            }
        )
        for show in self.sold.keys() - kept.shows:
            del self.sold[show]
        for batch in self.from_batches.keys() - self._batches_drawn.keys():
            del self.from_batches[batch]
        self._closed = {
            (sku, place): taken
            for (sku, place), taken in self._closed.items()
            if place.removeprefix(BATCH) in kept.batches
        }


def _without_zeros(numbers: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {name: {place: n for place, n in each.items() if n} for name, each in numbers.items()}


def _state_of(name: str, one: Folded) -> FoldedState:
    home = None if one.home is None else list(one.home.items())
    drawn = None if one.drawn is None else list(one.drawn.items())
    return FoldedState(
        name, one.sku, one.channel, one.user, one.state, one.left, one.made_at, one.counts_for_limit, home, drawn,
        one.gone_at,
    )  # fmt: skip
