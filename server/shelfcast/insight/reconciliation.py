"""What a seller wrote down about its sale, beside what the book says: per SKU, to the unit. No I/O.

Formula: docs/rules.md#the-days-report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shelfcast.stock.places import CHANNEL, HELD, POOL, SOLD, SUPPLIER, WRITTEN_OFF, Buckets


@dataclass
class SkuTally:
    """Units of one SKU, as its customers and its shop were answered."""

    asked: int = 0
    paid: int = 0
    given_back: int = 0
    found: int = 0
    written_off: int = 0


@dataclass(frozen=True)
class Account:
    """One SKU's line: `opening + came_in - sold - went_out = closing` must hold, and the book must agree.

    `opening` and `closing` are what could be sold at the start and at the end, units in a checkout included, as the
    book has them; the three between are the seller's own. `differences` says in words where the two disagree.
    """

    sku: str
    opening: int
    came_in: int
    sold: int
    went_out: int
    closing: int
    differences: tuple[str, ...]


def reconcile(
    tallies: Mapping[str, SkuTally], opening: Mapping[str, Buckets], closing: Mapping[str, Buckets], *, channel: str
) -> list[Account]:
    """The line of every SKU that was tallied or that the pool held; `opening` and `closing` are the book's buckets."""
    return [
        _account(sku, tallies.get(sku) or SkuTally(), opening.get(sku, {}), closing.get(sku, {}), channel)
        for sku in sorted({*tallies, *opening, *closing})
    ]


def total(accounts: Iterable[Account]) -> Account:
    """The sum of all lines."""
    lines = list(accounts)
    return Account(
        sku="",
        opening=sum(line.opening for line in lines),
        came_in=sum(line.came_in for line in lines),
        sold=sum(line.sold for line in lines),
        went_out=sum(line.went_out for line in lines),
        closing=sum(line.closing for line in lines),
        differences=tuple(difference for line in lines for difference in line.differences),
    )


def _account(sku: str, tally: SkuTally, before: Buckets, after: Buckets, channel: str) -> Account:
    sold_bucket = SOLD + channel
    expected = {
        sold_bucket: tally.paid - tally.given_back,
        WRITTEN_OFF: tally.written_off,
        # The supplier's account runs negative: what was received is what it is short of.
        SUPPLIER: -tally.found,
    }
    differences = [
        f"{name}: the book changed by {seen:+}, the answers say {wanted:+}"
        for name, wanted in expected.items()
        if (seen := after.get(name, 0) - before.get(name, 0)) != wanted
    ]
    opening, closing = sellable(before, channel), sellable(after, channel)
    came_in = tally.found + tally.given_back
    if opening + came_in - tally.paid - tally.written_off != closing:
        should = opening + came_in - tally.paid - tally.written_off
        differences.append(f"closing: the book has {closing}, it should be {should}")
    return Account(sku, opening, came_in, tally.paid, tally.written_off, closing, tuple(differences))


def sellable(buckets: Buckets, channel: str) -> int:
    """Units that a shared channel can sell or has in a checkout."""
    return sum(buckets.get(name, 0) for name in (POOL, CHANNEL + channel, HELD + channel))
