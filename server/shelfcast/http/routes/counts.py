"""Routes of counts: making a sheet and looking at it, having SKUs counted again, giving reasons, signing, applying."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from msgspec import Meta
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import ROWS_MAX, EmptyBody, Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import EXACT_MAX, Reference, Text, Units
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.routes.count_items import (
    CountItem,
    CountList,
    CountMade,
    CountRowItem,
    CountRowList,
    ElsewhereItem,
    count_item,
    row_item,
)
from shelfcast.merchant import counts as use_cases
from shelfcast.merchant.count_sight import sight_of, status_told
from shelfcast.merchant.counts import Claimed, NewCount, Scope
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, Name, Sku
from shelfcast.stock.book import StockBook
from shelfcast.stock.counts import CountKind, CountReason, CountRecord, CountRow, RowStatus
from shelfcast.stock.outcomes import Outcome

TAG = "counts"
PAGE_ROWS = 500
"""Rows of a count that are read at a time."""
LOOK_ROWS_MAX = 2_000
"""Rows of a count that one request looks at."""

Skus = Annotated[list[Sku], Meta(max_length=ROWS_MAX, description=f"at most {ROWS_MAX:,} SKUs")]
Revision = Annotated[int, Meta(ge=0, le=EXACT_MAX, description="the revision of the count that was looked at")]


class CountBody(Request, frozen=True, kw_only=True):
    """A count to make, and of what: of the `skus` named, else of what the `room` lists, what lies in the `zone` and is
    of the `category`, as far as these are said; of the whole pool where nothing is. `skus` may be empty: they come
    later, as a file perhaps.

    What is left out of `recount_over` and `sign_over` is the pool's; `sign_over` is at most the pool's.
    """

    kind: CountKind
    id: Id | None = None
    room: Name | None = None
    zone: Reference = ""
    category: Reference = ""
    skus: Skus | None = None
    blind: bool = True
    recount_over: Units | None = None
    sign_over: Units | None = None
    note: Text = ""


class SkusBody(Request, frozen=True, kw_only=True):
    """SKUs of a count."""

    skus: Annotated[list[Sku], Meta(min_length=1, max_length=ROWS_MAX, description=f"1 to {ROWS_MAX:,} SKUs")]


class ReasonRow(Request, frozen=True, kw_only=True):
    """Why a SKU differs; `other` takes a note."""

    sku: Sku
    reason: CountReason
    note: Text = ""


class ReasonsBody(Request, frozen=True, kw_only=True):
    """Why SKUs differ."""

    rows: Annotated[list[ReasonRow], Meta(min_length=1, max_length=ROWS_MAX, description=f"1 to {ROWS_MAX:,} rows")]


class CloseBody(Request, frozen=True, kw_only=True):
    """The end of the counting; `anyway` where somebody has a line open, which has no effect then."""

    anyway: bool = False


class RevisionBody(Request, frozen=True, kw_only=True):
    """Which state of the count is meant: another one has to be looked at first."""

    revision: Revision


class RowQuery(Query, frozen=True, kw_only=True):
    """A page of the SKUs of a count by name: those behind `after`, those with this `status` alone where it is said; or
    one `sku`."""

    after: Sku | None = None
    limit: PageLimit = 100
    status: RowStatus | None = None
    sku: Sku | None = None


# --- making and reading -------------------------------------------------------------------------------------


async def post_count(call: Call) -> Response:
    """Make a count sheet, on which its SKUs are counted from then on. The same id and body is the same count.

    A SKU is on one open count at most: those that others have are left out, and named with them.
    """
    book, body = (await call.pool()).book, call.body
    count_id = _new_id() if body.id is None and call.key() is None else call.operation_id(body.id)
    await _check_scope(book, body)
    scope = Scope(room=body.room or "", zone=body.zone, category=body.category, skus=body.skus)
    new = NewCount(
        id=count_id,
        kind=body.kind,
        scope=scope,
        blind=body.blind,
        recount_over=body.recount_over,
        sign_over=body.sign_over,
        note=body.note,
    )
    made = await use_cases.open_count(book, new, call.by())
    place = f"/v1/pools/{quote(book.pool, safe='')}/counts/{quote(count_id, safe='')}"
    return await _made(call, book, count_id, made, status=HTTPStatus.CREATED, headers={"Location": place})


async def list_counts(call: Call) -> Response:
    """The counts of the pool that are kept."""
    records = await use_cases.all_counts((await call.pool()).book)
    return answer(CountList(counts=[count_item(record, sight_of(call.principal, record)) for record in records]))


async def get_count(call: Call) -> Response:
    """One count: how far it is, and what stands against signing it."""
    return await shown(call, (await call.pool()).book)


async def list_count_rows(call: Call) -> Response:
    """The SKUs of a count with what was found of them, by name."""
    book, query, limit = (await call.pool()).book, call.query, call.page_limit()
    record = await known(call, book)
    if query.sku is not None:
        row = await book.count_row(record.id, query.sku)
        return answer(CountRowList(rows=await row_items(call, book, record, [row] if row else []), next=None))
    sight, after = sight_of(call.principal, record), query.after or ""
    found: list[CountRow] = []
    more, looked = True, 0
    while more and len(found) < limit and looked < LOOK_ROWS_MAX:
        asked = PAGE_ROWS if query.status is not None else min(PAGE_ROWS, limit - len(found))
        rows = await book.count_rows(record.id, after=after, limit=asked)
        more, looked = len(rows) == asked, looked + len(rows)
        for row in rows:
            after = row.sku
            if query.status in (None, status_told(row, sight)):
                found.append(row)
                if len(found) == limit:
                    more = more or row is not rows[-1]
                    break
    return answer(CountRowList(rows=await row_items(call, book, record, found), next=after if more else None))


async def post_count_skus(call: Call) -> Response:
    """Put more SKUs on a count that is being counted. Those that are on it already stay as they are."""
    book, count = (await call.pool()).book, call.path["count"]
    await known(call, book)
    await _check_skus(book, call.body.skus)
    return await _made(call, book, count, await use_cases.claim(book, count, call.body.skus))


# --- what comes of it ---------------------------------------------------------------------------------------


async def post_recounts(call: Call) -> Response:
    """Have SKUs counted again, by somebody who has not counted them."""
    return await _stepped(call, lambda book, count, user: use_cases.ask_recount(book, count, call.body.skus, user))


async def put_reasons(call: Call) -> Response:
    """Say why SKUs differ: without a reason nothing that differs is applied."""
    rows = [(row.sku, row.reason, row.note) for row in call.body.rows]
    return await _stepped(call, lambda book, count, user: use_cases.give_reasons(book, count, rows, user))


async def post_close_count(call: Call) -> Response:
    """Nobody counts any more: what differs is looked at. Counting again what differs much goes on.

    Refused while somebody has a line open (`open_lines`), unless it is to be closed `anyway`.
    """
    anyway = call.body.anyway
    return await _stepped(call, lambda book, count, user: use_cases.close(book, count, user, anyway=anyway))


async def post_reopen_count(call: Call) -> Response:
    """Go on with counting."""
    return await _stepped(call, use_cases.reopen)


async def post_sign_count(call: Call) -> Response:
    """Stand for what the count found, at the revision that was looked at. Whatever changes afterwards voids it."""
    revision = call.body.revision
    return await _stepped(call, lambda book, count, user: use_cases.sign(book, count, revision, user))


async def post_apply_count(call: Call) -> Response:
    """Move the differences into the book. Whoever applies has signed; beyond `sign_over` somebody else has, too.

    Asked again it goes on where it was, and an applied one is answered as it is. Nothing undoes it.
    """
    revision, by = call.body.revision, call.by()
    return await _stepped(call, lambda book, count, user: use_cases.apply(book, count, revision, user, by), _APPLYING)


async def post_cancel_count(call: Call) -> Response:
    """Nothing comes of the count: its SKUs may be counted elsewhere, and nothing is moved."""
    by = call.by()
    return await _stepped(call, lambda book, count, _: use_cases.cancel(book, count, by))


_DRAFT = {"kind": "expected a count that is no draft of a move: that is signed or cancelled as it is"}
_APPLYING: Mapping[str, str] = {
    Code.SAME_SIGNER: "you have signed it, and nobody else has: somebody else has to apply it",
    Code.NEEDS_APPROVAL: "somebody else has to sign it before",
}
_MAKING = {"id": "expected one that does not begin with draft., as those of moves do"}

# --- parts --------------------------------------------------------------------------------------------------


async def known(call: Call, book: StockBook) -> CountRecord:
    """The count of the path. Raises ApiError (404)."""
    record = await book.count(call.path["count"])
    if record is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no count {call.path['count']!r}, or not any more", field="count")
    return record


async def shown(call: Call, book: StockBook) -> Response:
    """The count of the path, as the caller is told it."""
    record = await known(call, book)
    return answer(count_item(record, sight_of(call.principal, record)))


async def row_items(call: Call, book: StockBook, record: CountRecord, rows: Sequence[CountRow]) -> list[CountRowItem]:
    """SKUs of a count, as the caller is told them."""
    skus, sight = [row.sku for row in rows], sight_of(call.principal, record)
    configs = await book.sku_configs(skus)
    links = await book.links(record.room, skus) if record.room else {}
    return [row_item(record, row, configs.get(row.sku), links.get(row.sku), sight) for row in rows]


async def _stepped(
    call: Call, step: Callable[[StockBook, str, str], Awaitable[Outcome]], said: Mapping[str, str] = _DRAFT
) -> Response:
    """Do a step of the count for the caller, and answer with the count as it is then."""
    book = (await call.pool()).book
    outcome = await passed(book, await step(book, call.path["count"], call.principal.user), said)
    call.note(outcome)
    return await shown(call, book)


async def _made(
    call: Call, book: StockBook, count: str, made: Claimed, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    outcome = await passed(book, made.outcome, _MAKING)
    call.note(outcome)
    record = await book.count(count)
    if record is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no count {count!r} any more", field="count")
    elsewhere = [ElsewhereItem(sku=sku, count=other) for sku, other in made.elsewhere]
    item = count_item(record, sight_of(call.principal, record))
    return answer(CountMade(count=item, elsewhere=elsewhere), status=status, headers=headers)


async def _check_scope(book: StockBook, body: CountBody) -> None:
    """Raises ApiError, InvalidInput for a scope that says two things, or names what is not there."""
    if body.kind is CountKind.DRAFT:
        raise InvalidInput("expected before, spot, after or cycle: drafts are made by moves", field="kind")
    if body.skus is not None:
        for field in ("room", "zone", "category"):
            if getattr(body, field):
                raise InvalidInput("expected none beside skus, which say what is counted", field=field)
        await _check_skus(book, body.skus)
    if body.room is not None and await book.room_config(body.room) is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no room {body.room!r}", field="room")


async def _check_skus(book: StockBook, skus: Sequence[str]) -> None:
    """Raises ApiError for a SKU that the pool has not."""
    there = await book.sku_configs(skus)
    for index, sku in enumerate(skus):
        if sku not in there:
            raise ApiError(Code.UNKNOWN_SKU, f"the pool has no SKU {sku!r}", field=f"skus[{index}]")


def _new_id() -> str:
    return secrets.token_hex(6)


# --- table --------------------------------------------------------------------------------------------------

COUNTS = POOL_PATH + "/counts"
COUNT = COUNTS + "/{count}"
_STEPS = (Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT)
STATE = {409: "BAD_MESSAGE: the count is in a state that does not allow it, which `detail` says."}

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=COUNTS, summary="Make a count sheet", tag=TAG, handle=post_count,
             access=Access.OPERATOR, answer=CountMade, statuses=(HTTPStatus.CREATED,), body=CountBody, keyed=True,
             acts=True, codes=(*_STEPS, Code.SHELF_FULL)),
    Endpoint(method="GET", path=COUNTS, summary="List counts", tag=TAG, handle=list_counts, access=Access.COUNTER,
             answer=CountList, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=COUNT, summary="Read a count", tag=TAG, handle=get_count, access=Access.COUNTER,
             answer=CountItem, codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=COUNT + "/rows", summary="Read the SKUs of a count", tag=TAG, handle=list_count_rows,
             access=Access.COUNTER, answer=CountRowList, query=RowQuery, codes=(Code.NOT_FOUND,)),
    Endpoint(method="POST", path=COUNT + "/skus", summary="Put more SKUs on a count", tag=TAG, handle=post_count_skus,
             access=Access.OPERATOR, answer=CountMade, body=SkusBody, codes=(*_STEPS, Code.SHELF_FULL),
             problems=STATE),
    Endpoint(method="POST", path=COUNT + "/recounts", summary="Have SKUs counted again", tag=TAG, handle=post_recounts,
             access=Access.OPERATOR, answer=CountItem, body=SkusBody, codes=_STEPS, problems=STATE),
    Endpoint(method="PUT", path=COUNT + "/reasons", summary="Say why SKUs differ", tag=TAG, handle=put_reasons,
             access=Access.OPERATOR, answer=CountItem, body=ReasonsBody, codes=_STEPS, problems=STATE),
    Endpoint(method="POST", path=COUNT + "/close", summary="End the counting", tag=TAG, handle=post_close_count,
             access=Access.OPERATOR, answer=CountItem, body=CloseBody, body_optional=True, codes=_STEPS,
             problems=STATE),
    Endpoint(method="POST", path=COUNT + "/reopen", summary="Go on with counting", tag=TAG, handle=post_reopen_count,
             access=Access.OPERATOR, answer=CountItem, body=EmptyBody, body_optional=True, codes=_STEPS,
             problems=STATE),
    Endpoint(method="POST", path=COUNT + "/cancel", summary="Cancel a count", tag=TAG, handle=post_cancel_count,
             access=Access.OPERATOR, answer=CountItem, body=EmptyBody, body_optional=True, acts=True, codes=_STEPS,
             problems=STATE),
    Endpoint(method="POST", path=COUNT + "/sign", summary="Sign a count", tag=TAG, handle=post_sign_count,
             access=Access.SIGNER, answer=CountItem, body=RevisionBody, codes=(*_STEPS, Code.STALE), problems=STATE),
    Endpoint(method="POST", path=COUNT + "/apply", summary="Apply a count", tag=TAG, handle=post_apply_count,
             access=Access.SIGNER, answer=CountItem, body=RevisionBody, acts=True, problems=STATE,
             codes=(*_STEPS, Code.STALE, Code.NEEDS_APPROVAL, Code.SAME_SIGNER)),
]
# fmt: on
