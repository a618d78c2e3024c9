"""Routes of a show's report as files: its tables as CSV, all of them as a workbook, and a page to print."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta
from msgspec.structs import replace
from starlette.responses import Response

from shelfcast.exports.giving_way import giving_way
from shelfcast.exports.report_page import report_page
from shelfcast.exports.report_tables import report_table
from shelfcast.exports.report_workbook import write_report_workbook
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import CSV_TYPE, Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.files import HTML_TYPE, LanguageSaid, NamesSaid, disposition, written_file
from shelfcast.http.routes.reports import TAG, ReportQuery, report_of, show_of
from shelfcast.http.routes.shows import FINDER
from shelfcast.merchant.report_items import Report, ReportPart
from shelfcast.protocol.codes import Code
from shelfcast.sheets.columns import Language, local_time
from shelfcast.sheets.workbooks import XLSX_TYPE
from shelfcast.sheets.writing import csv_header, csv_table_rows


class TableQuery(ReportQuery, frozen=True, kw_only=True):
    """Which report, and which of its tables."""

    part: Annotated[ReportPart, Meta(description="the table")] = ReportPart.SKUS
    lang: NamesSaid = None


class PageQuery(ReportQuery, frozen=True, kw_only=True):
    """Which report, and in which language."""

    lang: LanguageSaid = Language.EN


async def get_report_csv(call: Call) -> Response:
    """A table of a show's report as CSV: amounts in the main unit, times by the clock of the show's time zone."""
    report, query = await _named(call), call.query
    content = await asyncio.to_thread(_csv, report, query.part, query.lang)
    headers = {"Cache-Control": "no-store", **disposition(f"{_name(report)} {query.part}", CSV_TYPE)}
    return Response(content, headers=headers, media_type=CSV_TYPE)


async def get_report_workbook(call: Call) -> Response:
    """A show's report as a workbook: a summary, a sheet for each table, and a chart of its minutes."""
    report, language = await _named(call), call.query.lang

    async def write(file: Path) -> None:
        await asyncio.to_thread(write_report_workbook, file, report, language)

    return await written_file(call, write, _name(report))


async def get_report_page(call: Call) -> Response:
    """A show's report as a page to print, A4 across, with its charts. It runs nothing, and loads nothing."""
    report = await _named(call)
    page = await asyncio.to_thread(partial(report_page, report, call.query.lang))
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": page.policy,
        **disposition(_name(report), HTML_TYPE, kind="inline"),
    }
    return Response(page.html, headers=headers, media_type=HTML_TYPE)


async def _named(call: Call) -> Report:
    """The report, with users where it has their pseudonyms, and what they said. Raises ApiError (404), ArchiveError."""
    content = await report_of(call)
    report = await asyncio.to_thread(msgspec.json.decode, content, type=Report)
    pool, _ = await show_of(call)
    if not report.refund_requests:
        return report
    users = await pool.book.users_of({asked.user for asked in report.refund_requests} - {""})
    reasons = {request.reservation: request.reason for request in await pool.book.refund_requests()}
    asked = [
        replace(one, user=users.get(one.user, one.user), reason=reasons.get(one.reservation, ""))
        for one in report.refund_requests
    ]
    return replace(report, refund_requests=asked)


def _csv(report: Report, part: ReportPart, lang: Language | None) -> bytes:
    table = report_table(report, part, lang or Language.EN)
    header = [column.key for column in table.columns] if lang is None else table.header(lang)
    return csv_header(header) + csv_table_rows(
        table.columns, giving_way(table.rows), ZoneInfo(report.time_zone or "UTC")
    )


def _name(report: Report) -> str:
    """What its files are called: which show, when it began, and what it was called."""
    day = local_time(report.started_at_ms, ZoneInfo(report.time_zone or "UTC")).date()
    return f"{report.show} {day} {report.title} {report.state}"


_ONE = "/v1/shows/{show}/report"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_ONE + ".csv", summary="Download a table of a show's report", tag=TAG,
             handle=get_report_csv, access=Access.CONTROL, answer=str, media_type=CSV_TYPE, query=TableQuery,
             finds=FINDER, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=_ONE + ".xlsx", summary="Download a show's report as a workbook", tag=TAG,
             handle=get_report_workbook, access=Access.CONTROL, answer=str, media_type=XLSX_TYPE, query=PageQuery,
             finds=FINDER, codes=(Code.NOT_FOUND, Code.OVERLOADED)),
    Endpoint(method="GET", path=_ONE + ".html", summary="Show a show's report as a page to print", tag=TAG,
             handle=get_report_page, access=Access.CONTROL, answer=str, media_type=HTML_TYPE, query=PageQuery,
             finds=FINDER, codes=(Code.NOT_FOUND,)),
]
# fmt: on
