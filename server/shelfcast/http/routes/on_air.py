"""Which rooms anybody may look into now."""

from __future__ import annotations

from functools import partial

from msgspec import Struct
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import RoomOnAir
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.services import Services
from shelfcast.protocol.states import RoomStatus

ROOMS_MAX = 100
"""Rooms named at most: this is a way in, no catalogue."""


class OnAir(Struct, frozen=True, kw_only=True):
    """Live rooms that admit everybody, at most 100, by name."""

    rooms: list[RoomOnAir]


async def on_air(call: Call) -> Response:
    """Live rooms that admit everybody, of the pools that are open in this process."""
    return answer(OnAir(rooms=await rooms_on_air(call.services)))


async def rooms_on_air(services: Services) -> list[RoomOnAir]:
    """Live rooms that admit everybody, of the pools that are open here: a stranger's visit opens none, and reads so
    often and no more."""
    return await services.on_air.get(partial(_read_rooms, services))


async def _read_rooms(services: Services) -> list[RoomOnAir]:
    found = [
        RoomOnAir(
            room=room,
            title=config.title,
            demonstration=config.open_reservations,
            open_house=room in services.open_house,
        )
        for pool in services.pools.opened
        for room, config in (await pool.book.rooms()).items()
        if config.anonymous and config.status is RoomStatus.LIVE
    ]
    return sorted(found, key=lambda one: one.room)[:ROOMS_MAX]


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/on-air", summary="Live rooms that admit everybody", tag="rooms", handle=on_air,
             access=Access.PUBLIC, answer=OnAir),
]
# fmt: on
