"""Routes of demonstration rooms (`open_reservations`): a pass for whoever comes, and a payment for show."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Literal

from msgspec import Struct
from starlette.responses import Response

from shelfcast.addresses import site
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import EmptyBody, Request, Step
from shelfcast.http.api.call import Call, Finder, Found, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.outcomes import passed, step
from shelfcast.http.api.problems import ApiError
from shelfcast.http.routes.reservations import find
from shelfcast.merchant import reservations
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import Code
from shelfcast.room.customer_requests import GUEST
from shelfcast.stock.configuration import RoomConfig
from shelfcast.stock.pools import Pool


class GuestBody(Request, frozen=True, kw_only=True):
    """Whose pass is asked for. A host's is given only in a room where the server keeps open house."""

    role: Literal["viewer", "host"] = "viewer"


class GuestPass(Struct, frozen=True, kw_only=True):
    """A token for one room and a user who was made up for it."""

    token: str
    user: str
    role: Role
    expires_at_ms: int


REFERENCE = "demonstration"
"""What such a payment's reference says in the book."""


async def post_guest(call: Call) -> Response:
    """A pass for a made-up user, so that a page is the same customer after a reconnect or a reload.

    A viewer's, in a demonstration room. A host's only where this server keeps open house (`shelfcast demo`).
    """
    services, room, role = call.services, call.path["room"], Role(call.body.role)
    wait_ms = services.guests.take(_address(call), services.settings.guest_passes_an_address_a_minute_max)
    if wait_ms:
        raise ApiError(Code.RATE_LIMITED, "too many passes for this address", retry_after_ms=wait_ms)
    config = await _demonstration(await call.room_pool(), room, "passes are given in demonstration rooms alone")
    if not config.anonymous:
        raise ApiError(Code.FORBIDDEN, "this room takes nobody without a token", field="room")
    if role is not Role.VIEWER and room not in services.open_house:
        raise ApiError(Code.FORBIDDEN, "this server gives no host's pass for this room", field="role")
    if not services.tokens.can_mint:
        raise ApiError(Code.FORBIDDEN, "this server can check tokens, and make none: it has no token secret")
    user = GUEST + secrets.token_urlsafe(9)
    token = services.tokens.mint(role=role, user=user, room=room, ttl_s=-(-services.settings.guest_pass_ttl_ms // 1000))
    expires_at_ms = services.tokens.verify(token).expires_at_s * 1000
    made = GuestPass(token=token, user=user, role=role, expires_at_ms=expires_at_ms)
    return answer(made, status=HTTPStatus.CREATED)


async def post_demo_payment(call: Call) -> Response:
    """Confirm a hold as if it were paid, in a demonstration room. Answers as confirm does."""
    pool, room = await call.room_pool(), call.path["room"]
    await _demonstration(pool, room, "payments are for show in demonstration rooms alone")
    reservation = await call.found()
    outcome = await reservations.confirm(pool.book, reservation.id, reference=REFERENCE, actor=call.actor(""))
    return answer(step(reservation.id, await passed(pool.book, outcome)))


async def _find(call: Call) -> Found | None:
    """The reservation of the path's `id`, where it is one of the path's room."""
    found = await find((await call.room_pool()).book, call)
    return found if found is not None and found.owner.room == call.path["room"] else None


async def _demonstration(pool: Pool, room: str, otherwise: str) -> RoomConfig:
    """The configuration of a demonstration room. Raises ApiError where it is none."""
    config = await pool.book.room_config(room)
    if config is None:
        raise ApiError(Code.NOT_FOUND, f"there is no room {room!r}", field="room")
    if not config.open_reservations:
        raise ApiError(Code.FORBIDDEN, otherwise, field="room")
    return config


def _address(call: Call) -> str:
    client = call.request.client
    return site(client.host) if client else ""


_ROOM = "/v1/rooms/{room}"

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=_ROOM + "/guests", summary="Get a guest's pass", tag="rooms", handle=post_guest,
             access=Access.PUBLIC, answer=GuestPass, statuses=(HTTPStatus.CREATED,), body=GuestBody, body_optional=True,
             codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.RATE_LIMITED, Code.UNAVAILABLE)),
    Endpoint(method="POST", path=_ROOM + "/reservations/{id}/demo-payment", summary="Pay for show", tag="rooms",
             handle=post_demo_payment, access=Access.OWNER, answer=Step, body=EmptyBody, body_optional=True,
             finds=Finder("reservation", "id", _find),
             codes=(Code.NOT_FOUND, Code.ALREADY_CANCELLED, Code.PAID_NO_STOCK)),
]
# fmt: on
