"""Routes of lots: what expires soon, and taking it out of sale."""

from __future__ import annotations

import datetime as dt

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import MoveDone, Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Day, LotCode, Reference, Text, WithinDays
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.routes.receipt_items import LotItem, LotList
from shelfcast.merchant import receipts as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, Qty, Sku


class LotQuery(Query, frozen=True, kw_only=True):
    """Lots that expire within so many days: without it, within the pool's `expiry_days`."""

    within_days: WithinDays | None = None
    limit: PageLimit = 500


class PullBody(Request, frozen=True, kw_only=True):
    """Make so many units of a lot unsellable. `id` (or the Idempotency-Key header) makes it happen once."""

    sku: Sku
    lot: LotCode = ""
    expires_on: Day | None = None
    qty: Qty
    id: Id | UnsetType = UNSET
    actor: Reference = ""
    reason: Text = ""


TAG = "receipts"


async def list_lots(call: Call) -> Response:
    """Lots that expire soon, those that have expired first. Days are those of the calendar in the pool's time zone."""
    book, query = (await call.pool()).book, call.query
    found = await use_cases.expiring(book, within_days=query.within_days, limit=call.page_limit())
    titles = {sku: config.title for sku, config in (await book.sku_configs(list(found.free))).items()}
    lots = [
        LotItem(
            sku=lot.sku,
            title=titles.get(lot.sku, ""),
            lot=lot.lot,
            expires_on=lot.expires_on,
            days_left=(dt.date.fromisoformat(lot.expires_on) - found.today).days,
            units=lot.units,
            pulled=lot.pulled,
            free=found.free[lot.sku],
            as_of_ms=lot.as_of_ms,
            source=lot.source,
        )
        for lot in found.lots
    ]
    return answer(LotList(days=found.days, lots=lots, more=found.more))


async def post_pull_lot(call: Call) -> Response:
    """Take units of a lot out of sale: they become unsellable, from the pool, then the safety buffer, the elastic
    reserve, batches and channels' own units. Held and sold ones stay.

    `INSUFFICIENT` with the field `lot` where the lot has fewer that were not pulled, else where fewer are free.
    """
    book, body = (await call.pool()).book, call.body
    key = call.operation_id(None if body.id is UNSET else body.id)
    outcome = await use_cases.pull_lot(
        book,
        key,
        body.sku,
        body.lot,
        body.expires_on or "",
        body.qty,
        actor=call.actor(body.actor),
        reason=body.reason,
    )
    call.note(await passed(book, outcome))
    return answer(MoveDone(id=key, seq=outcome.seq, undoable=outcome.undoable))


_ALL = POOL_PATH + "/lots"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_ALL, summary="List lots that expire", tag=TAG, handle=list_lots,
             access=Access.CONTROL, answer=LotList, query=LotQuery, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=_ALL + "/pull", summary="Take a lot out of sale", tag=TAG, handle=post_pull_lot,
             access=Access.CONTROL, answer=MoveDone, body=PullBody, keyed=True, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.INSUFFICIENT, Code.ID_CONFLICT)),
]
# fmt: on
