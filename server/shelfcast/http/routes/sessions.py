"""Routes of sessions: signing in, by a link or a name and password; who one is; signing out."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated

import structlog
from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast import metrics
from shelfcast.addresses import is_loopback, site
from shelfcast.errors import InvalidInput
from shelfcast.hosts import LOOPBACK, host_name
from shelfcast.http.api.access import Access, no_session, session_cookie, shown_token, unauthorized, verified
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.passwords import MAX_CHARACTERS
from shelfcast.http.api.problems import ApiError
from shelfcast.origins import WITHOUT_ADDRESS
from shelfcast.protocol.access import Principal, Role
from shelfcast.protocol.codes import Code
from shelfcast.protocol.cookies import BROWSER_COOKIE, SESSION_COOKIE, digest_of, read_cookie, set_cookie
from shelfcast.protocol.fields import Name, User
from shelfcast.stock.account_records import Attempt, Beginning, Link, Session, Trial, Way

_log = structlog.get_logger(__name__)


class SessionBody(Request, frozen=True, kw_only=True):
    """How one signs in: with `name` and `password`, with `demo` where the server keeps open house, or else with the
    link's token in the header."""

    name: User | None = None
    password: Annotated[str, Meta(min_length=1, max_length=MAX_CHARACTERS)] | None = None
    demo: bool = False


class SessionItem(Struct, frozen=True, kw_only=True):
    """Who has signed in. `pools` and `rooms` null are every one; `way` is how."""

    user: str
    role: Role
    pools: list[Name] | None
    rooms: list[Name] | None
    made_at_ms: int
    expires_at_ms: int
    way: Way


TAG = "accounts"
WRONG = "there is no account of this name and password"
"""Whatever of both is wrong: which names there are is nobody's business."""
SLOWED = "too many failed logins under this name or from this address; a browser that has signed in before still may"
NOT_FOR_VIEWERS = (
    "a viewer begins no session: its pages show their token; expected the link of somebody who runs the shop"
)
LINK_ENDED = "this link was signed out; it begins no session any more"


async def post_session(call: Call) -> Response:
    """Sign in; the answer sets the session's cookie, whose id is always a new one. A session that the browser had
    before ends.

    With `name` and `password`; with the token of a link in the header and neither; or with `demo`, on a server that
    keeps open house. Not over plain http, but on loopback: browsers keep this cookie of no other such page, and a
    password could be read on its way. Guessing is slowed by name and by address; a browser that has signed in under
    the name before is counted for itself.
    """
    services, body = call.services, call.body
    _check_page(call)
    _check_encrypted(call)
    wait_ms = services.logins.take(_address(call), services.settings.sessions_an_address_a_minute_max)
    if wait_ms:
        raise ApiError(Code.RATE_LIMITED, "too many sessions for this address", retry_after_ms=wait_ms)
    if (body.name is None) != (body.password is None):
        raise InvalidInput("expected both a name and a password", field="password" if body.name else "name")
    if body.demo and body.name is not None:
        raise InvalidInput("expected either a name and a password or demo", field="demo")
    before, secret = session_cookie(call.request), secrets.token_urlsafe(32)
    headers: list[str] = []
    if body.name is not None:
        session, browser = await _by_password(call, digest_of(secret), body.name, body.password)
        headers.append(set_cookie(BROWSER_COOKIE, browser, services.settings.login_browser_kept_ms // 1000))
    elif body.demo:
        session = await _by_open_house(call, digest_of(secret))
    else:
        session = await _by_link(call, digest_of(secret))
    if before:
        await services.pools.accounts.end(digest_of(before), signed_out=False)
    metrics.LOGINS.labels(session.way).inc()
    _log.info("session.begun", user=session.user, role=session.role, way=session.way, address=_address(call))
    lasts_s = (session.expires_at_ms - session.made_at_ms) // 1000
    response = answer(_item(session), status=HTTPStatus.CREATED)
    for header in (set_cookie(SESSION_COOKIE, secret, lasts_s), *headers):
        response.headers.append("Set-Cookie", header)
    return response


async def get_session(call: Call) -> Response:
    """Who the browser has signed in as."""
    [session] = await call.services.pools.accounts.sessions([call.principal.session])
    if session is None:
        raise no_session("the session has ended")
    return answer(_item(session))


async def delete_session(call: Call) -> Response:
    """Sign out: the session ends, its sockets close, and the link it was begun with begins no other."""
    await call.services.pools.accounts.end(call.principal.session, signed_out=True)
    headers = {"Set-Cookie": set_cookie(SESSION_COOKIE, "", 0), "Cache-Control": "no-store"}
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)


# --- ways of signing in -------------------------------------------------------------------------------------


async def _by_link(call: Call, digest: str) -> Session:
    token = shown_token(call.request)
    if token is None:
        raise unauthorized("expected a name and a password, or the token of a link in an Authorization header")
    principal = verified(token, call.services.tokens)
    # Anybody is given the pass of a guest, as often as they ask: without this the sessions kept would have no bound.
    if principal.role is Role.VIEWER:
        raise ApiError(Code.FORBIDDEN, NOT_FOR_VIEWERS, field="role")
    # What is signed, and not the signature behind it: base64 can write that down in more ways than one.
    link = Link(digest=digest_of(token.rpartition(".")[0]), expires_at_ms=principal.expires_at_s * 1000)
    begun, session = await call.services.pools.accounts.begin(digest, principal, Way.LINK, link=link)
    if session is None:
        raise unauthorized(LINK_ENDED if begun is Beginning.ENDED else "the link has expired")
    return session


async def _by_password(call: Call, digest: str, name: str, password: str) -> tuple[Session, str]:
    """The session, and the cookie by which the browser is known from now on. Each step costs the same whether there is
    such an account or not."""
    services, accounts = call.services, call.services.pools.accounts
    cookie = read_cookie("; ".join(call.request.headers.getlist("cookie")), BROWSER_COOKIE)
    attempt = Attempt(
        name=name,
        whose_name=digest_of(name),
        address=_address(call),
        browser=digest_of(cookie) if cookie else "",
    )
    async with services.passwords.place():
        trial, wait_ms = await accounts.try_login(attempt)
        if trial is Trial.WAIT:
            metrics.LOGINS.labels("slowed").inc()
            _log.warning("login.slowed", address=attempt.address, wait_ms=wait_ms)
            raise ApiError(Code.RATE_LIMITED, SLOWED, retry_after_ms=wait_ms)
        account = await accounts.get(name)
        fits = await services.passwords.fits(account.password_hash if account else None, password)
    session = None
    if account is not None and fits:
        principal = Principal(role=account.role, user=name, pools=account.pools, rooms=account.rooms)
        _, session = await accounts.begin(digest, principal, Way.PASSWORD, account=account)
    if session is None:
        metrics.LOGINS.labels("failed").inc()
        _log.warning("login.failed", address=attempt.address)
        raise unauthorized(WRONG, field="password")
    browser = secrets.token_urlsafe(32)
    await accounts.welcome(attempt, trial, digest_of(browser))
    return session, browser


async def _by_open_house(call: Call, digest: str) -> Session:
    """An operator of the pools that the rooms of the open house sell from. On loopback alone, whatever else the server
    is reached by: by its `Host`, which no page of another name can say, and from there, which no other machine can."""
    services, client = call.services, call.request.client
    if host_name(call.request.headers.get("host", "")) not in LOOPBACK:
        raise ApiError(Code.FORBIDDEN, "the demonstration is open on loopback alone", field="Host")
    if client is not None and not is_loopback(client.host):
        raise ApiError(Code.FORBIDDEN, "the demonstration is open to this machine alone", field="address")
    owners = [await services.pools.directory.room_pool(room) for room in sorted(services.open_house)]
    pools = frozenset(pool for pool in owners if pool is not None)
    if not pools:
        raise ApiError(Code.FORBIDDEN, "this server keeps no open house; sign in", field="demo")
    principal = Principal(role=Role.OPERATOR, user=f"operator-{secrets.token_hex(2)}", pools=pools)
    _, session = await services.pools.accounts.begin(digest, principal, Way.DEMO)
    if session is None:
        raise ApiError(Code.UNAVAILABLE)
    return session


# --- parts --------------------------------------------------------------------------------------------------


def _check_page(call: Call) -> None:
    """Refuse a page without an address, which is anybody's, even where the list of origins has it: it would sign its
    visitor in as somebody else. Pages of other origins are refused before. Raises ApiError (403)."""
    if any(origin.lower() in WITHOUT_ADDRESS for origin in call.request.headers.getlist("origin")):
        raise ApiError(Code.FORBIDDEN, "a page without an address may not ask for this", field="Origin")


def _check_encrypted(call: Call) -> None:
    """Refuse to sign anybody in over plain http. A proxy that ends TLS says so in `X-Forwarded-Proto`, where it is one
    of `trusted_proxies`. Raises ApiError (403)."""
    request = call.request
    if request.url.scheme == "https" or host_name(request.headers.get("host", "")) in LOOPBACK:
        return
    detail = (
        "signing in needs https, or a loopback address such as http://127.0.0.1; a proxy that ends TLS has to be one "
        "of `trusted_proxies` and to send X-Forwarded-Proto"
    )
    raise ApiError(Code.FORBIDDEN, detail, field="scheme")


def _address(call: Call) -> str:
    client = call.request.client
    return site(client.host) if client else ""


def _item(session: Session) -> SessionItem:
    return SessionItem(
        user=session.user,
        role=session.role,
        pools=None if session.pools is None else sorted(session.pools),
        rooms=None if session.rooms is None else sorted(session.rooms),
        made_at_ms=session.made_at_ms,
        expires_at_ms=session.expires_at_ms,
        way=session.way,
    )


# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path="/v1/session", summary="Sign in", tag=TAG, handle=post_session, access=Access.PUBLIC,
             answer=SessionItem, statuses=(HTTPStatus.CREATED,), body=SessionBody, body_optional=True,
             codes=(Code.FORBIDDEN, Code.RATE_LIMITED, Code.OVERLOADED, Code.UNAVAILABLE),
             problems={401: "The name, the password or the token is wrong, or the link was signed out."}),
    Endpoint(method="GET", path="/v1/session", summary="Who has signed in", tag=TAG, handle=get_session,
             access=Access.SESSION, answer=SessionItem),
    Endpoint(method="DELETE", path="/v1/session", summary="Sign out", tag=TAG, handle=delete_session,
             access=Access.SESSION, statuses=(HTTPStatus.NO_CONTENT,)),
]
# fmt: on
