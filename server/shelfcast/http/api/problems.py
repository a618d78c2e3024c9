"""Errors as RFC 9457 problem details, and the one table from answer codes to HTTP statuses."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response

from shelfcast.archive import names
from shelfcast.errors import EntriesArchived
from shelfcast.protocol.codes import EXPLANATION, RETRY, Code, Retry
from shelfcast.stock.records import Stream

PROBLEM_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:shelfcast:problem:"
TEXT_MAX_CHARACTERS = 500
"""Of a detail, and of a field's path: what a caller wrote may be part of it."""

STATUS: dict[Code, int] = {
    Code.OK: 200,
    # What the stock, the window or the customer's standing does not allow now: the request itself was fine.
    Code.SOLD_OUT: 409,
    Code.ALL_HELD: 409,
    Code.INSUFFICIENT: 409,
    Code.NOT_OPEN: 409,
    Code.SALE_ENDED: 409,
    Code.BATCH_EXHAUSTED: 409,
    Code.FROZEN: 409,
    Code.PAUSED: 409,
    Code.LIMIT_PER_ORDER: 409,
    Code.LIMIT_PER_USER: 409,
    Code.REVIEW: 409,
    Code.BLOCKED: 409,
    Code.ID_CONFLICT: 409,
    Code.ALREADY_CONFIRMED: 409,
    Code.ALREADY_CANCELLED: 409,
    Code.EXPIRED: 409,
    Code.PAID_NO_STOCK: 409,
    # The caller's own.
    Code.NOT_FOUND: 404,
    Code.UNKNOWN_SKU: 404,
    Code.BAD_MESSAGE: 422,
    Code.FORBIDDEN: 403,
    Code.SHELF_FULL: 409,
    Code.NEEDS_APPROVAL: 409,
    Code.SAME_SIGNER: 409,
    Code.GATE: 409,
    Code.STALE: 412,
    Code.ARCHIVED: 410,
    # Try again.
    Code.RATE_LIMITED: 429,
    Code.OVERLOADED: 503,
    Code.UNAVAILABLE: 503,
}


class FailingItem(Struct, frozen=True, kw_only=True):
    """An item of a room's checklist that fails; the checklist has what mends it."""

    check: str
    why: str
    sku: str | None
    title: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details. `code` and `retry` are the codes of the socket protocol; `field` names the part
    of the request that is wrong or conflicts; `retry_after_ms` is given where a refusal for time ends. Of a definition
    that is STALE, `expected` is the revision of If-Match (absent for *), `revision` the one it is at (absent where
    there is none), `seq` the pool's sequence then, and `current` the definition as it is at that revision, as a GET of
    the path answers it. Of an import that is read otherwise by now they are its readings. Where what was asked for is
    not kept any more, `begin_after` is what to ask with instead; `archive` is the folder of the archive that has it. Of
    a move that NEEDS_APPROVAL, `count` is the draft of
    a count that it has become: to sign that is to approve it. Of a show that does not begin (GATE), `fails` and
    `warns` say how many items of the room's checklist do, and `items` are the first that fail."""

    type: str
    title: str
    status: int
    code: Code
    retry: Retry
    detail: str = ""
    field: str = ""
    retry_after_ms: int | None = None
    available: int | None = None
    expected: int | None = None
    revision: int | None = None
    seq: int | None = None
    current: dict[str, Any] | None = None
    begin_after: int | None = None
    archive: str | None = None
    count: str | None = None
    fails: int | None = None
    warns: int | None = None
    items: list[FailingItem] | None = None


class ApiError(Exception):
    """A request that ends with a problem. `status` is the code's own unless HTTP has a closer one."""

    def __init__(
        self,
        code: Code,
        detail: str = "",
        *,
        field: str = "",
        status: int = 0,
        retry_after_ms: int | None = None,
        available: int | None = None,
        expected: int | None = None,
        revision: int | None = None,
        seq: int | None = None,
        begin_after: int | None = None,
        archive: str | None = None,
        count: str | None = None,
        fails: int | None = None,
        warns: int | None = None,
        items: list[FailingItem] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail or EXPLANATION[code])
        self.code = code
        self.status = status or STATUS[code]
        self.headers = dict(headers or {})
        self.problem = Problem(
            # Where HTTP's status says more than the code does, the type and the title are the status's.
            type=TYPE_PREFIX + (HTTPStatus(status).name if status else code.value).lower().replace("_", "-"),
            title=HTTPStatus(status).phrase if status else EXPLANATION[code],
            status=self.status,
            code=code,
            retry=RETRY[code],
            detail=sayable(detail),
            field=sayable(field),
            retry_after_ms=retry_after_ms,
            available=available,
            expected=expected,
            revision=revision,
            seq=seq,
            begin_after=begin_after,
            archive=archive,
            count=count,
            fails=fails,
            warns=warns,
            items=items,
        )

    def show_current(self, current: dict[str, Any], revision: int | None = None) -> None:
        """Say what the definition is that was not at the expected revision; None takes that which `current` has."""
        at = current["revision"] if revision is None else revision
        self.problem = msgspec.structs.replace(self.problem, current=current, revision=at)

    def response(self, retry_after_ms: int | None = None) -> Response:
        """The problem as a response, with Retry-After (whole seconds) where waiting helps.

        `retry_after_ms` is what an overloaded or unavailable server says when nothing better is known.
        """
        headers = dict(self.headers)
        if self.problem.retry_after_ms is not None:
            retry_after_ms = self.problem.retry_after_ms
        elif self.status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            retry_after_ms = None
        if retry_after_ms is not None:
            headers["Retry-After"] = str(max(1, -(-retry_after_ms // 1000)))
        return Response(
            msgspec.json.encode(self.problem), status_code=self.status, headers=headers, media_type=PROBLEM_TYPE
        )


def archived(error: EntriesArchived) -> ApiError:
    """What was asked for has left the engine: where the archive has it, and behind which entry the engine's begin."""
    folder = names.ledger_folder(error.pool, Stream(error.stream))
    return ApiError(Code.ARCHIVED, str(error), begin_after=error.through, archive=folder)


def sayable(text: str) -> str:
    """The text as an answer can say it: cut where it is long, and in characters that UTF-8 has."""
    cut = text if len(text) <= TEXT_MAX_CHARACTERS else text[:TEXT_MAX_CHARACTERS] + "…"
    return cut.encode(errors="replace").decode()
