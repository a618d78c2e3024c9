"""Where a pool's units went while a show was on, from the entries of both ledgers. No I/O.

The pool's book is known as it is now. What it was when the show ended, and when it began, follows by taking the entries
since then back, each from its SKU's places. Formulas: docs/rules.md#report.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from shelfcast.insight.show_times import Taken
from shelfcast.stock.places import (
    BATCH,
    CHANNEL,
    COUNT_GAIN,
    COUNT_LOSS,
    ELASTIC,
    EXTERNAL_OVERSOLD,
    HELD,
    OUTSIDE,
    POOL,
    RETURNED,
    SAFETY,
    SHIPPED,
    SOLD,
    SUPPLIER,
    UNSELLABLE,
    WRITTEN_OFF,
    Buckets,
)

UNSOLD = (POOL, SAFETY, ELASTIC, UNSELLABLE)
COMES_IN = {SUPPLIER: "received", RETURNED: "returned", COUNT_GAIN: "gained"}
"""Accounts that units come from onto the shelves, and what they are called then."""
GOES_OUT = {SHIPPED: "shipped", WRITTEN_OFF: "written_off", COUNT_LOSS: "lost"}
"""The same of those that they go to."""
CONFIRM = "confirm"
PAID = (CONFIRM, "reacquire", "external", "external_oversold")
"""Kinds of entries with which units are paid; of all but the first an order may have several, one behind the other."""


class Moved(Taken, Protocol):
    """What is looked at of an entry of a ledger (`stock.entries.PackedEntry`)."""

    @property
    def id(self) -> str:
        """Of the reservation, or the move."""

    @property
    def source(self) -> str:
        """From where."""

    @property
    def target(self) -> str:
        """To where."""

    @property
    def channel(self) -> str:
        """The channel it is about."""

    @property
    def room(self) -> str | None:
        """The room of the reservation; empty of another platform's."""


class Flow(NamedTuple):
    """What went from one place to another, in one way."""

    kind: str
    sku: str
    source: str
    target: str
    channel: str
    is_external: bool
    """Another platform's order."""
    is_presale: bool


def is_unsold(place: str) -> bool:
    """Whether units there are nobody's, wherever they are set aside."""
    return place in UNSOLD or place.startswith((BATCH, CHANNEL))


def is_on_hand(place: str) -> bool:
    """Whether units there are in the warehouse."""
    return is_unsold(place) or place.startswith((HELD, SOLD))


def on_hand(buckets: Mapping[str, int]) -> int:
    """All units in the warehouse."""
    return sum(units for place, units in buckets.items() if is_on_hand(place))


@dataclass
class Runout:
    """What could be sold of a SKU, as far from the show's beginning: when it was never lower than `low`, and when it
    came down to that first and last."""

    now: int = 0
    low: int = 0
    first_ms: int | None = None
    last_ms: int | None = None

    def change(self, units: int, at_ms: int) -> None:
        """So many more."""
        self.now += units
        if units >= 0:
            return
        if self.now < self.low:
            self.low, self.first_ms, self.last_ms = self.now, at_ms, at_ms
        elif self.now == self.low:
            self.first_ms, self.last_ms = self.first_ms or at_ms, at_ms

    def begin(self) -> None:
        """It counts from here: it was not for sale before."""
        self.low, self.first_ms, self.last_ms = self.now, None, None

    def sold_out_ms(self, opening: int) -> int | None:
        """When nothing was left and nothing came until the end; else when that was so first; None where it never was.
        `opening` is what there was at the beginning."""
        if opening + self.low > 0 or self.first_ms is None:
            return None
        return self.last_ms if self.now == self.low else self.first_ms


@dataclass
class PoolFlows:
    """The entries behind `started_seq`, each ledger's in its order. `read_at` says at which sequence of the pool the
    buckets of each SKU were read, `sells_from` which places the show sold from, and `listed_at` behind which sequence
    a SKU was on its shelf, of those that came later than the show's beginning."""

    started_seq: int
    ended_seq: int
    read_at: Mapping[str, int]
    sells_from: Callable[[str], bool]
    listed_at: Mapping[str, int]
    during: dict[Flow, int] = field(default_factory=dict)
    """Units by flow, between the two sequences."""
    after: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Units by SKU, source and target, from the end until the buckets were read."""
    orders: Counter[str] = field(default_factory=Counter)
    """Orders that were paid, by channel."""
    runouts: defaultdict[tuple[str, bool], Runout] = field(default_factory=lambda: defaultdict(Runout))
    """By SKU, and whether of a presale."""
    entries: int = 0
    """How many entries were taken: as many as the pool's sequence has grown, or the ledger has a gap."""
    _weights: dict[tuple[str, str], int] = field(default_factory=dict)
    _last_order: str = ""

    def add(self, pool_seq: int, entry: Moved, *, of_presale: bool) -> None:
        """Take the next entry of a ledger."""
        self.entries += 1
        qty = entry.qty
        if not qty:
            return
        sku, source, target = entry.sku, entry.source, entry.target
        if pool_seq > self.ended_seq:
            if pool_seq <= self.read_at.get(sku, 0):
                self.after[sku, source, target] += qty
            return
        kind = entry.kind
        flow = Flow(kind, sku, source, target, entry.channel, not entry.room, of_presale)
        self.during[flow] = self.during.get(flow, 0) + qty
        weight = self._weights.get((source, target))
        if weight is None:
            weight = self._weights[source, target] = self.sells_from(target) - self.sells_from(source)
        if weight:
            runout = self.runouts[sku, of_presale]
            runout.change(weight * qty, entry.at_ms)
            if pool_seq <= self.listed_at.get(sku, 0):
                runout.begin()
        # What is sold at once has an entry of each place that it came from, and of what was not there.
        if kind == CONFIRM or (kind in PAID and entry.id != self._last_order):
            self.orders[entry.channel] += 1
            self._last_order = entry.id


@dataclass(frozen=True)
class SkuFlows:
    """A SKU between the show's beginning and end: its places then, and what crossed the warehouse's door."""

    opening: Buckets
    closing: Buckets
    received: int
    returned: int
    gained: int
    shipped: int
    written_off: int
    lost: int
    moved_in: int
    moved_out: int
    external_sold: int
    oversold: int

    @property
    def opening_units(self) -> int:
        """On hand at the beginning."""
        return on_hand(self.opening)

    @property
    def closing_units(self) -> int:
        """On hand at the end."""
        return on_hand(self.closing)

    @property
    def difference(self) -> int:
        """By how much the identity does not hold: what the entries say came and went against what is on hand, and that
        against the accounts that all units ever came from and went to."""
        came = self.received + self.returned + self.gained
        went = self.shipped + self.written_off + self.lost
        by_flows = self.opening_units + came - went - self.closing_units
        accounts = sum(self.closing.get(account, 0) for account in (*COMES_IN, *GOES_OUT))
        return by_flows + self.closing_units + accounts


def sku_flows(flows: PoolFlows, buckets: Mapping[str, Buckets]) -> dict[str, SkuFlows]:
    """Of every SKU that has units or entries, by name. `buckets` are the book's, as they were read."""
    closing: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sku, places in buckets.items():
        closing[sku].update(places)
    for (sku, source, target), units in flows.after.items():
        closing[sku][source] += units
        closing[sku][target] -= units
    opening = {sku: Counter(places) for sku, places in closing.items()}
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for flow, units in flows.during.items():
        if not flow.sku:
            continue
        places = opening.setdefault(flow.sku, Counter())
        places[flow.source] += units
        places[flow.target] -= units
        if not flow.is_presale:
            _sum_up(sums[flow.sku], flow, units, flows.sells_from)
    return {
        sku: SkuFlows(
            opening=_places(opening[sku]),
            closing=_places(closing[sku]),
            **{name: sums[sku][name] for name in _COLUMNS},
        )
        for sku in sorted(opening)
    }


_COLUMNS = (
    *COMES_IN.values(), *GOES_OUT.values(), "moved_in", "moved_out", "external_sold", "oversold",
)  # fmt: skip


def _places(places: Counter[str]) -> Buckets:
    return {place: units for place, units in sorted(places.items()) if units and place != OUTSIDE}


def _sum_up(sums: Counter[str], flow: Flow, units: int, sells_from: Callable[[str], bool]) -> None:
    source, target = flow.source, flow.target
    from_hand, to_hand = is_on_hand(source), is_on_hand(target)
    if from_hand != to_hand:
        account, inwards = (source, 1) if to_hand else (target, -1)
        if account in COMES_IN:
            sums[COMES_IN[account]] += inwards * units
        elif account in GOES_OUT:
            sums[GOES_OUT[account]] -= inwards * units
    if is_unsold(source) and is_unsold(target) and sells_from(source) != sells_from(target):
        sums["moved_in" if sells_from(target) else "moved_out"] += units
    sums["external_sold"] += external_units(flow, units)
    sums["oversold"] += oversold_units(flow, units)


def external_units(flow: Flow, units: int) -> int:
    """Of a flow, the units that other platforms sold, less those that were cancelled."""
    if flow.kind in ("external", "external_oversold"):
        return units
    return -units if flow.kind == "cancel_paid" and flow.is_external else 0


def oversold_units(flow: Flow, units: int) -> int:
    """Of a flow, the units that other platforms sold beyond the stock, less those that were settled or cancelled."""
    if flow.kind == "external_oversold":
        return units
    return -units if flow.source.startswith(EXTERNAL_OVERSOLD) else 0


def sums_of(rows: Iterable[SkuFlows]) -> dict[str, int]:
    """The sums over some SKUs of what crossed the warehouse's door, and of what other platforms sold."""
    total: Counter[str] = Counter()
    for row in rows:
        for name in _COLUMNS:
            total[name] += getattr(row, name)
    return {name: total[name] for name in _COLUMNS}
