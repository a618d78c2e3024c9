"""How many connections there may be, in this process and from one address. Pure."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import IPv6Address

from shelfcast.gateway.handshake import Refusal, retry_later
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings

_SITE_BITS = 64
"""One customer's line has a whole /64 of IPv6 addresses."""


class Places:
    """Counts the places that are taken."""

    def __init__(self, settings: Settings) -> None:
        self.taken = 0
        self._settings = settings
        self._of_address: dict[str, int] = {}

    def take(self, address: str) -> Refusal | None:
        """Take a place for a connection from this address; a refusal when there is none."""
        settings = self._settings
        if self.taken >= settings.connections_max:
            return retry_later(
                HTTPStatus.SERVICE_UNAVAILABLE, Code.OVERLOADED, "this server is full", settings.retry_after_ms
            )
        count = self._of_address.get(address, 0)
        if count >= settings.connections_an_address_max:
            return retry_later(
                HTTPStatus.TOO_MANY_REQUESTS,
                Code.RATE_LIMITED,
                "too many connections from this address",
                settings.retry_after_ms,
            )
        self._of_address[address] = count + 1
        self.taken += 1
        return None

    def release(self, address: str) -> None:
        """Give the place back."""
        self.taken -= 1
        count = self._of_address[address] - 1
        if count:
            self._of_address[address] = count
        else:
            del self._of_address[address]


def site(host: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one."""
    if ":" not in host:
        return host
    address = IPv6Address(host.partition("%")[0])
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> _SITE_BITS << _SITE_BITS)}/{_SITE_BITS}"
