"""What one connection is told: its user's reservations, and the answers to what it asked."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from shelfcast_client.codes import Code, Retry
from shelfcast_client.messages.states import Level, ReservationState
from shelfcast_client.messages.waitlist import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One live reservation of this connection's user; `offered` where the waitlist gave it."""

    id: str
    sku: str
    qty: int
    state: ReservationState | str
    expires_at_ms: int
    offered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """All live reservations of this connection's user in this room, and its places on waitlists here."""

    type: ClassVar[str] = "me"
    reservations: list[Holding]
    waiting: list[Place] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """The reservation holds `qty` units until `expires_at_ms`."""

    type: ClassVar[str] = "reserved"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    qty: int
    state: ReservationState | str
    expires_at_ms: int
    seq: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A request changed nothing; `retry` says whether and how asking again can help."""

    type: ClassVar[str] = "refused"
    ok: ClassVar[bool] = False
    id: str
    code: Code | str
    message: str
    retry: Retry | str
    retry_after_ms: int | None = None
    available: int | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The reservation was given back; `seq` is where its units returned."""

    type: ClassVar[str] = "cancelled"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    qty: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The reservation is paid. Also the answer to a `reserve` sent again whose reservation is paid by now."""

    type: ClassVar[str] = "confirmed"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    qty: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """The hold ran out and its units went back."""

    type: ClassVar[str] = "expired"
    id: str
    sku: str
    qty: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to `ask`, a line in the client's language."""

    type: ClassVar[str] = "answer"
    ok: ClassVar[bool] = True
    id: str
    sku: str
    text: str
    left: int
    level: Level | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An operator's request was carried out."""

    type: ClassVar[str] = "done"
    ok: ClassVar[bool] = True
    id: str
