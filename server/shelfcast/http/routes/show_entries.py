"""The route of a show's own ledger entries: what its customers reserved, and what became of that."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.routes.shows import FINDER, TAG
from shelfcast.merchant.show_entries import show_entries
from shelfcast.protocol.codes import Code
from shelfcast.stock.records import LedgerEntry

After = Annotated[int, Meta(ge=0, description="`next` of the answer to go on with; 0 begins with the show")]


class EntriesQuery(Query, frozen=True, kw_only=True):
    """A page of them: those behind the pool's sequence `after`."""

    after: After = 0
    limit: PageLimit = 500


class ShowEntryPage(Struct, frozen=True, kw_only=True):
    """Entries of both ledgers that are stamped with the show, in the order of the pool's sequence; their users are
    pseudonyms. `next` is the `after` to go on with. `complete` says that nothing more is there by now. A page may be
    short of its limit, or empty, and not be complete."""

    show: str
    entries: list[LedgerEntry]
    next: int
    complete: bool


async def list_show_entries(call: Call) -> Response:
    """The entries of a show's reservations, also those made after its end: payments, cancellations, shipments."""
    name, record = await call.found()
    limit = call.page_limit()
    pool = await call.services.pools.get(name)
    if pool is None:
        raise ApiError(Code.NOT_FOUND, f"no show {record.id!r} is known", field="show")
    look_max = call.services.settings.ledger_search_max
    page = await show_entries(
        pool.book, call.services.archive, record, after=call.query.after, limit=limit, look_max=look_max
    )
    return answer(ShowEntryPage(show=record.id, entries=page.entries, next=page.through, complete=page.is_complete))


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/shows/{show}/entries", summary="Read the ledger of a show", tag=TAG,
             handle=list_show_entries, access=Access.CONTROL, answer=ShowEntryPage, query=EntriesQuery, finds=FINDER,
             codes=(Code.NOT_FOUND,)),
]
# fmt: on
