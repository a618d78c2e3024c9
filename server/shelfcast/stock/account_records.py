"""Accounts, sessions and logins as they are known here, and what becomes of a wish about them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from shelfcast.protocol.access import Principal, Role


class Way(StrEnum):
    """How a session was begun."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 - a word
    DEMO = "demo"


class Account(Struct, frozen=True, kw_only=True):
    """Somebody who signs in by name and password. `pools` and `rooms` None are every one."""

    name: str
    role: Role
    pools: frozenset[str] | None
    rooms: frozenset[str] | None
    revision: int
    made_at_ms: int
    changed_at_ms: int
    changed_by: str
    password_hash: str
    """Of argon2; told nobody."""


class Session(Struct, frozen=True, kw_only=True):
    """Who has signed in, how, and for how long. `digest` is that of its id, which nobody but its browser has."""

    digest: str
    user: str
    role: Role
    pools: frozenset[str] | None
    rooms: frozenset[str] | None
    way: Way
    made_at_ms: int
    expires_at_ms: int

    @property
    def principal(self) -> Principal:
        """Whoever shows its cookie."""
        return Principal(
            role=self.role,
            user=self.user,
            pools=self.pools,
            rooms=self.rooms,
            expires_at_s=-(-self.expires_at_ms // 1000),
            session=self.digest,
        )


class Link(Struct, frozen=True, kw_only=True):
    """A token that begins a session: its digest, and when it expires."""

    digest: str
    expires_at_ms: int


class Attempt(Struct, frozen=True, kw_only=True):
    """A login that is tried: under which name, from which address, with which browser's cookie (their digests)."""

    name: str
    whose_name: str
    address: str
    browser: str = ""


class Writing(StrEnum):
    """What became of the wish to write or delete an account."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "same"
    DELETED = "deleted"
    STALE = "stale"
    """It is at another revision than expected."""
    FULL = "full"
    UNSET = "unset"
    """A new one needs a password."""
    NONE = "none"


class Beginning(StrEnum):
    """What became of the wish for a session."""

    BEGUN = "begun"
    CHANGED = "changed"
    """The account was changed or deleted while its password was looked at."""
    ENDED = "ended"
    """A session of the link was signed out."""
    EXPIRED = "expired"


class Trial(StrEnum):
    """Whether a login may be tried, and what it is counted for."""

    KNOWN = "known"
    """The browser: it has logged in under the name before."""
    STRANGE = "strange"
    """The name and the address."""
    WAIT = "wait"
