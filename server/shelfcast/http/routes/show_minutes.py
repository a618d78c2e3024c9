"""The route of a show's pages at any minute: from the engine while that has them, then from the archive."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.archive.minutes import PART_MINUTES, MinuteState, cut
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import JSON_TYPE, Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import Query
from shelfcast.http.routes.shows import FINDER, TAG
from shelfcast.merchant.show_minutes import Extent, Played, read_minutes
from shelfcast.protocol.codes import Code
from shelfcast.stock.show import ShowRecord

Minute = Annotated[int, Meta(ge=0, le=1_000_000, description="of the show: 0 is the one in which it went on air")]
Minutes = Annotated[int, Meta(ge=1, le=PART_MINUTES, description="how many, this one included")]


class AtQuery(Query, frozen=True, kw_only=True):
    """A minute, the first one if absent, and how many from there on; they end with the quarter of an hour (minutes 0 to
    14, 15 to 29 …)."""

    minute: Minute = 0
    minutes: Minutes = 1


class ShowAt(Struct, frozen=True, kw_only=True):
    """A show's pages at the end of a minute (`state`, the whole of it), and of those that follow, as they differ from
    the minute before each. The show has had `minutes` minutes so far; `is_full`: no more were kept, as its series has
    reached a bound. `next` is the `minute` to go on with, null on the last."""

    show: str
    room: str
    pool: str
    minutes: int
    is_full: bool
    source: Literal["engine", "archive"]
    state: MinuteState
    changes: list[MinuteState]
    next: int | None


async def get_show_at(call: Call) -> Response:
    """What a show's pages showed at the end of a minute, and at the ends of those that follow, up to now or its end."""
    name, record = await call.found()
    pool = await call.services.pools.get(name)
    if pool is None:
        raise ApiError(Code.NOT_FOUND, f"no show {record.id!r} is known", field="show")
    query = call.query
    found = await read_minutes(pool.book, call.services.archive, record, query.minute)
    if isinstance(found, Extent):
        raise ApiError(Code.NOT_FOUND, _why_none(record, found), field="minute")
    body = await asyncio.to_thread(_answer, record, name, found, query.minute, query.minutes)
    return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON_TYPE)


def _answer(record: ShowRecord, pool: str, found: Played, minute: int, count: int) -> bytes:
    state, changes = cut(found.part, minute, count - 1)
    following = minute + len(changes) + 1
    return msgspec.json.encode(
        ShowAt(
            show=record.id,
            room=record.room,
            pool=pool,
            minutes=found.extent.minutes,
            is_full=found.extent.is_full,
            source="archive" if found.from_archive else "engine",
            state=state,
            changes=changes,
            next=following if following < found.extent.minutes else None,
        )
    )


def _why_none(record: ShowRecord, extent: Extent) -> str:
    """Why there is no such minute."""
    if extent.minutes == 0:
        if record.ended_at_ms:
            return "no minute of this show was kept: no server watched it, or its series had no room"
        return "no minute of this show has ended yet"
    said = f"expected a minute from 0 to {extent.minutes - 1}: so many "
    if extent.is_full:
        return said + "were kept, then the series had reached its bound"
    return said + ("the show had" if record.ended_at_ms else "have ended so far")


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/shows/{show}/at", summary="Read a show's pages at a minute", tag=TAG,
             handle=get_show_at, access=Access.CONTROL, answer=ShowAt, query=AtQuery, finds=FINDER,
             codes=(Code.NOT_FOUND,)),
]
# fmt: on
