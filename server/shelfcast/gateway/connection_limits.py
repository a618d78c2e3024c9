"""How many connections there may be, in this process and from one address, and what the others are told."""

from __future__ import annotations

import random
from http import HTTPStatus

from shelfcast.protocol.codes import Code
from shelfcast.protocol.refusal import Refusal
from shelfcast.settings import Settings


class ConnectionLimits:
    """Counts open sockets, and every connection of an address from its first byte. The empty address is not counted:
    a proxy's connection is nobody's until it says for whom it asks."""

    def __init__(self, settings: Settings) -> None:
        self.taken = 0
        """Counts the open sockets of this process, and by address."""
        self._settings = settings
        self._of_address: dict[str, int] = {}

    def full(self) -> Refusal | None:
        """A refusal when there is no place for another socket."""
        settings = self._settings
        if self.taken >= settings.connections_max:
            return retry_later(settings, HTTPStatus.SERVICE_UNAVAILABLE, Code.OVERLOADED, "this server is full")
        return None

    def enter(self, address: str) -> Refusal | None:
        """Count a connection of this address, or a refusal when it has too many."""
        if not address:
            return None
        count = self._of_address.get(address, 0)
        if count >= self._settings.connections_an_address_max:
            detail = "too many connections from this address"
            return retry_later(self._settings, HTTPStatus.TOO_MANY_REQUESTS, Code.RATE_LIMITED, detail)
        self._of_address[address] = count + 1
        return None

    def leave(self, address: str) -> None:
        """A connection that was counted is gone."""
        if not address:
            return
        count = self._of_address[address] - 1
        if count:
            self._of_address[address] = count
        else:
            del self._of_address[address]

    def take(self) -> None:
        """Take a socket's place, which has just been found to be there."""
        self.taken += 1

    def release(self) -> None:
        """Give it back."""
        self.taken -= 1


def retry_later(settings: Settings, status: HTTPStatus, code: Code, detail: str) -> Refusal:
    """A refusal that time can mend. Each is told another time, so that they do not all return at once; Retry-After is
    in whole seconds, rounded up."""
    after_ms = settings.retry_after_ms + random.randint(0, settings.retry_spread_ms)  # noqa: S311 - no secret
    return Refusal(status, code, detail, (("Retry-After", str(-(-after_ms // 1000))),))
