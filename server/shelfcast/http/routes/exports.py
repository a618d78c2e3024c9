"""Routes of the pool's own tables as files: its ledgers, and what was counted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.exports.count_table import FIELDS as COUNT_FIELDS
from shelfcast.exports.count_table import LINE_FIELDS, LINES_TITLE, TITLE, lines_of
from shelfcast.exports.fields import columns_of, header_of, rows_of
from shelfcast.exports.ledger_table import FIELDS
from shelfcast.exports.paged_workbook import Rows, SheetHead, write_pages
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import CSV_TYPE, Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.files import NamesSaid, disposition, written_file
from shelfcast.http.api.jobs import JobAnswer, done_job, make_job
from shelfcast.http.api.query import Query
from shelfcast.http.api.stream import Streamed
from shelfcast.http.routes import counts, ledger
from shelfcast.http.routes.count_items import CountRowItem
from shelfcast.merchant.ledger import Stretch, entries_of, stretch
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Millis
from shelfcast.sheets.columns import Language
from shelfcast.sheets.workbooks import XLSX_TYPE, WorkbookFile
from shelfcast.sheets.writing import csv_header, csv_table_rows
from shelfcast.stock.book import StockBook
from shelfcast.stock.counts import CountRecord
from shelfcast.stock.jobs import Jobs
from shelfcast.stock.records import Stream

LEDGER_FILE = "ledger_file"
STREAM_ROWS = 100
"""Rows of one piece: about two milliseconds' work."""
ROWS_A_PAGE = 500


class ExportQuery(Query, frozen=True, kw_only=True):
    """Which ledger and which time, both ends included."""

    stream: Stream = Stream.STOCK
    from_ms: Millis | None = None
    to_ms: Millis | None = None
    lang: NamesSaid = None


class CountExportQuery(Query, frozen=True, kw_only=True):
    """How the file is written."""

    lang: NamesSaid = None


async def export_ledger(call: Call) -> Response:
    """The entries of a ledger as a file for people: amounts in the main unit, times by the pool's clock.

    As CSV they are streamed, however many. A workbook is made by a job that this request waits for, as `GET …/audit`
    does: where it takes longer, the answer is 202 with the job, and the same request with the same Idempotency-Key has
    the file when it is done. One of more entries than a sheet has rows, or longer than the server's export_max_bytes,
    is 422: ask for less time, or for CSV. Where entries of that time have left the engine it is 410: the archive has
    them.
    """
    pool, query = await call.pool(), call.query
    if None not in (query.from_ms, query.to_ms) and query.from_ms > query.to_ms:
        raise InvalidInput("expected a time that is not before from_ms", field="to_ms")
    name = f"{query.stream} {pool.book.pool}"
    part = await stretch(pool.book, query.stream, query.from_ms, query.to_ms)
    if call.media_type == CSV_TYPE:
        return _streamed(_ledger_pieces(pool.book, part, query.lang), name)
    parameters = msgspec.to_builtins(query)
    job = await make_job(call, pool.jobs, LEDGER_FILE, parameters, key=call.key())
    done = await done_job(call, pool.jobs, job)
    if isinstance(done, Response):
        return done
    file = msgspec.json.decode(done)["file"]
    pieces = _kept(pool.jobs, file, drop=call.key() is None)
    return Streamed(pieces, media_type=XLSX_TYPE, headers=disposition(name, XLSX_TYPE))


async def export_count(call: Call) -> Response:
    """What was counted, beside the figures of the book, with the reasons: a row a SKU; a workbook has the lines, too.
    Of a blind count that goes on, the figures are empty."""
    book = (await call.pool()).book
    record = await counts.known(call, book)
    zone, name = await zone_of(book), f"count {record.id} {book.pool}"
    if call.media_type == CSV_TYPE:
        return _streamed(_count_pieces(call, book, record, zone), name)
    return await written_file(call, partial(_write_count, call, book, record, zone), name)


# --- parts --------------------------------------------------------------------------------------------------


async def zone_of(book: StockBook) -> ZoneInfo:
    """The pool's time zone."""
    return ZoneInfo((await book.pool_config()).time_zone)


def _streamed(pieces: AsyncGenerator[bytes], name: str) -> Response:
    return Streamed(pieces, media_type=CSV_TYPE, headers=disposition(name, CSV_TYPE))


async def _ledger_pieces(book: StockBook, part: Stretch, lang: Language | None) -> AsyncGenerator[bytes]:
    zone, columns = await zone_of(book), columns_of(FIELDS)
    yield csv_header(header_of(FIELDS, lang))
    async for entries in entries_of(book, part, STREAM_ROWS):
        yield csv_table_rows(columns, rows_of(FIELDS, entries, lang or Language.EN), zone)


async def _kept(jobs: Jobs, file: str, *, drop: bool) -> AsyncGenerator[bytes]:
    """The file, and no more of it behind that where nobody can ask for it again."""
    try:
        async for piece in jobs.kept_pieces(file):
            if piece:
                yield piece
    finally:
        if drop:
            await jobs.drop_upload(file)


async def _count_pages(
    call: Call, book: StockBook, record: CountRecord, page: int
) -> AsyncIterator[list[CountRowItem]]:
    after = ""
    while rows := await book.count_rows(record.id, after=after, limit=page):
        yield await counts.row_items(call, book, record, rows)
        after = rows[-1].sku


async def _count_pieces(call: Call, book: StockBook, record: CountRecord, zone: ZoneInfo) -> AsyncGenerator[bytes]:
    lang, columns = call.query.lang, columns_of(COUNT_FIELDS)
    yield csv_header(header_of(COUNT_FIELDS, lang))
    async for rows in _count_pages(call, book, record, STREAM_ROWS):
        yield csv_table_rows(columns, rows_of(COUNT_FIELDS, rows, lang or Language.EN), zone)


async def _write_count(call: Call, book: StockBook, record: CountRecord, zone: ZoneInfo, file: Path) -> None:
    language = call.query.lang or Language.EN
    made_at_ms = record.applied_at_ms or record.made_at_ms
    sheets = [
        SheetHead(title.of(language), columns_of(fields))
        for title, fields in ((TITLE, COUNT_FIELDS), (LINES_TITLE, LINE_FIELDS))
    ]

    async def pages() -> AsyncIterator[Sequence[Rows]]:
        async for rows in _count_pages(call, book, record, ROWS_A_PAGE):
            yield rows_of(COUNT_FIELDS, rows, language), rows_of(LINE_FIELDS, lines_of(rows), language)

    workbook = WorkbookFile(file, zone=zone, made_at_ms=made_at_ms, title=record.id, language=language)
    await write_pages(workbook, sheets, pages())


# --- table --------------------------------------------------------------------------------------------------

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=POOL_PATH + "/ledger/export", summary="Get a ledger as a file", tag=ledger.TAG,
             handle=export_ledger, access=Access.CONTROL, answer=str, media_type=CSV_TYPE, also=(XLSX_TYPE,),
             query=ExportQuery, keyed=True, statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED),
             other_answers={HTTPStatus.ACCEPTED: JobAnswer},
             codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.RATE_LIMITED, Code.OVERLOADED, Code.ARCHIVED)),
    Endpoint(method="GET", path=counts.COUNT + "/export", summary="Get what was counted as a file", tag=counts.TAG,
             handle=export_count, access=Access.OPERATOR, answer=str, media_type=CSV_TYPE, also=(XLSX_TYPE,),
             query=CountExportQuery, codes=(Code.NOT_FOUND, Code.OVERLOADED)),
]
# fmt: on
