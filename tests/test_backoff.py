"""Back-off: pauses double up to the longest, and begin anew behind something that worked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.backoff import Backoff


@pytest.mark.parametrize(
    ("failures", "pause_ms"), [(0, 0), (1, 100), (2, 200), (3, 400), (6, 3_200), (7, 5_000), (8, 5_000), (10**9, 5_000)]
)
def test_pauses_double_up_to_the_longest(failures: int, pause_ms: float) -> None:
    backoff = Backoff(100, 5_000)
    assert backoff.pause_ms(failures) == pause_ms
    assert backoff.pause_s(failures) == pause_ms / 1000


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**12))
def test_no_pause_is_shorter_than_the_one_before_nor_longer_than_the_longest(
    least: int, most: int, failures: int
) -> None:
    backoff = Backoff(least, most)
    assert backoff.pause_ms(failures) <= backoff.pause_ms(failures + 1) <= most
    assert backoff.pause_ms(failures) >= min(least, most)


def test_what_outlasted_the_longest_pause_has_worked() -> None:
    backoff = Backoff(100, 5_000)
    assert backoff.failures_after(4, lasted_s=4.9) == 5
    assert backoff.failures_after(4, lasted_s=5) == 1
    assert backoff.failures_after(0, lasted_s=0) == 1
