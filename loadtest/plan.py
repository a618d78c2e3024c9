"""What a load run is to do: written by `spike.py`, read by every Locust process."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

PLAN_VARIABLE = "SHELFCAST_LOAD_PLAN"
"""Names the plan's file to the Locust processes."""
POOL = "load"
ROOM = "spike"
CHANNEL = "live"
WATCH_COHORT_MAX = 6_000
"""Each cohort has a loopback address of its own: with more connections the kernel has to look for a free port."""
BUY_COHORT_MAX = 2_000


class Phase(msgspec.Struct, frozen=True):
    """One part of a run; the next begins when it is over."""

    name: str
    seconds: float
    selling: float = 0.0
    """Reservations a second, as a part of the plan's rate."""
    feeding: bool = False
    """The operator receives goods, freezes and unfreezes."""
    flash: bool = False
    """Every buyer reserves once, all within the first second."""
    kill: bool = False
    """A server worker is killed as it begins."""


class Plan(msgspec.Struct, frozen=True):
    """Everything the Locust processes must know."""

    shape: str
    phases: list[Phase]
    host: str
    port: int
    server_pid: int
    processes: int
    watch_cohorts: int
    watch_size: int
    buy_cohorts: int
    buy_size: int
    skus: list[str]
    rate: float
    """Reservations a second."""
    pay_rate: float
    """Payments a second that the payment service makes over HTTP."""
    seed: int
    hog: float
    """Cores that the load test takes for itself once everybody is there."""
    result: str
    """The file the conductor writes what was counted to."""
    room: str = ROOM
    pool: str = POOL

    @property
    def viewers(self) -> int:
        """Connections asked for; buyers watch, too."""
        return self.watchers + self.buyers

    @property
    def watchers(self) -> int:
        """Connections that only watch."""
        return self.watch_cohorts * self.watch_size

    @property
    def buyers(self) -> int:
        """Connections with a token, which reserve."""
        return self.buy_cohorts * self.buy_size

    @property
    def arrive_s(self) -> float:
        """How long the first phase takes, in which everybody comes."""
        return self.phases[0].seconds

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://{self.host}:{self.port}"


def load() -> Plan:
    """The plan of this run."""
    return msgspec.json.decode(Path(os.environ[PLAN_VARIABLE]).read_bytes(), type=Plan)


def cohorts(connections: int, processes: int, size_max: int) -> tuple[int, int]:
    """How many cohorts of which size, the same number in each process, make at least so many connections."""
    if connections <= 0:
        return 0, 1
    per_process = -(-connections // (processes * size_max))
    count = min(processes * per_process, connections)
    return count, -(-connections // count)
