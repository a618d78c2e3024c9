"""Tiered stock alerts: what remains falls to 20, 10, 5 % of what the show offered; latched, so that each rings once.

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


class TierLatch:
    """Remembers which tiers of one SKU have rung."""

    __slots__ = ("_rung",)

    def __init__(self) -> None:
        self._rung: int | None = None

    @property
    def standing(self) -> int | None:
        """The gravest tier that has rung and was not re-armed."""
        return self._rung

    def crossed(self, remaining: int, offered: int) -> int | None:
        """The tier to announce now, or None. Falling through several at once announces the gravest alone."""
        self._rearm(remaining, offered)
        tier = tier_of(remaining, offered)
        if tier is None or (self._rung is not None and tier >= self._rung):
            return None
        self._rung = tier
        return tier

    def _rearm(self, remaining: int, offered: int) -> None:
        """Forget the tiers the share has climbed clear of; milder ones stay rung."""
        while self._rung is not None and not at_most_percent(remaining, offered, self._rung + REARM_POINTS):
            milder = TIERS.index(self._rung) - 1
            self._rung = TIERS[milder] if milder >= 0 else None
