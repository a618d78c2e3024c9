"""Engine URLs, read once into what a connection needs.

| URL | meaning |
|---|---|
| `redis://[user:password@]host[:6379][/db]` | one Redis or Valkey |
| `rediss://…` | the same over TLS (`?ssl_ca_certs=…`, `?ssl_certfile=…` and so on, as redis-py takes them) |
| `unix:///path/to.sock[?db=0]` | a unix socket; the embedded engine is one |
| `redis+sentinel://[user:password@]h1:26379,h2:26379/service[/db]` | the primary that the Sentinels name now |
| `redis+cluster://[user:password@]h1:6379,h2:6379` | a Cluster, found from any of the nodes named |

`rediss+sentinel://` and `rediss+cluster://` use TLS. User and password are the engine's own; Sentinels that ask for
theirs get `?sentinel_username=…&sentinel_password=…`. In all of them `/ ? # @ & %` are percent-encoded (`#` is `%23`);
a URL where one stands raw, so that it could be read in two ways, is refused. No message shows any part of a password: a
URL is shown without user, password and options, and where its hosts are not clearly hosts, without these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection, parse_url

from shelfcast.errors import ConfigError

REDIS_PORT = 6379
SENTINEL_PORT = 26379
HIDDEN = "***"
_PLACE = re.compile(r"(?:[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A host, and perhaps its port."""
_PATH = re.compile(r"(?:/[\w.-]+)?(?:/[0-9]+)?/?")
"""The service of Sentinels, and the number of a database."""
SCHEMES = {"redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"}


class Shape(StrEnum):
    """How the engine is laid out."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


class Node(NamedTuple):
    """Where one engine process listens. `port` 0 means that `host` is the path of a unix socket."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An engine URL, taken apart. `options` are redis-py's connection arguments, the same for every node."""

    shape: Shape
    nodes: tuple[Node, ...]
    service: str = ""
    tls: bool = False
    options: Mapping[str, Any] = {}
    sentinel_options: Mapping[str, Any] = {}

    def connection(self, node: Node, **more: Any) -> Connection | UnixDomainSocketConnection:
        """An unopened connection to one node. Raises ConfigError for an option that redis-py does not know."""
        try:
            if not node.port:
                return UnixDomainSocketConnection(path=node.host, **self.options, **more)
            kind = SSLConnection if self.tls else Connection
            return kind(host=node.host, port=node.port, **self.options, **more)
        except TypeError as error:
            raise ConfigError(f"engine URL: {self._words(error)}") from None

    def _words(self, error: TypeError) -> str:
        """What is wrong with the options. Behind a password that stands among them, a raw `&` makes an option of the
        password's second half."""
        if {"password", "sentinel_password"} & {*self.options, *self.sentinel_options}:
            return "an option behind the ? that is none of redis-py's; is an & in a password written as %26?"
        return str(error)


def read_address(url: str) -> Address:
    """Take an engine URL apart. Raises ConfigError that says what was expected."""
    scheme, separator, rest = url.partition("://")
    protocol, _, shape = scheme.partition("+")
    if not separator or scheme not in SCHEMES:
        raise ConfigError(
            f"engine URL {without_password(url)!r}: expected redis://, rediss://, unix://, "
            "redis+sentinel:// or redis+cluster://"
        )
    if _is_ambiguous(scheme, rest):
        raise ConfigError(
            f"engine URL {without_password(url)!r}: in a user, a password or an option, / ? # and @ are written "
            "%2F, %3F, %23 and %40"
        )
    authority, behind = _authority(rest)
    credentials, at, places = authority.rpartition("@")
    if not all(_PLACE.fullmatch(place) for place in places.split(",")):
        raise _misplaced(url)
    # Percent-encoded anew: what is raw in a password would be something else to a parser.
    clear = ":".join(quote(unquote(part), safe="", errors="replace") for part in credentials.split(":", 1))
    rest = f"{clear}{at}{places}{behind}"
    return _read_many(url, Shape(shape), f"{protocol}://{rest}") if shape else _read_single(f"{scheme}://{rest}")


def _authority(rest: str) -> tuple[str, str]:
    """What is behind the scheme, cut where the hosts end."""
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    return authority, rest[len(authority) :]


def _is_ambiguous(scheme: str, rest: str) -> bool:
    """Whether a character stands raw that makes two readings possible. The wrong one would connect to a part of the
    password, and name it."""
    authority, behind = _authority(rest)
    is_plain_path = scheme == "unix" and not authority
    return "#" in rest or ("@" in behind and not is_plain_path)


def _misplaced(url: str) -> ConfigError:
    return ConfigError(f"engine URL {without_password(url)!r}: expected host:port, several of them apart by commas")


def socket_url(socket: Path) -> str:
    """The URL of an engine on this machine's unix socket."""
    return f"unix://{quote(str(socket))}"


def without_password(url: str) -> str:
    """The URL as it may be logged: scheme, hosts and the path behind them, where these are clearly what they are."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        return f"{scheme}://{HIDDEN}" if separator and re.fullmatch("[a-z+]{1,20}", scheme) else HIDDEN
    authority, behind = _authority(rest)
    credentials, at, places = authority.rpartition("@")
    path = behind.partition("?")[0]
    are_places = all(_PLACE.fullmatch(place) for place in places.split(","))
    if _is_ambiguous(scheme, rest) or not are_places or not (scheme == "unix" or _PATH.fullmatch(path)):
        return f"{scheme}://{HIDDEN}"
    return f"{scheme}://{HIDDEN if credentials else ''}{at}{places}{path}"


def _read_single(url: str) -> Address:
    options = _options(url)
    options.pop("connection_class", None)
    if url.startswith("unix://"):
        path = options.pop("path", "")
        if not path:
            raise ConfigError("engine URL: unix:// needs a path, for example unix:///run/valkey/valkey.sock")
        node = Node(path, 0)
    else:
        node = Node(options.pop("host", "localhost"), options.pop("port", REDIS_PORT))
    return Address(shape=Shape.SINGLE, nodes=(node,), tls=url.startswith("rediss://"), options=options)


def _read_many(url: str, shape: Shape, plain_url: str) -> Address:
    """The URLs that name several nodes: each host becomes a node, what is left is read as one redis:// URL."""
    try:
        parts = urlsplit(plain_url)
    except ValueError:  # letters in a host that are others when normalised
        raise _misplaced(url) from None
    credentials, at, hosts = parts.netloc.rpartition("@")
    path = [piece for piece in parts.path.split("/") if piece]
    service = ""
    if shape is Shape.SENTINEL:
        if not path:
            raise ConfigError("engine URL: redis+sentinel:// needs the service's name: …://host:26379/service")
        service = path.pop(0)
    elif path and path != ["0"]:
        raise ConfigError("engine URL: a Cluster has database 0 only")
    query = dict(parse_qsl(parts.query))
    sentinel_options = {
        name.removeprefix("sentinel_"): query.pop(name)
        for name in ("sentinel_username", "sentinel_password")
        if name in query
    }
    database = f"/{path[0]}" if path else ""
    options = _options(f"{parts.scheme}://{credentials}{at}any{database}?{urlencode(query)}")
    for name in ("host", "port", "connection_class"):
        options.pop(name, None)
    default_port = SENTINEL_PORT if shape is Shape.SENTINEL else REDIS_PORT
    return Address(
        shape=shape,
        nodes=tuple(_read_node(host, default_port, url) for host in hosts.split(",")),
        service=service,
        tls=parts.scheme == "rediss",
        options=options,
        sentinel_options=sentinel_options,
    )


def _read_node(text: str, default_port: int, url: str) -> Node:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or default_port
    except ValueError:
        host, port = None, 0
    if not host:
        raise _misplaced(url)
    return Node(host, port)


def _options(url: str) -> dict[str, Any]:
    try:
        return dict(parse_url(url))
    except ValueError as error:
        # redis-py's own words name the option alone; those of a parser quote whatever it could not read.
        is_about_option = str(error).startswith("Invalid value for") and "password" not in url
        words = str(error) if is_about_option else "expected host:port/database"
        raise ConfigError(f"engine URL {without_password(url)!r}: {words}") from None
