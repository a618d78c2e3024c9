"""Tiers and ratios: numbers by hand."""

from __future__ import annotations

from random import Random

import pytest
from shelfcast.insight.indicators import sell_through, share_left, sold_out_between, sold_out_in_minutes
from shelfcast.insight.pace import PaceWindow
from shelfcast.insight.tiers import tier_of


def test_ratios() -> None:
    assert share_left(20, 100) == 0.2
    assert sell_through(20, 80) == 0.8
    assert sold_out_in_minutes(30, 2.0) == 15
    assert sold_out_in_minutes(0, 2.0) == 0
    assert sold_out_in_minutes(30, 0.0) is None


def test_ratios_of_nothing_are_no_division_by_zero() -> None:
    assert share_left(0, 0) is None
    assert share_left(5, -2) is None
    assert sell_through(0, 0) == 0
    assert sold_out_in_minutes(0, 0.0) == 0


@pytest.mark.parametrize(("a_minute", "minutes", "remaining"), [(5, 30, 100), (5, 5, 30), (12, 30, 300), (2, 10, 40)])
def test_eight_of_ten_products_are_gone_within_the_range(a_minute: int, minutes: int, remaining: int) -> None:
    """Units that are sold one by one at random, at a pace that stays as it is."""
    random, within, rounds = Random(17), 0, 1_000
    for _ in range(rounds):
        at, sold = random.expovariate(a_minute), [0] * minutes
        while at < minutes:
            sold[int(at)] += 1
            at += random.expovariate(a_minute)
        window = PaceWindow(sold)
        assert window.units_a_minute
        low, high = sold_out_between(remaining, window.units_a_minute, window.spread)
        gone = sum(random.expovariate(a_minute) for _ in range(remaining))
        within += low is not None and low <= gone and (high is None or gone <= high)
    assert 0.75 <= within / rounds <= 0.85


@pytest.mark.parametrize(
    ("remaining", "tier"), [(100, None), (21, None), (20, 20), (11, 20), (10, 10), (6, 10), (5, 5), (0, 5)]
)
def test_tiers_at_their_edges(remaining: int, tier: int | None) -> None:
    assert tier_of(remaining, 100) == tier


@pytest.mark.parametrize("offered", [0, -3])
def test_where_nothing_was_offered_there_is_no_tier(offered: int) -> None:
    assert tier_of(3, offered) is None
