"""Routes of business days: what each came to, how long stock lasts, and what does not sell."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, field
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.jobs import DAY_FIGURES, SLOW_MOVERS, JobAnswer, done_or_job, make_job
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.routes.reconciliation import WaitMs
from shelfcast.merchant.day_figures import DaysAsked
from shelfcast.merchant.day_items import DaysBy, DayTotals, SlowMovers
from shelfcast.merchant.days import business_day, day_said
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Sku

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


class SlowQuery(Query, frozen=True, kw_only=True):
    """Those of now, or the list that the last week ended with."""

    weekly: bool = False
    wait_ms: WaitMs | None = None


async def get_day_totals(call: Call) -> Response:
    """What each business day came to, from the archive. A day is there some moments after it is over.

    It is a job that this request waits for, as `GET …/audit` does: 202 with the job where it takes longer.
    """
    pool, query = await call.pool(), call.query
    if query.sku is not None and query.by is DaysBy.SKU:
        raise InvalidInput("expected `sku` or `by=sku`, not both", field="by")
    last = day_said(query.to, "to") if query.to else None
    if last is None:
        last = business_day(await pool.book.now_ms(), await pool.book.pool_config())
    first = day_said(query.from_, "from") if query.from_ else last - dt.timedelta(days=DAYS_DEFAULT - 1)
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
    return await done_or_job(call, pool.jobs, job, wait_ms=query.wait_ms)


async def get_slow_movers(call: Call) -> Response:
    """What was not sold for 30 days in which it was available, why that may be and what to do; and of what does sell,
    that of which there is stock for too many days. A job, as the totals of days are."""
    jobs = (await call.pool()).jobs
    job = await make_job(call, jobs, SLOW_MOVERS, {"weekly": call.query.weekly})
    return await done_or_job(call, jobs, job, wait_ms=call.query.wait_ms)


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=POOL_PATH + "/day-totals", summary="Read the totals of business days", tag=TAG,
             handle=get_day_totals, access=Access.CONTROL, answer=DayTotals, query=DaysQuery,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers={HTTPStatus.ACCEPTED: JobAnswer},
             codes=(Code.NOT_FOUND, Code.RATE_LIMITED)),
    Endpoint(method="GET", path=POOL_PATH + "/slow-movers", summary="List what does not sell", tag=TAG,
             handle=get_slow_movers, access=Access.CONTROL, answer=SlowMovers, query=SlowQuery,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers={HTTPStatus.ACCEPTED: JobAnswer},
             codes=(Code.NOT_FOUND, Code.RATE_LIMITED)),
]
# fmt: on
