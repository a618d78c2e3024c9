"""Who is at the other end, and what a token reaches. Tokens are checked in `http.api.auth`; the result comes here.
Pure.

HTTP (`http.api.access`), the handshake (`gateway.gate`) and the sockets (`room.requests`) ask `missing`, and nobody
decides besides: what one refuses the other does not do. docs/access.md shows the tables below to people.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

_SCOPES_KEPT = 1_024

TOKEN_HEADER = "Shelfcast-Token"  # noqa: S105 - a name
"""Where a page may put its token, beside the `Authorization` that a proxy in front of the server asks for."""


class Role(StrEnum):
    """The roles a token can carry."""

    VIEWER = "viewer"
    HOST = "host"
    COUNTER = "counter"
    """Whoever counts the stock: its own lines of counts and receipts, and no figure of the book."""
    SERVICE = "service"
    OPERATOR = "operator"


class Right(StrEnum):
    """What can be allowed to a role, one line of the table each."""

    LOOK = "look"
    """Come into a room, see its snapshot, ask what is left."""
    HOLD = "hold"
    """Reserve in one's own name, and give that back, on a room's socket."""
    HOLDINGS = "holdings"
    """Read reservations, and give holds back."""
    BACKSTAGE = "backstage"
    """Hear a room's metrics, alerts and cues; read its definition and shelf."""
    ACKNOWLEDGE = "acknowledge"
    """Say that a cue or an alert was read, leave an alert aside."""
    SPOTLIGHT = "spotlight"
    """Say which SKU of the room is being shown."""
    KEEP = "keep"
    """Keep the books: definitions, a room's status, moves, orders, a reservation's steps, the ledger. To unfreeze is a
    move, to freeze is not."""
    DIRECT = "direct"
    """Tell the host what to do, and everybody what is up: cues and notices."""
    FREEZE = "freeze"
    """Stop sales in an emergency."""
    ACCOUNTS = "accounts"
    """Say who may sign in, and with what role and scope."""
    COUNT = "count"
    """Enter what was found of a SKU on a count sheet: one's own lines."""
    TAKE_IN = "take_in"
    """Enter what has arrived: one's own lines of receipts."""
    SIGN = "sign"
    """Stand for what a count found, have it moved, and go on air though the checklist fails. No program may."""
    DECIDE = "decide"
    """Judge: about a person (users' standing), and about a proposal to move units."""


ROLES: Mapping[Right, frozenset[Role]] = {
    Right.LOOK: frozenset({Role.VIEWER, Role.HOST, Role.SERVICE, Role.OPERATOR}),
    Right.HOLD: frozenset({Role.VIEWER, Role.OPERATOR}),
    Right.HOLDINGS: frozenset({Role.VIEWER, Role.SERVICE, Role.OPERATOR}),
    Right.BACKSTAGE: frozenset({Role.HOST, Role.SERVICE, Role.OPERATOR}),
    Right.ACKNOWLEDGE: frozenset({Role.HOST, Role.OPERATOR}),
    Right.SPOTLIGHT: frozenset({Role.HOST, Role.SERVICE, Role.OPERATOR}),
    Right.KEEP: frozenset({Role.SERVICE, Role.OPERATOR}),
    Right.DIRECT: frozenset({Role.OPERATOR}),
    Right.FREEZE: frozenset({Role.OPERATOR}),
    Right.DECIDE: frozenset({Role.OPERATOR}),
    Right.ACCOUNTS: frozenset({Role.OPERATOR}),
    Right.COUNT: frozenset({Role.COUNTER, Role.OPERATOR}),
    Right.TAKE_IN: frozenset({Role.COUNTER, Role.SERVICE, Role.OPERATOR}),
    Right.SIGN: frozenset({Role.OPERATOR}),
}
"""Which roles have a right: an operator every one, in its token's scope."""

OWN: Mapping[Right, frozenset[Role]] = {Right.HOLDINGS: frozenset({Role.VIEWER})}
"""Roles that have a right over what is their own user's alone."""


class Touches(StrEnum):
    """What an act is about, as far as it decides who may do it."""

    ROOM = "room"
    """One room, and what belongs to it: its shelf, its show, its reservations."""
    POOL = "pool"
    """Units or settings of the whole pool, which every room that sells from it feels."""
    SERVER = "server"
    """What is of no pool, such as accounts: it takes a token without pool and room."""


class Act(Struct, frozen=True):
    """Something that can be asked for: the right it takes, and what it touches."""

    right: Right
    touches: Touches = Touches.ROOM


class Owner(Struct, frozen=True, kw_only=True):
    """Whose an object is: its pool's, its room's ("" where it is of the whole pool), and a user's where one has it."""

    pool: str
    room: str = ""
    user: str | None = None


class Principal(Struct, frozen=True, kw_only=True):
    """A verified caller. `pools` and `rooms` narrow what it may touch; None means every one. A token names one of each
    at most, an account may have several.

    `user` is the token's `sub`, empty for an anonymous viewer; `expires_at_s` 0 means never.
    """

    role: Role
    user: str = ""
    pools: frozenset[str] | None = None
    rooms: frozenset[str] | None = None
    expires_at_s: int = 0
    session: str = ""
    """The session that its cookie names (`protocol.cookies.digest_of`); empty where it has shown a token."""

    @property
    def shown(self) -> str:
        """What it has shown, in words."""
        return "session" if self.session else "token"


ANONYMOUS = Principal(role=Role.VIEWER)
"""Somebody without a token."""

ENDED = Principal(role=Role.VIEWER)
"""Somebody without a token whose session has ended: as good as `ANONYMOUS`, and told why where that is not enough."""


def missing(
    principal: Principal, act: Act, *, pool: str | None = None, room: str | None = None, user: str | None = None
) -> str:
    """What the token lacks for this act in this pool and room, on what is this user's (None where there is none, or it
    is not known yet): `role`, `pool`, `room` or `user`; empty where it lacks nothing.

    A token for rooms reaches these rooms and their reservations, never the stock of the whole pool.
    """
    if principal.role not in ROLES[act.right]:
        return "role"
    pools, rooms = principal.pools, principal.rooms
    if pools is not None and (act.touches is Touches.SERVER or (pool is not None and pool not in pools)):
        return "pool"
    if rooms is not None and (act.touches is not Touches.ROOM or (room is not None and room not in rooms)):
        return "room"
    if user is not None and principal.user != user and principal.role in OWN.get(act.right, ()):
        return "user"
    return ""


def reaches(principal: Principal, right: Right, owner: Owner) -> bool:
    """Whether the token has this right over an object, once it is known whose that is."""
    act = Act(right, Touches.ROOM if owner.room else Touches.POOL)
    return not missing(principal, act, pool=owner.pool, room=owner.room or None, user=owner.user)


def reaches_all(principal: Principal, right: Right) -> bool:
    """Whether the token has this right over every object of the pools that it reaches, so that the object's own room
    and user decide nothing."""
    return principal.rooms is None and principal.role in ROLES[right] - OWN.get(right, frozenset())


@lru_cache(_SCOPES_KEPT)
def scope_of(name: str | None) -> frozenset[str] | None:
    """The pools or rooms of a token that names this one; None where it names none, and so reaches every one. All
    viewers of a room share the set."""
    return None if name is None else frozenset((name,))


def in_words(noun: str, names: frozenset[str] | None) -> str:
    """A scope in words: `pool 'a'`, or `pools 'a', 'b'`."""
    quoted = ", ".join(map(repr, sorted(names or ())))
    return f"{noun} {quoted}" if names is not None and len(names) == 1 else f"{noun}s {quoted or '(none)'}"


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
