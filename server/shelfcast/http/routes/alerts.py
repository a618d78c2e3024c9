"""Routes of alerts and of the minutes of shows."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.http.api.access import Access, authorize
from shelfcast.http.api.bodies import MoveDone, Request
from shelfcast.http.api.call import Call, Finder, Found, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Text
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import Query
from shelfcast.http.routes.shows import FINDER as SHOW_FINDER
from shelfcast.merchant import alerts as use_cases
from shelfcast.merchant import show_series as use_series
from shelfcast.merchant.minutes import SeriesPage
from shelfcast.protocol.access import Act, Right, Touches
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import SnoozeMinutes
from shelfcast.protocol.from_server import AlertAction
from shelfcast.protocol.states import AlertRule, AlertState, Severity
from shelfcast.stock.actions import By
from shelfcast.stock.alerts import AlertRecord, record_from, show_of
from shelfcast.stock.book import StockBook
from shelfcast.stock.show import room_of

HOUR_MS = 3_600_000
ActionName = Annotated[str, Meta(max_length=80, description="the id of one of the alert's actions")]


class AlertItem(Struct, frozen=True, kw_only=True):
    """An alert; the fields say what those of the socket's `alert` do.

    `show` is empty of one that is about no show, and `room` where it is no room's. `sku` is empty where it is about the
    whole show, `tier_percent` 0 where the rule has none. Times that there are not (yet) are null.
    """

    id: str
    room: str
    show: str
    rule: AlertRule
    sku: str
    tier_percent: int
    state: AlertState
    severity: Severity
    value: float
    threshold: float
    peak: float
    remaining: int
    offered: int
    advice: str
    actions: list[AlertAction]
    acknowledged_by: str
    note: str
    snoozed_until_ms: int | None
    unsteady: bool
    since_ms: int
    rang_at_ms: int
    changed_at_ms: int
    resolved_at_ms: int | None


class AlertList(Struct, frozen=True, kw_only=True):
    """Alerts, of each show in the order in which they rang."""

    alerts: list[AlertItem]


class AcknowledgeBody(Request, frozen=True, kw_only=True):
    """Take note of an alert; the first one's name and note stand."""

    note: Text = ""


class SnoozeBody(Request, frozen=True, kw_only=True):
    """Leave an alert aside for some minutes."""

    minutes: SnoozeMinutes


class ActBody(Request, frozen=True, kw_only=True):
    """Carry out one of the alert's actions."""

    action: ActionName


class SeriesQuery(Query, frozen=True, kw_only=True):
    """The minutes of the hour that begins at or before `from_ms`; of the show's first hour if absent. With `since_ms`
    those of them that begin at it or later: whoever follows a show asks for what is new."""

    from_ms: Annotated[int, Meta(ge=0, description="milliseconds since 1970")] | None = None
    since_ms: Annotated[int, Meta(ge=0, description="milliseconds since 1970")] | None = None


SkuMinuteRow = tuple[int, str, int, int, int, int]
"""minute's beginning, SKU, then in units at its end: available, in checkouts, sold in the show, taken in the show"""


class ShowMinuteItem(Struct, frozen=True, kw_only=True):
    """A show at the end of the minute that begins at `minute_ms`: its viewers, its paid units so far, and how often it
    has refused so far, by code."""

    minute_ms: int
    viewers: int
    paid: int
    refused: dict[str, int]


class Series(Struct, frozen=True, kw_only=True):
    """The minutes of an hour of a show. `skus` has rows of the SKUs that changed in a minute: one without a row is as
    it was before. `next_from_ms` is the `from_ms` of the next hour, null on the last."""

    show: str
    skus: list[SkuMinuteRow]
    minutes: list[ShowMinuteItem]
    next_from_ms: int | None


TAG = "alerts"


async def list_show_alerts(call: Call) -> Response:
    """The alerts of a show, those that are over included, in the order in which they rang."""
    pool, _ = await call.found()
    records = await (await _book(call, pool)).alerts(call.path["show"])
    return answer(AlertList(alerts=[item(record) for record in records]))


async def list_pool_alerts(call: Call) -> Response:
    """The alerts that stand, of all rooms in the caller's scope, those about no show first."""
    book = (await call.pool()).book
    records = await use_cases.of_pool(book)
    reached = [record for record in records if call.reaches(use_cases.owner_of(book.pool, record))]
    return answer(AlertList(alerts=[item(record) for record in reached]))


async def post_acknowledge_alert(call: Call) -> Response:
    """Take note of an alert. It rings no more, unless it becomes graver; its acknowledgement ends with it."""
    pool, record = await call.found()
    book = await _book(call, pool)
    outcome = await passed(book, await use_cases.acknowledge(book, _by(call, record), record.id, call.body.note))
    return answer(item(record_from(outcome.data)))


async def post_acknowledge_pool_alert(call: Call) -> Response:
    """Take note of an alert of the pool, be it about a show or about none."""
    return await post_acknowledge_alert(call)


async def post_snooze_pool_alert(call: Call) -> Response:
    """Leave an alert of the pool aside, be it about a show or about none."""
    return await post_snooze_alert(call)


async def post_snooze_alert(call: Call) -> Response:
    """Leave an alert aside for at most 30 minutes; then it rings again, if it still stands."""
    pool, record = await call.found()
    book = await _book(call, pool)
    outcome = await passed(book, await use_cases.snooze(book, _by(call, record), record.id, call.body.minutes))
    return answer(item(record_from(outcome.data)))


async def post_act_on_alert(call: Call) -> Response:
    """Carry out what answers an alert: release the reserve, allocate, open a batch, show the next. It is done once,
    whoever asks and however often. What moves stock takes a token for the whole pool."""
    pool, record = await call.found()
    book = await _book(call, pool)
    found = next((action for action in record.actions if action.id == call.body.action), None)
    if found is None:
        offered = ", ".join(action.id for action in record.actions) or "none"
        raise ApiError(Code.NOT_FOUND, f"the alert has no such action; there are: {offered}", field="action")
    act = Act(Right.KEEP, Touches.POOL) if found.qty else Act(Right.SPOTLIGHT)
    authorize(call.principal, act, pool=pool, room=record.room)
    outcome = await passed(book, await use_cases.act(book, _by(call, record), record, found.id))
    call.note(outcome)
    return answer(MoveDone(id=outcome.action_id, seq=outcome.seq, undoable=outcome.undoable))


async def get_series(call: Call) -> Response:
    """The minutes of a show, an hour at a time."""
    pool, record = await call.found()
    book, show = await _book(call, pool), record.id
    hours = await use_series.series_hours(book, record)
    wanted = call.query.from_ms // HOUR_MS if call.query.from_ms is not None else min(hours, default=0)
    following = [hour for hour in hours if hour > wanted]
    page = SeriesPage(skus=[], show=[])
    if wanted in hours:
        page = await use_series.series_of_hour(book, call.services.archive, record, wanted)
    since_ms = call.query.since_ms or 0
    found = Series(
        show=show,
        skus=[(minute_ms, sku, *row) for minute_ms, sku, row in page.skus if minute_ms >= since_ms],
        minutes=[
            ShowMinuteItem(minute_ms=minute_ms, viewers=row.viewers, paid=row.paid, refused=row.refused)
            for minute_ms, row in page.show
            if minute_ms >= since_ms
        ],
        next_from_ms=following[0] * HOUR_MS if following else None,
    )
    return answer(found)


def item(record: AlertRecord) -> AlertItem:
    """An alert as the API shows it."""
    return AlertItem(
        id=record.id,
        room=record.room,
        show=record.show,
        rule=record.rule,
        sku=record.sku,
        tier_percent=record.tier_percent,
        state=record.state,
        severity=record.severity,
        value=record.value,
        threshold=record.threshold,
        peak=record.peak,
        remaining=record.remaining,
        offered=record.offered,
        advice=record.advice,
        actions=record.actions,
        acknowledged_by=record.acknowledged_by,
        note=record.note,
        snoozed_until_ms=record.snoozed_until_ms or None,
        unsteady=record.unsteady,
        since_ms=record.since_ms,
        rang_at_ms=record.rang_at_ms,
        changed_at_ms=record.changed_at_ms,
        resolved_at_ms=record.resolved_at_ms or None,
    )


async def _book(call: Call, pool: str) -> StockBook:
    found = await call.services.pools.get(pool)
    if found is None:
        raise ApiError(Code.NOT_FOUND, f"there is no pool {pool!r}", field="pool")
    return found.book


def _by(call: Call, record: AlertRecord) -> By:
    return By(call.by().id, call.actor(""), record.room)


async def _find(call: Call) -> Found | None:
    """The alert of the path, if it is one of the path's show."""
    show, name = call.path["show"], call.path["alert"]
    pool = await call.services.pools.of_room(room_of(show))
    record = None if pool is None or show_of(name) != show else await pool.book.alert(name)
    if pool is None or record is None:
        return None
    return Found((pool.book.pool, record), use_cases.owner_of(pool.book.pool, record))


async def _find_in_pool(call: Call) -> Found | None:
    """The alert of the path, of a show or of none, if it is one of the path's pool."""
    pool = await call.services.pools.get(call.path["pool"])
    record = None if pool is None else await pool.book.alert(call.path["alert"])
    if pool is None or record is None:
        return None
    return Found((pool.book.pool, record), use_cases.owner_of(pool.book.pool, record))


_FINDER = Finder("alert", "alert", _find)
_POOL_FINDER = Finder("alert", "alert", _find_in_pool)
_SHOW = "/v1/shows/{show}"
_ONE = _SHOW + "/alerts/{alert}"
_ONE_OF_POOL = POOL_PATH + "/alerts/{alert}"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_SHOW + "/alerts", summary="List the alerts of a show", tag=TAG,
             handle=list_show_alerts, access=Access.STAFF, answer=AlertList, finds=SHOW_FINDER,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=POOL_PATH + "/alerts", summary="List the alerts that stand", tag=TAG,
             handle=list_pool_alerts, access=Access.CONTROL, answer=AlertList, filtered=True,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ONE + "/acknowledge", summary="Acknowledge an alert", tag=TAG,
             handle=post_acknowledge_alert, access=Access.CREW, answer=AlertItem, body=AcknowledgeBody,
             body_optional=True, finds=_FINDER, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ONE + "/snooze", summary="Leave an alert aside", tag=TAG,
             handle=post_snooze_alert, access=Access.CREW, answer=AlertItem, body=SnoozeBody, finds=_FINDER,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ONE + "/act", summary="Do what answers an alert", tag=TAG,
             handle=post_act_on_alert, access=Access.CONTROL, answer=MoveDone, body=ActBody, finds=_FINDER, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.INSUFFICIENT, Code.ID_CONFLICT)),
    Endpoint(method="POST", path=_ONE_OF_POOL + "/acknowledge", summary="Acknowledge an alert of a pool", tag=TAG,
             handle=post_acknowledge_pool_alert, access=Access.CREW, answer=AlertItem, body=AcknowledgeBody,
             body_optional=True, finds=_POOL_FINDER, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ONE_OF_POOL + "/snooze", summary="Leave an alert of a pool aside", tag=TAG,
             handle=post_snooze_pool_alert, access=Access.CREW, answer=AlertItem, body=SnoozeBody, finds=_POOL_FINDER,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=_SHOW + "/series", summary="Read the minutes of a show", tag=TAG, handle=get_series,
             access=Access.STAFF, answer=Series, query=SeriesQuery, finds=SHOW_FINDER, codes=(Code.NOT_FOUND,)),
]
# fmt: on
