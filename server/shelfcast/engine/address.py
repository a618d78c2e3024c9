"""Engine URLs, read once into what a connection needs.

| URL | meaning |
|---|---|
| `redis://[user:password@]host[:6379][/db]` | one Redis or Valkey |
| `rediss://…` | the same over TLS (`?ssl_ca_certs=…`, `?ssl_certfile=…` and so on, as redis-py takes them) |
| `unix:///path/to.sock[?db=0]` | a unix socket; the embedded engine is one |
| `redis+sentinel://[user:password@]h1:26379,h2:26379/service[/db]` | the primary that the Sentinels name now |
| `redis+cluster://[user:password@]h1:6379,h2:6379` | a Cluster, found from any of the nodes named |

`rediss+sentinel://` and `rediss+cluster://` use TLS. User and password are the engine's own; Sentinels that ask for
theirs get `?sentinel_username=…&sentinel_password=…`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection, parse_url

from shelfcast.errors import ConfigError

REDIS_PORT = 6379
SENTINEL_PORT = 26379
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
            raise ConfigError(f"engine URL: {error}") from None


def read_address(url: str) -> Address:
    """Take an engine URL apart. Raises ConfigError that says what was expected."""
    scheme, separator, rest = url.partition("://")
    protocol, _, shape = scheme.partition("+")
    if not separator or scheme not in SCHEMES:
        raise ConfigError(
            f"engine URL {without_password(url)!r}: expected redis://, rediss://, unix://, "
            "redis+sentinel:// or redis+cluster://"
        )
    if not shape:
        return _read_single(url)
    return _read_many(url, Shape(shape), f"{protocol}://{rest}")


def socket_url(socket: Path) -> str:
    """The URL of an engine on this machine's unix socket."""
    return f"unix://{quote(str(socket))}"


def without_password(url: str) -> str:
    """The URL as it may be logged."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    user = credentials.partition(":")[0]
    shown = f"{user}:***@{hosts}" if at else authority
    bare = f"{scheme}{separator}{shown}{slash}{path}"
    return bare.partition("?")[0]


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
    parts = urlsplit(plain_url)
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
        raise ConfigError(f"engine URL {without_password(url)!r}: expected host:port, got {text!r}")
    return Node(host, port)


def _options(url: str) -> dict[str, Any]:
    try:
        return dict(parse_url(url))
    except ValueError as error:
        raise ConfigError(f"engine URL {without_password(url)!r}: {error}") from None
