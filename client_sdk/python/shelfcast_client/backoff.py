"""How long to wait before connecting again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

BASE_S = 0.5
CAP_S = 20.0


@dataclass(slots=True)
class Backoff:
    """Exponential back-off with full jitter: a uniform draw from 0 to min(cap, base x 2^attempt).

    Full jitter spreads a crowd that lost its server at one moment evenly over the whole time (AWS Architecture Blog,
    "Exponential Backoff And Jitter", 2015). What the server asks for (`Retry-After`, `reconnect_after_ms`) is a floor
    under the draw, not a replacement: everybody was told the same number.
    """

    random: Random
    base_s: float = BASE_S
    cap_s: float = CAP_S
    attempt: int = 0

    def next_s(self, floor_s: float = 0.0) -> float:
        """The next delay; each call counts as an attempt."""
        ceiling = min(self.cap_s, self.base_s * 2 ** min(self.attempt, 32))
        self.attempt += 1
        return floor_s + self.random.uniform(0, ceiling)

    def reset(self) -> None:
        """A connection proved good: the next trouble starts small again."""
        self.attempt = 0
