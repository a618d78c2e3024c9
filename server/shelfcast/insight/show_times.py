"""When a show's customers took what, from the entries that are stamped with it, and how long it was on. No I/O.

Formulas: docs/rules.md#report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from shelfcast.insight.pace import MINUTE_MS

TAKES = {"reserve": 1, "reacquire": 1, "cancel": -1, "expire": -1}
"""Kinds of entries with which a customer takes units (1), or gives them back."""
SALES = ("confirm", "reacquire")
LIVE = "live"


class Taken(Protocol):
    """What is looked at of an entry that is stamped with the show."""

    @property
    def at_ms(self) -> int:
        """When."""

    @property
    def kind(self) -> str:
        """What was done."""

    @property
    def sku(self) -> str:
        """Its SKU."""

    @property
    def qty(self) -> int:
        """Units that moved."""


class BestMinute(NamedTuple):
    """The most units that were taken in one minute, net of what was given back in it, and when it began."""

    units: int
    at_ms: int


@dataclass
class _Minute:
    number: int = -1
    units: int = 0
    best: BestMinute | None = None

    def end(self) -> None:
        if self.units > 0 and (self.best is None or self.units > self.best.units):
            self.best = BestMinute(self.units, self.number * MINUTE_MS)
        self.units = 0


@dataclass
class ShowTimes:
    """The entries so far, each ledger's in its order; at the end `finish`."""

    first_sale_ms: dict[str, int] = field(default_factory=dict)
    _minutes: dict[str, _Minute] = field(default_factory=dict)

    def add(self, entry: Taken) -> None:
        """Take an entry of the show."""
        step = TAKES.get(entry.kind)
        if step is not None and entry.qty:
            minute, number = self._minutes.get(entry.sku), entry.at_ms // MINUTE_MS
            if minute is None:
                minute = self._minutes[entry.sku] = _Minute(number)
            if minute.number != number:
                minute.end()
                minute.number = number
            minute.units += step * entry.qty
        if entry.kind in SALES:
            known = self.first_sale_ms.get(entry.sku)
            if known is None or entry.at_ms < known:
                self.first_sale_ms[entry.sku] = entry.at_ms

    def best(self, sku: str) -> BestMinute | None:
        """The best minute of a SKU; None where nothing was taken. Nothing is added behind it."""
        minute = self._minutes.get(sku)
        if minute is None:
            return None
        minute.end()
        return minute.best


class Stretch(NamedTuple):
    """From a moment to another, in milliseconds."""

    from_ms: int
    to_ms: int


def live_stretches(started_at_ms: int, ended_at_ms: int, history: Iterable[tuple[str, int]]) -> list[Stretch]:
    """When a show was live, pauses (and the time between an end and its continuation) left out. `history` has the
    statuses with when they were taken, the latest at least; before the first of them it was live."""
    found, since = list[Stretch](), started_at_ms
    is_live = True
    for status, at_ms in history:
        if is_live and status != LIVE:
            found.append(Stretch(since, at_ms))
        if not is_live and status == LIVE:
            since = at_ms
        is_live = status == LIVE
    if is_live:
        found.append(Stretch(since, ended_at_ms))
    return [stretch for stretch in found if stretch.to_ms > stretch.from_ms]


def common_ms(some: Sequence[Stretch], from_ms: int, to_ms: int) -> int:
    """How long of a time these stretches were."""
    return sum(max(0, min(one.to_ms, to_ms) - max(one.from_ms, from_ms)) for one in some)


def on_air_ms(
    live: Sequence[Stretch], spotlight: Iterable[tuple[str, int, int]], ended_at_ms: int
) -> dict[str, int] | None:
    """How long each SKU stood in the spotlight while the show was live; None where it never used it. Of a stretch that
    is open (0) the end is the show's."""
    found: dict[str, int] = {}
    for sku, from_ms, to_ms in spotlight:
        found[sku] = found.get(sku, 0) + common_ms(live, from_ms, to_ms or ended_at_ms)
    return found or None
