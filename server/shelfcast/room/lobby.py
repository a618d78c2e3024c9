"""The lobby of a sale that opens at an instant: who comes within its first moments is served in no order. Pure.

A robot that presses 50 ms before everybody else would have the goods. With a lobby, all requests of the first N
milliseconds are gathered and shuffled before the book sees them, so that being the first of them buys nothing; nor
does asking often, as each user has one ticket, and the second requests come after everybody's first.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Generic, TypeVar

from shelfcast.room.chance import Chance
from shelfcast.stock.configuration import LOBBY_MS_MAX, Listing

R = TypeVar("R")


class Phase(Enum):
    """Where a sale is, as its lobby sees it."""

    EARLY = auto()
    """Not open: refused."""
    GATHERING = auto()
    OPEN = auto()
    """First come, first served; always so without a lobby."""


def phase(listing: Listing, now_ms: int) -> Phase:
    """Where the sale is at this time of the engine's clock."""
    if not listing.lobby_ms or listing.opens_at_ms is None or now_ms >= lobby_ends_at_ms(listing):
        return Phase.OPEN
    return Phase.EARLY if now_ms < listing.opens_at_ms else Phase.GATHERING


def lobby_ends_at_ms(listing: Listing) -> int:
    """When those in the lobby are served, by the engine's clock."""
    return (listing.opens_at_ms or 0) + min(listing.lobby_ms, LOBBY_MS_MAX)


class Lobby(Generic[R]):
    """What one SKU's lobby has gathered: at most `users_max` users with `requests_a_user_max` requests each.

    Beyond that chance decides as well: everybody who came has the same chance to be among those that are kept
    (reservoir sampling, Vitter's algorithm R), whenever it came.
    """

    __slots__ = ("_came", "_random", "_requests", "_requests_max", "_users", "_users_max")

    def __init__(self, users_max: int, requests_a_user_max: int, random: Chance) -> None:
        self._users_max = users_max
        self._requests_max = requests_a_user_max
        self._random = random
        self._users: list[str] = []
        self._requests: dict[str, list[R]] = {}
        self._came = 0

    def __len__(self) -> int:
        return sum(map(len, self._requests.values()))

    def join(self, user: str, request: R) -> list[R]:
        """Take a request in. Returns those that are turned away: none, this one, or somebody else's."""
        known = self._requests.get(user)
        if known is not None:
            if len(known) >= self._requests_max:
                return [request]
            known.append(request)
            return []
        self._came += 1
        if len(self._users) < self._users_max:
            self._users.append(user)
            self._requests[user] = [request]
            return []
        place = self._random.randrange(self._came)
        if place >= self._users_max:
            return [request]
        turned_away = self._requests.pop(self._users[place])
        self._users[place] = user
        self._requests[user] = [request]
        return turned_away

    def draw(self) -> list[R]:
        """Everything, in the order it is to be served: everybody's first request, then everybody's second."""
        self._random.shuffle(self._users)
        waiting = [self._requests[user] for user in self._users]
        return [of_user[n] for n in range(self._requests_max) for of_user in waiting if n < len(of_user)]
