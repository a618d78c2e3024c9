"""Who is at the other end, and what that role may do. Tokens are checked in `http.auth`; the result comes here."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """The roles a token can carry."""

    VIEWER = "viewer"
    HOST = "host"
    OPERATOR = "operator"
    SERVICE = "service"


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
        return (self.room is None or self.room == room) and (self.pool is None or self.pool == pool)


ANONYMOUS = Principal(role=Role.VIEWER)
