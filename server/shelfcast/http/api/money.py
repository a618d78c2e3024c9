"""Money that bodies say of a payment or a refund; the book keeps as not said what they leave out."""

from __future__ import annotations

from typing import TypedDict

from msgspec import UNSET, UnsetType

from shelfcast.errors import InvalidInput
from shelfcast.stock.records import UNSAID


class Paid(TypedDict):
    """What a payment said."""

    paid_minor: int
    currency: str


def amount(said: int | UnsetType) -> int:
    """An amount as the book takes it."""
    return UNSAID if said is UNSET else said


def paid(paid_minor: int | UnsetType, currency: str | UnsetType) -> Paid:
    """A payment as the book takes it. Raises InvalidInput for a currency of no amount."""
    if paid_minor is UNSET and currency is not UNSET:
        raise InvalidInput("expected paid_minor with it: it is the currency of what was paid", field="currency")
    return Paid(paid_minor=amount(paid_minor), currency="" if currency is UNSET else currency)
