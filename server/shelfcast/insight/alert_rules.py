"""When an alert rings, changes, and is over: pure decisions on what stands and what the numbers are now.

Rules: docs/rules.md#alerts. Units are whole units, shares are 0 to 1, times are milliseconds of the engine's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from shelfcast.insight.indicators import (
    SELL_THROUGH_HIGH,
    SOLD_OUT_SOON_MINUTES,
    at_most_percent,
    sell_through,
    sold_out_in_minutes,
)
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.tiers import ADVICE, REARM_POINTS, TIERS
from shelfcast.protocol.states import AlertRule, Severity

ORDERS_MIN = 5
"""A sold-out ETA from fewer orders is chance."""
ON_AIR_MIN_MS = 5 * MINUTE_MS
"""A pace is no habit before the SKU was on air so long."""
ETA_REARM = 1.1
ETA_REARM_MINUTES = SOLD_OUT_SOON_MINUTES * ETA_REARM
"""A sold-out ETA is over when it is so far away."""
ACTIVE_RATE_LOW = 0.3
"""An active SKU rate below this is worth an alert, once half the planned time is over."""
ACTIVE_RATE_AFTER_MS = 60 * MINUTE_MS
"""After this long, where nothing is planned: then it rings once."""
UNSTEADY_CHANGES = 4
"""An alert with more changes of state than this within UNSTEADY_MS stands as unsteady, and rings no more."""
UNSTEADY_MS = 10 * MINUTE_MS

_SEVERITIES = (Severity.WATCH, Severity.WARNING, Severity.CRITICAL)


class Step(StrEnum):
    """What becomes of an alert."""

    RING = "ring"
    """A new one."""
    GRAVER = "graver"
    """It rings again for a graver tier, whoever had acknowledged the milder one."""
    MILDER = "milder"
    """It stands for a milder tier: the graver one is armed again. Nothing rings."""
    RESOLVE = "resolve"
    """It is over."""
    UNSTEADY = "unsteady"
    """It came and went too often: one entry says so, and stands."""
    STEADY = "steady"
    """An unsteady one stands as an ordinary one again."""
    AGAIN = "again"
    """What it offered was done, and more is needed: it rings again, and offers more."""


class Before(NamedTuple):
    """What there is of one rule for one SKU: its last alert in this show."""

    stands: bool = False
    tier: int = 0
    rang: bool = False
    """Whether it ever rang in this show."""
    unsteady: bool = False
    changes: Sequence[int] = ()
    """When its state changed, the last times."""
    step: int = 0
    """The number of the release that it offers, 0 for none."""


NEVER_RANG = Before()


class Change(NamedTuple):
    """What is to be done, and what an alert says then: `value` is None where there is none any more, `threshold` that
    which was passed, `tier_percent` 0 where the rule has none."""

    step: Step
    value: float | None
    threshold: float
    tier_percent: int = 0
    severity: Severity = Severity.WATCH
    advice: str = ""


def tiers_for(*said: Sequence[int] | None) -> Sequence[int]:
    """The tiers that hold, from the mildest to the gravest: of what the SKU, its category and its room say (in this
    order) the first that says any, else the default."""
    return next((tiers for tiers in said if tiers), TIERS)


def share_left(before: Before, remaining: int, offered: int, tiers: Sequence[int] = TIERS) -> Change | None:
    """Of `offered` units `remaining` are left. Latched: a tier rings again only after the share stood REARM_POINTS
    above it; falling through several at once rings the gravest alone."""
    if offered <= 0:
        return Change(Step.RESOLVE, 0.0, before.tier / 100, before.tier) if before.stands else None
    if not before.stands and not at_most_percent(remaining, offered, tiers[0]):
        return None
    value = remaining / offered
    reached = next((tier for tier in reversed(tiers) if at_most_percent(remaining, offered, tier)), None)
    if not before.stands:
        return None if reached is None else _of_tier(Step.RING, value, reached, tiers)
    if reached is not None and reached < before.tier:
        return _of_tier(Step.GRAVER, value, reached, tiers)
    clear = [tier for tier in tiers if at_most_percent(remaining, offered, tier + REARM_POINTS)]
    if not clear:
        return Change(Step.RESOLVE, value, before.tier / 100, before.tier)
    return None if clear[-1] <= before.tier else _of_tier(Step.MILDER, value, clear[-1], tiers)


def sold_out_eta(
    before: Before, remaining: int, units_a_minute: float | None, *, orders: int, on_air_ms: int
) -> Change | None:
    """The shelf is empty within the hour, at the pace of the last half hour."""
    minutes = None if units_a_minute is None else sold_out_in_minutes(remaining, units_a_minute)
    threshold = float(SOLD_OUT_SOON_MINUTES)
    if before.stands:
        if minutes is None or minutes >= ETA_REARM_MINUTES:
            return Change(Step.RESOLVE, minutes, threshold)
        return None
    # What is sold out already, the share left says.
    soon = minutes is not None and 0 < minutes < threshold
    if minutes is None or not soon or orders < ORDERS_MIN or on_air_ms < ON_AIR_MIN_MS:
        return None
    return Change(Step.RING, minutes, threshold, 0, Severity.WARNING, "restock, or prepare what comes next")


def high_sell_through(before: Before, remaining: int, sold: int) -> Change | None:
    """Nearly all of it is sold: worth a word, once in a show."""
    rate, points = sell_through(remaining, sold), REARM_POINTS / 100
    if before.stands:
        return Change(Step.RESOLVE, rate, SELL_THROUGH_HIGH) if rate <= SELL_THROUGH_HIGH - points else None
    if before.rang or rate <= SELL_THROUGH_HIGH:
        return None
    return Change(Step.RING, rate, SELL_THROUGH_HIGH, 0, Severity.WATCH, "say that it is nearly gone, and restock")


def low_active_rate(before: Before, active: int, listed: int, *, running_ms: int, planned_ms: int) -> Change | None:
    """Of `listed` SKUs only `active` have sold, and half the planned time is over. Without a plan (0) it rings once."""
    if not listed:
        return Change(Step.RESOLVE, 0.0, ACTIVE_RATE_LOW) if before.stands else None
    rate = active / listed
    if before.stands:
        over = rate >= ACTIVE_RATE_LOW + REARM_POINTS / 100
        return Change(Step.RESOLVE, rate, ACTIVE_RATE_LOW) if over else None
    after_ms = planned_ms / 2 if planned_ms else ACTIVE_RATE_AFTER_MS
    if rate >= ACTIVE_RATE_LOW or running_ms < after_ms or (before.rang and not planned_ms):
        return None
    return Change(Step.RING, rate, ACTIVE_RATE_LOW, 0, Severity.WATCH, "show the items that have not sold yet")


def steadied(before: Before, change: Change | None, now_ms: int) -> Change | None:
    """What becomes of a change where the state has changed too often lately: one that comes and goes stands as
    unsteady for UNSTEADY_MS, in which only a graver tier rings; then it is judged as it is."""
    last = before.changes[-1] if before.changes else 0
    if before.stands and before.unsteady:
        if change is not None and change.step in (Step.GRAVER, Step.AGAIN):
            return change
        if now_ms - last < UNSTEADY_MS:
            return None
        return change or Change(Step.STEADY, None, 0.0, before.tier)
    if change is None or change.step is Step.AGAIN:
        return change
    recent = sum(now_ms - at < UNSTEADY_MS for at in before.changes)
    if recent < UNSTEADY_CHANGES:
        return change
    tier = change.tier_percent if change.step in (Step.RING, Step.GRAVER) else before.tier
    return change._replace(step=Step.UNSTEADY, tier_percent=tier)


def worse(rule: AlertRule, one: float, other: float) -> float:
    """The graver of two values of a rule: its peak."""
    return max(one, other) if rule is AlertRule.SELL_THROUGH else min(one, other)


def _of_tier(step: Step, value: float, tier: int, tiers: Sequence[int]) -> Change:
    severity = _SEVERITIES[max(0, len(_SEVERITIES) - len(tiers) + list(tiers).index(tier))]
    advice = next((ADVICE[known] for known in sorted(ADVICE) if tier <= known), ADVICE[max(ADVICE)])
    return Change(step, value, tier / 100, tier, severity, advice)
