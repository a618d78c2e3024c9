"""How often one address may ask for something within a minute. Pure but for the clock it is given."""

from __future__ import annotations

import time
from collections.abc import Callable

MINUTE_S = 60.0
ADDRESSES_MAX = 50_000
"""Addresses counted in one minute; for more, those that have asked once are forgotten, the first that came first."""


class Allowance:
    """Counts by address in whole minutes; `clock` is monotonic, in seconds."""

    __slots__ = ("_again", "_clock", "_once", "_until_s")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._once: dict[str, None] = {}
        self._again: dict[str, int] = {}
        """How often those have asked that asked more than once."""
        self._until_s = 0.0

    def take(self, address: str, a_minute: int) -> int:
        """Count one; 0 when it is within the allowance, else the milliseconds until the next minute.

        A full table turns strangers away only when all in it have asked more than once.
        """
        now_s = self._clock()
        if now_s >= self._until_s:
            self._once.clear()
            self._again.clear()
            self._until_s = now_s + MINUTE_S
        asked = 1 if address in self._once else self._again.get(address, 0)
        if asked >= a_minute or (not asked and not self._has_place()):
            return max(1, int((self._until_s - now_s) * 1000))
        if asked:
            self._once.pop(address, None)
            self._again[address] = asked + 1
        else:
            self._once[address] = None
        return 0

    def _has_place(self) -> bool:
        if len(self._once) + len(self._again) < ADDRESSES_MAX:
            return True
        if not self._once:
            return False
        del self._once[next(iter(self._once))]
        return True
