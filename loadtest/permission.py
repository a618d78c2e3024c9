"""Which server a load may go to: one of this machine, or one that was named on purpose."""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
EXPECTED = "--host: expected http://HOST[:PORT] or https://HOST[:PORT]"


class Refused(Exception):
    """The run cannot begin; the text says what was expected."""


class Destination(NamedTuple):
    """A server that may be loaded."""

    url: str
    name: str
    """The host as it was named, without brackets."""
    addresses: list[str]
    port: int
    tls: bool


def destination(url: str, named: Collection[str]) -> Destination:
    """Where the load goes. `named` are the hosts of `--i-may-load`.

    Raises Refused for what is no server's address, for a name that nobody knows, and for a host that has an address
    other than loopback and is not named.
    """
    if not url:
        raise Refused(f"{EXPECTED}, got nothing")
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise Refused(f"{EXPECTED}: {error}") from None
    if parts.scheme not in PORTS or not parts.hostname or not port:
        raise Refused(f"{EXPECTED}, got {url!r}")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise Refused(f"{EXPECTED} and nothing else")
    name = parts.hostname
    addresses = _addresses(name, port)
    if not all(ip_address(address).is_loopback for address in addresses) and name not in map(_plain, named):
        raise Refused(
            f"{name} ({', '.join(addresses)}) is not this machine, and a load test can keep a shop from selling: "
            f"expected an address of this machine, or `--i-may-load {name}` from somebody who may"
        )
    return Destination(f"{parts.scheme}://{parts.netloc}", name, addresses, port, parts.scheme == "https")


def _plain(host: str) -> str:
    """A host's name as `urlsplit` gives it."""
    return host.strip().lower().removeprefix("[").removesuffix("]")


def _addresses(name: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"--host: {name} cannot be found: {error}") from None
    # A zone ("fe80::1%eth0") is the kernel's affair, and no part of the address.
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
