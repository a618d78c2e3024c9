"""How often one address may ask for something within a minute. Pure but for the clock it is given."""

from __future__ import annotations

import time
from collections.abc import Callable

MINUTE_S = 60.0
ADDRESSES_MAX = 50_000
"""Addresses counted in one minute; whoever comes after them waits for the next."""


class Allowance:
    """Counts by address in whole minutes; `clock` is monotonic, in seconds."""

    __slots__ = ("_asked", "_clock", "_until_s")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: dict[str, int] = {}
        self._until_s = 0.0

    def take(self, address: str, a_minute: int) -> int:
        """Count one; 0 when it is within the allowance, else the milliseconds until the next minute."""
        now_s = self._clock()
        if now_s >= self._until_s:
            self._asked.clear()
            self._until_s = now_s + MINUTE_S
        asked = self._asked.get(address, 0)
        if asked >= a_minute or (not asked and len(self._asked) >= ADDRESSES_MAX):
            return max(1, int((self._until_s - now_s) * 1000))
        self._asked[address] = asked + 1
        return 0
