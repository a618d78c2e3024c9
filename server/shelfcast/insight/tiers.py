"""Tiers of what remains of what the show offered: 20, 10, 5 %. When they ring: `insight.alert_rules`.

Rules: docs/rules.md#alerts.
"""

from __future__ import annotations

from shelfcast.insight.indicators import at_most_percent

TIERS = (20, 10, 5)
"""Percent of what was offered, from the mildest to the gravest."""
REARM_POINTS = 3
"""A tier rings again only after the share stood this many points above it."""

ADVICE = {
    20: "watch the pace",
    10: "shorten its airtime or prepare to delist it",
    5: "restock now or announce the last batch",
}


def tier_of(remaining: int, offered: int) -> int | None:
    """The gravest tier that what remains has fallen to, None above all of them.

    `offered` is what there was to sell since the show began. Where that is nothing, there is no tier.
    """
    if offered <= 0:
        return None
    reached = [tier for tier in TIERS if at_most_percent(remaining, offered, tier)]
    return reached[-1] if reached else None
