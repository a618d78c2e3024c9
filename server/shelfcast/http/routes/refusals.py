"""The route of a show's refusals: what its customers asked for and did not get."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.routes.shows import FINDER, TAG
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Sku
from shelfcast.stock.refusals import Refused, RefusedCode, RefusedSku


class RefusalQuery(Query, frozen=True, kw_only=True):
    """A page of SKUs by name: those behind `after`."""

    after: Sku | None = None
    limit: PageLimit = 100


class RefusalList(Struct, frozen=True, kw_only=True):
    """A show's refused reservations, by code in all (`codes`) and of each SKU. All numbers mean "at least".
    `lack_of_stock` of the whole show counts each person once, whatever they asked for.

    `count` are attempts and `units` what they asked for, also of somebody who tried again; `people` counts each once,
    and is an estimate within 1 % or so. `lack_of_stock` of a SKU are SOLD_OUT, ALL_HELD, INSUFFICIENT and
    BATCH_EXHAUSTED together, each person once. `next` is the `after` of the next page, null on the last; `codes` are
    the same on each.
    """

    show: str
    codes: list[RefusedCode]
    lack_of_stock: Refused
    skus: list[RefusedSku]
    next: str | None


async def list_refusals(call: Call) -> Response:
    """What the show's customers asked for and did not get: refused by the book, or before it was asked. Processes add
    theirs once a second; what one could not add is missing. It is kept for `refusals_kept_ms`."""
    name, record = await call.found()
    pool = await call.services.pools.get(name)
    if pool is None:
        raise ApiError(Code.NOT_FOUND, f"no show {record.id!r} is known", field="show")
    found = await pool.refusals.of_show(record.id, after=call.query.after or "", limit=call.page_limit())
    return answer(RefusalList(show=record.id, **asdict(found)))


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/shows/{show}/refusals", summary="List what a show refused", tag=TAG,
             handle=list_refusals, access=Access.STAFF, answer=RefusalList, query=RefusalQuery, finds=FINDER,
             codes=(Code.NOT_FOUND,)),
]
# fmt: on
