"""Origins of pages (RFC 6454), as browsers say them in `Origin` and as people write them in `allowed_origins`. Pure.

There is one reading of them: the sockets' handshake, CORS, the refusal of cross-site writes and the frames' policy all
ask `Origins` and `is_own_origin`.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple
from urllib.parse import urlsplit

from shelfcast.hosts import host_name, host_port

EXPECTED = "comma-separated origins such as https://shop.example or http://localhost:3000"
WITHOUT_ADDRESS = frozenset({"null", "file://"})
"""What browsers say of pages that have no address: in a sandboxed frame, or opened from a disk."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_PORT_MAX = 65_535


class Origin(NamedTuple):
    """Scheme and host in lower case; `port` is None where it is the scheme's own (or the scheme has none)."""

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}" + ("" if self.port is None else f":{self.port}")


def read_origin(text: str) -> Origin | None:
    """The origin that `text` is, in whatever case, with or without a default port; None of anything else."""
    scheme, sign, rest = text.strip().lower().partition("://")
    if not sign or _SCHEME.fullmatch(scheme) is None or not host_name(rest) or rest[0].isspace():
        return None
    port = host_port(rest)
    if port is not None and port > _PORT_MAX:
        return None
    # A trailing dot makes another name to a browser, and with it another origin.
    host = rest if port is None else rest.rpartition(":")[0]
    if host.startswith("["):
        try:
            host = f"[{IPv6Address(host[1:-1])}]"
        except AddressValueError:
            return None
    return Origin(scheme, host, None if port == _DEFAULT_PORTS.get(scheme) else port)


def origin_of(address: str) -> str:
    """The origin of a page's address, as a browser says it; empty where it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def is_own_origin(origin: str, host: str) -> bool:
    """Whether a page of this origin came from the host that is being connected to, as `Host` names it.

    The scheme is a proxy's affair: it may end TLS, and say the port it listens on itself (nginx: `$host:$server_port`).
    So the default ports of both schemes are the same as none.
    """
    page, here = read_origin(origin), read_origin(f"http://{host}") if host else None
    if page is None or here is None or page.host != here.host:
        return False
    if page.port is None and page.scheme in _DEFAULT_PORTS:
        return here.port is None or here.port in _DEFAULT_PORTS.values()
    return page.port == here.port


def may_use_cookie(origin: str, host: str, allowed: Origins) -> bool:
    """Whether a page of this origin may write, and open sockets, by the cookie of its visitor: one that says nothing of
    where it comes from, or that has no address, may not, whatever the list says."""
    named = bool(origin) and origin.lower() not in WITHOUT_ADDRESS
    return named and (origin in allowed or is_own_origin(origin, host))


class Origins:
    """The origins of the setting `allowed_origins`, comma-separated. Raises ValueError that says what was expected."""

    def __init__(self, setting: str) -> None:
        self._said: dict[str, None] = {}
        """As browsers say them, in the order of the setting."""
        for entry in filter(None, map(str.strip, setting.split(","))):
            self._said[_read_entry(entry)] = None

    def __contains__(self, origin: str) -> bool:
        """Whether the page that says this `Origin` is of the list."""
        if origin.lower() in self._said:
            return True
        read = read_origin(origin)
        return read is not None and str(read) in self._said

    @property
    def said(self) -> tuple[str, ...]:
        """All of them as browsers say them."""
        return tuple(self._said)

    @property
    def framing(self) -> tuple[str, ...]:
        """Those that a Content-Security-Policy can name: pages without an address have no name there."""
        return tuple(origin for origin in self._said if origin not in WITHOUT_ADDRESS)


def _read_entry(entry: str) -> str:
    """What a browser says where a person wrote `entry`. Raises ValueError."""
    if entry.lower() in WITHOUT_ADDRESS:
        return entry.lower()
    if "*" in entry:
        raise ValueError(f"expected {EXPECTED}, each written out, got {entry!r}: there is no wildcard")
    if not entry.isascii():
        raise ValueError(f"expected {EXPECTED}, names as browsers send them (xn--…), got {entry!r}")
    read = read_origin(entry.removesuffix("/"))
    if read is None:
        raise ValueError(f"expected {EXPECTED}, got {entry!r}{_hint(entry)}")
    if read.scheme in ("ws", "wss"):
        meant = read._replace(scheme="https" if read.scheme == "wss" else "http")
        raise ValueError(f"expected {EXPECTED}, got {entry!r}: the page's own, perhaps {meant}")
    return str(read)


def _hint(entry: str) -> str:
    """What may have been meant; empty where there is no telling."""
    if "://" not in entry:
        return f": its scheme is missing, perhaps https://{entry}" if read_origin(f"https://{entry}") else ""
    meant = origin_of(entry)
    return f": an origin has no path, perhaps {meant}" if read_origin(meant) else ""
