"""Routes of a pool's archive: where its ledger's older entries are, and having it written."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.jobs import JobAnswer, accepted, make_job
from shelfcast.merchant.archive import ARCHIVE
from shelfcast.merchant.archive_state import ArchiveState, archive_state
from shelfcast.protocol.codes import Code

TAG = "archive"
KEPT_MS_MAX = 3_155_760_000_000
"""A hundred years."""


class ArchiveBody(Request, frozen=True, kw_only=True):
    """How long entries stay in the engine that the archive has, too; without it the server's ledger_kept_ms. `anew`
    writes once more whatever the engine has, where the archive has lost some of it."""

    kept_ms: Annotated[int, Meta(ge=0, le=KEPT_MS_MAX)] | UnsetType = UNSET
    anew: bool = False


async def get_archive(call: Call) -> Response:
    """Where the pool's archive is, up to where the ledgers are in it, and what is still in the engine."""
    return answer(await archive_state((await call.pool()).book, call.services.archive))


async def post_archive(call: Call) -> Response:
    """Write to the archive what it has not yet, and take out of the engine what it has and is old enough.

    The job's result is `ArchiveRun` (docs/http-api.md). Where the archive is away, or has not what was written, it
    fails, its reason names the object, and nothing is taken out of the engine.
    """
    jobs = (await call.pool()).jobs
    body = call.body or ArchiveBody()
    parameters: dict[str, Any] = {} if body.kept_ms is UNSET else {"kept_ms": body.kept_ms}
    if body.anew:
        parameters["anew"] = True
    return accepted(call, jobs, await make_job(call, jobs, ARCHIVE, parameters, key=call.key()))


_PATH = "/v1/pools/{pool}/archive"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_PATH, summary="Read what is in the archive", tag=TAG, handle=get_archive,
             access=Access.CONTROL, answer=ArchiveState, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_PATH, summary="Write the archive now", tag=TAG, handle=post_archive,
             access=Access.OPERATOR, answer=JobAnswer, statuses=(HTTPStatus.ACCEPTED,), body=ArchiveBody,
             body_optional=True, keyed=True, codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.RATE_LIMITED)),
]
# fmt: on
