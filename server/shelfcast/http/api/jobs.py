"""Jobs as HTTP has them: made, shown, waited for. The process for heavy work does them."""

from __future__ import annotations

import asyncio
import secrets
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from msgspec import Raw, Struct
from starlette.responses import Response

from shelfcast.archive import names
from shelfcast.backoff import Backoff
from shelfcast.http.api.call import JSON_TYPE, Call, answer
from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.codes import Code
from shelfcast.stock.jobs import Job, Jobs, JobState, Making
from shelfcast.stock.records import Stream

AUDIT = "audit"
ERASE_PERSON = "erase_person"
PERSON = "person"
PREVIEW = "preview"
ERP_LEVELS = "erp_levels"
RECONCILIATION = "reconciliation"
DAY_FIGURES = "day_figures"
SLOW_MOVERS = "slow_movers"
ASK_AGAIN = Backoff(least_ms=10, most_ms=250)
"""Pauses between two looks at a job that is waited for."""


class JobAnswer(Struct, frozen=True, kw_only=True):
    """A job. It has read `done` of `total`, in a unit of its kind (an audit: ledger entries); 0 of 0 is not known.

    `state` is queued, running, done, failed or cancelled; the last three are ends, and kept for the server's
    job_kept_ms. `result` is what a job that is done has found, by its kind; null in lists. `reason` says why it failed,
    `code` whether the caller can mend that (BAD_MESSAGE) or not (UNAVAILABLE), or entries that it needs have left the
    engine (ARCHIVED).
    """

    job: str
    kind: str
    state: JobState
    asked_by: str
    made_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    done: int
    total: int
    cancel_wanted: bool
    reason: str
    code: str
    result: Any = None


def shown(job: Job, result: Raw | None = None) -> JobAnswer:
    """The job as an answer says it."""
    return JobAnswer(
        job=job.id,
        kind=job.kind,
        state=job.state,
        asked_by=job.asked_by,
        made_at_ms=job.made_at_ms,
        started_at_ms=job.started_at_ms or None,
        ended_at_ms=job.ended_at_ms or None,
        done=job.done,
        total=job.total,
        cancel_wanted=job.cancel_wanted,
        reason=job.reason,
        code=job.code,
        result=result,
    )


async def make_job(
    call: Call, jobs: Jobs, kind: str, parameters: dict[str, Any], *, key: str | None = None, upload: str = ""
) -> Job:
    """Make a job under this id, or under one of its own.

    Raises ApiError: RATE_LIMITED where too many are open, ID_CONFLICT where the key made another one.
    """
    job_id = key or secrets.token_hex(12)
    making, job = await jobs.make(job_id, kind, parameters, asked_by=call.principal.user, upload=upload)
    if upload and (job is None or job.upload != upload):
        await jobs.drop_upload(upload)
    if making is Making.FULL or job is None:
        raise job_full(call)
    if making is Making.CONFLICT:
        raise ApiError(Code.ID_CONFLICT, "this key made another job", field="Idempotency-Key")
    return job


async def check_room_for_job(call: Call, jobs: Jobs) -> None:
    """Raises ApiError (RATE_LIMITED) where too many jobs are open: before something long is sent for one more."""
    most = call.services.settings.jobs_open_a_pool_max
    if sum(not job.has_ended for job in await jobs.all()) >= most:
        raise job_full(call)


def job_full(call: Call) -> ApiError:
    """The problem of a job too many."""
    most = call.services.settings.jobs_open_a_pool_max
    return ApiError(Code.RATE_LIMITED, f"{most:,} jobs of the pool are open, as many as may be")


def accepted(call: Call, jobs: Jobs, job: Job) -> Response:
    """202: the job goes on by itself; `Location` is where to ask about it."""
    pool = quote(jobs.pool, safe="")
    headers = {"Location": f"/v1/pools/{pool}/jobs/{quote(job.id, safe='')}"}
    return answer(shown(job), status=HTTPStatus.ACCEPTED, headers=headers)


async def done_or_job(call: Call, jobs: Jobs, job: Job, *, wait_ms: int | None = None) -> Response:
    """What the job found, as JSON, once it is done; else as `done_job` answers."""
    found = await done_job(call, jobs, job, wait_ms=wait_ms)
    if isinstance(found, Response):
        return found
    return Response(bytes(found), headers={"Cache-Control": "no-store"}, media_type=JSON_TYPE)


async def done_job(call: Call, jobs: Jobs, job: Job, *, wait_ms: int | None = None) -> Raw | Response:
    """What the job found, once it is done; 202 with the job where that takes longer than the server waits, or than
    `wait_ms`.

    Raises ApiError: UNAVAILABLE where it failed or somebody cancelled it, BAD_MESSAGE where what was sent is wrong,
    ARCHIVED where it needs entries that have left the engine.
    """
    most_ms = call.services.settings.job_wait_ms
    job = await _waited_for(call, jobs, job, most_ms if wait_ms is None else min(wait_ms, most_ms))
    result = await jobs.result(job.id) if job.state is JobState.DONE else None
    if result is not None:
        return result
    if job.code == Code.BAD_MESSAGE:
        raise ApiError(Code.BAD_MESSAGE, job.reason)
    if job.code == Code.ARCHIVED:
        raise ApiError(Code.ARCHIVED, job.reason, archive=names.ledger_folder(jobs.pool, Stream.STOCK))
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        became = f"failed: {job.reason}" if job.state is JobState.FAILED else "was cancelled"
        raise ApiError(Code.UNAVAILABLE, f"the job {job.id!r} {became}")
    return accepted(call, jobs, job)


async def _waited_for(call: Call, jobs: Jobs, job: Job, wait_ms: int) -> Job:
    """The job when it has ended, or as it is when the time is over or the server stops. One whose caller has left is
    cancelled."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + wait_ms / 1000
    looks = 0
    while not job.has_ended and loop.time() < until_s and not call.services.stopping():
        looks += 1
        await asyncio.sleep(min(ASK_AGAIN.pause_s(looks), until_s - loop.time()))
        found = await jobs.get(job.id)
        if found is None:
            break
        job = found
        if not job.has_ended and await call.request.is_disconnected():
            return await jobs.cancel(job.id) or job
    return job
