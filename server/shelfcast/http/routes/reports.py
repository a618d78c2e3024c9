"""Routes of the reports of shows, and of what SKUs came to in their last ones."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import EmptyBody, Request
from shelfcast.http.api.call import JSON_TYPE, Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Text, Units
from shelfcast.http.api.files import disposition
from shelfcast.http.api.jobs import JobAnswer, accepted, make_job
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.routes.shows import FINDER
from shelfcast.merchant import report_archive
from shelfcast.merchant.report_items import Decision, Report
from shelfcast.merchant.report_lists import Listed, SkuShows, decision_of, decisions_of, listed, means_of
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Name, Sku
from shelfcast.stock.pools import Pool
from shelfcast.stock.reports import Decided, ReportState, history_from
from shelfcast.stock.show import SHOW_ID_PATTERN, ShowRecord

REPORTS_A_PAGE = 20
TAG = "reports"


class ReportQuery(Query, frozen=True, kw_only=True):
    """Which report of the show: without `state` the final one, or where there is none yet the provisional one."""

    state: ReportState | None = None


class ReportsQuery(Query, frozen=True, kw_only=True):
    """A page of reports, those of the last shows first: those of shows that began before `before`, of one `room` alone
    where it is named."""

    room: Name | None = None
    before: Annotated[str, Meta(pattern=SHOW_ID_PATTERN, description="the last show already read")] | None = None
    limit: PageLimit = REPORTS_A_PAGE


class ReportList(Struct, frozen=True, kw_only=True):
    """Reports, those of the last shows first; `next` is the `before` of the next page, null on the last."""

    reports: list[Listed]
    next: str | None


class DecideSkuBody(Request, frozen=True, kw_only=True):
    """What is to become of a SKU after a show: of `restock` so many `units` to have in stock, of the others so many to
    get rid of, left out where it is about no number."""

    sku: Sku
    kind: Decided
    units: Units | UnsetType = UNSET
    note: Text = ""


class DecisionMade(Struct, frozen=True, kw_only=True):
    """A decision about a SKU of the show."""

    sku: str
    decision: Decision


class DecisionList(Struct, frozen=True, kw_only=True):
    """What was decided about the SKUs of a show, by their names; the last decision of each stands."""

    show: str
    decisions: list[DecisionMade]


async def get_report(call: Call) -> Response:
    """A show's report, as it was written: its JSON verifies its own `checksum`.

    404 with the field `state` where it is not written yet: the provisional one comes when the show has ended, the
    final one once nothing of it is pending.
    """
    return answer_of(await report_of(call))


async def get_report_file(call: Call) -> Response:
    """The same as a file to keep."""
    _, record = await call.found()
    return answer_of(await report_of(call), disposition(f"{record.id}-report", JSON_TYPE))


def answer_of(content: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """A report's JSON as an answer."""
    return Response(content, headers={"Cache-Control": "no-store", **(headers or {})}, media_type=JSON_TYPE)


async def report_of(call: Call) -> bytes:
    """The report that the query's `state` means, as it was written. Raises ApiError (404), ArchiveError."""
    pool, show = await show_of(call)
    record = await pool.book.report_record(show.id)
    state = call.query.state
    found = report_archive.mark_of(record, state)
    if found is None:
        raise ApiError(Code.NOT_FOUND, _when(show, state), field="state")
    return await report_archive.read(call.services.archive, found[1])


def _when(show: ShowRecord, state: ReportState | None) -> str:
    """Why there is no such report, and when there will be."""
    if not show.ended_at_ms:
        return "the show is on; its report is written when it has ended"
    if state is ReportState.FINAL:
        return "the final report is written once the show cannot continue any more and nothing of it is pending"
    return "the report is being written; ask again in a moment"


async def post_report(call: Call) -> Response:
    """Write the report anew now, of a show that has ended and has no final one yet: a job, whose 202 names it."""
    pool, show = await show_of(call)
    record = await pool.book.report_record(show.id)
    if not show.ended_at_ms or record.final is not None:
        detail = "the show is on: it has no report yet" if not show.ended_at_ms else "its final report is written"
        raise ApiError(Code.BAD_MESSAGE, detail, status=HTTPStatus.CONFLICT, field="show")
    parameters = {"show": show.id, "state": ReportState.PROVISIONAL}
    return accepted(
        call, pool.jobs, await make_job(call, pool.jobs, report_archive.SHOW_REPORT, parameters, key=call.key())
    )


async def list_reports(call: Call) -> Response:
    """The reports of the pool's shows that are kept, with their checksums. Those of shows that are not kept any more
    stay in the archive."""
    book, query, limit = (await call.pool()).book, call.query, call.page_limit()
    found = await listed(book, room=query.room)
    if query.before is not None:
        places = [place for place, row in enumerate(found) if row.show == query.before]
        if not places:
            raise ApiError(Code.NOT_FOUND, f"no report of show {query.before!r} is known", field="before")
        found = found[places[0] + 1 :]
    return answer(ReportList(reports=found[:limit], next=found[limit - 1].show if len(found) > limit else None))


async def list_decisions(call: Call) -> Response:
    """What was decided about the show's SKUs."""
    pool, show = await show_of(call)
    decided = await decisions_of(pool.book, show.id)
    rows = [DecisionMade(sku=sku, decision=decision) for sku, decision in decided.items()]
    return answer(DecisionList(show=show.id, decisions=rows))


async def post_decision(call: Call) -> Response:
    """Decide about a SKU of a show that has a report. It moves nothing: it is remembered beside what the SKU came to,
    and the last decision stands. 404 with the field `sku` where the show's report has no such SKU."""
    pool, show = await show_of(call)
    body = call.body
    outcome = await report_archive.decide(
        pool.book,
        show.id,
        body.sku,
        body.kind,
        units=None if body.units is UNSET else body.units,
        note=body.note,
        by=call.by(room=show.room),
    )
    said = {"sku": f"no report of the show has a SKU {body.sku!r}"}
    call.note(await passed(pool.book, outcome, said))
    decision = decision_of(history_from(outcome.data))
    return answer(DecisionMade(sku=body.sku, decision=decision))


async def get_history(call: Call) -> Response:
    """What a SKU came to in its last ten shows, the latest first, with what was decided and the means."""
    book, sku = (await call.pool()).book, call.path["sku"]
    if await book.sku(sku) is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no SKU {sku!r}", field="sku")
    return answer(means_of(sku, (await book.histories([sku])).get(sku, [])))


async def show_of(call: Call) -> tuple[Pool, ShowRecord]:
    """The show of the path, and its pool. Raises ApiError (404)."""
    name, record = await call.found()
    pool = await call.services.pools.get(name)
    if pool is None:
        raise ApiError(Code.NOT_FOUND, f"no show {record.id!r} is known", field="show")
    return pool, record


_ONE = "/v1/shows/{show}/report"
_ON: dict[int, str] = {HTTPStatus.CONFLICT: "BAD_MESSAGE: the show is on, or its final report is written."}

# fmt: off
ENDPOINTS: list[Any] = [
    Endpoint(method="GET", path=_ONE, summary="Read a show's report", tag=TAG, handle=get_report,
             access=Access.CONTROL, answer=Report, query=ReportQuery, finds=FINDER, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ONE, summary="Write a show's report anew", tag=TAG, handle=post_report,
             access=Access.CONTROL, answer=JobAnswer, body=EmptyBody, body_optional=True, finds=FINDER, keyed=True,
             statuses=(HTTPStatus.ACCEPTED,), codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.RATE_LIMITED),
             problems=_ON),
    Endpoint(method="GET", path=_ONE + ".json", summary="Download a show's report as JSON", tag=TAG,
             handle=get_report_file, access=Access.CONTROL, answer=Report, query=ReportQuery, finds=FINDER,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=_ONE + "/decisions", summary="List what was decided after a show", tag=TAG,
             handle=list_decisions, access=Access.CONTROL, answer=DecisionList, finds=FINDER,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ONE + "/decisions", summary="Decide about a SKU after a show", tag=TAG,
             handle=post_decision, access=Access.OPERATOR, answer=DecisionMade, body=DecideSkuBody, acts=True,
             finds=FINDER, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=POOL_PATH + "/reports", summary="List the reports of a pool's shows", tag=TAG,
             handle=list_reports, access=Access.CONTROL, answer=ReportList, query=ReportsQuery,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=POOL_PATH + "/history/{sku:path}", summary="Read what a SKU came to", tag=TAG,
             handle=get_history, access=Access.CONTROL, answer=SkuShows, codes=(Code.NOT_FOUND,)),
]
# fmt: on
