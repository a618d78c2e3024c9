"""Routes of receipts: goods that arrive, entered by one person or by two who do not see each other's figures."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import EmptyBody, Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Day, FoundUnits, LotCode, Reference, Text, Units
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.problems import ApiError
from shelfcast.http.routes.receipt_items import (
    ReceiptEntryItem,
    ReceiptExpectedItem,
    ReceiptItem,
    ReceiptLineItem,
    ReceiptList,
)
from shelfcast.merchant import receipts as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, Sku
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.receipts import ReceiptEntry, ReceiptExpected, ReceiptLine, ReceiptRecord

LINES_MAX = 500
"""As the setting receipt_lines_max allows at most."""


class ExpectedBody(Request, frozen=True, kw_only=True):
    """How many units of a SKU the supplier has announced."""

    sku: Sku
    units: Units


Expected = Annotated[list[ExpectedBody], Meta(max_length=LINES_MAX, description=f"at most {LINES_MAX} SKUs")]


class ReceiptBody(Request, frozen=True, kw_only=True):
    """Goods that arrive: who sends them, under what number, and what was announced. `id` (or the Idempotency-Key
    header) makes it once."""

    id: Id | UnsetType = UNSET
    supplier: Reference = ""
    reference: Reference = ""
    note: Text = ""
    expected: Expected = msgspec.field(default_factory=list)


class ReceiptLineBody(Request, frozen=True, kw_only=True):
    """What was found of a SKU: `good` units that can be sold, and `bad` ones. Goods that carry a lot or a day on which
    they expire are entered with it; a line each where there are several."""

    sku: Sku
    good: FoundUnits
    bad: FoundUnits = 0
    lot: LotCode = ""
    expires_on: Day | None = None
    note: Text = ""


class EntryBody(Request, frozen=True, kw_only=True):
    """All lines of the caller, in place of those it had. With `done` it has finished."""

    lines: Annotated[list[ReceiptLineBody], Meta(max_length=LINES_MAX)]
    done: bool = False


TAG = "receipts"


async def post_receipt(call: Call) -> Response:
    """Make a receipt: what arrives is then entered, by one person, or by two where the pool has `receipts_by_two`."""
    book, body = (await call.pool()).book, call.body
    key = call.operation_id(None if body.id is UNSET else body.id)
    outcome = await use_cases.open_receipt(
        book,
        key,
        supplier=body.supplier,
        reference=body.reference,
        note=body.note,
        expected=[ReceiptExpected(row.sku, row.units) for row in body.expected],
        by=By(key, call.actor("")),
    )
    await passed(book, outcome)
    return await _shown(call, book, key)


async def list_receipts(call: Call) -> Response:
    """The receipts of the pool, those that are being entered first, the newest first; without lines."""
    found = await (await call.pool()).book.receipts()
    ordered = sorted(found, key=use_cases.is_over)
    return answer(ReceiptList(receipts=[_item(call, receipt, {}, is_whole=False) for receipt in ordered]))


async def get_receipt(call: Call) -> Response:
    """One receipt. Another person's lines, and where two enter what was announced, are null until it is over; whoever
    only counts is never told what was announced."""
    book = (await call.pool()).book
    return await _shown(call, book, call.path["receipt"])


async def put_receipt_entry(call: Call) -> Response:
    """Say all that the caller found, in place of what it said before; with `done`, that this is all of it.

    Then the goods come in, where one person is enough, or another one has finished with the same good and bad units of
    each SKU, lot and day of expiry. Where two have finished with different figures the receipt `differs`, and names the
    SKUs: either looks again, and says `done` again. Where two enter, a program is none of them (403).
    """
    book, body, name = (await call.pool()).book, call.body, call.path["receipt"]
    user = call.principal.user
    if not use_cases.may_enter(await _found(book, name), call.principal.role):
        detail = "two people enter what arrives in this pool, and a program is none of them"
        raise ApiError(Code.FORBIDDEN, detail, field="role")
    lines = [
        ReceiptLine(
            sku=line.sku,
            good=line.good,
            bad=line.bad,
            lot=line.lot,
            expires_on=line.expires_on or "",
            note=line.note,
        )
        for line in body.lines
    ]
    outcome = await use_cases.enter(book, name, lines, done=body.done, user=user, by=call.by())
    call.note(await passed(book, outcome))
    return await _shown(call, book, name)


async def post_cancel_receipt(call: Call) -> Response:
    """Put a receipt aside that is not received: nothing comes of it. One that is cancelled stays so."""
    book, name = (await call.pool()).book, call.path["receipt"]
    await passed(book, await use_cases.cancel(book, name, by=call.by()))
    return await _shown(call, book, name)


async def _found(book: StockBook, name: str) -> ReceiptRecord:
    receipt = await book.receipt(name)
    if receipt is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no receipt {name!r}, or not any more", field="receipt")
    return receipt


async def _shown(call: Call, book: StockBook, name: str) -> Response:
    receipt = await _found(book, name)
    skus = {line.sku for entry in receipt.entries for line in entry.lines} | {row.sku for row in receipt.expected}
    titles = {sku: config.title for sku, config in (await book.sku_configs(sorted(skus))).items()}
    return answer(_item(call, receipt, titles))


def _item(call: Call, receipt: ReceiptRecord, titles: dict[str, str], *, is_whole: bool = True) -> ReceiptItem:
    """A receipt as the caller may see it."""
    user, role = call.principal.user, call.principal.role
    expected = None
    if is_whole and use_cases.may_see_expected(receipt, role):
        came = use_cases.received_units(receipt) if receipt.seq else None
        expected = [
            ReceiptExpectedItem(
                sku=row.sku,
                title=titles.get(row.sku, ""),
                units=row.units,
                received=came[row.sku] if came is not None else None,
            )
            for row in receipt.expected
        ]
    return ReceiptItem(
        receipt=receipt.id,
        state=receipt.state,
        supplier=receipt.supplier,
        reference=receipt.reference,
        note=receipt.note,
        by_two=receipt.by_two,
        expected=expected,
        entries=[
            _entry(entry, titles, shows_lines=is_whole and use_cases.may_see_lines(receipt, entry, user))
            for entry in receipt.entries
        ],
        differing=receipt.differing,
        made_by=receipt.made_by,
        made_at_ms=receipt.made_at_ms,
        received_at_ms=receipt.received_at_ms or None,
        units=receipt.units,
        bad=receipt.bad,
        seq=receipt.seq or None,
    )


def _entry(entry: ReceiptEntry, titles: dict[str, str], *, shows_lines: bool) -> ReceiptEntryItem:
    lines = [
        ReceiptLineItem(
            sku=line.sku,
            title=titles.get(line.sku, ""),
            good=line.good,
            bad=line.bad,
            lot=line.lot,
            expires_on=line.expires_on or None,
            note=line.note,
        )
        for line in entry.lines
    ]
    return ReceiptEntryItem(by=entry.by, done=entry.done_at_ms > 0, lines=lines if shows_lines else None)


_ALL = POOL_PATH + "/receipts"
_ONE = _ALL + "/{receipt}"
_OVER = {409: "BAD_MESSAGE: it is received, or cancelled."}

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=_ALL, summary="Make a receipt", tag=TAG, handle=post_receipt, access=Access.RECEIVER,
             answer=ReceiptItem, body=ReceiptBody, body_optional=True, keyed=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT, Code.SHELF_FULL)),
    Endpoint(method="GET", path=_ALL, summary="List receipts", tag=TAG, handle=list_receipts, access=Access.RECEIVER,
             answer=ReceiptList, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=_ONE, summary="Read a receipt", tag=TAG, handle=get_receipt, access=Access.RECEIVER,
             answer=ReceiptItem, codes=(Code.NOT_FOUND,)),
    Endpoint(method="PUT", path=_ONE + "/entry", summary="Say what has arrived", tag=TAG, handle=put_receipt_entry,
             access=Access.RECEIVER, answer=ReceiptItem, body=EntryBody, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.SHELF_FULL), problems=_OVER),
    Endpoint(method="POST", path=_ONE + "/cancel", summary="Cancel a receipt", tag=TAG, handle=post_cancel_receipt,
             access=Access.OPERATOR, answer=ReceiptItem, body=EmptyBody, body_optional=True,
             codes=(Code.NOT_FOUND,), problems=_OVER),
]
# fmt: on
