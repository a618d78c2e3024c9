"""The routes of one person's data: what a pool keeps of somebody, and forgetting it."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, converted
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.jobs import ERASE_PERSON, PERSON, JobAnswer, accepted, done_or_job, make_job
from shelfcast.http.routes.reconciliation import WaitQuery
from shelfcast.merchant.people import Person
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import User


async def get_person(call: Call) -> Response:
    """What the pool keeps of a person: how much, since when, and what has to end before the person can be forgotten.

    It is a job that this request waits for, as `GET …/audit` does: 202 with the job where it takes longer.
    """
    jobs = (await call.pool()).jobs
    job = await make_job(call, jobs, PERSON, {"user": _user(call)})
    return await done_or_job(call, jobs, job, wait_ms=call.query.wait_ms)


async def delete_person(call: Call) -> Response:
    """Forget a person, as a job whose result is a `Forgotten`. It fails with BAD_MESSAGE and a list while something of
    that person is open: a live hold, paid units that are not shipped, a payment without stock, a refund request.

    What was sold stays, under a pseudonym that says nothing; the same user is somebody new afterwards.
    """
    jobs = (await call.pool()).jobs
    return accepted(call, jobs, await make_job(call, jobs, ERASE_PERSON, {"user": _user(call)}, key=call.key()))


def _user(call: Call) -> str:
    return converted(call.path["user"], User, field="user")


TAG = "people"
_PERSON = "/v1/pools/{pool}/people/{user:path}"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_PERSON, summary="Read what is kept of a person", tag=TAG, handle=get_person,
             access=Access.OPERATOR, answer=Person, query=WaitQuery,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers={HTTPStatus.ACCEPTED: JobAnswer},
             codes=(Code.NOT_FOUND, Code.RATE_LIMITED)),
    Endpoint(method="DELETE", path=_PERSON, summary="Forget a person", tag=TAG, handle=delete_person,
             access=Access.OPERATOR, answer=JobAnswer, statuses=(HTTPStatus.ACCEPTED,), keyed=True,
             codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.RATE_LIMITED)),
]
# fmt: on
