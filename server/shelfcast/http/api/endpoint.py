"""An endpoint: what one method of one path takes and gives, and how a request to it is run.

The same declaration makes the route and its part of the OpenAPI document, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from time import perf_counter
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from shelfcast import metrics
from shelfcast.errors import ArchiveError, EngineRefused, EngineUnavailable, EntriesArchived, InvalidInput
from shelfcast.http.api.access import Access, authenticate, authorize, refuse_cross_site
from shelfcast.http.api.bodies import Request as BodyStruct
from shelfcast.http.api.call import ACTION_HEADER, JSON_TYPE, Call, Finder, read_body, read_path, read_query
from shelfcast.http.api.negotiation import chosen
from shelfcast.http.api.problems import ApiError, archived
from shelfcast.http.api.query import Query
from shelfcast.http.api.services import Services
from shelfcast.http.api.stream import Streamed
from shelfcast.http.api.upload import Upload, check_type
from shelfcast.origins import Origins
from shelfcast.protocol.access import Act, Right, Touches, reaches_all
from shelfcast.protocol.codes import Code

log = structlog.get_logger(__name__)

Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path.

    Answers are of `media_type`, or of one of `also` where the request's Accept likes that better.
    `statuses` are its successes, `other_answers` what some of them answer instead of `answer`; `codes` the refusals of
    the book it may answer with, besides those every endpoint can give (wrong form, no token, out of scope,
    unavailable); `problems` are further statuses of refusals, each with what it means. `keyed` says that it needs an
    id of its own, `revised` that it is about one definition: reads and writes answer with an ETag, writes take
    If-Match. `acts` says that it makes an action, which its answer names. A file of one of the media types in `upload`
    comes in place of a JSON body, and is read by the handler, piece by piece (`Call.upload`); of an endpoint that has a
    `body`, too, the content type says which of them it is.

    What the path names must be in the token's scope, and below a pool that is the whole pool, which a token for one
    room does not reach. Two kinds reach less than their path says: one that is `filtered` answers what is in the
    caller's scope (its handler asks `Call.reaches` of each), or has a body that names what it is about (its handler
    authorizes that); of one that `finds` an object only that counts, once it is
    read.
    `right_of` is the right that a body takes besides the endpoint's own. Of one that is `by_gate` the gate of the
    sockets looks at the token, and the answer is a handshake's.
    """

    method: str
    path: str
    summary: str
    tag: str
    handle: Handler
    access: Access
    answer: Any = None
    media_type: str = JSON_TYPE
    also: tuple[str, ...] = ()
    statuses: tuple[HTTPStatus, ...] = (HTTPStatus.OK,)
    other_answers: Mapping[HTTPStatus, Any] = field(default_factory=dict)
    query: type[Query] = Query
    body: type[BodyStruct] | None = None
    body_optional: bool = False
    upload: tuple[str, ...] = ()
    keyed: bool = False
    revised: bool = False
    acts: bool = False
    codes: tuple[Code, ...] = ()
    problems: Mapping[int, str] = field(default_factory=dict)
    filtered: bool = False
    finds: Finder | None = None
    right_of: Callable[[Any], Right] | None = None
    by_gate: bool = False

    @property
    def conditional(self) -> bool:
        """Whether it takes If-Match."""
        return self.revised and self.method != "GET"

    @property
    def touches(self) -> Touches:
        """What the path is about, as far as it is known before anything is read."""
        if self.access is Access.ADMIN:
            return Touches.SERVER
        of_pool = "{pool}" in self.path and not self.filtered and self.finds is None
        return Touches.POOL if of_pool else Touches.ROOM

    @property
    def name(self) -> str:
        """The operation's id: the handler's name."""
        return self.handle.__name__


def routes(endpoints: Iterable[Endpoint], services: Services) -> list[Route]:
    """One Starlette route a path, in the order in which the paths were first declared; what stands below a name that
    may have slashes comes first."""
    paths: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    ordered = sorted(paths.items(), key=lambda item: _SLASHED not in item[0])
    return [
        (_RouteBelow if _SLASHED in path else Route)(path, _PathApp(path, methods, services))
        for path, methods in ordered
    ]


_SLASHED = ":path}/"


class _RouteBelow(Route):
    """The route of something below a name that may have slashes, such as `/skus/{sku:path}/release`.

    A slash of the name comes percent-encoded, which the decoded path does not show: `/skus/a%2Frelease` is the SKU
    `a/release`, and `/skus/a/release` what is below the SKU `a`.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path as it was sent ends as this one does."""
        match, found = super().matches(scope)
        sent = (scope.get("raw_path") or scope.get("path", "").encode()).partition(b"?")[0]
        ending = self.path.rpartition(_SLASHED)[2].encode()
        return (match, found) if sent.endswith(b"/" + ending) else (Match.NONE, {})


class _PathApp:
    """The ASGI application of one path. Every way out of it is an answer or a problem."""

    def __init__(self, path: str, endpoints: dict[str, Endpoint], services: Services) -> None:
        self._path = path
        self._endpoints = endpoints
        self._services = services
        self._origins = Origins(services.settings.allowed_origins)
        methods = [*endpoints, *(["HEAD"] if "GET" in endpoints else [])]
        self._allow = ", ".join(sorted(methods))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = perf_counter()
        request = Request(scope, receive, send)
        method = "GET" if request.method == "HEAD" else request.method
        response = await self._respond(request, method)
        known = method if method in self._endpoints else "other"
        metrics.HTTP_REQUESTS.labels(known, self._path, str(response.status_code)).inc()
        metrics.HTTP_SECONDS.labels(self._path).observe(perf_counter() - begun)
        await response(scope, receive, send)

    async def _respond(self, request: Request, method: str) -> Response:
        try:
            return await self._run(request, self._endpoint(method))
        except ApiError as refusal:
            return refusal.response(self._services.settings.retry_after_ms)
        except InvalidInput as error:
            return ApiError(Code.BAD_MESSAGE, str(error), field=error.field).response()
        except EntriesArchived as error:
            return archived(error).response()
        except (EngineUnavailable, EngineRefused) as error:
            log.warning("engine_unavailable", path=self._path, reason=str(error))
            return ApiError(Code.UNAVAILABLE).response(self._services.settings.retry_after_ms)
        except ArchiveError as error:
            log.warning("archive_unavailable", path=self._path, reason=str(error))
            return ApiError(Code.UNAVAILABLE, str(error)).response(self._services.settings.retry_after_ms)
        except Exception:
            # The last barrier: a defect must reach the log with its trace, and the caller as a problem.
            log.exception("request_failed", path=self._path, method=request.method)
            return ApiError(Code.UNAVAILABLE, "the server failed; it is in its log", status=500).response()

    def _endpoint(self, method: str) -> Endpoint:
        endpoint = self._endpoints.get(method)
        if endpoint is None:
            headers = {"Allow": self._allow}
            raise ApiError(Code.BAD_MESSAGE, f"expected one of {self._allow}", status=405, headers=headers)
        return endpoint

    async def _run(self, request: Request, endpoint: Endpoint) -> Response:
        refuse_cross_site(request, endpoint.access, self._origins)
        access = Access.PUBLIC if endpoint.by_gate else endpoint.access
        services = self._services
        principal = await authenticate(request, access, services.tokens, services.pools.accounts, self._origins)
        call = Call(
            request=request,
            services=services,
            principal=principal,
            path=read_path(request),
            right=access.right,
            finder=endpoint.finds,
        )
        _authorize(call, endpoint, call.right)
        call.media_type = _negotiated(request, endpoint)
        call.query = read_query(request, endpoint.query)
        if endpoint.finds is not None and call.right is not None:
            # Of a path that names neither pool nor room, whose the object is decides for a token of one pool, too.
            is_placed = principal.pools is None or bool({"pool", "room"} & call.path.keys())
            if not (is_placed and reaches_all(principal, call.right)):
                await call.found()
        sends_file = bool(endpoint.upload) and _sends_file(request, endpoint)
        if endpoint.body is not None and not sends_file:
            max_bytes = self._services.settings.body_max_bytes
            call.body = await read_body(request, endpoint.body, optional=endpoint.body_optional, max_bytes=max_bytes)
        if sends_file:
            call.upload = Upload(request, endpoint.upload, self._services.settings, self._services.uploads)
        if endpoint.right_of is not None:
            _authorize(call, endpoint, endpoint.right_of(call.body))
        try:
            response = await endpoint.handle(call)
        except ApiError as refusal:
            if refusal.code is Code.STALE and endpoint.conditional:
                await self._show_current(call, refusal)
            raise
        if isinstance(response, Streamed):
            await response.begin(self._services.streams)
        if endpoint.also:
            response.headers["Vary"] = "Accept"
        if call.acted:
            response.headers[ACTION_HEADER] = call.acted
        return response

    async def _show_current(self, call: Call, refusal: ApiError) -> None:
        """Say in a stale write's problem what it would have changed, as a GET answers it: a page shows both. Where it
        is not there, or not for this caller, nothing is said of it."""
        shown = self._endpoints.get("GET")
        if shown is None:
            return
        try:
            _authorize(call, shown, shown.access.right)
            response = await shown.handle(call)
        except ApiError:
            return
        refusal.show_current(msgspec.json.decode(response.body))


def _negotiated(request: Request, endpoint: Endpoint) -> str:
    """The media type to answer with. Raises ApiError (406) where the caller takes none of those there are. An endpoint
    with one type does not ask."""
    offered = (endpoint.media_type, *endpoint.also)
    found = chosen(request.headers.getlist("accept"), offered) if endpoint.also else endpoint.media_type
    if found is None:
        detail = f"expected an Accept header that takes one of {', '.join(offered)}"
        raise ApiError(Code.BAD_MESSAGE, detail, field="Accept", status=406)
    return found


def _sends_file(request: Request, endpoint: Endpoint) -> bool:
    """Whether what comes is a file rather than JSON. Raises ApiError (415) where it is neither."""
    return endpoint.body is None or check_type(request, (JSON_TYPE, *endpoint.upload)) != JSON_TYPE


def _authorize(call: Call, endpoint: Endpoint, right: Right | None) -> None:
    if right is not None:
        act = Act(right, endpoint.touches)
        authorize(call.principal, act, pool=call.path.get("pool"), room=call.path.get("room"))


def problem_for(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """A problem for what never reached an endpoint, such as an unknown path."""
    code = Code.NOT_FOUND if status == HTTPStatus.NOT_FOUND else Code.BAD_MESSAGE
    return ApiError(code, detail, status=status, headers=headers).response()
