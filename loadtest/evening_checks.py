"""What an evening is held to: each check is printed as it is made, and one that fails is remembered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.markup import escape

NAMED_MAX = 5
"""SKUs that a failed comparison names."""


class Checks:
    """The checks so far."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.made = 0
        self.failed: list[str] = []

    def part(self, title: str) -> None:
        """What follows is about this."""
        self._console.print(f"\n[bold]{escape(title)}[/bold]")

    def that(self, what: str, holds: object, found: object = "") -> bool:
        """`what` has to hold; `found` is printed beside it."""
        self.made += 1
        is_well = bool(holds)
        if not is_well:
            self.failed.append(what)
        mark = "[green]ok  [/green]" if is_well else "[red]FAIL[/red]"
        beside = f": {escape(str(found))}" if found != "" else ""
        self._console.print(f"  {mark} {escape(what)}{beside}", soft_wrap=True)
        return is_well

    def same(self, what: str, found: Any, expected: Any) -> bool:
        """Two figures are the same."""
        shown = f"{found:,}" if isinstance(found, int) else found
        return self.that(what, found == expected, shown if found == expected else f"{found}, expected {expected}")

    def same_of_each(self, what: str, found: dict[str, int], expected: dict[str, int]) -> bool:
        """A figure of each SKU is the same; one that is 0 may be missing."""
        differing = [
            f"{sku} {found.get(sku, 0)}, expected {expected.get(sku, 0)}"
            for sku in sorted({*found, *expected})
            if found.get(sku, 0) != expected.get(sku, 0)
        ]
        total = f"{sum(found.values()):,} of {sum(1 for units in found.values() if units):,} SKUs"
        return self.that(what, not differing, "; ".join(_some(differing)) if differing else total)


def _some(said: list[str]) -> Iterable[str]:
    rest = len(said) - NAMED_MAX
    return [*said[:NAMED_MAX], f"and {rest:,} more"] if rest > 0 else said
