"""The route of what a show's differences are afterwards: sold, shipped, pending and counted, side by side."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from msgspec import Meta
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.jobs import RECONCILIATION, JobAnswer, done_or_job, make_job
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import Query
from shelfcast.http.routes.shows import FINDER, TAG
from shelfcast.merchant.after_show_items import Reconciliation
from shelfcast.protocol.codes import Code

WaitMs = Annotated[int, Meta(ge=0, le=600_000, description="until 202 is answered; at most the server's job_wait_ms")]


class WaitQuery(Query, frozen=True, kw_only=True):
    """How long the request waits at most."""

    wait_ms: WaitMs | None = None


async def get_reconciliation(call: Call) -> Response:
    """What became of a show's reservations, beside what was counted since it began.

    It is a job that this request waits for, as `GET …/audit` does: 202 with the job where it takes longer.
    """
    name, record = await call.found()
    pool = await call.services.pools.get(name)
    if pool is None:
        raise ApiError(Code.NOT_FOUND, f"no show {record.id!r} is known", field="show")
    job = await make_job(call, pool.jobs, RECONCILIATION, {"show": record.id})
    return await done_or_job(call, pool.jobs, job, wait_ms=call.query.wait_ms)


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/shows/{show}/reconciliation", summary="Reconcile a show", tag=TAG,
             handle=get_reconciliation, access=Access.CONTROL, answer=Reconciliation, query=WaitQuery, finds=FINDER,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers={HTTPStatus.ACCEPTED: JobAnswer},
             codes=(Code.NOT_FOUND, Code.ARCHIVED, Code.RATE_LIMITED)),
]
# fmt: on
