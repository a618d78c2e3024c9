"""What is said of the waitlist: a user's places, offers and ends, and how many people wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from shelfcast_client.codes import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of this connection's user on the waitlist of a SKU: the `first` to the `last` of those who wait.

    `stopped` says why nothing is given at the moment (FROZEN, PAUSED); the place stays. None while it goes on.
    """

    id: str
    sku: str
    qty: int
    first: int
    last: int
    stopped: Code | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The user waits for `qty` units, among the `first` to the `last` of those who do; told again when that, or
    `stopped`, changes. `stopped` is as in `Place`."""

    type: ClassVar[str] = "waiting"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    qty: int
    first: int
    last: int
    stopped: Code | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """It is the user's turn: `qty` units are held until `expires_at_ms`, under the id of the `wait`.

    `asked` is how many were waited for: who has waited long for more than there are gets what there is. From here on it
    is a reservation as any other.
    """

    type: ClassVar[str] = "offer"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    qty: int
    asked: int
    expires_at_ms: int
    seq: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOver:
    """The user waits no more under this id, and gets nothing: `code` is OK where it went by itself, else why."""

    type: ClassVar[str] = "wait_over"
    id: str
    sku: str
    qty: int
    code: Code | str
    message: str

    @property
    def ok(self) -> bool:
        """Whether the user went by itself, which is what a `decline` asks for."""
        return self.code == Code.OK


class WaitlistRow(NamedTuple):
    """How many people wait for one SKU."""

    sku: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waitlist:
    """How many people wait in the room, of the SKUs of which that has changed."""

    type: ClassVar[str] = "waitlist"
    rows: list[WaitlistRow]
