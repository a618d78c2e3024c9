"""Chance, as the pure parts of a room are given it: they decide by it, and draw nothing of their own."""

from __future__ import annotations

from typing import Any, Protocol


class Chance(Protocol):
    """A generator of random numbers; `random.Random` and `random.SystemRandom` have this shape."""

    def randrange(self, stop: int, /) -> int:
        """A whole number from 0, below `stop`."""

    def shuffle(self, x: list[Any]) -> None:
        """Bring a list into a random order, in place."""
