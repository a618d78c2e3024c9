"""What to do about a SKU after a show, with the numbers that say so. No I/O.

Formulas: docs/rules.md#suggestions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shelfcast.insight.indicators import sell_through

RESTOCK, DISCOUNT, BUNDLE, CLEAR, DROP, KEEP = "restock", "discount", "bundle", "clear", "drop", "keep"

SLOW_SHARE = 0.3
"""A SKU that sold at most this share of what it could is slow."""
STALE_SHARE = 0.1
"""And at most this one hardly sells by itself: it is sold with another."""
PARTNER_SHARE = 0.5
"""A SKU that sold at least this share carries another one."""
ON_AIR_MINUTES_MIN = 5
"""Shown for less time, a SKU says nothing about its price."""
LEFT_UNITS_MIN = 5
"""Fewer that are left are no trouble."""
SHOWS_WITHOUT_SALE = 3
"""So many shows in a row without a sale are enough."""


@dataclass(frozen=True, kw_only=True)
class SkuOutcome:
    """What a show came to for one SKU, in units. `left` is what could still be sold in the room at the end, `unsold`
    what the whole pool had then that was nobody's and could be sold; `orders` paid what was `sold`; `lost_people` and
    `lost_units` were refused for lack of stock. `expiring` units of it expire within the pool's days.
    `shows_without_sale` counts the shows in a row, with this one, in which none was sold."""

    sku: str
    category: str = ""
    sold: int = 0
    orders: int = 0
    left: int = 0
    unsold: int = 0
    lost_people: int = 0
    lost_units: int = 0
    expected: int | None = None
    on_air_minutes: float = 0.0
    minutes_to_sold_out: float | None = None
    expiring: int = 0
    shows_without_sale: int = 0

    @property
    def share(self) -> float:
        """Its sell-through rate."""
        return sell_through(self.left, self.sold)

    @property
    def lost_demand(self) -> int:
        """Units that those who were refused would have bought: as many as an order has, each person once, and no more
        than they asked for."""
        if not self.lost_people:
            return 0
        a_person = self.sold / self.orders if self.orders else 1.0
        return min(self.lost_units, math.ceil(self.lost_people * max(1.0, a_person)))


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One thing to do. `units` is the stock to have (restock) or to get rid of; None where it is about no number."""

    kind: str
    because: str
    units: int | None = None
    numbers: Mapping[str, float]
    with_sku: str = ""


def advise(outcomes: Iterable[SkuOutcome]) -> dict[str, list[Advice]]:
    """What to do about each SKU of a show, the most pressing first; each has one thing at least."""
    rows = list(outcomes)
    best = sorted((row for row in rows if row.share >= PARTNER_SHARE and row.left > 0), key=lambda row: -row.sold)
    return {row.sku: _of(row, best) for row in rows}


def _of(row: SkuOutcome, best: list[SkuOutcome]) -> list[Advice]:
    found = [advice for advice in (_restock(row), _expiring(row), _no_sale(row) or _slow(row, best)) if advice]
    return found or [Advice(kind=KEEP, because="keep", numbers={"sold": row.sold, "left": row.left})]


def _restock(row: SkuOutcome) -> Advice | None:
    """As many as the same show would sell, less what there is: what was sold and what was asked for in vain, or the
    plan where that is more."""
    if row.left > 0 and not row.lost_people:
        return None
    demand = row.sold + row.lost_demand
    target = max(demand, row.expected or 0)
    if target <= row.unsold or not demand:
        return None
    numbers: dict[str, float] = {
        "sold": row.sold,
        "lost": row.lost_demand,
        "people": row.lost_people,
        "expected": row.expected or 0,
        "unsold": row.unsold,
        "more": target - row.unsold,
    }
    if row.minutes_to_sold_out is not None:
        numbers["minutes"] = round(row.minutes_to_sold_out, 1)
    because = "restock_lost" if row.lost_people else "restock_sold_out"
    return Advice(kind=RESTOCK, because=because, units=target, numbers=numbers)


def _expiring(row: SkuOutcome) -> Advice | None:
    if row.expiring <= 0 or row.unsold <= 0:
        return None
    units = min(row.expiring, row.unsold)
    return Advice(kind=CLEAR, because="clear_expiring", units=units, numbers={"expiring": units, "sold": row.sold})


def _no_sale(row: SkuOutcome) -> Advice | None:
    """Nothing was sold, and nobody wanted any, show after show: get rid of it, or where there is hardly any, of its
    place."""
    if row.shows_without_sale < SHOWS_WITHOUT_SALE or row.lost_people:
        return None
    numbers = {"shows": row.shows_without_sale, "unsold": row.unsold}
    if row.unsold >= LEFT_UNITS_MIN:
        return Advice(kind=CLEAR, because="clear_no_sale", units=row.unsold, numbers=numbers)
    return Advice(kind=DROP, because="drop_no_sale", units=None, numbers=numbers)


def _slow(row: SkuOutcome, best: list[SkuOutcome]) -> Advice | None:
    """It was shown, and little of it was sold: what is left over the next show's sale goes with a SKU that sells, or
    for less."""
    over = row.left - row.sold
    if row.share > SLOW_SHARE or row.on_air_minutes < ON_AIR_MINUTES_MIN or over < LEFT_UNITS_MIN:
        return None
    numbers = {
        "sold": row.sold,
        "left": row.left,
        "share": round(row.share, 4),
        "on_air_minutes": round(row.on_air_minutes, 1),
    }
    partner = _partner(row, best) if row.share <= STALE_SHARE else None
    if partner is not None:
        numbers |= {"with_sold": partner.sold, "with_share": round(partner.share, 4)}
        return Advice(kind=BUNDLE, because="bundle_slow", units=min(over, partner.sold), numbers=numbers,
                      with_sku=partner.sku)  # fmt: skip
    return Advice(kind=DISCOUNT, because="discount_slow", units=over, numbers=numbers)


def _partner(row: SkuOutcome, best: list[SkuOutcome]) -> SkuOutcome | None:
    """The SKU that sold most of those that are left: one of its own category, else any."""
    same = [one for one in best if row.category and one.category == row.category]
    return next(iter(same or best), None)
