"""Routes of shows: what a room's stretches from live to ended were, and are."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, Finder, Found, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.protocol.access import Owner
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.show import ShowRecord, room_of

SHOWS_A_PAGE = 20


class ShowQuery(Query, frozen=True, kw_only=True):
    """A page of a room's shows, newest first: those before number `before`."""

    before: Annotated[int, Meta(ge=1, description="the number `n` of the last show already read")] | None = None
    limit: PageLimit = SHOWS_A_PAGE


class StatusChangeItem(Struct, frozen=True, kw_only=True):
    """A status that the room took, and who gave it; `actor` is empty where the book did."""

    status: RoomStatus
    at_ms: int
    actor: str


class SpotlitItem(Struct, frozen=True, kw_only=True):
    """A SKU in the spotlight; `to_ms` is null where it still is."""

    sku: str
    from_ms: int
    to_ms: int | None


class ShowItem(Struct, frozen=True, kw_only=True):
    """One stretch of a room from live to ended; `n` counts the room's shows from 1, and `show` is `<room>.<n>`.

    What was planned is null where nothing was; `time_zone` is empty where it is the pool's. Sequences are the pool's:
    what is behind `started_seq`, up to `ended_seq`, happened during the show. The end is null while it is on.
    `history` has the last 200 statuses, `spotlight` the last 1,000 stretches. `continued` is how often the show went on
    after it had ended.
    """

    show: str
    room: str
    pool: str
    n: int
    channel: str
    status: RoomStatus
    planned_start_ms: int | None
    planned_minutes: int | None
    time_zone: str
    started_at_ms: int
    started_seq: int
    started_by: str
    ended_at_ms: int | None
    ended_seq: int | None
    ended_by: str
    history: list[StatusChangeItem]
    spotlight: list[SpotlitItem]
    continued: int


class ShowList(Struct, frozen=True, kw_only=True):
    """Shows, newest first; `next` is the `before` of the next page, null on the last."""

    shows: list[ShowItem]
    next: int | None


TAG = "shows"


async def list_shows(call: Call) -> Response:
    """The shows of a room, newest first; the last `shows_kept_max` of the pool are kept."""
    book, room, limit = (await call.room_pool()).book, call.path["room"], call.page_limit()
    config = await book.room_config(room)
    if config is None:
        raise ApiError(Code.NOT_FOUND, f"there is no room {room!r}", field="room")
    before = min(call.query.before or config.show + 1, config.show + 1)
    found = await book.shows(room, before=before, limit=limit)
    last = max(1, before - limit)
    # Those that are not kept any more leave gaps among the oldest.
    following = last if last > 1 and found else None
    return answer(ShowList(shows=[item(book.pool, record) for record in found], next=following))


async def get_show(call: Call) -> Response:
    """One show."""
    pool, record = await call.found()
    return answer(item(pool, record))


def item(pool: str, record: ShowRecord) -> ShowItem:
    """A show as the API shows it."""
    has_ended = record.ended_at_ms > 0
    return ShowItem(
        show=record.id,
        room=record.room,
        pool=pool,
        n=record.n,
        channel=record.channel,
        status=record.status,
        planned_start_ms=record.planned_start_ms or None,
        planned_minutes=record.planned_minutes or None,
        time_zone=record.time_zone,
        started_at_ms=record.started_at_ms,
        started_seq=record.started_seq,
        started_by=record.started_by,
        ended_at_ms=record.ended_at_ms if has_ended else None,
        ended_seq=record.ended_seq if has_ended else None,
        ended_by=record.ended_by,
        history=[StatusChangeItem(status=row.status, at_ms=row.at_ms, actor=row.actor) for row in record.history],
        spotlight=[SpotlitItem(sku=row.sku, from_ms=row.from_ms, to_ms=row.to_ms or None) for row in record.spotlight],
        continued=record.continued,
    )


async def _find(call: Call) -> Found | None:
    show = call.path["show"]
    pool = await call.services.pools.of_room(room_of(show))
    record = None if pool is None else await pool.book.show(show)
    if pool is None or record is None:
        return None
    return Found((pool.book.pool, record), Owner(pool=pool.book.pool, room=record.room))


FINDER = Finder("show", "show", _find)

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/rooms/{room}/shows", summary="List the shows of a room", tag=TAG,
             handle=list_shows, access=Access.STAFF, answer=ShowList, query=ShowQuery, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path="/v1/shows/{show}", summary="Read a show", tag=TAG, handle=get_show,
             access=Access.STAFF, answer=ShowItem, finds=FINDER, codes=(Code.NOT_FOUND,)),
]
# fmt: on
