"""Comparing two states of the code: the interval of a median."""

from __future__ import annotations

import math
import random
import sys

import pytest
from loadtest.conftest import LOADTEST

# Not for long, as in test_hostile.py.
sys.path.append(str(LOADTEST / "bench"))
from pairs import interval_of_median

sys.path.remove(str(LOADTEST / "bench"))


@pytest.mark.parametrize(
    ("count", "least", "most"), [(1, 1, 1), (2, 1, 2), (5, 1, 5), (6, 1, 6), (10, 2, 9), (15, 4, 12), (20, 6, 15)]
)
def test_its_places_are_those_of_the_sign_test(count: int, least: int, most: int) -> None:
    values = [float(number) for number in range(1, count + 1)]
    random.Random(count).shuffle(values)
    assert interval_of_median(values) == (least, most)


def test_it_has_the_true_median_inside_as_often_as_it_says() -> None:
    draw = random.Random(7)
    inside = 0
    for _ in range(2_000):
        least, most = interval_of_median([draw.expovariate(1) for _ in range(15)])
        inside += least <= math.log(2) <= most
    assert inside >= 0.95 * 2_000
