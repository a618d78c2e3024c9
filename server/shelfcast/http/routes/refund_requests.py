"""Routes of refunds that were asked for: records that move nothing, until the goods come back or somebody decides."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, Finder, Found, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import RefundedMinor, Text, check_seen
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.routes.receipt_items import RefundRequestItem, RefundRequestList
from shelfcast.http.routes.reservations import FINDER as RESERVATION
from shelfcast.merchant import refund_requests as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Qty
from shelfcast.stock.book import StockBook
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.reading.receipts import place_of
from shelfcast.stock.refund_requests import RefundRequest, RefundState

AFTER_MAX = 96


class AskBody(Request, frozen=True, kw_only=True):
    """So many units of a paid reservation shall go back, and why."""

    units: Qty
    reason: Annotated[Text, Meta(min_length=1)]


class DecideBody(Request, frozen=True, kw_only=True):
    """What was decided: `declined`, or `without_goods`, where the money went back and the goods do not. Then
    `refunded_minor` is what went back; left out, as much as would have with the goods."""

    state: RefundState
    note: Text = ""
    refunded_minor: RefundedMinor | UnsetType = UNSET


class RefundQuery(Query, frozen=True, kw_only=True):
    """The requests in one state."""

    state: RefundState = RefundState.OPEN
    after: Annotated[str, Meta(max_length=AFTER_MAX, description="the answer's `next`")] = ""
    limit: PageLimit = 100


TAG = "receipts"


async def post_refund_request(call: Call) -> Response:
    """Note that units of a paid reservation, shipped or not, shall go back. Nothing moves by it.

    A reservation has one that is open; the same units and reason again are the same one. It is over when as many units
    came back (`cancel-paid`, or a move `return` whose reference is the reservation), or when somebody decides.
    """
    check_seen(call.body.reason, "reason")
    book, reservation = (await call.pool()).book, await call.found()
    outcome = await use_cases.ask(book, reservation.id, call.body.units, call.body.reason, by=call.by())
    return await _shown(call, book, outcome)


async def post_decide_refund(call: Call) -> Response:
    """Decline a request, or say that the money went back without goods. No unit moves; what was refunded counts for the
    reservation, so that it is not paid back twice."""
    book, request, body = (await call.pool()).book, await call.found(), call.body
    if body.state not in use_cases.DECISIONS:
        raise InvalidInput(f"expected one of {', '.join(use_cases.DECISIONS)}", field="state")
    outcome = await use_cases.decide(
        book,
        request.reservation,
        body.state,
        note=body.note,
        refunded_minor=None if body.refunded_minor is UNSET else body.refunded_minor,
        by=call.by(),
    )
    return await _shown(call, book, outcome)


async def list_refund_requests(call: Call) -> Response:
    """Refunds that were asked for: open ones by when they were asked for, others by when they were decided."""
    book, query, limit = (await call.pool()).book, call.query, call.page_limit()
    found: list[RefundRequest] = []
    after, is_last = query.after, False
    while len(found) <= limit and not is_last:
        try:
            page = await book.refunds_in(query.state, after=after)
        except ValueError:
            raise InvalidInput("expected the `next` of an answer", field="after") from None
        found += [each for each in page.requests if call.reaches(use_cases.owner_of(book.pool, each))]
        after, is_last = page.next, not page.next
    now_ms, shown = await book.now_ms(), found[:limit]
    titles = {sku: config.title for sku, config in (await book.sku_configs([each.sku for each in shown])).items()}
    return answer(
        RefundRequestList(
            requests=[_item(each, titles, now_ms) for each in shown],
            next=_place(shown[-1]) if len(found) > limit else None,
        )
    )


async def _shown(call: Call, book: StockBook, outcome: Outcome) -> Response:
    call.note(await passed(book, outcome))
    request = use_cases.request_of(outcome)
    titles = {sku: config.title for sku, config in (await book.sku_configs([request.sku])).items()}
    return answer(_item(request, titles, await book.now_ms()))


def _place(request: RefundRequest) -> str:
    return place_of(request.decided_at_ms or request.asked_at_ms, request.reservation)


def _item(request: RefundRequest, titles: dict[str, str], now_ms: int) -> RefundRequestItem:
    has_money = request.state is RefundState.WITHOUT_GOODS and request.refunded_minor >= 0
    return RefundRequestItem(
        reservation=request.reservation,
        state=request.state,
        sku=request.sku,
        title=titles.get(request.sku, ""),
        units=request.units,
        done_units=request.done_units,
        reason=request.reason,
        room=request.room or None,
        show=request.show or None,
        channel=request.channel,
        user=request.user,
        asked_by=request.asked_by,
        asked_at_ms=request.asked_at_ms,
        age_ms=use_cases.age_ms(request, now_ms),
        decided_by=request.decided_by,
        decided_at_ms=request.decided_at_ms or None,
        note=request.note,
        refunded_minor=request.refunded_minor if has_money else None,
        currency=request.currency or None if has_money else None,
    )


async def _find(call: Call) -> Found | None:
    book = (await call.pool()).book
    request = await book.refund_request(call.path["id"])
    return None if request is None else Found(request, use_cases.owner_of(book.pool, request))


FINDER = Finder("refund request of the reservation", "id", _find)
_ONE = POOL_PATH + "/reservations/{id}/refund-request"

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=_ONE, summary="Ask for a refund", tag=TAG, handle=post_refund_request,
             access=Access.CONTROL, answer=RefundRequestItem, body=AskBody, acts=True, finds=RESERVATION,
             codes=(Code.NOT_FOUND, Code.INSUFFICIENT, Code.ID_CONFLICT, Code.SHELF_FULL),
             problems={409: "BAD_MESSAGE: the reservation is not paid."}),
    Endpoint(method="POST", path=_ONE + "/decide", summary="Decide about a refund", tag=TAG,
             handle=post_decide_refund, access=Access.OPERATOR, answer=RefundRequestItem, body=DecideBody, acts=True,
             finds=FINDER, codes=(Code.NOT_FOUND,), problems={409: "BAD_MESSAGE: it is decided otherwise."}),
    Endpoint(method="GET", path=POOL_PATH + "/refund-requests", summary="List refunds that were asked for", tag=TAG,
             handle=list_refund_requests, access=Access.CONTROL, answer=RefundRequestList, query=RefundQuery,
             filtered=True, codes=(Code.NOT_FOUND,)),
]
# fmt: on
