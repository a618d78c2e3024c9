"""Windows of customer limits: where a customer's units of a SKU count for a listing's limit, and for how long.

A window has a name: `ever`, a show's id (`evening.3`), or `7d:480123`, seven days of which these units are in the hour
480,123 since 1970. The engine keeps a window's units in a hash of its own (stock/library/windows.lua).
"""

from __future__ import annotations

EVER = "ever"
SHOW = "show"
DAYS_MAX = 30
PATTERN = rf"^(?:{SHOW}|{EVER}|(?:[1-9]|[12][0-9]|{DAYS_MAX})d)$(?!\n)"
"""What a listing may say: `show`, `ever`, or days such as `7d`."""

_SHOW_STORED = "s"


def window_from(stored: str, show: str) -> str:
    """A window's name from what a record or an entry of a reservation of that show has stored."""
    if stored == _SHOW_STORED:
        return show
    return stored or EVER


def days_of(window: str) -> tuple[int, int] | None:
    """The days of a window and the hour that its units are in; None where it is none of days."""
    days, _, hour = window.partition("d:")
    return (int(days), int(hour)) if days.isdecimal() and hour.isdecimal() else None
