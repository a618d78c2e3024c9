"""Routes of what is entered on a count: lines, and answers to what moved meanwhile."""

from __future__ import annotations

import unicodedata
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.fields import Day, FoundUnits, LotCode, Reference, Seq, Text, Units
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import Query
from shelfcast.http.routes.count_items import CountRowItem, LineSaved
from shelfcast.http.routes.counts import COUNT, STATE, TAG, known, row_items
from shelfcast.merchant import counts as use_cases
from shelfcast.merchant.count_sight import has_line, sight_of
from shelfcast.merchant.counts import Found
from shelfcast.merchant.days import day_said
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Sku
from shelfcast.stock.book import StockBook
from shelfcast.stock.counts import CountRecord, CountRow
from shelfcast.stock.outcomes import Outcome


class LineBody(Request, frozen=True, kw_only=True):
    """What the caller found of a SKU in a zone: `good` and `bad` units, of a lot where goods have one.

    Without either the line is opened: what leaves or comes from then on is asked about. `begun_seq` is the pool's
    sequence at which a line that was not opened was begun; left out it is when the SKU was put on the count."""

    sku: Sku
    zone: Reference = ""
    lot: LotCode = ""
    expires_on: Day | None = None
    good: FoundUnits | UnsetType = UNSET
    bad: FoundUnits | UnsetType = UNSET
    note: Text = ""
    begun_seq: Seq | UnsetType = UNSET


class SavedLineBody(Request, frozen=True, kw_only=True):
    """What was found on a line of the caller's, anew."""

    sku: Sku
    good: FoundUnits
    bad: FoundUnits = 0
    note: Text = ""


class LineQuery(Query, frozen=True, kw_only=True):
    """Whose line it is."""

    sku: Annotated[Sku, Meta(description="the SKU that the line is of")]


class AnswerBody(Request, frozen=True, kw_only=True):
    """Of the units that left or came by the entry `seq`, so many are `included` in the lines."""

    sku: Sku
    seq: Seq
    included: Units


async def post_line(call: Call) -> Response:
    """Save what was found, or open a line. With an Idempotency-Key a line is made once."""
    book, body, user = (await call.pool()).book, call.body, call.principal.user
    record = await known(call, book)
    found = Found(
        sku=body.sku,
        zone=_composed(body.zone),
        lot=_composed(body.lot),
        expires_on=day_said(body.expires_on, "expires_on").isoformat() if body.expires_on else "",
        good=_said(body.good),
        bad=_said(body.bad),
        note=_composed(body.note),
        begun_seq=_said(body.begun_seq),
    )
    if body.good is UNSET and body.bad is UNSET:
        if body.begun_seq is not UNSET:
            raise InvalidInput("expected none of a line that is opened: it begins now", field="begun_seq")
        outcome = await passed(book, await use_cases.open_line(book, record.id, found, user), _COUNTED)
        row = _row(outcome.data)
        opened = [
            line.n
            for line in row.lines
            if not line.is_saved
            and (line.by, line.zone, line.lot, line.expires_on) == (user, found.zone, found.lot, found.expires_on)
        ]
        return await _saved(call, book, opened[-1], row)
    once = call.key() or ""
    outcome = await passed(book, await use_cases.save_line(book, record.id, found, user, once=once), _COUNTED)
    line, row = outcome.data
    return await _saved(call, book, line, _row(row))


async def put_line(call: Call) -> Response:
    """Save a line that was opened, or say anew what was found on it. A line is its counter's alone."""
    book, body = (await call.pool()).book, call.body
    record = await known(call, book)
    before, line = await _row_of(book, record, body.sku), int(call.path["line"])
    outcome = await use_cases.change_line(
        book, record.id, before, line, body.good, body.bad, _composed(body.note), call.principal.user
    )
    number, row = (await passed(book, outcome, _COUNTED)).data
    return await _saved(call, book, number, _row(row))


async def delete_line(call: Call) -> Response:
    """Take a line of one's own off the count: it was a mistake."""
    book = (await call.pool()).book
    record, line = await known(call, book), int(call.path["line"])
    await passed(book, await use_cases.drop_line(book, record.id, call.query.sku, line, call.principal.user), _COUNTED)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def post_answer(call: Call) -> Response:
    """Say how many of the units that left or came while a SKU was counted are in the lines."""
    book, body, user = (await call.pool()).book, call.body, call.principal.user
    record = await known(call, book)
    if not sight_of(call.principal, record).figures and not has_line(await _row_of(book, record, body.sku), user):
        raise ApiError(Code.NOT_FOUND, "there is no such question about a SKU that you have counted", field="question")
    outcome: Outcome = await use_cases.answer_question(book, record.id, body.sku, body.seq, body.included, user)
    [item] = await row_items(call, book, record, [_row((await passed(book, outcome)).data)])
    return answer(item)


_COUNTED = {
    Code.SAME_SIGNER: "somebody else has to count it again: you have counted it",
    Code.ID_CONFLICT: "you have saved a line under this Idempotency-Key which says something else: change that one",
    "kind": "expected a count that is no draft of a move: nobody counts on that",
    "line": "expected a line of yours, of the round that goes on",
}

# --- parts --------------------------------------------------------------------------------------------------


async def _saved(call: Call, book: StockBook, line: int, row: CountRow) -> Response:
    # The record as it is now: a line of the last SKU may have made more of the count than it was.
    [item] = await row_items(call, book, await known(call, book), [row])
    return answer(LineSaved(line=line, row=item))


async def _row_of(book: StockBook, record: CountRecord, sku: str) -> CountRow:
    row = await book.count_row(record.id, sku)
    if row is None:
        raise ApiError(Code.NOT_FOUND, f"SKU {sku!r} is not on the count", field="sku")
    return row


def _row(data: Any) -> CountRow:
    """The row that the book answers with."""
    return msgspec.convert(data, CountRow)


def _said(value: int | UnsetType) -> int:
    return 0 if value is UNSET else value


def _composed(text: str) -> str:
    """Text that people write is kept in one form, as a spreadsheet's is."""
    return unicodedata.normalize("NFC", text)


# --- table --------------------------------------------------------------------------------------------------

_LINES = COUNT + "/lines"
_LINE = _LINES + "/{line}"
_CODES = (Code.NOT_FOUND, Code.SAME_SIGNER, Code.SHELF_FULL)
_CODES_OF_A_NEW_ONE = (*_CODES, Code.ID_CONFLICT)

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=_LINES, summary="Enter what was found", tag=TAG, handle=post_line,
             access=Access.COUNTER, answer=LineSaved, body=LineBody, keyed=True, codes=_CODES_OF_A_NEW_ONE,
             problems=STATE),
    Endpoint(method="PUT", path=_LINE, summary="Save a line", tag=TAG, handle=put_line, access=Access.COUNTER,
             answer=LineSaved, body=SavedLineBody, codes=_CODES, problems=STATE),
    Endpoint(method="DELETE", path=_LINE, summary="Take a line off a count", tag=TAG, handle=delete_line,
             access=Access.COUNTER, query=LineQuery, statuses=(HTTPStatus.NO_CONTENT,), codes=(Code.NOT_FOUND,),
             problems=STATE),
    Endpoint(method="POST", path=COUNT + "/answers", summary="Say what of a movement is in the lines", tag=TAG,
             handle=post_answer, access=Access.COUNTER, answer=CountRowItem, body=AnswerBody, codes=(Code.NOT_FOUND,),
             problems=STATE),
]
# fmt: on
