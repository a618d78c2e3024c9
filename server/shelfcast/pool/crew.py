"""Who follows a pool in this process. Pure."""

from __future__ import annotations

from shelfcast.protocol.access import Principal
from shelfcast.stock.followers import Follower


class CrewHere:
    """Each user and role that has connections, with how many, and since when."""

    __slots__ = ("_connections", "_since_ms")

    def __init__(self) -> None:
        self._connections: dict[tuple[str, str], int] = {}
        self._since_ms: dict[tuple[str, str], int] = {}

    def enter(self, who: Principal, at_ms: int) -> None:
        """One more connection of theirs."""
        name = (who.user, who.role.value)
        self._connections[name] = self._connections.get(name, 0) + 1
        self._since_ms.setdefault(name, at_ms)

    def leave(self, who: Principal) -> None:
        """One less."""
        name = (who.user, who.role.value)
        self._connections[name] -= 1
        if not self._connections[name]:
            del self._connections[name], self._since_ms[name]

    def rows(self) -> list[Follower]:
        """Who is here."""
        return [Follower(*name, count, self._since_ms[name]) for name, count in self._connections.items()]
