"""Tiers and ratios: numbers by hand."""

from __future__ import annotations

import pytest
from shelfcast.insight.indicators import sell_through, share_left, sold_out_in_minutes
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


@pytest.mark.parametrize(
    ("remaining", "tier"), [(100, None), (21, None), (20, 20), (11, 20), (10, 10), (6, 10), (5, 5), (0, 5)]
)
def test_tiers_at_their_edges(remaining: int, tier: int | None) -> None:
    assert tier_of(remaining, 100) == tier


@pytest.mark.parametrize("offered", [0, -3])
def test_where_nothing_was_offered_there_is_no_tier(offered: int) -> None:
    assert tier_of(3, offered) is None
