"""Routes of counts as files, and of the plan of the cycle counts: heavy work that another process does."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta
from starlette.responses import Response

from shelfcast.exports.paged_workbook import SheetHead, write_pages
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import CSV_TYPE, Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.files import disposition, written_file
from shelfcast.http.api.jobs import JobAnswer, check_room_for_job, done_or_job, make_job
from shelfcast.http.api.query import Query
from shelfcast.http.api.stream import Streamed
from shelfcast.http.routes.count_items import CountFileRead, CountPlan
from shelfcast.http.routes.counts import COUNT, STATE, TAG, known
from shelfcast.http.routes.previews import Dates, Encoding, digested, encoding_said
from shelfcast.protocol.codes import Code
from shelfcast.sheets.columns import Language, Value
from shelfcast.sheets.count_sheet import SHEET, sheet_row
from shelfcast.sheets.workbooks import XLSX_TYPE, WorkbookFile
from shelfcast.sheets.writing import csv_header, csv_table_rows
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import SkuConfig

COUNT_FILE = "count_file"
COUNT_PLAN = "count_plan"
NAMES = {CSV_TYPE: "count.csv", XLSX_TYPE: "count.xlsx"}
"""What a sheet is called, by its type."""
STREAM_ROWS = 100
"""Rows of one piece of a sheet: about a millisecond's work."""
SHEET_PAGE = 500
"""Rows of a workbook that are read at once; a thread writes them."""


class SheetQuery(Query, frozen=True, kw_only=True):
    """How the sheet is written."""

    language: Annotated[Language, Meta(description="of the columns' names")] = Language.EN


class CountFileQuery(Query, frozen=True, kw_only=True):
    """How the file is meant."""

    encoding: Encoding = None
    dates: Dates = None


async def get_count_sheet(call: Call) -> Response:
    """The sheet to fill in, as a CSV file or an XLSX workbook: a row a SKU, with empty columns for what is found. It
    has no figure of the book."""
    book = (await call.pool()).book
    record, language = await known(call, book), call.query.language
    zone, name = ZoneInfo("UTC"), f"count {record.id} {book.pool}"
    if call.media_type == CSV_TYPE:
        pieces = _pieces(book, record.id, SHEET.header(language), zone)
        return Streamed(pieces, media_type=CSV_TYPE, headers=disposition(name, CSV_TYPE))

    async def write(file: Path) -> None:
        workbook = WorkbookFile(file, zone=zone, made_at_ms=record.made_at_ms, title=record.id, language=language)
        rows = (([page]) async for page in _rows(book, record.id, SHEET_PAGE))
        await write_pages(workbook, [SheetHead("counts", SHEET.columns)], rows)

    return await written_file(call, write, name)


async def post_count_file(call: Call) -> Response:
    """Send a sheet that was filled in: each row with good or bad units becomes a line of the caller's; SKUs that are
    not on the count yet are put on it. A row with a fault is listed, the others are saved.

    It is a job that this request waits for, as `GET …/audit` does: 202 with the job where it takes longer. With the
    same Idempotency-Key the same lines are not made again.
    """
    pool, query, upload = await call.pool(), call.query, call.upload
    jobs, record = pool.jobs, await known(call, pool.book)
    encoding = encoding_said(query.encoding)
    await check_room_for_job(call, jobs)
    key = call.key()
    assert upload is not None  # noqa: S101 - the endpoint has one
    digest = hashlib.sha256()
    kept = await jobs.keep_upload(digested(upload.pieces(), digest))
    parameters = {
        "count": record.id,
        "name": NAMES[upload.media_type],
        "encoding": encoding,
        "dates": query.dates,
        "sha256": digest.hexdigest(),
    }
    return await done_or_job(call, jobs, await make_job(call, jobs, COUNT_FILE, parameters, key=key, upload=kept))


async def get_count_plan(call: Call) -> Response:
    """Which SKUs are due for a cycle count: those that bring most of the value weekly, the next fortnightly, the others
    monthly, and whatever had a shortage when it was counted last.

    It is a job that this request waits for, as `GET …/audit` does.
    """
    jobs = (await call.pool()).jobs
    return await done_or_job(call, jobs, await make_job(call, jobs, COUNT_PLAN, {}))


async def _pieces(book: StockBook, count: str, header: list[str], zone: ZoneInfo) -> AsyncGenerator[bytes]:
    """The sheet as CSV, piece by piece."""
    yield csv_header(header)
    async for rows in _rows(book, count, STREAM_ROWS):
        yield csv_table_rows(SHEET.columns, rows, zone)


async def _rows(book: StockBook, count: str, page: int) -> AsyncIterator[list[list[Value]]]:
    """Rows of the sheet, some at a time."""
    after = ""
    while rows := await book.count_rows(count, after=after, limit=page):
        configs = await book.sku_configs([row.sku for row in rows])
        goods = [(row.sku, configs.get(row.sku) or SkuConfig()) for row in rows]
        yield [sheet_row(sku, config.title, config.barcode, config.zone) for sku, config in goods]
        after = rows[-1].sku


# --- table --------------------------------------------------------------------------------------------------

_OR_JOB = {HTTPStatus.ACCEPTED: JobAnswer}

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=COUNT + "/sheet", summary="Get the sheet to fill in", tag=TAG, handle=get_count_sheet,
             access=Access.COUNTER, answer=str, media_type=CSV_TYPE, also=(XLSX_TYPE,), query=SheetQuery,
             codes=(Code.NOT_FOUND, Code.OVERLOADED)),
    Endpoint(method="POST", path=COUNT + "/file", summary="Send a sheet that was filled in", tag=TAG,
             handle=post_count_file, access=Access.OPERATOR, answer=CountFileRead, query=CountFileQuery,
             upload=tuple(NAMES), statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers=_OR_JOB, keyed=True,
             codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.RATE_LIMITED), problems=STATE),
    Endpoint(method="GET", path=POOL_PATH + "/count-plan", summary="What is due for a count", tag=TAG,
             handle=get_count_plan, access=Access.OPERATOR, answer=CountPlan,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers=_OR_JOB,
             codes=(Code.NOT_FOUND, Code.RATE_LIMITED)),
]
# fmt: on
