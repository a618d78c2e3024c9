"""What is said of the connection itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shelfcast_client.codes import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """Nothing but a sign of life; the next one comes within `next_ms`."""

    type: ClassVar[str] = "alive"
    at_ms: int
    next_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """A message could not be understood or is not allowed here; the connection stays open."""

    type: ClassVar[str] = "error"
    code: Code | str
    message: str
    id: str | None = None
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draining:
    """This server is stopping; connect again after this time."""

    type: ClassVar[str] = "draining"
    reconnect_after_ms: int
