"""The terminal as commands print on it."""

from __future__ import annotations

from rich.console import Console


def console() -> Console:
    """The terminal, or what stands for it. Words of others are not taken for emoji codes; give them as `Text`, escaped,
    or with `markup=False`, or they are taken for markup."""
    return Console(highlight=False, emoji=False)
