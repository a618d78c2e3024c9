"""Numbers in the sentences of a checklist."""

from __future__ import annotations

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def count(n: int, noun: str) -> str:
    """So many of something: 1 unit, 1,200 units."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def units(n: int) -> str:
    """So many units."""
    return count(n, "unit")


def span(ms: int) -> str:
    """A length of time, in the largest whole measure that it has two of: 90 minutes, 26 hours, 3 days."""
    for length, noun in ((DAY_MS, "day"), (HOUR_MS, "hour")):
        if ms >= 2 * length:
            return count(ms // length, noun)
    return count(max(0, ms) // MINUTE_MS, "minute")
