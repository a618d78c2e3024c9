"""How Locust's users come: a shape that the conductor ends."""

from __future__ import annotations

from locust import LoadTestShape
from plan import Plan

BEGIN_SHARE = 0.7
"""The part of the arrivals' time in which cohorts begin; each spreads its connections over the next part."""
SPREAD_SHARE = 0.2


class Evening(LoadTestShape):
    """Everybody comes in the first phase and stays until the conductor says that it is `over`."""

    abstract = True
    plan: Plan
    users: int
    over = False

    def tick(self) -> tuple[int, float] | None:
        """All users, at a rate that has the last cohort begin while there is time for its connections to open."""
        if self.over:
            return None
        return self.users, max(1.0, self.users / (self.plan.arrive_s * BEGIN_SHARE))
