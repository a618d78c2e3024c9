"""Pace, tiers and ratios: numbers by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.insight.indicators import sell_through, share_left, sold_out_in_minutes
from shelfcast.insight.pace import MINUTE_MS, WINDOW_MINUTES, Pace
from shelfcast.insight.tiers import TIERS, TierLatch, tier_of

START = 1_800_000_000_000


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


def test_a_young_pace_is_over_the_time_it_has_lived() -> None:
    pace = Pace(START)
    pace.took(20, START + 5 * MINUTE_MS)
    assert pace.units_a_minute(START + 10 * MINUTE_MS) == 2.0


def test_the_first_seconds_are_counted_as_a_minute() -> None:
    pace = Pace(START)
    pace.took(3, START + 100)
    assert pace.units_a_minute(START + 200) == 3.0


def test_what_is_older_than_the_window_is_forgotten() -> None:
    pace = Pace(START)
    pace.took(600, START)
    pace.took(30, START + 20 * MINUTE_MS)
    assert pace.units_a_minute(START + 29 * MINUTE_MS) == pytest.approx(630 / 29)
    assert pace.units_a_minute(START + 31 * MINUTE_MS) == 1.0
    assert pace.units_a_minute(START + 90 * MINUTE_MS) == 0.0


def test_units_that_come_back_count_back_but_never_below_nothing() -> None:
    pace = Pace(START)
    pace.took(10, START)
    pace.took(-4, START + MINUTE_MS)
    assert pace.units_a_minute(START + 2 * MINUTE_MS) == 3.0
    pace.took(-20, START + 2 * MINUTE_MS)
    assert pace.units_a_minute(START + 2 * MINUTE_MS) == 0.0


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(-50, 50)), max_size=100))
def test_the_window_holds_a_bounded_number_of_counts(steps: list[tuple[int, int]]) -> None:
    pace, now = Pace(START), START
    for seconds, units in steps:
        now += seconds * 1000
        pace.took(units, now)
        assert len(pace._counts) <= WINDOW_MINUTES + 1
        assert pace._total == sum(units for _, units in pace._counts)


@pytest.mark.parametrize(
    ("remaining", "tier"), [(100, None), (21, None), (20, 20), (11, 20), (10, 10), (6, 10), (5, 5), (0, 5)]
)
def test_tiers_at_their_edges(remaining: int, tier: int | None) -> None:
    assert tier_of(remaining, 100) == tier


@pytest.mark.parametrize("offered", [0, -3])
def test_where_nothing_was_offered_there_is_no_tier(offered: int) -> None:
    assert tier_of(3, offered) is None


def test_a_tier_rings_once_and_again_only_after_three_points() -> None:
    latch = TierLatch()
    story = [
        (30, None),
        (20, 20),
        (19, None),
        (22, None),  # not yet clear of it
        (20, None),
        (24, None),  # clear of it: armed again
        (20, 20),
        (9, 10),
        (4, 5),
        (9, None),  # the 5 is armed again, the 10 still rung
        (5, 5),
        (100, None),
        (3, 5),  # through all three at once: the gravest alone
    ]
    for remaining, rings in story:
        assert latch.crossed(remaining, 100) == rings, remaining


@given(st.lists(st.integers(0, 100), max_size=50))
def test_what_stands_is_never_milder_than_where_the_stock_is(remainders: list[int]) -> None:
    latch = TierLatch()
    for remaining in remainders:
        latch.crossed(remaining, 100)
        tier = tier_of(remaining, 100)
        assert tier is None or (latch.standing is not None and latch.standing <= tier)
        assert latch.standing is None or latch.standing in TIERS
