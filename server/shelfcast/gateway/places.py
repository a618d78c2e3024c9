"""How many connections there may be, in this process and from one address, and what the others are told."""

from __future__ import annotations

import random
from http import HTTPStatus

from shelfcast.protocol.codes import Code
from shelfcast.protocol.refusal import Refusal
from shelfcast.settings import Settings


class Places:
    """Counts the places that are taken."""

    def __init__(self, settings: Settings) -> None:
        self.taken = 0
        self._settings = settings
        self._of_address: dict[str, int] = {}

    def full(self) -> Refusal | None:
        """A refusal when there is no place for anybody."""
        settings = self._settings
        if self.taken >= settings.connections_max:
            return retry_later(settings, HTTPStatus.SERVICE_UNAVAILABLE, Code.OVERLOADED, "this server is full")
        return None

    def full_for(self, address: str) -> Refusal | None:
        """A refusal when there is no place for a connection from this address."""
        full = self.full()
        if full is not None:
            return full
        settings = self._settings
        if self._of_address.get(address, 0) >= settings.connections_an_address_max:
            detail = "too many connections from this address"
            return retry_later(settings, HTTPStatus.TOO_MANY_REQUESTS, Code.RATE_LIMITED, detail)
        return None

    def take(self, address: str) -> None:
        """Take a place for a connection from this address, which has just been found to be there."""
        self._of_address[address] = self._of_address.get(address, 0) + 1
        self.taken += 1

    def release(self, address: str) -> None:
        """Give the place back."""
        self.taken -= 1
        count = self._of_address[address] - 1
        if count:
            self._of_address[address] = count
        else:
            del self._of_address[address]


def retry_later(settings: Settings, status: HTTPStatus, code: Code, detail: str) -> Refusal:
    """A refusal that time can mend. Each is told another time, so that they do not all return at once; Retry-After is
    in whole seconds, rounded up."""
    after_ms = settings.retry_after_ms + random.randint(0, settings.retry_spread_ms)  # noqa: S311 - no secret
    return Refusal(status, code, detail, (("Retry-After", str(-(-after_ms // 1000))),))
