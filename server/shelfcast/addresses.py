"""What counts as one address of a client, and whose word for it is believed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from shelfcast.errors import ConfigError

_SITE_BITS = 64
"""One customer's line has a whole /64 of IPv6 addresses."""
_KEPT = 4096
_FOR = b"x-forwarded-for"
_PROTO = b"x-forwarded-proto"
_SCHEMES = {b"http": "http", b"https": "https", b"ws": "http", b"wss": "https"}


def site(host: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one; what is neither stands for itself."""
    if ":" not in host:
        return host
    address = _parsed(host)
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> _SITE_BITS << _SITE_BITS)}/{_SITE_BITS}"
    return str(address) if address is not None else host


def is_loopback(host: str) -> bool:
    """Whether this is an address of the machine itself."""
    address = _parsed(host)
    return address is not None and address.is_loopback


class TrustedProxies:
    """The addresses whose X-Forwarded-For and X-Forwarded-Proto are believed. Raises ConfigError for what is none."""

    def __init__(self, listed: str) -> None:
        self._networks: list[IPv4Network | IPv6Network] = []
        for entry in filter(None, map(str.strip, listed.split(","))):
            try:
                self._networks.append(ip_network(entry, strict=False))
            except ValueError:
                raise ConfigError(
                    f"trusted_proxies: expected addresses or networks such as 10.0.0.0/8, got {entry!r}"
                ) from None
        self._trusts = lru_cache(_KEPT)(self._is_listed)

    def __contains__(self, host: str) -> bool:
        return self._trusts(host)

    def client(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The host that a request comes from: the last forwarded address that is no proxy's, where a proxy says so;
        else the peer. An address that is none is not looked behind. Header names are in lower case."""
        if peer not in self:
            return peer
        client = peer
        said = b",".join(value for name, value in headers if name == _FOR).decode("latin-1")
        for entry in reversed(said.split(",")):
            host = _host(entry.strip())
            if host is None:
                break
            client = host
            if host not in self:
                break
        return client

    def scheme(self, peer: str, headers: Iterable[tuple[bytes, bytes]], otherwise: str) -> str:
        """`http` or `https`, as the client has it where a proxy says so."""
        if peer in self:
            for name, value in headers:
                if name == _PROTO:
                    otherwise = _SCHEMES.get(value.strip().lower(), otherwise)
        return otherwise

    def _is_listed(self, host: str) -> bool:
        address = _parsed(host)
        return address is not None and any(address in network for network in self._networks)


def _host(entry: str) -> str | None:
    """The address of `192.0.2.7`, `192.0.2.7:1234`, `2001:db8::1` or `[2001:db8::1]:1234`; None of anything else."""
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    address = _parsed(entry)
    return str(address) if address is not None else None


def _parsed(host: str) -> IPv4Address | IPv6Address | None:
    """The address; an IPv4 one that is written as IPv6 is IPv4."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
