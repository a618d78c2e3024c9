"""The names a server goes by in the `Host` header. Pure; `origins` says which pages are its own.

A page of a name that somebody made to lead here (DNS rebinding) would otherwise be the server's own.
"""

from __future__ import annotations

import re

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_NAME = re.compile(r"(?P<name>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])\.?(?::(?P<port>\d{1,5}))?")


def host_name(host: str) -> str:
    """The name in a `Host` header, in lower case and without its port; empty where it is none."""
    found = _NAME.fullmatch(host.strip().lower())
    return found["name"] if found else ""


def host_port(host: str) -> int | None:
    """The port in a `Host` header; None where it has none, or is no name."""
    found = _NAME.fullmatch(host.strip().lower())
    return int(found["port"]) if found and found["port"] else None


class Hosts:
    """The names of the setting `hosts`, comma-separated; none of them is any. Raises ValueError for what is no name."""

    def __init__(self, setting: str) -> None:
        given = [part for part in map(str.strip, setting.split(",")) if part]
        wrong = [part for part in given if host_name(part) != part.lower()]
        if wrong:
            raise ValueError(f"expected comma-separated host names without ports, got {wrong[0]!r}")
        self._names = frozenset(map(host_name, given))

    def allow(self, host: str) -> bool:
        """Whether a request with this `Host` is meant for this server."""
        return not self._names or host_name(host) in self._names
