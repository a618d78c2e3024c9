"""What of opening stock is set aside."""

from __future__ import annotations

import pytest
from shelfcast.insight.reserves import Shares, reserves


@pytest.mark.parametrize(
    ("units", "shares", "own", "aside"),
    [
        (100, Shares(10), None, (10, 0)),
        (9, Shares(10), None, (0, 0)),
        (19, Shares(10), None, (1, 0)),
        (100, Shares(10, 15), None, (10, 15)),
        (100, Shares(10), 0, (0, 0)),
        (100, Shares(0), 7, (7, 0)),
        (5, Shares(10), 7, (5, 0)),
        (100, Shares(0, 50), 70, (70, 30)),
        (100, Shares(), None, (0, 0)),
        (0, Shares(10, 15), 3, (0, 0)),
        (3, Shares(100), None, (3, 0)),
    ],
)
def test_whole_units_the_own_value_first(units: int, shares: Shares, own: int | None, aside: tuple[int, int]) -> None:
    assert reserves(units, shares, safety_units=own) == aside
