"""What is asked of the book about people's data (stock/library/people.lua). As in `stock.operations` the order of the
fields is part of the format."""

from __future__ import annotations

from shelfcast.stock.operations import Op


class NamePeople(Op, frozen=True, tag="people"):
    """Give each of these users (at most 500) a pseudonym who has none. The outcome's data: theirs, in order."""

    users: list[str]


class ErasePerson(Op, frozen=True, tag="erase"):
    """Forget a user: the map to the pseudonym, and what is kept by name. Refused while the user has an order or hold
    that is open. In steps of at most `limit` records; the outcome's data: [pseudonym, how many were changed, how many
    are still to go]."""

    user: str
    limit: int
