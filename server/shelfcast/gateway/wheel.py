"""A timer wheel: one timer for all connections, and a set operation to schedule or forget one. Pure."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar


class Entry(Protocol):
    """What can be on a wheel."""

    slot: int
    """Where it is; -1 when it is nowhere. The wheel's alone to write."""


E = TypeVar("E", bound=Entry)


class Wheel(Generic[E]):
    """Slots of `step_s` seconds each. A delay beyond the horizon is cut to it: the entry comes early and asks again."""

    def __init__(self, step_s: float, horizon_s: float) -> None:
        self.step_s = step_s
        self._slots: list[set[E]] = [set() for _ in range(max(2, int(horizon_s / step_s) + 2))]
        self._at = 0

    def schedule(self, entry: E, delay_s: float) -> None:
        """Have the entry come up after about this delay, instead of whenever it was to come up before."""
        self.forget(entry)
        steps = max(1, min(len(self._slots) - 1, round(delay_s / self.step_s)))
        entry.slot = (self._at + steps) % len(self._slots)
        self._slots[entry.slot].add(entry)

    def forget(self, entry: E) -> None:
        """Take the entry off the wheel."""
        if entry.slot >= 0:
            self._slots[entry.slot].discard(entry)
            entry.slot = -1

    def turn(self) -> set[E]:
        """One step on; returns what comes up, off the wheel now."""
        self._at = (self._at + 1) % len(self._slots)
        due, self._slots[self._at] = self._slots[self._at], set()
        for entry in due:
            entry.slot = -1
        return due
