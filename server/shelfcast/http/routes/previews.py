"""What a spreadsheet would change, before anything is applied. The process for heavy work reads it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import CSV_TYPE, Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.fields import Reference
from shelfcast.http.api.jobs import PREVIEW, JobAnswer, check_room_for_job, done_or_job, make_job
from shelfcast.http.api.query import Query
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Name
from shelfcast.sheets.encodings import known_encoding
from shelfcast.sheets.times import DateOrder
from shelfcast.sheets.workbooks import XLSX_TYPE

NAMES = {CSV_TYPE: "catalogue.csv", XLSX_TYPE: "catalogue.xlsx"}
"""What a file is called that has no name of its own, by its type."""
TAG = "pools"


MeantRoom = Annotated[Name | None, Meta(description="the room that is to list the SKUs, too")]
Opening = Annotated[Reference | None, Meta(description="the column with the opening stock; `none`: there is none")]
Encoding = Annotated[
    Reference | None, Meta(description="of a CSV file, such as GB18030; found out where it is left out")
]
Dates = Annotated[
    DateOrder | None,
    Meta(description="what 12/1/2010 is: month first (mdy) or day first (dmy); what all dates allow where left out"),
]


class PreviewQuery(Query, frozen=True, kw_only=True):
    """How the file is meant, as `shelfcast import` is told."""

    room: MeantRoom = None
    opening: Opening = None
    encoding: Encoding = None
    dates: Dates = None


class PreviewFault(Struct, frozen=True, kw_only=True):
    """What is wrong with one cell."""

    line: int
    column: str
    message: str


class PreviewChange(Struct, frozen=True, kw_only=True):
    """One value of a SKU, by the name of its column, as a person reads it."""

    column: str
    before: str
    after: str


class PreviewRow(Struct, frozen=True, kw_only=True):
    """What one row would do to the SKU, which is called `title` then: `verdict` new or changed. `receives` are units of
    opening stock that would come in, of which `safety` go into the safety buffer and `elastic` into the elastic
    reserve; `kept_back` those that would not, because the pool has held units of the SKU before."""

    line: int
    sku: str
    title: str
    verdict: str
    receives: int
    kept_back: int
    safety: int
    elastic: int
    changes: list[PreviewChange]


class FileRow(Struct, frozen=True, kw_only=True):
    """A row of the file as it was read: a cell for each of its columns."""

    line: int
    cells: list[str]


class CataloguePreview(Struct, frozen=True, kw_only=True):
    """What an import of the file would do. Of `rows` with something in them, so many are `new`, `changed`, the `same`
    or have faults (`bad`); `changes` lists the first two. Of their opening stock so many units would be received, and
    so many `kept_back`. At most 1,000 faults are listed; `fault_count` counts all. `notes` say what was decided about
    the file, such as a guess of its encoding.

    `columns` and `first_rows` (at most 10) are the file's as they were read, of what is longer the first 200
    characters. `encoding` is the one that was found or said, and `encodings` are those that may be said of it, none of
    a workbook; `dates` are the orders of day and month that may be said (mdy, dmy), none where every date says it
    itself."""

    summary: str
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    receives: int
    kept_back: int
    notes: list[str]
    ignored_columns: list[str]
    faults: list[PreviewFault]
    fault_count: int
    changes: list[PreviewRow]
    columns: list[str]
    first_rows: list[FileRow]
    encoding: str
    encodings: list[str]
    dates: list[str]


class CountedChange(Struct, frozen=True, kw_only=True):
    """What one row would enter on the sheet: `verdict` new, or changed where the caller has a line of the same SKU in
    the same place, lot and expiry, of which `good_before` and `bad_before` are the units; else these are null."""

    line: int
    sku: str
    title: str
    verdict: str
    zone: str
    lot: str
    expires_on: str
    good: int
    bad: int
    note: str
    good_before: int | None
    bad_before: int | None


class CountsPreview(Struct, frozen=True, kw_only=True):
    """What an import of counts would enter: as `CataloguePreview`. `uncounted` rows have no figure, which is not
    zero."""

    summary: str
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    uncounted: int
    notes: list[str]
    ignored_columns: list[str]
    faults: list[PreviewFault]
    fault_count: int
    changes: list[CountedChange]
    columns: list[str]
    first_rows: list[FileRow]
    encoding: str
    encodings: list[str]
    dates: list[str]


class OrderChange(Struct, frozen=True, kw_only=True):
    """What the units of a SKU in an order would do: `verdict` new books `units` of them, paid with `paid_minor` of
    `currency` (null: the file does not say); changed `cancels` so many of what is booked."""

    line: int
    order: str
    sku: str
    title: str
    verdict: str
    units: int
    cancels: int
    paid_minor: int | None
    currency: str


class ShortSku(Struct, frozen=True, kw_only=True):
    """A SKU of which the new orders want more than the channel has: `asked` units, of which `there` are."""

    sku: str
    title: str
    asked: int
    there: int


class OrderEffect(Struct, frozen=True, kw_only=True):
    """What the new `orders` take of the channel's stock, as it was when the file was read: `units`, of which some come
    `from_stock` and the others would be `oversold`. `cancelled` units come back. At most 1,000 SKUs are listed as
    `short`; `short_count` counts all."""

    channel: str
    orders: int
    units: int
    from_stock: int
    oversold: int
    cancelled: int
    short_count: int
    short: list[ShortSku]


class OrdersPreview(Struct, frozen=True, kw_only=True):
    """What an import of orders would book: as `CataloguePreview`, counted by order and SKU, and its `effect`. `unpaid`
    rows are left aside."""

    summary: str
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    unpaid: int
    effect: OrderEffect
    notes: list[str]
    ignored_columns: list[str]
    faults: list[PreviewFault]
    fault_count: int
    changes: list[OrderChange]
    columns: list[str]
    first_rows: list[FileRow]
    encoding: str
    encodings: list[str]
    dates: list[str]


async def post_preview(call: Call) -> Response:
    """What `shelfcast import --preview` says of a catalogue in a CSV file or an XLSX workbook; nothing is changed.

    It is a job that this request waits for, as `GET …/audit` does: 202 with the job where it takes longer.
    """
    jobs, query, upload = (await call.pool()).jobs, call.query, call.upload
    encoding = encoding_said(query.encoding)
    await check_room_for_job(call, jobs)
    key = call.key()
    assert upload is not None  # noqa: S101 - the endpoint has one
    digest = hashlib.sha256()
    name = await jobs.keep_upload(digested(upload.pieces(), digest))
    options = {
        "room": query.room,
        "opening": query.opening,
        "encoding": encoding,
        "dates": query.dates,
        "name": NAMES[upload.media_type],
    }
    parameters = {**options, "sha256": digest.hexdigest()}
    return await done_or_job(call, jobs, await make_job(call, jobs, PREVIEW, parameters, key=key, upload=name))


def encoding_said(encoding: str | None) -> str | None:
    """The encoding that is meant. Raises InvalidInput for one that is not read here."""
    known = known_encoding(encoding) if encoding is not None else None
    if encoding is not None and known is None:
        raise InvalidInput("expected the name of an encoding, such as GB18030 or UTF-8", field="encoding")
    return known


async def digested(pieces: AsyncIterator[bytes], digest: hashlib._Hash) -> AsyncGenerator[bytes]:
    """The pieces, of which the digest takes note."""
    async for piece in pieces:
        digest.update(piece)
        yield piece


# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path="/v1/pools/{pool}/catalogue/preview", summary="Say what a spreadsheet would change",
             tag=TAG, handle=post_preview, access=Access.CONTROL, answer=CataloguePreview, query=PreviewQuery,
             upload=tuple(NAMES), statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED),
             other_answers={HTTPStatus.ACCEPTED: JobAnswer}, keyed=True,
             codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.RATE_LIMITED)),
]
# fmt: on
