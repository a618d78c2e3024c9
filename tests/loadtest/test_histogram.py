from __future__ import annotations

import math

from histogram import LONGEST, UNITS_A_MS, Histogram, bucket_of, merged, units_of
from hypothesis import given
from hypothesis import strategies as st

TIMES_MS = st.lists(st.floats(0, 3_600_000, allow_nan=False), min_size=1, max_size=200)


@given(st.integers(0, LONGEST))
def test_a_bucket_holds_what_fell_into_it_to_a_thousandth(units):
    top = units_of(bucket_of(units))
    assert units <= top <= units * 1.001 + 1


@given(st.integers(0, LONGEST - 1))
def test_buckets_are_in_the_order_of_their_times(units):
    assert bucket_of(units) <= bucket_of(units + 1) <= bucket_of(units) + 1


def test_the_number_of_buckets_is_bounded():
    assert bucket_of(10**15) == bucket_of(LONGEST) < 18_432
    assert bucket_of(-5) == 0


@given(TIMES_MS, st.sampled_from((50, 90, 99, 99.9, 100)))
def test_a_percentile_is_the_sorted_list_s_to_a_thousandth(times, percent):
    histogram = Histogram()
    for time in times:
        histogram.record(time)
    true = sorted(times)[max(0, math.ceil(len(times) * percent / 100) - 1)]
    found = histogram.percentile(percent)
    assert found is not None
    assert abs(found - true) <= true * 0.001 + 1 / UNITS_A_MS


@given(TIMES_MS, TIMES_MS)
def test_histograms_of_two_processes_add_up_to_one_of_all(here, there):
    parts = []
    for times in (here, there, here + there):
        histogram = Histogram()
        for time in times:
            histogram.record(time)
        parts.append(histogram.counts)
    assert merged(parts[:2]).counts == parts[2]


def test_an_empty_histogram_has_no_percentile():
    assert Histogram().summary() == {
        "count": 0, "p50_ms": None, "p90_ms": None, "p99_ms": None, "p99.9_ms": None, "max_ms": None
    }  # fmt: skip
