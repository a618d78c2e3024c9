"""Routes of reservations: reading them, and what happens to one after it holds units."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access, authorize
from shelfcast.http.api.bodies import Request, Step
from shelfcast.http.api.call import Call, Finder, Found, answer
from shelfcast.http.api.endpoint import Endpoint, Handler
from shelfcast.http.api.fields import UNITS_MAX, Currency, PaidMinor, Reference, RefundedMinor, Text
from shelfcast.http.api.money import amount, paid
from shelfcast.http.api.outcomes import passed, step
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.merchant import reservations as use_cases
from shelfcast.protocol.access import Act, Owner, Right
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, User
from shelfcast.stock.book import StockBook
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.records import Reservation


class ActionBody(Request, frozen=True, kw_only=True):
    """What may be said of a step of a reservation: a payment's or parcel's reference, a reason, who asked."""

    reference: Reference = ""
    reason: Text = ""
    actor: Reference = ""


class ConfirmBody(ActionBody, frozen=True, kw_only=True):
    """As above, and what was paid for all its units: in `currency`, or left out that of the price."""

    paid_minor: PaidMinor | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET


class RefundBody(ActionBody, frozen=True, kw_only=True):
    """As above, and what went back: left out, all that was paid."""

    refunded_minor: RefundedMinor | UnsetType = UNSET


class PartBody(ActionBody, frozen=True, kw_only=True):
    """As above, for part of a reservation: `qty` 0 or left out means all that is left of it. `id` (or the
    Idempotency-Key header) makes the step happen once, since a reservation may have several."""

    id: Id | UnsetType = UNSET
    qty: Annotated[int, Meta(ge=0, le=UNITS_MAX)] = 0


class CancelPaidBody(PartBody, frozen=True, kw_only=True):
    """As above, and what went back: left out, these units' part of what was paid, with the last part all the rest."""

    refunded_minor: RefundedMinor | UnsetType = UNSET


class ReservationList(Struct, frozen=True, kw_only=True):
    """Reservations, oldest first."""

    reservations: list[Reservation]


class ListedState(StrEnum):
    """The states whose reservations can be listed."""

    PAID_NO_STOCK = "paid_no_stock"


class ReservationQuery(Query, frozen=True, kw_only=True):
    """Either `state`, or `user`: that user's live reservations."""

    state: ListedState | None = None
    user: User | None = None
    limit: PageLimit = 100


TAG = "reservations"


async def list_reservations(call: Call) -> Response:
    """Payments that wait for stock or a refund, longest waiting first; or a user's live reservations."""
    principal, query, limit = call.principal, call.query, call.page_limit()
    if (query.state is None) == (query.user is None):
        raise InvalidInput("expected either state or user", field="state")
    authorize(principal, Act(Right.HOLDINGS), user=query.user or "")
    book = (await call.pool()).book
    if query.user:
        found = await book.user_reservations(query.user)
    else:
        found = await book.paid_no_stock(limit, rooms=principal.rooms)
    reached = [reservation for reservation in found if call.reaches(_owner(book, reservation))]
    return answer(ReservationList(reservations=reached[:limit]))


async def get_reservation(call: Call) -> Response:
    """One reservation, finished ones too while they are remembered."""
    return answer(await call.found())


async def post_cancel(call: Call) -> Response:
    """Give a live hold back. A viewer cancels its own."""
    book, reservation = (await call.pool()).book, await call.found()
    # It has been found in reach, and whose it is never changes.
    outcome = await use_cases.cancel(
        book, reservation.id, user="", actor=call.actor(call.body.actor), reason=call.body.reason
    )
    return answer(step(reservation.id, await passed(book, outcome)))


async def post_pay(call: Call) -> Response:
    """Payment has begun: the hold is extended, once."""
    return await _step(call, use_cases.pay)


async def post_confirm(call: Call) -> Response:
    """Payment has arrived. After expiry it takes units anew, or is answered PAID_NO_STOCK and waits for a refund."""
    return await _step(
        call, use_cases.confirm, reference=call.body.reference, **paid(call.body.paid_minor, call.body.currency)
    )


async def post_refund(call: Call) -> Response:
    """The money of a payment without stock went back."""
    return await _step(call, use_cases.refund, reason=call.body.reason, refunded_minor=amount(call.body.refunded_minor))


async def post_ship(call: Call) -> Response:
    """Sold units leave the house."""
    return await _part(call, use_cases.ship, units=call.body.qty, reference=call.body.reference)


async def post_cancel_paid(call: Call) -> Response:
    """Take paid, unshipped units back into stock."""
    return await _part(
        call,
        use_cases.cancel_paid,
        units=call.body.qty,
        reason=call.body.reason,
        refunded_minor=amount(call.body.refunded_minor),
    )


async def post_fulfil(call: Call) -> Response:
    """Goods for a paid presale order are there: they become sold units."""
    if call.body.qty:
        raise InvalidInput("a presale order is fulfilled as a whole", field="qty")
    return await _part(call, use_cases.fulfil)


async def _step(call: Call, use_case: Callable[..., Awaitable[Outcome]], *key: str, **given: Any) -> Response:
    """Carry out a step of the path's reservation; `key` makes one happen once of which there may be several."""
    book, reservation = (await call.pool()).book, call.path["id"]
    outcome = await use_case(book, *key, reservation, actor=call.actor(call.body.actor), **given)
    call.note(await passed(book, outcome))
    return answer(step(reservation, outcome))


async def _part(call: Call, use_case: Callable[..., Awaitable[Outcome]], **given: Any) -> Response:
    return await _step(call, use_case, call.operation_id(None if call.body.id is UNSET else call.body.id), **given)


async def find(book: StockBook, call: Call) -> Found | None:
    """The reservation of the path's `id`, and whose it is."""
    reservation = await book.reservation(call.path["id"])
    return None if reservation is None else Found(reservation, _owner(book, reservation))


async def _find(call: Call) -> Found | None:
    return await find((await call.pool()).book, call)


def _owner(book: StockBook, reservation: Reservation) -> Owner:
    return Owner(pool=book.pool, room=reservation.room, user=reservation.user)


FINDER = Finder("reservation", "id", _find)
_ALL = "/v1/pools/{pool}/reservations"
_ONE = _ALL + "/{id}"


def _action(
    path: str,
    summary: str,
    handle: Handler,
    *codes: Code,
    access: Access = Access.CONTROL,
    part: bool = False,
    body: type[ActionBody] = ActionBody,
) -> Endpoint:
    return Endpoint(
        method="POST",
        path=_ONE + path,
        summary=summary,
        tag=TAG,
        handle=handle,
        access=access,
        answer=Step,
        body=body,
        body_optional=True,
        keyed=part,
        acts=part,
        finds=FINDER,
        codes=(Code.NOT_FOUND, *codes),
    )


_OVER = (Code.ALREADY_CONFIRMED, Code.ALREADY_CANCELLED, Code.EXPIRED)
_PART = (Code.INSUFFICIENT, Code.ID_CONFLICT)

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_ALL, summary="List reservations", tag=TAG, handle=list_reservations,
             access=Access.OWNER, answer=ReservationList, query=ReservationQuery, filtered=True,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=_ONE, summary="Read a reservation", tag=TAG, handle=get_reservation,
             access=Access.OWNER, answer=Reservation, finds=FINDER, codes=(Code.NOT_FOUND,)),
    _action("/pay", "Payment has begun", post_pay, *_OVER),
    _action("/confirm", "Payment has arrived", post_confirm, Code.ALREADY_CANCELLED, Code.PAID_NO_STOCK,
            body=ConfirmBody),
    _action("/cancel", "Give a hold back", post_cancel, *_OVER, Code.PAID_NO_STOCK, access=Access.OWNER),
    _action("/refund", "Close a payment without stock", post_refund, body=RefundBody),
    _action("/ship", "Ship sold units", post_ship, *_PART, part=True, body=PartBody),
    _action("/cancel-paid", "Take paid units back into stock", post_cancel_paid, *_PART, part=True,
            body=CancelPaidBody),
    _action("/fulfil", "Fulfil a presale order", post_fulfil, *_PART, part=True, body=PartBody),
]
# fmt: on
