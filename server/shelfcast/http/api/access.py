"""Who may call an endpoint: the token's role and scope against the path."""

from __future__ import annotations

from enum import Enum

from starlette.requests import Request

from shelfcast.errors import InvalidInput
from shelfcast.http.api.auth import Tokens
from shelfcast.http.api.problems import ApiError
from shelfcast.origins import Origins, is_own_origin
from shelfcast.protocol.access import (
    ANONYMOUS,
    CONTROL,
    EVERYONE,
    STAFF,
    TOKEN_HEADER,
    Act,
    Principal,
    Role,
    Touches,
    bearer,
    missing,
)
from shelfcast.protocol.codes import Code


class Access(Enum):
    """What an endpoint asks of its caller."""

    PUBLIC = "no token; one that is shown is not looked at"
    GUEST = "no token where the room admits anonymous viewers, else any token for the room"
    DOOR = "as GUEST; the gate of the sockets looks at the token"
    OWNER = "a viewer for what is its own; operator or service for everything in the token's scope"
    STAFF = "role host, operator or service, in the token's scope"
    CONTROL = "role operator or service, in the token's scope"

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that may call."""
        if self is Access.STAFF:
            return STAFF
        return CONTROL if self is Access.CONTROL else EVERYONE


def authenticate(request: Request, access: Access, tokens: Tokens) -> Principal:
    """Who calls, where this endpoint asks. Raises ApiError (401) for a missing, repeated, malformed or wrong token.

    What a proxy in front asks for by another scheme than Bearer is not looked at; behind such a one a page says its
    token in `Shelfcast-Token`."""
    if access in (Access.PUBLIC, Access.DOOR):
        return ANONYMOUS
    shown = [token for token in map(bearer, request.headers.getlist("authorization")) if token is not None]
    shown = shown or [token.strip() for token in request.headers.getlist(TOKEN_HEADER)]
    if not shown:
        if access is Access.GUEST:
            return ANONYMOUS
        raise _unauthorized("expected an Authorization header: Bearer and a token", "Bearer")
    if len(shown) > 1 or not shown[0]:
        raise _unauthorized("expected one Authorization header: Bearer and a token", "Bearer")
    try:
        return tokens.verify(shown[0])
    except InvalidInput as error:
        raise _unauthorized(str(error), 'Bearer error="invalid_token"') from None


def authorize(principal: Principal, access: Access, path: dict[str, str]) -> None:
    """Whether the caller's role and the scope of its token cover the path. Raises ApiError (403).

    Two things are known only once they are read: whose pool a room is (`Call.room_pool`) and whose room a reservation
    is (`reservation_routes`).
    """
    pool, room = path.get("pool"), path.get("room")
    of_pool = pool is not None and "id" not in path and access in (Access.STAFF, Access.CONTROL)
    act = Act(access.roles, Touches.POOL if of_pool else Touches.ROOM)
    lacks = missing(principal, act, pool=pool, room=room)
    if lacks == "role":
        wanted = ", ".join(sorted(access.roles))
        raise ApiError(Code.FORBIDDEN, f"the token's role is {principal.role}; this needs one of {wanted}", field=lacks)
    if lacks == "pool":
        raise ApiError(Code.FORBIDDEN, f"the token is for pool {principal.pool!r}", field=lacks)
    if lacks:
        raise ApiError(Code.FORBIDDEN, f"the token is for room {principal.room!r} alone", field=lacks)


def refuse_cross_site(request: Request, access: Access, allowed: Origins) -> None:
    """Refuse what a page of another site writes where no token is asked: it would be done in its visitor's name, and
    out of its visitor's allowance. Raises ApiError (403). Programs say no origin."""
    if access not in (Access.PUBLIC, Access.GUEST) or request.method in ("GET", "HEAD"):
        return
    origin, site = request.headers.get("origin", ""), request.headers.get("sec-fetch-site", "")
    if site == "same-origin" or origin in allowed or is_own_origin(origin, request.headers.get("host", "")):
        return
    if origin or site not in ("", "none"):
        raise ApiError(Code.FORBIDDEN, "pages of another origin may not ask for this", field="Origin")


def _unauthorized(detail: str, challenge: str) -> ApiError:
    return ApiError(Code.FORBIDDEN, detail, status=401, field="Authorization", headers={"WWW-Authenticate": challenge})
