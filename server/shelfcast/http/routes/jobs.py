"""Routes of jobs: heavy work that the process for it does, while this one goes on serving."""

from __future__ import annotations

from http import HTTPStatus

from msgspec import Struct
from starlette.responses import Response

from shelfcast.http.api.access import Access, authorize
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.jobs import AUDIT, ERASE_PERSON, PERSON, JobAnswer, accepted, make_job, shown
from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.access import Act, Right
from shelfcast.protocol.codes import Code
from shelfcast.stock.jobs import Job, JobState


class JobList(Struct, frozen=True, kw_only=True):
    """The jobs of a pool that are open or kept, the oldest first, without their results."""

    jobs: list[JobAnswer]


TAG = "jobs"
OPERATORS_ALONE = frozenset({PERSON, ERASE_PERSON})
"""Kinds that others see in the list alone, as they may not ask for them either."""


class AuditBody(Request, frozen=True, kw_only=True):
    """Whether all entries are folded that ever were: those that left the engine from the archive."""

    archive: bool = False


async def post_audit(call: Call) -> Response:
    """Begin an audit: replay the ledger and check every invariant of the book. The result is that of `GET …/audit`."""
    jobs = (await call.pool()).jobs
    parameters = {"archive": True} if call.body is not None and call.body.archive else {}
    return accepted(call, jobs, await make_job(call, jobs, AUDIT, parameters, key=call.key()))


async def list_jobs(call: Call) -> Response:
    """The jobs of the pool."""
    jobs = await (await call.pool()).jobs.all()
    return answer(JobList(jobs=[shown(job) for job in jobs]))


async def get_job(call: Call) -> Response:
    """How far a job is, and what it found."""
    jobs = (await call.pool()).jobs
    job = _found(call, await jobs.get(call.path["job"]))
    return answer(shown(job, await jobs.result(job.id) if job.state is JobState.DONE else None))


async def cancel_job(call: Call) -> Response:
    """Cancel a job. One that waits is cancelled in this answer, one that is under way within a second or two; one that
    has ended stays as it is."""
    jobs = (await call.pool()).jobs
    _found(call, await jobs.get(call.path["job"]))
    return answer(shown(_found(call, await jobs.cancel(call.path["job"]))))


def _found(call: Call, job: Job | None) -> Job:
    if job is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no job {call.path['job']!r}, or not any more", field="job")
    if job.kind in OPERATORS_ALONE:
        authorize(call.principal, Act(Right.DECIDE), pool=call.path["pool"])
    return job


_POOL = "/v1/pools/{pool}"
_JOB = _POOL + "/jobs/{job}"

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=_POOL + "/audits", summary="Begin an audit", tag=TAG, handle=post_audit,
             access=Access.CONTROL, answer=JobAnswer, statuses=(HTTPStatus.ACCEPTED,), body=AuditBody,
             body_optional=True, keyed=True, codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.RATE_LIMITED)),
    Endpoint(method="GET", path=_POOL + "/jobs", summary="List jobs", tag=TAG, handle=list_jobs,
             access=Access.CONTROL, answer=JobList, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=_JOB, summary="Read a job and its result", tag=TAG, handle=get_job,
             access=Access.CONTROL, answer=JobAnswer, codes=(Code.NOT_FOUND,)),
    Endpoint(method="DELETE", path=_JOB, summary="Cancel a job", tag=TAG, handle=cancel_job,
             access=Access.CONTROL, answer=JobAnswer, codes=(Code.NOT_FOUND,)),
]
# fmt: on
