"""Which proxy leads to a server: one rule for sockets and for HTTP, read from the environment at each connection.

This machine is reached directly, whatever the environment says: `localhost` and its kin, 127.0.0.0/8, ::1. Any other
server is reached through the first of these that is set, small letters before capitals:

| address | variables |
|---|---|
| `https`, `wss` | `wss_proxy` (sockets alone), `https_proxy`, `all_proxy`, `socks_proxy` |
| `http`, `ws` | `ws_proxy` (sockets alone), `http_proxy`, `all_proxy`, `socks_proxy` |

`no_proxy` lists what is reached directly: `*`, names (with every name below them), addresses and networks such as
`10.0.0.0/8`, a name or address also with its port. Where the environment names no proxy, macOS and Windows are asked
for theirs. The order for ws and wss is curl's; RFC 6455 leaves it open.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import NoReturn
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from shelfcast_client.errors import UsageError

NAMES_OF_LOOPBACK = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
VARIABLES = {
    "http": ("http", "all", "socks"),
    "https": ("https", "all", "socks"),
    "ws": ("ws", "http", "all", "socks"),
    "wss": ("wss", "https", "all", "socks"),
}
PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
"""The kinds of proxies that can be used, and the port of each where none is named."""
SOCKS_EXTRA = "shelfcast[socks]"

_PLACE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?/?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy. As text it names the variable and the address, never the user or the password."""

    source: str
    """The variable it comes from, or `proxy`, the argument."""
    scheme: str
    host: str
    port: int
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    """User and password."""

    def __str__(self) -> str:
        return f"{self.source} {self.address}"

    @property
    def address(self) -> str:
        """The proxy's URL without user and password."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The proxy's URL with both, percent-encoded. Not to be shown."""
        if self.credentials is None:
            return self.address
        user, password = (quote(part, safe="") for part in self.credentials)
        return f"{self.scheme}://{user}:{password}@{self.host}:{self.port}"

    def require(self, package: str, module: str) -> None:
        """Raise UsageError where this is a SOCKS proxy, and the package that speaks SOCKS is not installed."""
        if self.scheme.startswith("socks") and find_spec(module) is None:
            raise UsageError(f"{self}: a SOCKS proxy needs the package {package} (pip install '{SOCKS_EXTRA}')")


def proxy_for(url: str, proxy: bool | str = True) -> Proxy | None:
    """The proxy on the way to the server at `url` (http, https, ws or wss); None where there is none.

    `proxy` True asks the environment, False means none; a URL is that proxy, whatever the server is. Raises UsageError
    for a proxy that cannot be used.
    """
    if isinstance(proxy, str):
        return read_proxy(proxy, "proxy")
    if not proxy:
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if is_loopback(host):
        return None
    proxies = {name: given for name, given in getproxies().items() if given}
    found = next((name for name in VARIABLES[parts.scheme] if name in proxies), None)
    port = parts.port or PORTS["https" if parts.scheme in ("https", "wss") else "http"]
    if found is None or _goes_directly(host, port, proxies.get("no", "")):
        return None
    given = proxies[found]
    if found == "socks" and given.startswith("http://"):  # as macOS tells of its own
        given = "socks5h" + given.removeprefix("http")
    return read_proxy(given, f"{found}_proxy")


def read_proxy(given: str, source: str) -> Proxy:
    """Take a proxy's address apart; `host:port` alone is an HTTP proxy. User and password may hold any character,
    percent-encoded or not. Raises UsageError that says what was expected, and shows neither of them."""
    text = given.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    scheme = scheme.lower()
    if scheme not in PORTS:
        _refuse(source, f"got {scheme}://" if _SCHEME.fullmatch(scheme) else "got another scheme")
    # The last @ of all: a password may hold one, an address does not.
    credentials, at, place = rest.rpartition("@")
    found = _PLACE.fullmatch(place)
    port = int(found["port"] or PORTS[scheme]) if found else 0
    if found is None or not 0 < port < 65_536 or (found["host"][0] == "[" and _address(found["host"][1:-1]) is None):
        _refuse(source, "got no host and port behind it")
    if re.search("[\ud800-\udfff]", credentials):
        _refuse(source, "got a user or password that is no UTF-8")
    user, _, password = credentials.partition(":")
    return Proxy(
        source=source,
        scheme=scheme,
        host=found["host"],
        port=port,
        credentials=(unquote(user), unquote(password)) if at else None,
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without brackets, is this machine's own: nothing between can lead there."""
    name = host.lower().rstrip(".")
    if name in NAMES_OF_LOOPBACK or name.endswith(".localhost"):
        return True
    address = _address(name)
    if address is None:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    # Connecting to 0.0.0.0 or :: leads to this machine, too.
    return address.is_loopback or address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # 127.1 and other short forms that resolvers take
    except (OSError, ValueError):
        return None


def _goes_directly(host: str, port: int, no_proxy: str) -> bool:
    """What `urllib` says, which knows names and the system's own settings; beside it what curl and browsers take."""
    entries = [entry.strip().lower() for entry in no_proxy.split(",")]
    return any(_covers(entry, host.lower(), port) for entry in entries) or bool(proxy_bypass(f"{host}:{port}"))


def _covers(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    if entry.startswith("*."):
        return host.endswith(entry[1:])
    address = _address(host)
    if address is None:
        return False
    if entry in (f"[{host}]", f"[{host}]:{port}"):
        return True
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def _refuse(source: str, got: str) -> NoReturn:
    raise UsageError(f"{source}: expected http://, https://, socks5:// or socks5h:// with a host and port, {got}")


def without_credentials(url: str) -> str:
    """An address as it may be shown: neither user nor password, whatever characters they are made of."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    _, at, place = rest.rpartition("@")
    return f"{scheme}{separator}***@{place}" if at else url
