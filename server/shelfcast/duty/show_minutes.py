"""The minutes of one show: what has been taken in each, the paces that follow, and what is kept for a successor.

Rules: docs/rules.md#pace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple

from shelfcast.insight.pace import PaceWindow, Spread
from shelfcast.insight.series import GONE, NOTICE, SHOWN, TERMS, SkuMinute, SkuShown, SkuTerms, changed, shown_name
from shelfcast.merchant.minutes import EndedMinute
from shelfcast.protocol.states import ReservationState
from shelfcast.stock.alerts import KeptPace, KeptPaces
from shelfcast.stock.changes import HoldEvent
from shelfcast.stock.shelf import ShelfRow, units_since


class OnShelf(NamedTuple):
    """What the pages show of the shelf besides its numbers: the level of each SKU, its terms, and the notice."""

    levels: Mapping[str, str] = {}
    terms: Mapping[str, SkuTerms] = {}
    notice: str = ""


NOT_SHOWN = OnShelf()
ORDERS = {ReservationState.ACTIVE: 1, ReservationState.CANCELLED: -1, ReservationState.EXPIRED: -1}
"""What a reservation's new state does to the count of orders."""


class ShowMinutes:
    """Minutes are numbered since 1970, by the engine's clock. `predecessor` is what that left; where there was none,
    `minute` is the first one."""

    def __init__(self, room: str, show: str, minute: int, predecessor: KeptPaces) -> None:
        kept_minute, _, kept = predecessor
        self.room = room
        self.show = show
        self.orders = {sku: pace.orders for sku, pace in kept.items()}
        """In how many orders each SKU has sold in the show."""
        self.open = minute if kept_minute is None else kept_minute + 1
        """The minute that has not ended yet."""
        self._taken: dict[str, Mapping[str, int]] = {
            sku: pace.places for sku, pace in kept.items() if pace.places or not pace.taken
        }
        """How many had ever been taken of each, by place, when it was last looked at."""
        self._units: dict[str, int] = {}
        """How many of each were taken in the open minute until then."""
        self._windows = {sku: _window(pace, kept_minute or 0) for sku, pace in kept.items()}
        self._told = {sku: float(pace.units_a_minute) for sku, pace in kept.items() if pace.units_a_minute is not False}
        self._spreads = {sku: Spread(pace.spread, pace.counted) for sku, pace in kept.items()}
        self._rows: dict[str, SkuMinute] = {}
        self._shown: dict[str, SkuShown] = {}
        self._terms: Mapping[str, SkuTerms] = {}
        self._notice: str | None = None
        self._was_on_sale: set[str] = set()

    def pace(self, sku: str) -> float | None:
        """Units a minute at the end of the last ended minute; None where none has ended in which it was on sale."""
        return self._told.get(sku)

    def see(self, taken: Mapping[str, Mapping[str, int]], on_sale: Set[str]) -> None:
        """The shelf was read anew: of what is new on it, so many had ever been taken, by place, before it counted."""
        self._was_on_sale |= on_sale
        for sku, places in taken.items():
            self._taken.setdefault(sku, places)

    def note(self, sku: str, row: ShelfRow) -> None:
        """A SKU has changed. The places it is sold from change when batches open and close: what was taken from each
        counts while it is one of them."""
        before = self._taken.get(sku, row.taken)
        self._units[sku] = self._units.get(sku, 0) + units_since(before, row.taken)
        self._taken[sku] = row.taken

    def count_orders(self, holds: Iterable[HoldEvent]) -> None:
        """Count what customers have ordered, and have not given back."""
        for hold in holds:
            self.add_orders(hold.sku, ORDERS.get(hold.state, 0))

    def add_orders(self, sku: str, count: int) -> None:
        """So many more; below 0: given back."""
        self.orders[sku] = max(0, self.orders.get(sku, 0) + count)

    def is_over(self, minute: int) -> bool:
        """Whether the open minute has ended when it is `minute`; or the clock was set back behind it."""
        return minute != self.open

    def close(
        self, rows: Mapping[str, ShelfRow], on_sale: Set[str], minute: int, seq: int, shelf: OnShelf = NOT_SHOWN
    ) -> EndedMinute | None:
        """It is `minute` now, and these are the values as they were until it began, at the pool's sequence `seq`. What
        has ended: where nobody looked
        for some minutes, the first of them has it all. None where the clock was set back: minutes go on from there."""
        ended, idle = self.open, minute - self.open - 1
        self.open = minute
        if idle < 0:
            return None
        paces = []
        for sku, row in rows.items():
            self.note(sku, row)
            units = self._units.pop(sku)
            counts = bool(units) or sku in on_sale or sku in self._was_on_sale
            kept = self._end(sku, row, units if counts else None, idle, on_sale=sku in on_sale)
            if kept is not None:
                paces.append((sku, *kept))
        now = {sku: _at_end(row) for sku, row in rows.items()}
        differing = changed(self._rows, now)
        self._rows, self._was_on_sale = now, set(on_sale)
        paid = sum(row.sold_in_show for row in rows.values())
        return EndedMinute(
            room=self.room,
            show=self.show,
            minute=ended,
            through=minute - 1,
            rows=differing,
            shown=self._shown_anew(shelf),
            paces=paces,
            paid=paid,
            seq=seq,
        )

    def _shown_anew(self, shelf: OnShelf) -> list[tuple[str, tuple[object, ...]]]:
        """What the pages show otherwise than at the end of the minute before."""
        now = {sku: SkuShown(level, self._told.get(sku, False)) for sku, level in shelf.levels.items()}
        gone = dict.fromkeys(self._shown.keys() - now.keys(), GONE)
        rows: list[tuple[str, tuple[object, ...]]] = [
            *((shown_name(SHOWN, sku), row) for sku, row in changed(self._shown, now | gone)),
            *((shown_name(TERMS, sku), row) for sku, row in changed(self._terms, shelf.terms)),
        ]
        if shelf.notice != self._notice:
            rows.append((shown_name(NOTICE, ""), (shelf.notice,)))
        self._shown, self._terms, self._notice = now, shelf.terms, shelf.notice
        return rows

    def _end(
        self, sku: str, row: ShelfRow, units: int | None, idle: int, *, on_sale: bool
    ) -> tuple[float | bool, KeptPace] | None:
        """End a SKU's minute: the pace to tell (False where it is as it was), and what is to be kept; None where the
        minute was as the one before it."""
        window = self._windows.setdefault(sku, PaceWindow())
        before, was_at_rest = window.minutes[-1:], window.at_rest
        window.ended(units, idle_after=idle, on_sale=on_sale)
        after = window.minutes[-1:]
        if was_at_rest and not units and before and (before[0] is None) == (units is None) == (after[0] is None):
            return None
        pace, spread = window.units_a_minute, window.spread
        is_told = (pace, spread) == (self._told.get(sku), self._spreads.get(sku))
        if pace is not None:
            self._told[sku], self._spreads[sku] = pace, spread
        minutes: list[int | bool] = [False if units is None else units for units in window.minutes]
        rate = False if pace is None else pace
        orders, places = self.orders.get(sku, 0), dict(row.taken)
        kept = KeptPace(rate, row.taken_units, self.open - 1, minutes, orders, places, *spread)
        return False if pace is None or is_told else pace, kept


def _at_end(row: ShelfRow) -> SkuMinute:
    taken = row.offered - row.available if row.offered else 0
    return SkuMinute(row.available, row.holding, row.sold_in_show, taken)


def _window(pace: KeptPace, kept_minute: int) -> PaceWindow:
    minutes = [None if units is False else int(units) for units in pace.minutes]
    window = PaceWindow(minutes)
    behind = kept_minute - pace.minute
    if behind > 0 and minutes:
        on_sale = minutes[-1] is not None
        window.ended(0 if on_sale else None, idle_after=behind - 1, on_sale=on_sale)
    return window
