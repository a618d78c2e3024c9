"""Who may call an endpoint: the token's role and scope against the path."""

from __future__ import annotations

from enum import Enum

from starlette.requests import Request

from shelfcast.errors import InvalidInput
from shelfcast.http.api.auth import Tokens
from shelfcast.http.api.problems import ApiError
from shelfcast.origins import Origins, is_own_origin, may_use_cookie
from shelfcast.protocol.access import (
    ANONYMOUS,
    ENDED,
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
from shelfcast.protocol.cookies import SESSION_COOKIE, digest_of, read_cookie
from shelfcast.stock.accounts import Accounts

_EXPECTED = "expected an Authorization header: Bearer and a token"


class Access(Enum):
    """What an endpoint asks of its caller."""

    PUBLIC = "no token; one that is shown is not looked at"
    GUEST = "no token where the room admits anonymous viewers, else any token for the room"
    OWNER = "a viewer for what is its own; operator or service for everything in the token's scope"
    STAFF = "role host, operator or service, in the token's scope; of rooms alone: a host reaches nothing of a pool"
    CREW = "role host or operator, in the token's scope"
    CONTROL = "role operator or service, in the token's scope"
    OPERATOR = "role operator, in the token's scope"
    COUNTER = "role counter or operator, in the token's scope"
    RECEIVER = "role counter, operator or service, in the token's scope"
    SIGNER = "role operator, in the token's scope: a person, never a program"
    ADMIN = "role operator, without a pool or room in the token's scope"
    SESSION = "a session's cookie, of whatever role; a token is not looked at"

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
    Access.ADMIN: Right.ACCOUNTS,
    Access.COUNTER: Right.COUNT,
    Access.RECEIVER: Right.TAKE_IN,
    Access.SIGNER: Right.SIGN,
}
_SAFE = ("GET", "HEAD")
"""Methods that write nothing."""


async def authenticate(
    request: Request, access: Access, tokens: Tokens, accounts: Accounts, origins: Origins
) -> Principal:
    """Who calls, where this endpoint asks. Raises ApiError: 401 for a missing, repeated, malformed or wrong token, and
    for a session that has ended; 403 for a write by cookie from a page of another origin. Raises EngineError.

    A token wins over a cookie. Where neither is needed, a session that has ended is as good as none."""
    if access is Access.PUBLIC:
        return ANONYMOUS
    if access is not Access.SESSION and (token := shown_token(request)) is not None:
        return verified(token, tokens)
    cookie = session_cookie(request)
    if not cookie:
        if access is Access.GUEST:
            return ANONYMOUS
        raise no_session() if access is Access.SESSION else unauthorized(_EXPECTED)
    if request.method not in _SAFE:
        _refuse_foreign(request, origins)
    [session] = await accounts.sessions([digest_of(cookie)])
    if session is not None:
        return session.principal
    if access is Access.GUEST:
        return ENDED
    raise no_session("the session has ended")


def shown_token(request: Request) -> str | None:
    """The token that a request shows; None where it shows none. Raises ApiError (401) for two, and an empty one.

    What a proxy in front asks for by another scheme than Bearer is not looked at; behind such a one a page says its
    token in `Shelfcast-Token`."""
    shown = [token for token in map(bearer, request.headers.getlist("authorization")) if token is not None]
    shown = shown or [token.strip() for token in request.headers.getlist(TOKEN_HEADER)]
    if not shown:
        return None
    if len(shown) > 1 or not shown[0]:
        raise unauthorized("expected one Authorization header: Bearer and a token")
    return shown[0]


def verified(token: str, tokens: Tokens) -> Principal:
    """Who shows this token. Raises ApiError (401) that says what is wrong with it."""
    try:
        return tokens.verify(token)
    except InvalidInput as error:
        raise unauthorized(str(error), 'Bearer error="invalid_token"') from None


def session_cookie(request: Request) -> str:
    """The session's id that a request's cookie has; empty where it has none."""
    return read_cookie("; ".join(request.headers.getlist("cookie")), SESSION_COOKIE)


def authorize(
    principal: Principal, act: Act, *, pool: str | None = None, room: str | None = None, user: str | None = None
) -> None:
    """Refuse what the token does not reach, as far as it is known by now. Raises ApiError (403).

    It says which part of the token is in the way, so it is asked of what the caller has named itself: the pool or room
    of the path, whose names are no secret. An object that is read first is answered by `Call.found`.
    """
    lacks, shown = missing(principal, act, pool=pool, room=room, user=user), principal.shown
    if lacks == "role":
        wanted = ", ".join(sorted(ROLES[act.right]))
        raise ApiError(
            Code.FORBIDDEN, f"the {shown}'s role is {principal.role}; this needs one of {wanted}", field=lacks
        )
    if lacks == "pool":
        raise ApiError(Code.FORBIDDEN, f"the {shown} is for {in_words('pool', principal.pools)}", field=lacks)
    if lacks == "room":
        raise ApiError(Code.FORBIDDEN, f"the {shown} is for {in_words('room', principal.rooms)} alone", field=lacks)
    if lacks:
        detail = f"a {principal.role} reaches what is its own: user must be the {shown}'s"
        raise ApiError(Code.FORBIDDEN, detail, field=lacks)


def refuse_cross_site(request: Request, access: Access, allowed: Origins) -> None:
    """Refuse what a page of another site writes where no token is asked: it would be done in its visitor's name, and
    out of its visitor's allowance. Raises ApiError (403). Programs say no origin."""
    if access not in (Access.PUBLIC, Access.GUEST) or request.method in _SAFE:
        return
    origin, site = request.headers.get("origin", ""), request.headers.get("sec-fetch-site", "")
    if site == "same-origin" or origin in allowed or is_own_origin(origin, request.headers.get("host", "")):
        return
    if origin or site not in ("", "none"):
        raise ApiError(Code.FORBIDDEN, "pages of another origin may not ask for this", field="Origin")


def _refuse_foreign(request: Request, allowed: Origins) -> None:
    """Refuse what no page of an allowed origin writes by cookie: browsers send a cookie along, whoever asks. Raises
    ApiError (403). A page without an address (`null`) is anybody's, and never allowed; a request that says nothing of
    where it comes from is no page's, and has to show a token."""
    origins, site = request.headers.getlist("origin"), request.headers.get("sec-fetch-site", "")
    if not origins and site == "same-origin":
        return
    origin = origins[0] if len(origins) == 1 else ""
    if not may_use_cookie(origin, request.headers.get("host", ""), allowed):
        raise ApiError(Code.FORBIDDEN, "a write by cookie needs the Origin of a page of this server", field="Origin")


def unauthorized(detail: str, challenge: str = "Bearer", *, field: str = "Authorization") -> ApiError:
    """The problem of a caller that is nobody yet."""
    return ApiError(Code.FORBIDDEN, detail, status=401, field=field, headers={"WWW-Authenticate": challenge})


def no_session(detail: str = "there is no session; POST /v1/session begins one") -> ApiError:
    """The problem of a caller that has to sign in."""
    return unauthorized(detail, field="session")
