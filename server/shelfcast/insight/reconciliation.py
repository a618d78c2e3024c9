"""What a seller wrote down about its sale, beside what the book says: per SKU, to the unit. No I/O.

Formula: docs/rules.md#the-days-report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shelfcast.stock.places import BATCH, CHANNEL, ELASTIC, HELD, POOL, SAFETY, SOLD, SUPPLIER, WRITTEN_OFF, Buckets


@dataclass
class SkuTally:
    """Units of one SKU, as its customers and its shop were answered."""

    asked: int = 0
    paid: int = 0
    given_back: int = 0
    found: int = 0
    written_off: int = 0

    def __add__(self, other: SkuTally) -> SkuTally:
        return SkuTally(
            self.asked + other.asked,
            self.paid + other.paid,
            self.given_back + other.given_back,
            self.found + other.found,
            self.written_off + other.written_off,
        )


@dataclass(frozen=True)
class Account:
    """One SKU's line: `opening + came_in - sold - went_out = closing` must hold, and the book must agree.

    `opening` and `closing` are the units in stock at the start and at the end, as the book has them: those for sale,
    in a checkout, kept back and set aside for a batch. The three between are the seller's own. `differences` says in
    words where the two disagree.
    """

    sku: str
    opening: int
    came_in: int
    sold: int
    went_out: int
    closing: int
    differences: tuple[str, ...]


def reconcile(
    tallies: Mapping[str, Mapping[str, SkuTally]], opening: Mapping[str, Buckets], closing: Mapping[str, Buckets]
) -> list[Account]:
    """The line of every SKU that was tallied or that the pool held.

    `tallies` are those of each channel that sold, by SKU; `opening` and `closing` are the book's buckets.
    """
    skus = {sku for of_channel in tallies.values() for sku in of_channel}
    return [
        _account(
            sku,
            {channel: of_channel.get(sku) or SkuTally() for channel, of_channel in tallies.items()},
            opening.get(sku, {}),
            closing.get(sku, {}),
        )
        for sku in sorted({*skus, *opening, *closing})
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


def _account(sku: str, tallies: Mapping[str, SkuTally], before: Buckets, after: Buckets) -> Account:
    paid = sum(tally.paid for tally in tallies.values())
    written_off = sum(tally.written_off for tally in tallies.values())
    found = sum(tally.found for tally in tallies.values())
    expected = {
        **{SOLD + channel: tally.paid - tally.given_back for channel, tally in tallies.items()},
        WRITTEN_OFF: written_off,
        # The supplier's account runs negative: what was received is what it is short of.
        SUPPLIER: -found,
    }
    differences = [
        f"{name}: the book changed by {seen:+}, the answers say {wanted:+}"
        for name, wanted in expected.items()
        if (seen := after.get(name, 0) - before.get(name, 0)) != wanted
    ]
    opening, closing = in_stock(before, tallies), in_stock(after, tallies)
    came_in = found + sum(tally.given_back for tally in tallies.values())
    should = opening + came_in - paid - written_off
    if should != closing:
        differences.append(f"closing: the book has {closing}, it should be {should}")
    return Account(sku, opening, came_in, paid, written_off, closing, tuple(differences))


def in_stock(buckets: Buckets, channels: Iterable[str]) -> int:
    """Units that these channels sell, hold, or may be given."""
    kept = sum(units for name, units in buckets.items() if name in (SAFETY, ELASTIC) or name.startswith(BATCH))
    return kept + buckets.get(POOL, 0) + sum(buckets.get(CHANNEL + c, 0) + buckets.get(HELD + c, 0) for c in channels)


def sellable(buckets: Buckets, channel: str) -> int:
    """Units that a shared channel can sell or has in a checkout."""
    return sum(buckets.get(name, 0) for name in (POOL, CHANNEL + channel, HELD + channel))
