"""The engine's clock as this process can tell it, from the times that come with what the engine says. Pure."""

from __future__ import annotations

_STEP_MS = 1_000.0
"""An engine that is this much off what was expected has another clock (a promotion, a step): believe it."""


class EngineClock:
    """An estimate that is never ahead: the times in messages are old by their way here, so the least delayed counts.

    `monotonic_s` is the caller's monotonic clock in seconds.
    """

    __slots__ = ("_offset_ms",)

    def __init__(self) -> None:
        self._offset_ms = float("-inf")

    def heard(self, at_ms: int, monotonic_s: float) -> bool:
        """The engine said it was `at_ms`. True where its clock has made a step, so that what was timed by it is timed
        wrong."""
        offset = at_ms - monotonic_s * 1000
        moved = offset - self._offset_ms
        if moved > 0 or moved < -_STEP_MS:
            known, self._offset_ms = self._offset_ms != float("-inf"), offset
            return known and abs(moved) > _STEP_MS
        return False

    def now_ms(self, monotonic_s: float) -> int:
        """The engine's time; 0 when nothing was heard yet."""
        return max(0, int(self._offset_ms + monotonic_s * 1000)) if self._offset_ms != float("-inf") else 0

    def monotonic_s(self, at_ms: int) -> float:
        """The caller's time at which the engine will say `at_ms`."""
        return (at_ms - self._offset_ms) / 1000
