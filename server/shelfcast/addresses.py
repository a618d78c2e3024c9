"""What counts as one address of a client."""

from __future__ import annotations

from ipaddress import IPv6Address

_SITE_BITS = 64
"""One customer's line has a whole /64 of IPv6 addresses."""


def site(host: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one."""
    if ":" not in host:
        return host
    address = IPv6Address(host.partition("%")[0])
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> _SITE_BITS << _SITE_BITS)}/{_SITE_BITS}"
