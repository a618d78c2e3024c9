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
    ROLES,
    TOKEN_HEADER,
    Act,
    Principal,
    Right,
    Role,
    bearer,
    in_words,
    missing,
)
from shelfcast.protocol.codes import Code


class Access(Enum):
    """What an endpoint asks of its caller."""

    PUBLIC = "no token; one that is shown is not looked at"
    GUEST = "no token where the room admits anonymous viewers, else any token for the room"
    OWNER = "a viewer for what is its own; operator or service for everything in the token's scope"
    STAFF = "role host, operator or service, in the token's scope; of rooms alone: a host reaches nothing of a pool"
    CREW = "role host or operator, in the token's scope"
    CONTROL = "role operator or service, in the token's scope"
    OPERATOR = "role operator, in the token's scope"

    @property
    def right(self) -> Right | None:
        """The right that it takes; None where nothing is asked of anybody."""
        return _RIGHTS.get(self)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that may call."""
        return frozenset(Role) if self.right is None else ROLES[self.right]


_RIGHTS = {
    Access.GUEST: Right.LOOK,
    Access.OWNER: Right.HOLDINGS,
    Access.STAFF: Right.BACKSTAGE,
    Access.CREW: Right.ACKNOWLEDGE,
    Access.CONTROL: Right.KEEP,
    Access.OPERATOR: Right.DECIDE,
}


def authenticate(request: Request, access: Access, tokens: Tokens) -> Principal:
    """Who calls, where this endpoint asks. Raises ApiError (401) for a missing, repeated, malformed or wrong token.

    What a proxy in front asks for by another scheme than Bearer is not looked at; behind such a one a page says its
    token in `Shelfcast-Token`."""
    if access is Access.PUBLIC:
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


def authorize(
    principal: Principal, act: Act, *, pool: str | None = None, room: str | None = None, user: str | None = None
) -> None:
    """Refuse what the token does not reach, as far as it is known by now. Raises ApiError (403).

    It says which part of the token is in the way, so it is asked of what the caller has named itself: the pool or room
    of the path, whose names are no secret. An object that is read first is answered by `Call.found`.
    """
    lacks = missing(principal, act, pool=pool, room=room, user=user)
    if lacks == "role":
        wanted = ", ".join(sorted(ROLES[act.right]))
        raise ApiError(Code.FORBIDDEN, f"the token's role is {principal.role}; this needs one of {wanted}", field=lacks)
    if lacks == "pool":
        raise ApiError(Code.FORBIDDEN, f"the token is for {in_words('pool', principal.pools)}", field=lacks)
    if lacks == "room":
        raise ApiError(Code.FORBIDDEN, f"the token is for {in_words('room', principal.rooms)} alone", field=lacks)
    if lacks:
        detail = f"a {principal.role} reaches what is its own: user must be the token's"
        raise ApiError(Code.FORBIDDEN, detail, field=lacks)


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
