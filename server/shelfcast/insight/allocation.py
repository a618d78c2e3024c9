"""The split: how a SKU's units should lie over its channels, worked out from what each of them sells. Pure.

Formulas and the reasons behind them: docs/rules.md#split. Whatever sells from units of its own takes part: each
dedicated channel, and the pool, from which all shared channels sell together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor
from typing import NamedTuple

WINDOW_MINUTES = 30
"""What was sold in so many minutes is the demand that is seen; what the weights expect counts as much."""
NEEDY_MINUTES = 30
"""Nothing moves unless some place that would get units has cover for less than this."""
GIVES_FROM_MINUTES = 60
"""A place gives only while it has cover for more than this."""
GIVES_MAX_SHARE = 0.3
"""So much of what a place has it gives at most in one round."""
MOVED_MIN_UNITS = 5
MOVED_MIN_SHARE = 0.05
"""Fewer units than this, or than this share of the SKU's, are not worth a move."""
NEVER_MINUTES = float("inf")
"""The cover of a place from which nothing is expected to be sold."""


class Place(NamedTuple):
    """Where a SKU is sold from: the bucket's name, its free units, and what holds and sales took from it in the last
    WINDOW_MINUTES. `weight` says how much is expected of it beside the others. `floor_units` stay there whatever
    happens; more than `cap_units` it never gets (None: no cap). `in_batches` are units of open batches that are sold
    beside its own: they last, too, and never move."""

    name: str
    units: int
    taken: int
    weight: float
    floor_units: int = 0
    cap_units: int | None = None
    in_batches: int = 0

    @property
    def lasting(self) -> int:
        """The units that can be sold from there."""
        return self.units + self.in_batches


class Move(NamedTuple):
    """`units` of a SKU from one place to another, with the minutes of cover of both before and after all moves of the
    SKU; NEVER_MINUTES where nothing is expected to be sold from there."""

    source: str
    target: str
    units: int
    source_before: float
    source_after: float
    target_before: float
    target_after: float


def split(places: Sequence[Place], rest: str) -> list[Move]:
    """The moves that bring a SKU's units nearer to where they are sold; empty where nothing is worth moving.

    `rest` is the name of the place that has no cap: what no other one may have stays there. The order of `places`
    makes no difference.
    """
    places = sorted(places)
    demand = demands(places)
    cover = [_cover(place.lasting, units) for place, units in zip(places, demand, strict=True)]
    if min(cover) >= NEEDY_MINUTES or max(cover) <= GIVES_FROM_MINUTES:
        return []
    target = targets(places, demand, rest)
    wants = [max(0, wanted - place.lasting) for place, wanted in zip(places, target, strict=True)]
    spare = [
        _spare(place, wanted) if minutes > GIVES_FROM_MINUTES else 0
        for place, wanted, minutes in zip(places, target, cover, strict=True)
    ]
    moved = min(sum(wants), sum(spare))
    needy = min((minutes for minutes, want in zip(cover, wants, strict=True) if want), default=NEVER_MINUTES)
    worth = max(MOVED_MIN_UNITS, ceil(MOVED_MIN_SHARE * sum(place.units for place in places)))
    if needy >= NEEDY_MINUTES or moved < worth:
        return []
    gets, gives = shared_out(moved, wants, wants), shared_out(moved, spare, spare)
    after = [
        _cover(place.lasting + got - given, units)
        for place, got, given, units in zip(places, gets, gives, demand, strict=True)
    ]
    return [
        Move(places[i].name, places[j].name, units, cover[i], after[i], cover[j], after[j])
        for i, j, units in _paired(gives, gets)
    ]


def demands(places: Sequence[Place]) -> list[float]:
    """What is expected to be sold from each place, in units a minute: what was taken from it in the last
    WINDOW_MINUTES, and as much again of what was taken from all, by their weights."""
    taken = [max(0, place.taken) for place in places]
    total, weights = sum(taken), sum(place.weight for place in places)
    prior = total / WINDOW_MINUTES / weights if weights > 0 else 0.0
    return [
        (units + WINDOW_MINUTES * prior * place.weight) / (2 * WINDOW_MINUTES)
        for place, units in zip(places, taken, strict=True)
    ]


def targets(places: Sequence[Place], demand: Sequence[float], rest: str) -> list[int]:
    """How many units each place should have, of all there are: its floor, and a share of what is free by its demand,
    up to its cap. Where the floors alone are more than there is, what there is is shared by them."""
    total = sum(place.units for place in places)
    floors = [place.floor_units for place in places]
    if sum(floors) >= total:
        return shared_out(total, floors)
    room = [
        total if place.cap_units is None or place.name == rest else max(0, place.cap_units - place.floor_units)
        for place in places
    ]
    shares = shared_out(total - sum(floors), demand, room)
    shares[[place.name for place in places].index(rest)] += total - sum(floors) - sum(shares)
    return [floor_units + share for floor_units, share in zip(floors, shares, strict=True)]


def shared_out(units: int, weights: Sequence[float], most: Sequence[int] | None = None) -> list[int]:
    """`units` by weight in whole numbers, by largest remainder (the first of equals gets it), nobody more than its
    `most`; what would be beyond that goes to the others. Less than `units` where nobody may have the rest."""
    most = [units] * len(weights) if most is None else most
    shares = [0] * len(weights)
    open_to = [i for i, weight in enumerate(weights) if weight > 0 and most[i] > 0]
    while open_to:
        left, weight = units - sum(shares), sum(weights[i] for i in open_to)
        exact = {i: left * weights[i] / weight for i in open_to}
        full = [i for i in open_to if exact[i] >= most[i]]
        if not full:
            _round(shares, exact, left)
            break
        for i in full:
            shares[i] = min(most[i], units - sum(shares))
        open_to = [i for i in open_to if i not in full]
    return shares


def _round(shares: list[int], exact: dict[int, float], left: int) -> None:
    """Give each its whole part, and what is left over to the largest remainders."""
    for i, share in exact.items():
        shares[i] = floor(share)
    over = left - sum(shares[i] for i in exact)
    for i in sorted(exact, key=lambda i: (shares[i] - exact[i], i))[:over]:
        shares[i] += 1


def _spare(place: Place, target: int) -> int:
    """What a place can give: what it has beyond its target and its floor, and no more than its share of a round."""
    most = floor(place.units * GIVES_MAX_SHARE)
    return max(0, min(place.units - target, place.units - place.floor_units, most))


def _cover(units: int, demand: float) -> float:
    """For how many minutes the units last."""
    return units / demand if demand > 0 else NEVER_MINUTES


def _paired(gives: Sequence[int], gets: Sequence[int]) -> Iterable[tuple[int, int, int]]:
    """Who gives whom how much, in order: (giver, getter, units)."""
    left, open_to = list(gets), 0
    for i, given in enumerate(gives):
        while given:
            while not left[open_to]:
                open_to += 1
            units = min(given, left[open_to])
            yield i, open_to, units
            left[open_to] -= units
            given -= units  # noqa: PLW2901 - what it has yet to give
