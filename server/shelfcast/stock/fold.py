"""Folding a pool's ledgers: the book that their entries make, entry by entry, and what is wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from shelfcast.stock.folded_book import Folded, FoldedBook
from shelfcast.stock.places import BATCH, HOLDING, OUTSIDE, POOL, PRESALE_SOLD, TAKEN
from shelfcast.stock.records import LedgerEntry, Stream
from shelfcast.stock.windows import EVER, days_of

_DRAWS = frozenset({"reserve", "reacquire", "fulfil"})
_REDUCES = frozenset({"cancel", "expire", "cancel_paid", "ship"})
"""Kinds of entries that draw units for a customer's reservation, and that take some of them away from it."""

MAY_BE_NEGATIVE = ("supplier", "count_gain", "promise")


class Fold(FoldedBook):
    """What each entry makes of the book."""

    def add(self, stream: Stream, entry: LedgerEntry) -> None:
        """Take the next entry of both ledgers together."""
        expected = self._numbers[stream] + 1
        if entry.seq != expected:
            self._complain(4, f"{stream} {expected}", f"the next entry is {entry.seq}: the sequence has a gap")
        if entry.pool_seq != self.seq + 1:
            self._complain(4, f"sequence {self.seq + 1}", f"the next entry is {stream} {entry.seq}, {entry.pool_seq}")
        self._numbers[stream] = entry.seq
        self.seq = entry.pool_seq
        self._last_at_ms = max(self._last_at_ms, entry.at_ms)
        if not entry.sku:
            return  # of a channel, a room or the pool, which has no units
        units = self.units[entry.sku]
        for place, change in ((entry.source, -entry.qty), (entry.target, entry.qty)):
            if place == OUTSIDE:
                continue
            units[place] += change
            if units[place] < 0 and place not in MAY_BE_NEGATIVE:
                self._complain(2, f"{entry.sku} {place}", f"{units[place]} units after {stream} {entry.seq}")
        step = self._STEPS.get(entry.kind)
        if step:
            step(self, entry)
        self._follow_batches(entry)
        count = self._COUNTS.get(entry.kind)
        if count and entry.price_minor is not None:
            # Only reservations that were made with a price stamped on them are counted.
            count(self, entry)
        known = self.reservations.get(entry.id) if step else None
        if known and known.is_over:
            known.home = known.drawn = None

    # Batches: their counters begin anew with their closing, and go on where that is undone; and the units of a user.

    def _follow_batches(self, entry: LedgerEntry) -> None:
        if entry.kind == "close_batch":
            closed = self.counters[entry.sku].pop(TAKEN + entry.source, 0)
            self._closed[entry.sku, entry.source] = closed
        elif entry.kind == "undo":
            taken = self._closed.pop((entry.sku, entry.target), 0)
            if taken:
                self.counters[entry.sku][TAKEN + entry.target] = taken
        elif entry.kind in _DRAWS and entry.target != OUTSIDE:
            known = self.reservations.get(entry.id)
            if known and known.counts_for_limit:
                self._draw(known, entry)
        elif entry.kind in _REDUCES and entry.target != OUTSIDE:
            known = self.reservations.get(entry.id)
            if known and known.drawn is not None:
                self._reduce(known, entry)

    def _draw(self, known: Folded, entry: LedgerEntry) -> None:
        is_from_batch = entry.source.startswith(BATCH)
        if entry.source.startswith(PRESALE_SOLD):
            known.drawn = {}  # goods for it: its draws follow
            return
        if known.drawn is None:
            if not is_from_batch:
                return
            known.drawn = {OUTSIDE: known.left - entry.qty}  # its channel's own, which come first
        known.drawn[entry.source] = known.drawn.get(entry.source, 0) + entry.qty
        batch = entry.source.removeprefix(BATCH)
        if is_from_batch and entry.user and entry.pool_seq > self._batches_drawn.get(batch, entry.pool_seq):
            self.from_batches[batch][entry.user, entry.sku] += entry.qty

    def _reduce(self, known: Folded, entry: LedgerEntry) -> None:
        drawn, rest = known.drawn or {}, entry.qty
        backwards = [place for place in reversed(drawn) if place != POOL]
        for place in ([POOL] if POOL in drawn else []) + backwards:
            units = min(rest, drawn[place])
            drawn[place] -= units
            rest -= units
            if entry.kind != "ship" and place.startswith(BATCH) and entry.user:
                users = self.from_batches[place.removeprefix(BATCH)]
                if users[entry.user, entry.sku] >= units:
                    users[entry.user, entry.sku] -= units
        if not any(drawn.values()):
            known.drawn = None

    # What an entry does to its reservation. A draw from channel and pool makes two entries of one id.

    def _on_reserve(self, entry: LedgerEntry) -> None:
        known = self._made_before(entry)
        if known and known.state != "active":
            self._complain(5, entry.id, f"reserved again after it was {known.state} (entry {entry.seq})")
        if known:
            known.left += entry.qty
        else:
            self.reservations[entry.id] = self._made(entry, "active", entry.qty)
        self._use(entry)

    def _on_reacquire(self, entry: LedgerEntry) -> None:
        known = self._known(entry)
        if known.state not in ("expired", "paid_no_stock", "reacquired"):
            self._complain(5, entry.id, f"paid late although it was {known.state} (entry {entry.seq})")
        known.state = "reacquired"
        known.left += entry.qty
        self._use(entry)

    def _on_confirm(self, entry: LedgerEntry) -> None:
        self._resolve(entry, "confirmed")

    def _on_cancel(self, entry: LedgerEntry) -> None:
        self._give_back(entry, "cancelled")

    def _on_expire(self, entry: LedgerEntry) -> None:
        self._give_back(entry, "expired")

    def _on_paid_no_stock(self, entry: LedgerEntry) -> None:
        known = self._known(entry)
        if known.state != "expired":
            self._complain(5, entry.id, f"queued without stock although it was {known.state} (entry {entry.seq})")
        known.state = "paid_no_stock"

    def _on_refund(self, entry: LedgerEntry) -> None:
        self._resolve(entry, "cancelled", before=("paid_no_stock",))

    def _on_external(self, entry: LedgerEntry) -> None:
        self._on_external_oversold(entry)
        self.reservations[entry.id].left += entry.qty

    def _on_external_oversold(self, entry: LedgerEntry) -> None:
        if self._made_before(entry) is None:
            self.reservations[entry.id] = self._made(entry, "confirmed", 0, counts_for_limit=False)

    def _on_settle(self, entry: LedgerEntry) -> None:
        if entry.target != OUTSIDE:
            self._known(entry).left += entry.qty

    def _on_ship(self, entry: LedgerEntry) -> None:
        self._known(entry).left -= entry.qty

    def _on_cancel_paid(self, entry: LedgerEntry) -> None:
        known = self._known(entry)
        if entry.target != OUTSIDE:
            known.left -= entry.qty
            if known.counts_for_limit:
                self._count(entry, -entry.qty)

    def _known(self, entry: LedgerEntry) -> Folded:
        known = self.reservations.get(entry.id)
        if known is None:
            self._complain(5, entry.id, f"{entry.kind} of a reservation that was never made (entry {entry.seq})")
            known = self.reservations[entry.id] = self._made(entry, "unknown", 0)
        return known

    def _made_before(self, entry: LedgerEntry) -> Folded | None:
        """The reservation that an entry may make; None where there is none, or the book has forgotten that one."""
        known = self.reservations.get(entry.id)
        return None if known and 0 < known.gone_at < entry.pool_seq else known

    def _made(self, entry: LedgerEntry, state: str, left: int, *, counts_for_limit: bool = True) -> Folded:
        return Folded(entry.sku, entry.channel, entry.user, state, left, entry.pool_seq, counts_for_limit)

    def _use(self, entry: LedgerEntry) -> None:
        self._count(entry, entry.qty)
        if entry.limit is None:
            return
        used = self._used(entry)
        if used > entry.limit:
            within = "" if entry.window == EVER else f" in {entry.window}"
            detail = f"{used} units{within}, limit {entry.limit} (entry {entry.seq})"
            self._complain(6, f"{entry.user} {entry.sku}", detail)

    def _count(self, entry: LedgerEntry, units: int) -> None:
        window, days = entry.window or EVER, days_of(entry.window)
        if days:
            window = str(days[1])
            self._hours[entry.user, entry.sku][days[1]] += units
        self.by_user[window, entry.user, entry.sku] += units

    def _used(self, entry: LedgerEntry) -> int:
        """What counts for the limit that an entry was decided under."""
        days = days_of(entry.window)
        if days:
            first = days[1] - 24 * days[0]
            return sum(units for hour, units in self._hours[entry.user, entry.sku].items() if hour > first)
        used = self.by_user[entry.window or EVER, entry.user, entry.sku]
        if entry.window in self._upgraded_shows:
            used += self.by_user[EVER, entry.user, entry.sku]
        return used

    def _resolve(self, entry: LedgerEntry, state: str, before: tuple[str, ...] = ("active",)) -> None:
        known = self._known(entry)
        if known.state not in before:
            self._complain(5, entry.id, f"{entry.kind} although it was {known.state} (entry {entry.seq})")
        known.state = state

    def _give_back(self, entry: LedgerEntry, state: str) -> None:
        # The second entry of a split draw finds the state that the first one set.
        self._resolve(entry, state, before=("active", state) if self._known(entry).left > 0 else ("active",))
        self._known(entry).left -= entry.qty
        self._count(entry, -entry.qty)

    # What is counted beside the units.

    def _count_hold(self, entry: LedgerEntry) -> None:
        known, counters = self._known(entry), self.counters[entry.sku]
        if known.home is None:
            known.home = {}
        known.home[entry.source] = known.home.get(entry.source, 0) + entry.qty
        counters[TAKEN + entry.source] += entry.qty
        counters[HOLDING + entry.source] += entry.qty

    def _count_end_of_hold(self, entry: LedgerEntry) -> None:
        known, counters = self._known(entry), self.counters[entry.sku]
        home, place = known.home or {}, entry.target
        # A unit from a batch may have gone elsewhere; they go back in the reverse order of drawing.
        batches = [drawn for drawn, units in home.items() if units and drawn.startswith(BATCH)]
        if batches and not (place == POOL and home.get(POOL)):
            place = batches[-1]
        if not place.startswith(BATCH) or counters[TAKEN + place] > 0:
            counters[TAKEN + place] -= entry.qty
        counters[HOLDING + place] -= entry.qty
        home[place] = home.get(place, 0) - entry.qty

    def _count_payment(self, entry: LedgerEntry) -> None:
        known, counters = self._known(entry), self.counters[entry.sku]
        for place, units in (known.home or {}).items():
            counters[HOLDING + place] -= units
        known.home = None
        self._count_sold(entry, entry.qty)

    def _count_take(self, entry: LedgerEntry) -> None:
        """Units that are sold at once: another platform's order, what it was owed, goods for a presale order."""
        if entry.target != OUTSIDE and not entry.source.startswith(PRESALE_SOLD):
            self.counters[entry.sku][TAKEN + entry.source] += entry.qty

    def _count_late_payment(self, entry: LedgerEntry) -> None:
        self._count_take(entry)
        self._count_sold(entry, entry.qty)

    def _count_cancelled_sale(self, entry: LedgerEntry) -> None:
        if entry.target != OUTSIDE:
            self._count_sold(entry, -entry.qty)

    def _count_sold(self, entry: LedgerEntry, qty: int) -> None:
        if entry.show:
            self.sold[entry.show][entry.sku] += qty

    _COUNTS: ClassVar[dict[str, Callable[[Fold, LedgerEntry], None]]] = {
        "reserve": _count_hold,
        "cancel": _count_end_of_hold,
        "expire": _count_end_of_hold,
        "confirm": _count_payment,
        "reacquire": _count_late_payment,
        "external": _count_take,
        "settle": _count_take,
        "fulfil": _count_take,
        "cancel_paid": _count_cancelled_sale,
    }

    _STEPS: ClassVar[dict[str, Callable[[Fold, LedgerEntry], None]]] = {
        "reserve": _on_reserve,
        "reacquire": _on_reacquire,
        "confirm": _on_confirm,
        "cancel": _on_cancel,
        "expire": _on_expire,
        "paid_no_stock": _on_paid_no_stock,
        "refund": _on_refund,
        "external": _on_external,
        "external_oversold": _on_external_oversold,
        "settle": _on_settle,
        "ship": _on_ship,
        "cancel_paid": _on_cancel_paid,
    }
