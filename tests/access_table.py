"""What docs/access.md and docs/http-api.md say of who may do what: tests expect this, and not the code's tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[1] / "docs"
ROLES = ("viewer", "host", "counter", "service", "operator")
_LINE = re.compile(r"^\| `(\w+)` \| " + r"(yes|own|–) \| " * len(ROLES) + r"(.+?) \| (.+?) \|$", re.MULTILINE)
_MESSAGE = re.compile(r"`(\w+)`(?: with `(\w+)` (true|false))?")
_ROUTE = re.compile(r"^\| `([A-Z]+ /\S*)` \| (\w+)(?:, (scope|object|pool|server))? \|", re.MULTILINE)


class Line(NamedTuple):
    """A right: the roles that have it, those that have it over their own alone, and what it takes."""

    roles: frozenset[str]
    own: frozenset[str]
    routes: str
    messages: frozenset[str]
    """A message by its type, or as `freeze frozen true` where a field decides."""


class Route(NamedTuple):
    """Who may call, and how far it reaches: "" as its path says, scope, object, pool, or server."""

    who: str
    reach: str


def read_lines() -> dict[str, Line]:
    """The table of roles."""
    page = (DOCS / "access.md").read_text(encoding="utf-8")
    assert "| right | " + " | ".join(ROLES) + " | routes | messages |" in page
    lines = {}
    for right, *grants, routes, messages in _LINE.findall(page):
        by_role = dict(zip(ROLES, grants, strict=True))
        said = [] if messages.startswith("hears") else _MESSAGE.findall(messages)
        lines[right] = Line(
            roles=frozenset(role for role, grant in by_role.items() if grant != "–"),
            own=frozenset(role for role, grant in by_role.items() if grant == "own"),
            routes=routes,
            messages=frozenset(" ".join(filter(None, words)) for words in said),
        )
    return lines


def read_routes() -> dict[str, Route]:
    """The tables of routes, by method and path."""
    guide = (DOCS / "http-api.md").read_text(encoding="utf-8")
    return {route: Route(who, reach) for route, who, reach in _ROUTE.findall(guide)}


LINES = read_lines()
ROUTES = read_routes()


def line_of(who: str) -> Line:
    """The right that routes of this kind take."""
    [line] = [line for line in LINES.values() if line.routes == who]
    return line


def roles_for(message: str) -> frozenset[str]:
    """The roles that may send this message."""
    [line] = [line for line in LINES.values() if message in line.messages]
    return line.roles
