"""When people are reminded of a room's checklist."""

from __future__ import annotations

import pytest
from shelfcast.insight.checklist import Check, Item, Level
from shelfcast.insight.gate_reminders import MINUTE_MS, REMINDED_UNTIL_MS, advice, reminder

START = 1_800_000_000_000


@pytest.mark.parametrize(
    ("before_ms", "minutes"),
    [
        (120 * MINUTE_MS + 1, None),
        (120 * MINUTE_MS, 120),
        (60 * MINUTE_MS + 1, 120),
        (60 * MINUTE_MS, 60),
        (15 * MINUTE_MS + 1, 60),
        (15 * MINUTE_MS, 15),
        (0, 15),
        (-REMINDED_UNTIL_MS + 1, 15),
        (-REMINDED_UNTIL_MS, None),
    ],
)
def test_the_last_reminder_that_has_come(before_ms: int, minutes: int | None) -> None:
    assert reminder(START, START - before_ms) == minutes


def test_without_a_plan_there_is_none() -> None:
    assert reminder(None, START) is None


def test_it_names_the_first_that_fails_and_how_many_more() -> None:
    of_mug = Item(Check.COUNTED, Level.FAIL, "never", "never counted", sku="mug")
    assert advice(1, of_mug) == "mug: never counted"
    assert advice(3, Item(Check.SHELF, Level.FAIL, "empty", "the shelf is empty")) == "the shelf is empty, and 2 more"
