"""The route of a pool's events: what happened besides its moves, from a position on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import NDJSON_TYPE, Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.paging import lines
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.protocol.codes import Code


class EventsQuery(Query, frozen=True, kw_only=True):
    """A page of the events: those after number `after`."""

    after: Annotated[int, Meta(ge=0, description="the number of the last event already read")] = 0
    limit: PageLimit = 1000


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened in the pool besides its moves; docs/http-api.md has the types and their data.

    `n` counts from 1 without a gap. `room` is empty where it is the whole pool's. `action` is the id of the write
    behind it, and `actor` whose it was; both are empty where the book did it by itself.
    """

    n: int
    at_ms: int
    type: str
    room: str
    subject: str
    data: dict[str, Any]
    actor: str
    action: str


TAG = "moves"


async def get_events(call: Call) -> Response:
    """A page of the events, one JSON object a line, in the order of `n`; a full page links to the next one.

    The last `events_kept_max` are kept. Where the one after `after` is not, the answer is 410, and its `begin_after` is
    what to ask with instead.
    """
    book, after, limit = (await call.pool()).book, call.query.after, call.page_limit()
    found = await book.events(after, limit)
    if found and found[0].n > after + 1:
        raise ApiError(
            Code.NOT_FOUND,
            f"the events up to {found[0].n - 1:,} are not kept any more",
            status=HTTPStatus.GONE,
            field="after",
            begin_after=found[0].n - 1,
        )
    page = [Event(**asdict(event)) for event in found]
    return lines(call, page, full=len(page) == limit, last=page[-1].n if page else after)


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=POOL_PATH + "/events", summary="Read what happened besides moves", tag=TAG,
             handle=get_events, access=Access.CONTROL, answer=Event, media_type=NDJSON_TYPE, query=EventsQuery,
             codes=(Code.NOT_FOUND,), problems={HTTPStatus.GONE: "What was asked for is not kept any more."}),
]
# fmt: on
