"""What the gate, the bounds on HTTP connections and the HTTP protocol know of a new connection."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable

from shelfcast.protocol.refusal import Refusal


class Newcomer(asyncio.Protocol, ABC):
    """A connection that is no open socket yet. `new_connection` is the one implementation."""

    __slots__ = ()

    peer: str
    """The host that has connected."""
    trusted: bool
    """Whether it is a proxy, whose word for the client is believed."""

    @property
    @abstractmethod
    def address(self) -> str:
        """What it counts for; a proxy's own as long as that has not said for whom it asks."""

    @property
    @abstractmethod
    def unsent_bytes(self) -> int:
        """What waits in this process until the client reads."""

    @property
    @abstractmethod
    def may_be_ended(self) -> bool:
        """Whether it is waited for the client, and not for us."""

    @abstractmethod
    def count_as(self, address: str) -> Refusal | None:
        """Count the connection for this address instead of the one before; a refusal where that has too many."""

    @abstractmethod
    def ask(self, method: str, version: str, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Answer an upgrade, now or in one of the loop's next turns when there are many. The transport is this
        protocol's."""

    @abstractmethod
    def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal, and close."""

    @abstractmethod
    def end_probe(self) -> None:
        """It has had its time to say that it is a health check: it is told why it is refused."""

    @abstractmethod
    def hang_up(self) -> None:
        """Close: the request took too long."""

    @abstractmethod
    def abort(self) -> None:
        """Close without ceremony: what it has not read is thrown away."""
