"""When alerts ring: the latch of the tiers, the other rules, and what comes and goes too often."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.insight import alert_rules as rules
from shelfcast.insight.air_time import AirTime
from shelfcast.insight.alert_rules import (
    NEVER_RANG,
    UNSTEADY_CHANGES,
    UNSTEADY_MS,
    Before,
    Change,
    Step,
    steadied,
    tiers_for,
)
from shelfcast.insight.indicators import at_most_percent
from shelfcast.insight.tiers import REARM_POINTS, TIERS, tier_of
from shelfcast.protocol.states import Severity

MINUTE_MS = 60_000


class Alert:
    """One alert as the book keeps it, driven by the rules alone."""

    def __init__(self) -> None:
        self.before: Before = NEVER_RANG
        self.rings: list[int] = []

    def hold(self, remaining: int, offered: int = 100) -> Step | None:
        change = rules.share_left(self.before, remaining, offered)
        if change is not None:
            self.take(change)
        return None if change is None else change.step

    def take(self, change: Change, at_ms: int = 0) -> None:
        changes = [*self.before.changes, at_ms][-5:]
        if change.step is Step.RESOLVE:
            self.before = Before(False, change.tier_percent, True, False, changes)
        elif change.step is Step.STEADY:
            self.before = self.before._replace(unsteady=False)
        else:
            tier = change.tier_percent
            if change.step in (Step.RING, Step.GRAVER):
                self.rings.append(tier)
            self.before = Before(True, tier, True, change.step is Step.UNSTEADY, changes)


def test_a_tier_rings_once_and_again_only_after_three_points() -> None:
    alert = Alert()
    story = [
        (30, None),
        (20, Step.RING),
        (19, None),
        (22, None),  # not yet clear of it
        (20, None),
        (24, Step.RESOLVE),  # clear of it: armed again
        (20, Step.RING),
        (9, Step.GRAVER),
        (4, Step.GRAVER),
        (9, Step.MILDER),  # the 5 is armed again, the 10 still stands
        (5, Step.GRAVER),
        (100, Step.RESOLVE),
        (3, Step.RING),  # through all three at once: the gravest alone
    ]
    for remaining, step in story:
        assert alert.hold(remaining) is step, remaining
    assert alert.rings == [20, 20, 10, 5, 5, 5]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(-5, 300)), max_size=60))
def test_the_latch(story: list[tuple[int, int]]) -> None:
    """Whatever happens: what stands is never milder than where the stock is, no tier rings twice without having been
    clear of it by three points, and nothing stands that is clear of all."""
    alert, clear_since_ring = Alert(), dict.fromkeys(TIERS, True)
    for remaining, offered in story:
        before = alert.before
        step = alert.hold(remaining, offered)
        tier = tier_of(remaining, offered)
        for known in TIERS:
            if offered <= 0 or not at_most_percent(remaining, offered, known + REARM_POINTS):
                clear_since_ring[known] = True
        if step in (Step.RING, Step.GRAVER):
            assert alert.before.tier == tier
            assert clear_since_ring[tier or 0], "it rang, and was never clear of it since"
            for known in TIERS:
                if known >= (tier or 0):
                    clear_since_ring[known] = False
        if tier is not None:
            assert alert.before.stands
            assert alert.before.tier <= tier
        if offered <= 0 or not at_most_percent(remaining, offered, TIERS[0] + REARM_POINTS):
            assert not alert.before.stands
        if before.stands and tier is not None and tier < before.tier:
            assert step is Step.GRAVER, "a graver tier rings whatever stands"
        assert rules.share_left(alert.before, remaining, offered) is None, "the same values again change nothing"


def test_of_several_thresholds_the_nearest_holds() -> None:
    assert tiers_for((50, 25), (40,), None) == (50, 25)
    assert tiers_for(None, (40,), (30,)) == (40,)
    assert tiers_for(None, None, (30,)) == (30,)
    assert tiers_for(None, None, None) == TIERS
    change = rules.share_left(NEVER_RANG, 25, 100, (50, 25))
    assert change is not None
    assert (change.tier_percent, change.severity) == (25, Severity.CRITICAL)


def test_what_is_told_is_the_share_after_the_change() -> None:
    change = rules.share_left(NEVER_RANG, 9, 100)
    assert change == Change(Step.RING, 0.09, 0.1, 10, Severity.WARNING, "shorten its airtime or prepare to delist it")


AIRED = rules.ON_AIR_MIN_MS


@pytest.mark.parametrize(
    ("remaining", "pace", "orders", "on_air_ms", "rings"),
    [
        (590, 10.0, 5, AIRED, True),
        (600, 10.0, 5, AIRED, False),
        (590, 10.0, 4, AIRED, False),
        (590, 10.0, 5, AIRED - 1, False),
        (590, None, 5, AIRED, False),
        (590, 0.0, 5, AIRED, False),
        (0, 10.0, 5, AIRED, False),
    ],
)
def test_a_sold_out_eta_rings(remaining: int, pace: float | None, orders: int, on_air_ms: int, *, rings: bool) -> None:
    change = rules.sold_out_eta(NEVER_RANG, remaining, pace, orders=orders, on_air_ms=on_air_ms)
    assert (change is not None) == rings


@pytest.mark.parametrize(("remaining", "pace", "ends"), [(640, 10.0, False), (660, 10.0, True), (100, 0.0, True)])
def test_a_sold_out_eta_ends_when_it_is_clearly_later(remaining: int, pace: float, *, ends: bool) -> None:
    change = rules.sold_out_eta(Before(stands=True, rang=True), remaining, pace, orders=9, on_air_ms=AIRED)
    assert (change is not None and change.step is Step.RESOLVE) == ends


def test_a_high_sell_through_rings_once_in_a_show() -> None:
    assert rules.high_sell_through(NEVER_RANG, 20, 80) is None
    assert rules.high_sell_through(NEVER_RANG, 19, 81) is not None
    assert rules.high_sell_through(Before(stands=True, rang=True), 22, 78) is None
    ended = rules.high_sell_through(Before(stands=True, rang=True), 23, 77)
    assert ended is not None
    assert ended.step is Step.RESOLVE
    assert rules.high_sell_through(Before(rang=True), 1, 99) is None


@pytest.mark.parametrize(
    ("active", "running_minutes", "planned_minutes", "rang", "rings"),
    [
        (2, 60, 120, False, True),
        (3, 60, 120, False, False),
        (2, 59, 120, False, False),
        (2, 60, 120, True, True),
        (2, 59, 0, False, False),
        (2, 60, 0, False, True),
        (2, 90, 0, True, False),
    ],
)
def test_a_low_active_rate_rings(
    active: int, running_minutes: int, planned_minutes: int, *, rang: bool, rings: bool
) -> None:
    change = rules.low_active_rate(
        Before(rang=rang),
        active,
        10,
        running_ms=running_minutes * MINUTE_MS,
        planned_ms=planned_minutes * MINUTE_MS,
    )
    assert (change is not None) == rings


@pytest.mark.parametrize(
    ("spotlight", "minutes"),
    [
        ([], 10),
        ([("mug", 0, 0)], 10),
        ([("mug", 0, 4 * MINUTE_MS), ("tea", 4 * MINUTE_MS, 9 * MINUTE_MS), ("mug", 9 * MINUTE_MS, 0)], 5),
        ([("tea", 0, 0)], 0),
    ],
)
def test_time_on_air_is_time_in_the_spotlight(spotlight: Sequence[tuple[str, int, int]], minutes: int) -> None:
    assert AirTime(spotlight).of("mug", since_ms=0, now_ms=10 * MINUTE_MS) == minutes * MINUTE_MS


def flap(alert: Alert, times: int, at_ms: int, apart_ms: int) -> list[Step]:
    """Fall to a tier and climb out of it again and again; what became of each."""
    steps = []
    for number in range(times):
        now_ms = at_ms + number * apart_ms
        remaining = 20 if number % 2 == 0 else 50
        change = steadied(alert.before, rules.share_left(alert.before, remaining, 100), now_ms)
        if change is not None:
            alert.take(change, now_ms)
            steps.append(change.step)
    return steps


def test_what_comes_and_goes_too_often_is_one_entry_that_says_so() -> None:
    alert = Alert()
    steps = flap(alert, 20, 0, MINUTE_MS // 4)
    assert steps == [Step.RING, Step.RESOLVE, Step.RING, Step.RESOLVE, Step.UNSTEADY]
    assert alert.before.stands
    assert alert.before.unsteady
    last_ms = alert.before.changes[-1]
    graver = rules.share_left(alert.before, 4, 100)
    assert steadied(alert.before, graver, last_ms + 1) == graver, "a graver tier rings all the same"
    over = rules.share_left(alert.before, 50, 100)
    assert steadied(alert.before, over, last_ms + UNSTEADY_MS - 1) is None
    assert steadied(alert.before, over, last_ms + UNSTEADY_MS) == over
    steady = steadied(alert.before, None, last_ms + UNSTEADY_MS)
    assert steady is not None
    assert steady.step is Step.STEADY


def test_what_comes_and_goes_slowly_is_steady() -> None:
    alert = Alert()
    steps = flap(alert, 20, 0, UNSTEADY_MS // UNSTEADY_CHANGES)
    assert set(steps) == {Step.RING, Step.RESOLVE}
    assert len(steps) == 20
