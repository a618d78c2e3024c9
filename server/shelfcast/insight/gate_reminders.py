"""When a room's people are reminded of its checklist before a show. Pure.

Rules: docs/rules.md#go-live-gate.
"""

from __future__ import annotations

from collections.abc import Mapping

from shelfcast.insight.checklist import Item
from shelfcast.protocol.states import Severity

MINUTE_MS = 60_000
REMINDED_MINUTES: Mapping[int, Severity] = {120: Severity.WATCH, 60: Severity.WARNING, 15: Severity.CRITICAL}
"""So many minutes before the planned start, the first one first, and how grave it is then that something fails."""
REMINDED_UNTIL_MS = 120 * MINUTE_MS
"""A show that has not begun so long after its planned start is not going to: nothing reminds of it any more."""


def reminder(planned_start_ms: int | None, now_ms: int) -> int | None:
    """The last of REMINDED_MINUTES that has come; None before the first one, long after the planned start, and without
    one."""
    if planned_start_ms is None or now_ms >= planned_start_ms + REMINDED_UNTIL_MS:
        return None
    left_ms = planned_start_ms - now_ms
    return min((minutes for minutes in REMINDED_MINUTES if left_ms <= minutes * MINUTE_MS), default=None)


def advice(fails: int, first: Item) -> str:
    """What to look into, in a sentence."""
    named = f"{first.sku}: {first.detail}" if first.sku else first.detail
    return f"{named}, and {fails - 1:,} more" if fails > 1 else named
