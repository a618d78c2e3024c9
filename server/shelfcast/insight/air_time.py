"""How long each SKU of a show has been on air.

Rule: docs/rules.md#alerts.
"""

from __future__ import annotations

from collections.abc import Iterable


class AirTime:
    """Time in the spotlight, of intervals (sku, from, to or 0 where it still is), in milliseconds. Asking costs the
    same, however many there were."""

    def __init__(self, spotlight: Iterable[tuple[str, int, int]] = ()) -> None:
        self._ended_ms: dict[str, int] = {}
        self._shown: tuple[str, int] | None = None
        self._was_used = False
        for sku, from_ms, to_ms in spotlight:
            self.shine(sku, from_ms)
            if to_ms:
                self.shine(None, to_ms)

    def shine(self, sku: str | None, at_ms: int) -> None:
        """This SKU is in the spotlight from now on, or none."""
        if self._shown is not None:
            shown, from_ms = self._shown
            self._ended_ms[shown] = self._ended_ms.get(shown, 0) + max(0, at_ms - from_ms)
        self._shown = None if sku is None else (sku, at_ms)
        self._was_used = self._was_used or sku is not None

    def of(self, sku: str, *, since_ms: int, now_ms: int) -> int:
        """How long a SKU was on air. A show that never used its spotlight has every SKU on air from the beginning,
        `since_ms`."""
        if not self._was_used:
            return max(0, now_ms - since_ms)
        ended_ms = self._ended_ms.get(sku, 0)
        if self._shown is not None and self._shown[0] == sku:
            return ended_ms + max(0, now_ms - self._shown[1])
        return ended_ms
