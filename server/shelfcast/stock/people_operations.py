"""What is asked of the book about people's data (stock/library/people.lua). As in `stock.operations` the order of the
fields is part of the format."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from shelfcast.stock.operations import Op


class NamePeople(Op, frozen=True, tag="people"):
    """Give each of these users (at most 500) a pseudonym who has none. The outcome's data: theirs, in order."""

    users: list[str]


class EraseStep(StrEnum):
    """A step of forgetting a person, in the order in which they come (stock/library/erasing.lua)."""

    BEGIN = "begin"
    GIVE_UP = "give_up"
    HIDE = "hide"
    RESERVATIONS = "reservations"
    WAITS = "waits"
    REFUNDS = "refunds"
    ACTIONS = "actions"
    UNITS = "units"
    END = "end"


class ErasePerson(Op, frozen=True, tag="erase"):
    """One step of forgetting a user; `names` (at most 500) are what it is about: ids of records, or of UNITS
    [the end of a key, SKU]. BEGIN and END are STALE while a hold is live, with its id as the data. The outcome's data
    otherwise: [pseudonym, how many were changed]."""

    user: str
    step: EraseStep
    names: Sequence[str | tuple[str, str]] = ()
