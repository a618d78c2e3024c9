"""Routes of what people look at: the home page, a room's viewer page, its overlay, its host page, and their files.

A page is the same for everybody: who looks at it, and with which token, only its program in the browser knows.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, converted
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import AnyQuery
from shelfcast.http.built_pages import PageFile
from shelfcast.http.pages.plain import PLAIN_POLICY, plain_page
from shelfcast.http.routes.on_air import rooms_on_air
from shelfcast.origins import Origins
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Name

TAG = "server"
NOT_BUILT = "this server has no built pages; with Node 20, `make demo` builds them, or `npm run build` in server/web"
ASSET_CACHE = "public, max-age=31536000, immutable"
"""A file whose content changes gets another name."""
PICTURE_CACHE = "public, max-age=86400"
PAGE_CACHE = "no-cache"
"""A page names its files; an old one would ask for files that a newer server no longer has."""

_HOST = re.compile(r"[a-z0-9.-]+(:\d+)?|\[[0-9a-f:]+\](:\d+)?", re.IGNORECASE)


async def index(call: Call) -> Response:
    """What is running here, for somebody who opens the address in a browser."""
    page = call.services.pages.page("index")
    return await _plain_index(call) if page is None else _page(call, page, framed=False)


async def viewer_page(call: Call) -> Response:
    """A room's shelf, for viewers."""
    return _page_of_room(call, "room", framed=True)


async def overlay_page(call: Call) -> Response:
    """A room's overlay, for an OBS browser source."""
    return _page_of_room(call, "overlay", framed=True)


async def host_page(call: Call) -> Response:
    """A room's second screen, for its host. Nobody may put a frame around it: one could be made to click in it."""
    return _page_of_room(call, "host", framed=False)


async def console_page(call: Call) -> Response:
    """The page of those who run shows. Nobody may put a frame around it: an operator could be made to click in it."""
    return _page(call, _built(call, "console"), framed=False)


async def page_with_slash(call: Call) -> Response:
    """The page's own address, for who has typed a slash behind it. What is behind the `#` a browser keeps by itself."""
    page, query = call.request.scope["path"].split("/")[1], call.request.url.query
    address = f"/{page}/{quote(call.path['address'], safe='')}" + (f"?{query}" if query else "")
    return RedirectResponse(address, HTTPStatus.PERMANENT_REDIRECT, {"Cache-Control": PAGE_CACHE})


async def page_file(call: Call) -> Response:
    """A file that pages load."""
    asset = call.services.pages.asset(call.path["asset"])
    if asset is None:
        raise ApiError(Code.NOT_FOUND, f"there is no {call.request.url.path!r} here")
    return _answer(call, asset, {"Cache-Control": ASSET_CACHE})


async def sample_picture(call: Call) -> Response:
    """A picture of one of the sample's products."""
    picture = call.services.pages.picture(call.path["asset"])
    if picture is None:
        raise ApiError(Code.NOT_FOUND, f"there is no {call.request.url.path!r} here")
    return _answer(call, picture, {"Cache-Control": PICTURE_CACHE})


def _built(call: Call, name: str) -> PageFile:
    page = call.services.pages.page(name)
    if page is None:
        raise ApiError(Code.NOT_FOUND, NOT_BUILT)
    return page


def _page_of_room(call: Call, name: str, *, framed: bool) -> Response:
    """The page, for whatever room there may be. A name that no room can have is answered as it is asked: a browser with
    the home page, which says so and which rooms there are, a program with a problem."""
    page = _built(call, name)
    try:
        converted(call.path["address"], Name, field="room")
    except InvalidInput:
        if not asks_for_html(call.request.headers):
            raise
        return _page(call, _built(call, "index"), framed=framed, status=HTTPStatus.NOT_FOUND)
    return _page(call, page, framed=framed)


def _page(call: Call, page: PageFile, *, framed: bool, status: HTTPStatus = HTTPStatus.OK) -> Response:
    host = call.request.headers.get("host", "")
    origins = Origins(call.services.settings.allowed_origins)
    policy = content_policy(host, origins, framed=framed, images=call.services.image_origins)
    return _answer(call, page, {"Cache-Control": PAGE_CACHE, "Content-Security-Policy": policy}, status)


def _answer(call: Call, file: PageFile, headers: dict[str, str], status: HTTPStatus = HTTPStatus.OK) -> Response:
    # To the server itself a page says where it is: browsers say no Origin there, and the entry judges it by that.
    headers |= {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Vary": "Accept-Encoding"}
    content = file.content
    if file.compressed is not None and accepts_gzip(call.request.headers):
        content, headers["Content-Encoding"] = file.compressed, "gzip"
    return Response(content, status_code=status, headers=headers, media_type=file.media_type)


def content_policy(host: str, origins: Origins, *, framed: bool, images: Origins) -> str:
    """A page's Content-Security-Policy: its own files and its own server, pictures of these origins, nothing inline and
    nothing else.

    `host` is the request's; older browsers do not count a page's own WebSocket to 'self', so it is named. `origins` are
    those whose pages may put a `framed` page into a frame, besides our own.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    ancestors = " ".join(["'self'", *origins.framing]) if framed else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            " ".join(("img-src 'self'", *images.said)),
            "font-src 'self'",
            f"connect-src 'self'{sockets}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
        )
    )


def asks_for_html(headers: Headers) -> bool:
    """Whether a browser shows the answer to a person: it names HTML in what it accepts, programs take anything."""
    return "text/html" in headers.get("accept", "").lower()


def accepts_gzip(headers: Headers) -> bool:
    """Whether the client takes gzip (RFC 9110, 12.5.3): named, or meant by `*`, and not with q=0."""
    weights: dict[str, str] = {}
    for part in headers.get("accept-encoding", "").lower().split(","):
        coding, _, parameter = part.partition(";")
        weights[coding.strip()] = parameter.strip().removeprefix("q=") or "1"
    weight = weights.get("gzip", weights.get("*", "0"))
    return re.fullmatch(r"0(\.0*)?", weight) is None


async def _plain_index(call: Call) -> Response:
    scheme = "wss" if call.request.url.scheme == "https" else "ws"
    page = plain_page(await rooms_on_air(call.services), f"{scheme}://{call.request.url.netloc}")
    return HTMLResponse(page, headers={"Cache-Control": "no-store", "Content-Security-Policy": PLAIN_POLICY})


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/", summary="What is running here", tag=TAG, handle=index, access=Access.PUBLIC,
             query=AnyQuery, answer=str, media_type="text/html"),
]
PAGES = [
    Endpoint(method="GET", path="/rooms/{address}", summary="A room's shelf, for viewers", tag=TAG, handle=viewer_page,
             access=Access.PUBLIC, query=AnyQuery, media_type="text/html"),
    Endpoint(method="GET", path="/overlay/{address}", summary="A room's overlay", tag=TAG, handle=overlay_page,
             access=Access.PUBLIC, query=AnyQuery, media_type="text/html"),
    Endpoint(method="GET", path="/host/{address}", summary="A room's second screen", tag=TAG, handle=host_page,
             access=Access.PUBLIC, query=AnyQuery, media_type="text/html"),
    Endpoint(method="GET", path="/console", summary="The page of those who run shows", tag=TAG, handle=console_page,
             access=Access.PUBLIC, query=AnyQuery, media_type="text/html"),
    *(Endpoint(method="GET", path=f"/{page}/{{address}}/", summary="The same, for who typed a slash", tag=TAG,
               handle=page_with_slash, access=Access.PUBLIC, query=AnyQuery) for page in ("rooms", "overlay", "host")),
    Endpoint(method="GET", path="/static/sample/{asset}", summary="A picture of the sample's products", tag=TAG,
             handle=sample_picture, access=Access.PUBLIC, query=AnyQuery),
    Endpoint(method="GET", path="/static/assets/{asset}", summary="A file of the pages", tag=TAG, handle=page_file,
             access=Access.PUBLIC, query=AnyQuery),
]
"""Pages are no part of the API, and of its document."""
# fmt: on
