"""Who is at the other end, and what a token reaches. Tokens are checked in `http.auth`; the result comes here. Pure.

HTTP (`http.access`) and the sockets (`room.requests`) ask the same functions: what one refuses the other does not do.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

TOKEN_HEADER = "Shelfcast-Token"  # noqa: S105 - a name
"""Where a page may put its token, beside the `Authorization` that a proxy in front of the server asks for."""


class Role(StrEnum):
    """The roles a token can carry."""

    VIEWER = "viewer"
    HOST = "host"
    OPERATOR = "operator"
    SERVICE = "service"


EVERYONE = frozenset(Role)
STAFF = frozenset({Role.HOST, Role.OPERATOR, Role.SERVICE})
CONTROL = frozenset({Role.OPERATOR, Role.SERVICE})


class Touches(StrEnum):
    """What an act is about, as far as it decides who may do it."""

    ROOM = "room"
    """One room, and what belongs to it: its shelf, its show, its reservations."""
    POOL = "pool"
    """Units or settings of the whole pool, which every room that sells from it feels."""


class Act(Struct, frozen=True):
    """Something that can be asked for: the roles that may ask, and what it touches."""

    roles: frozenset[Role]
    touches: Touches = Touches.ROOM


class Principal(Struct, frozen=True, kw_only=True):
    """A verified caller. `room` and `pool` narrow what it may touch; both None means every one.

    `user` is the token's `sub`, empty for an anonymous viewer; `expires_at_s` 0 means never.
    """

    role: Role
    user: str = ""
    room: str | None = None
    pool: str | None = None
    expires_at_s: int = 0

    def may_enter(self, room: str, pool: str) -> bool:
        """Whether the token's scope covers this room of this pool."""
        return not missing(self, Act(EVERYONE), pool=pool, room=room)

    def may_touch(self, *, room: str, user: str) -> bool:
        """Whether it reaches what this room holds for this user: its own, or, as operator or service, anybody's."""
        return self.room in (None, room) and (self.role in CONTROL or self.user == user)


def missing(principal: Principal, act: Act, *, pool: str | None = None, room: str | None = None) -> str:
    """What the token lacks for this act in this pool and room (None where there is none, or it is not known yet):
    `role`, `pool` or `room`; empty where it lacks nothing.

    A token for one room reaches that room and its reservations, never the stock of the whole pool.
    """
    if principal.role not in act.roles:
        return "role"
    if pool is not None and principal.pool not in (None, pool):
        return "pool"
    if principal.room is None:
        return ""
    return "room" if room not in (None, principal.room) or act.touches is Touches.POOL else ""


def bearer(authorization: str) -> str | None:
    """The token in the value of an `Authorization` header, empty where it is missing.

    None where the scheme is another one with something behind it: then it is meant for a proxy (HTTP Basic in front
    of a server is passed on by most), and is nobody's token here. A value without a scheme is a token that was put
    there wrongly, and counts as one that is missing.
    """
    scheme, _, credentials = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return None if credentials.strip() else ""


ANONYMOUS = Principal(role=Role.VIEWER)
