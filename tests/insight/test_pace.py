"""The pace: units of ended minutes, by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from shelfcast.insight.pace import WINDOW_MINUTES, PaceWindow


def window(*minutes: int | None) -> PaceWindow:
    made = PaceWindow()
    for units in minutes:
        made.ended(units)
    return made


def test_there_is_no_pace_before_the_first_ended_minute() -> None:
    assert window().units_a_minute is None


def test_it_is_the_average_of_the_ended_minutes() -> None:
    assert window(20).units_a_minute == 20
    assert window(20, 0, 10).units_a_minute == 10


def test_minutes_without_a_sale_going_on_are_on_neither_side() -> None:
    assert window(20, None, None, 10).units_a_minute == 15
    assert window(None).units_a_minute is None


def test_what_is_older_than_the_window_is_forgotten() -> None:
    pace = window(600, *[0] * (WINDOW_MINUTES - 1))
    assert pace.units_a_minute == 20
    pace.ended(30)
    assert pace.units_a_minute == 1
    pace.ended(0, idle_after=10_000)
    assert pace.units_a_minute == 0
    pace.ended(None, idle_after=10_000, on_sale=False)
    assert pace.units_a_minute is None


def test_units_that_come_back_count_back_but_never_below_nothing() -> None:
    assert window(10, -4).units_a_minute == 3
    assert window(10, -40).units_a_minute == 0


@given(st.lists(st.none() | st.integers(-50, 50), max_size=80), st.integers(0, 80))
def test_a_successor_goes_on_as_if_nothing_had_been(minutes: list[int | None], change: int) -> None:
    whole = window(*minutes)
    resumed = PaceWindow(window(*minutes[:change]).minutes)
    for units in minutes[change:]:
        resumed.ended(units)
    assert resumed.units_a_minute == whole.units_a_minute
    assert len(resumed.minutes) <= WINDOW_MINUTES
