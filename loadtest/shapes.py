"""How Locust's users come: all at once, before the first phase, and until the conductor says that it is over.

A user is a cohort, and its connections come on the plan's own schedule (`stage.arrival_times`). Locust could only make
the cohorts arrive: each time it adds users, every process spends a third of a second on its command line's options.
"""

from __future__ import annotations

from collections.abc import Iterator

from locust import LoadTestShape
from locust.dispatch import UsersDispatcher


class ClassByClass(UsersDispatcher):
    """Hands the users out to the processes in turn, one class after the other.

    So every process gets as many cohorts of a kind as any other. Locust's own order mixes the classes by their weights,
    and where that pattern and the number of processes have a common period, one process gets all of a kind: more
    connections than it may open descriptors.
    """

    def _user_gen(self) -> Iterator[str | None]:
        while True:
            for kind in self._user_classes:
                for _ in range(int(kind.weight)):
                    yield kind.__name__


class Evening(LoadTestShape):
    """All users stay until the conductor says that it is `over`."""

    abstract = True
    users: int
    over = False

    def tick(self) -> tuple[int, float] | None:
        """All users at once."""
        return None if self.over else (self.users, float(self.users))
