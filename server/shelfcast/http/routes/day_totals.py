"""Routes of business days: what each came to, how long stock lasts, and what does not sell."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, field
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.exports.day_tables import day_table, slow_table
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import CSV_TYPE, JSON_TYPE, Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.files import NamesSaid, disposition, written_file
from shelfcast.http.api.jobs import DAY_FIGURES, SLOW_MOVERS, JobAnswer, done_or_job, make_job
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.routes.reconciliation import WaitMs
from shelfcast.merchant.day_figures import DaysAsked
from shelfcast.merchant.day_items import DaysBy, DayTotals, SlowMovers
from shelfcast.merchant.days import business_day, day_said
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Sku
from shelfcast.sheets.columns import Language, Table
from shelfcast.sheets.workbooks import XLSX_TYPE, WorkbookFile
from shelfcast.sheets.writing import csv_header, csv_table_rows

DAYS_MAX = 400
"""Days of one answer."""
DAYS_BY_SKU_MAX = 31
"""The same where each SKU is summed: all rows of each day are read."""
DAYS_DEFAULT = 31
TAG = "days"

Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)", description="a business day, as YYYY-MM-DD")]


class DaysQuery(Query, frozen=True, kw_only=True):
    """Days from one to another, both included: without `from` the last 31, without `to` up to the last that is over.
    Of one SKU, or all together; by SKU it is a page of them by name, behind `after`, each summed over at most 31 days.
    """

    from_: Day | None = field(default=None, name="from")
    to: Day | None = None
    sku: Sku | None = None
    by: DaysBy = DaysBy.DAY
    after: Annotated[str, Meta(max_length=64, description="`next` of the answer to go on with")] = ""
    limit: PageLimit = 100
    wait_ms: WaitMs | None = None
    lang: NamesSaid = None


class SlowQuery(Query, frozen=True, kw_only=True):
    """Those of now, or the list that the last week ended with."""

    weekly: bool = False
    wait_ms: WaitMs | None = None
    lang: NamesSaid = None


async def get_day_totals(call: Call) -> Response:
    """What each business day came to, from the archive. A day is there some moments after it is over.

    As JSON, or as a file (CSV, XLSX) by what is accepted. It is a job that this request waits for, as `GET …/audit`
    does: 202 with the job where it takes longer.
    """
    pool, query = await call.pool(), call.query
    if query.sku is not None and query.by is DaysBy.SKU:
        raise InvalidInput("expected `sku` or `by=sku`, not both", field="by")
    last = day_said(query.to, "to") if query.to else None
    if last is None:
        last = business_day(await pool.book.now_ms(), await pool.book.pool_config())
    if query.from_:
        first = day_said(query.from_, "from")
    else:
        first = dt.date.fromordinal(max(1, last.toordinal() - DAYS_DEFAULT + 1))
    if first > last:
        raise InvalidInput("expected a day that is not before from", field="to")
    most = DAYS_BY_SKU_MAX if query.by is DaysBy.SKU else DAYS_MAX
    if (last - first).days >= most:
        raise InvalidInput(f"expected at most {most} days", field="from")
    asked = DaysAsked(
        first=str(first),
        last=str(last),
        by=query.by,
        sku=query.sku or "",
        after=query.after,
        limit=call.page_limit(),
    )
    job = await make_job(call, pool.jobs, DAY_FIGURES, asdict(asked))
    done = await done_or_job(call, pool.jobs, job, wait_ms=query.wait_ms)

    def table(language: Language) -> Table:
        return day_table(msgspec.json.decode(done.body, type=DayTotals), query.by, language)

    return await _as_asked(call, done, table, f"{pool.book.pool} {query.sku or query.by} {first} {last}")


async def get_slow_movers(call: Call) -> Response:
    """What was not sold for 30 days in which it was available, why that may be and what to do; and of what does sell,
    that of which there is stock for too many days. A job, as the totals of days are."""
    jobs = (await call.pool()).jobs
    job = await make_job(call, jobs, SLOW_MOVERS, {"weekly": call.query.weekly})
    done = await done_or_job(call, jobs, job, wait_ms=call.query.wait_ms)

    def table(language: Language) -> Table:
        return slow_table(msgspec.json.decode(done.body, type=SlowMovers), language)

    return await _as_asked(call, done, table, f"{jobs.pool} slow movers")


async def _as_asked(call: Call, done: Response, table: Callable[[Language], Table], name: str) -> Response:
    """What a job has found, as JSON, or as the file that was asked for; a job that goes on is JSON in any case."""
    if call.media_type == JSON_TYPE or done.status_code != HTTPStatus.OK:
        return done
    language, pool = call.query.lang, await call.pool()
    zone, now_ms = ZoneInfo((await pool.book.pool_config()).time_zone or "UTC"), await pool.book.now_ms()

    def as_csv() -> bytes:
        made = table(language or Language.EN)
        header = [column.key for column in made.columns] if language is None else made.header(language)
        return csv_header(header) + csv_table_rows(made.columns, made.rows, zone)

    def as_workbook(file: Path) -> None:
        with WorkbookFile(file, zone=zone, made_at_ms=now_ms, title=name, language=language or Language.EN) as book:
            book.add(table(language or Language.EN))

    if call.media_type == CSV_TYPE:
        headers = {"Cache-Control": "no-store", **disposition(name, CSV_TYPE)}
        return Response(await asyncio.to_thread(as_csv), headers=headers, media_type=CSV_TYPE)

    async def write(file: Path) -> None:
        await asyncio.to_thread(as_workbook, file)

    return await written_file(call, write, name)


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=POOL_PATH + "/day-totals", summary="Read the totals of business days", tag=TAG,
             handle=get_day_totals, access=Access.CONTROL, answer=DayTotals, also=(CSV_TYPE, XLSX_TYPE),
             query=DaysQuery,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers={HTTPStatus.ACCEPTED: JobAnswer},
             codes=(Code.NOT_FOUND, Code.RATE_LIMITED, Code.OVERLOADED)),
    Endpoint(method="GET", path=POOL_PATH + "/slow-movers", summary="List what does not sell", tag=TAG,
             handle=get_slow_movers, access=Access.CONTROL, answer=SlowMovers, also=(CSV_TYPE, XLSX_TYPE),
             query=SlowQuery,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers={HTTPStatus.ACCEPTED: JobAnswer},
             codes=(Code.NOT_FOUND, Code.RATE_LIMITED, Code.OVERLOADED)),
]
# fmt: on
