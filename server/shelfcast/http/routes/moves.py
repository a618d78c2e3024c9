"""Routes that move units: moves of the merchant's side, orders of other platforms, and the ledger they leave."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import astuple
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import MoveDone, Request, Step
from shelfcast.http.api.call import CSV_TYPE, NDJSON_TYPE, Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.fields import Currency, PaidMinor, Place, Reference, SignedUnits, Text
from shelfcast.http.api.jobs import AUDIT, JobAnswer, done_or_job, make_job
from shelfcast.http.api.money import paid
from shelfcast.http.api.outcomes import passed, step
from shelfcast.http.api.paging import encode_lines, lines, page
from shelfcast.http.api.query import ALL, AllOrLimit, Query
from shelfcast.http.api.stream import Streamed
from shelfcast.merchant import moves as use_cases
from shelfcast.merchant.emergencies import Target, set_frozen
from shelfcast.protocol.access import Right
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, Name, Qty, Sku, User
from shelfcast.sheets.writing import csv_header, csv_rows
from shelfcast.stock.audit import Violation
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import FreezeScope
from shelfcast.stock.operations import MoveKind
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import ELASTIC, SUPPLIER, WRITTEN_OFF
from shelfcast.stock.records import LedgerEntry, Stream


class MoveName(StrEnum):
    """What can be asked of /moves: the plain moves of `MoveKind`, and those that are no transfer between two places."""

    RECEIVE = MoveKind.RECEIVE.value
    CARVE = MoveKind.CARVE.value
    ALLOCATE = MoveKind.ALLOCATE.value
    RELEASE_ELASTIC = MoveKind.RELEASE_ELASTIC.value
    RETURN = MoveKind.RETURN.value
    QUARANTINE = MoveKind.QUARANTINE.value
    WRITE_OFF = MoveKind.WRITE_OFF.value
    COUNT = "count"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    OPEN_BATCH = "open_batch"
    QUOTA = "quota"
    SETTLE = "settle"


class MoveBody(Request, frozen=True, kw_only=True):
    """A move. Which fields a kind takes:

    | kind | fields |
    |---|---|
    | receive, carve, allocate, release_elastic, return, quarantine, write_off | sku, qty, source, target |
    | count | sku, qty: the units physically there, unsellable and sold ones included |
    | freeze, unfreeze | sku |
    | open_batch | batch |
    | quota | sku, qty: units to add to the presale quota; negative lowers it |
    | settle | reservation, qty: pool units for an external order's shortfall |

    `id` (or the Idempotency-Key header) makes it happen once. `actor` is who asked for it, where that is not the
    token's own user. What a kind leaves no choice about may be left out: the `source` of receive and of
    release_elastic, the `target` of write_off. A freeze takes an operator's token; it is that of the SKU's own flag, as
    `…/emergencies/freeze` sets it.
    """

    kind: MoveName
    id: Id | UnsetType = UNSET
    sku: Sku | UnsetType = UNSET
    qty: SignedUnits | UnsetType = UNSET
    source: Place | UnsetType = UNSET
    target: Place | UnsetType = UNSET
    batch: Name | UnsetType = UNSET
    reservation: Id | UnsetType = UNSET
    actor: Reference = ""
    reason: Text = ""
    reference: Reference = ""


class OrderBody(Request, frozen=True, kw_only=True):
    """An order another platform already took. It is sold at once; what is missing is owed (`external_oversold`)."""

    channel: Name
    sku: Sku
    qty: Qty
    id: Id | UnsetType = UNSET
    user: User | UnsetType = UNSET
    reference: Reference = ""
    actor: Reference = ""
    paid_minor: PaidMinor | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET


class LedgerQuery(Query, frozen=True, kw_only=True):
    """A page of a ledger: the entries after sequence `after`."""

    after: Annotated[int, Meta(ge=0, description="the sequence of the last entry already read")] = 0
    limit: AllOrLimit = 1000
    stream: Annotated[Stream, Meta(description="ledger: units of stock; presale: presale quotas")] = Stream.STOCK


class AuditQuery(Query, frozen=True, kw_only=True):
    """Whether all entries are folded that ever were: those that left the engine from the archive."""

    archive: bool = False


class Audit(Struct, frozen=True, kw_only=True):
    """What the audit of a pool's book looked at and found. `units_oversold` is what external platforms sold beyond
    the stock; the book itself never does. `waiting` are the waits that stand. At most 1,000 violations are listed;
    `violation_count` counts all."""

    ok: bool
    pool: str
    entries: int
    skus: int
    reservations: int
    users: int
    waiting: int
    units_on_hand: int
    units_oversold: int
    violation_count: int
    violations: list[Violation]


TAG = "moves"
STREAM_ROWS = 250
"""Rows of one piece of an answer that is streamed: about a millisecond's work."""
_ENTRY_FIELDS = LedgerEntry.__struct_fields__


class _Form(NamedTuple):
    """Which fields a kind of move needs, the use case it is, and what of the body that is given."""

    fields: frozenset[str]
    use_case: Callable[..., Awaitable[Outcome]]
    arguments: Callable[[MoveBody], dict[str, Any]]


_OTHER_FORMS: dict[MoveName, _Form] = {
    MoveName.COUNT: _Form(
        frozenset({"sku", "qty"}),
        use_cases.count,
        lambda body: {"sku": _sku(body), "counted": _qty(body), "reason": body.reason},
    ),
    MoveName.FREEZE: _Form(
        frozenset({"sku"}), set_frozen, lambda body: {"target": _flag(body), "frozen": True, "reason": body.reason}
    ),
    MoveName.UNFREEZE: _Form(
        frozenset({"sku"}), set_frozen, lambda body: {"target": _flag(body), "frozen": False, "reason": body.reason}
    ),
    MoveName.OPEN_BATCH: _Form(frozenset({"batch"}), use_cases.open_batch, lambda body: {"batch": str(body.batch)}),
    MoveName.QUOTA: _Form(
        frozenset({"sku", "qty"}),
        use_cases.change_quota,
        lambda body: {"sku": _sku(body), "units": _qty(body), "reason": body.reason},
    ),
    MoveName.SETTLE: _Form(
        frozenset({"reservation", "qty"}),
        use_cases.settle_oversold,
        lambda body: {"reservation": str(body.reservation), "units": _qty(body)},
    ),
}
_PLAIN_FIELDS = frozenset({"sku", "qty", "source", "target"})
_ALL_FIELDS = _PLAIN_FIELDS | {"batch", "reservation"}
_ONLY_SOURCE = {MoveName.RECEIVE: SUPPLIER, MoveName.RELEASE_ELASTIC: ELASTIC}
_ONLY_TARGET = {MoveName.WRITE_OFF: WRITTEN_OFF}
_QTY_MIN = {MoveName.COUNT: 0, MoveName.QUOTA: None}
"""The least quantity where it is not 1; None where any but 0 will do."""


async def post_move(call: Call) -> Response:
    """Carry out a move. The same id and body gets the same answer again, another body ID_CONFLICT.

    A `count` or `write_off` of more units than the pool's sign_over_units is NEEDS_APPROVAL: it has become the draft of
    a count, which the problem's `count` names and two people sign.
    """
    book, body = (await call.pool()).book, call.body
    key = call.operation_id(None if body.id is UNSET else body.id)
    outcome = await passed(book, await _carry_out(book, key, body, call.actor(body.actor)))
    call.note(outcome)
    return answer(await _done(book, body, key, outcome))


async def post_order(call: Call) -> Response:
    """Book an order that another platform has taken. `left` in the answer is how many of its units were there."""
    book, body = (await call.pool()).book, call.body
    key = call.operation_id(None if body.id is UNSET else body.id)
    user = "" if body.user is UNSET else body.user
    outcome = await use_cases.take_external_order(
        book,
        key,
        body.channel,
        body.sku,
        body.qty,
        user=user,
        reference=body.reference,
        actor=call.actor(body.actor),
        **paid(body.paid_minor, body.currency),
    )
    call.note(await passed(book, outcome))
    return answer(step(key, outcome))


async def get_ledger(call: Call) -> Response:
    """A page of the ledger, one JSON object a line, in the order of `seq`; a full page links to the next one.

    With `limit=all` everything behind `after` is streamed, up to the entry that is the last when it begins. As CSV it
    is for spreadsheets: a line that names the columns, and text that begins like a formula behind a `'`.

    Where the next entry has left the engine, the answer is 410: the problem's `archive` is where the archive has it,
    and `begin_after` what to ask with to begin with the first that the engine has.
    """
    book, query = (await call.pool()).book, call.query
    if query.limit == ALL:
        await book.has_entries_behind(query.stream, query.after)
        pages = _named(book, book.ledger_to_now(query.stream, query.after, STREAM_ROWS))
        return Streamed(_ledger_pieces(pages, call.media_type), media_type=call.media_type)
    limit = call.page_limit()
    entries = await book.named(await book.ledger(query.stream, query.after, limit))
    full, last = len(entries) == limit, entries[-1].seq if entries else query.after
    if call.media_type == CSV_TYPE:
        return page(call, csv_header(_ENTRY_FIELDS) + _csv_entries(entries), CSV_TYPE, full=full, last=last)
    return lines(call, entries, full=full, last=last)


async def _named(book: StockBook, pages: AsyncIterator[list[LedgerEntry]]) -> AsyncIterator[list[LedgerEntry]]:
    async for entries in pages:
        yield await book.named(entries)


async def _ledger_pieces(pages: AsyncIterator[list[LedgerEntry]], media_type: str) -> AsyncGenerator[bytes]:
    as_csv = media_type == CSV_TYPE
    if as_csv:
        yield csv_header(_ENTRY_FIELDS)
    async for entries in pages:
        yield _csv_entries(entries) if as_csv else encode_lines(entries)


def _csv_entries(entries: Sequence[LedgerEntry]) -> bytes:
    return csv_rows([astuple(entry) for entry in entries])


async def get_audit(call: Call) -> Response:
    """Replay the ledger and check every invariant of the book; a violation is an answer, not an error.

    It is a job (`POST …/audits`) that this request waits for: where it takes longer than the server's job_wait_ms, the
    answer is 202 with the job, which goes on. A caller that leaves cancels it. Where entries have left the engine it
    begins at the archive's checkpoint there, and with `archive` at the archive's first entry.
    """
    jobs = (await call.pool()).jobs
    parameters = {"archive": True} if call.query.archive else {}
    return await done_or_job(call, jobs, await make_job(call, jobs, AUDIT, parameters))


def _right_of(body: MoveBody) -> Right:
    """To freeze is an emergency, which a person declares; to unfreeze is a move like others."""
    return Right.FREEZE if body.kind is MoveName.FREEZE else Right.KEEP


async def _carry_out(book: StockBook, key: str, body: MoveBody, actor: str) -> Outcome:
    """Do what a body asks for. Raises InvalidInput for a field its kind needs, or has no use for."""
    kind = body.kind
    given = {name for name in _ALL_FIELDS if getattr(body, name) is not UNSET}
    form = _OTHER_FORMS.get(kind)
    if form is not None:
        _check_fields(kind, given, needed=form.fields, allowed=form.fields)
        _check_qty(kind, body)
        return await form.use_case(book, key, actor=actor, **form.arguments(body))
    implied = {name for name, only in (("source", _ONLY_SOURCE), ("target", _ONLY_TARGET)) if kind in only}
    _check_fields(kind, given, needed=_PLAIN_FIELDS - implied, allowed=_PLAIN_FIELDS)
    _check_qty(kind, body)
    source = _ONLY_SOURCE[kind] if body.source is UNSET else body.source
    target = _ONLY_TARGET[kind] if body.target is UNSET else body.target
    return await use_cases.move(
        book,
        key,
        MoveKind(kind),
        _sku(body),
        _qty(body),
        source=source,
        target=target,
        actor=actor,
        reason=body.reason,
        reference=body.reference,
    )


async def _done(book: StockBook, body: MoveBody, key: str, outcome: Outcome) -> MoveDone:
    """What a move did, and what it reports besides, under names (the Lua files give lists)."""
    data, short = None, []
    if body.kind is MoveName.COUNT:
        data = dict(zip(("on_hand", "difference", "shortage"), outcome.data, strict=True))
        short = await book.short_reservations(_sku(body), data["shortage"])
    elif body.kind is MoveName.OPEN_BATCH:
        data = {"skus": outcome.data}
    return MoveDone(
        id=key,
        seq=outcome.seq,
        data=data,
        short_reservations=[reservation.id for reservation in short],
        undoable=outcome.undoable,
    )


def _check_fields(kind: str, given: set[str], *, needed: frozenset[str], allowed: frozenset[str]) -> None:
    for field in sorted(needed - given):
        raise InvalidInput(f"a move of kind {kind} needs it", field=field)
    for field in sorted(given - allowed):
        raise InvalidInput(f"a move of kind {kind} has no use for it", field=field)


def _check_qty(kind: MoveName, body: MoveBody) -> None:
    if body.qty is UNSET:
        return
    least = _QTY_MIN.get(kind, 1)
    if least is None and body.qty == 0:
        raise InvalidInput("expected a quantity other than 0", field="qty")
    if least is not None and body.qty < least:
        raise InvalidInput(f"expected at least {least} for a move of kind {kind}", field="qty")


def _sku(body: MoveBody) -> str:
    return str(body.sku)


def _flag(body: MoveBody) -> Target:
    return Target(FreezeScope.SKU, _sku(body))


def _qty(body: MoveBody) -> int:
    return 0 if body.qty is UNSET else body.qty


_POOL = "/v1/pools/{pool}"

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=_POOL + "/moves", summary="Move units", tag=TAG, handle=post_move,
             access=Access.CONTROL, answer=MoveDone, body=MoveBody, keyed=True, acts=True, right_of=_right_of,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.INSUFFICIENT, Code.ID_CONFLICT, Code.NEEDS_APPROVAL,
                    Code.SHELF_FULL)),
    Endpoint(method="POST", path=_POOL + "/orders", summary="Book an order of another platform", tag=TAG,
             handle=post_order, access=Access.CONTROL, answer=Step, body=OrderBody, keyed=True, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT)),
    Endpoint(method="GET", path=_POOL + "/ledger", summary="Read the ledger", tag=TAG, handle=get_ledger,
             access=Access.CONTROL, answer=LedgerEntry, media_type=NDJSON_TYPE, also=(CSV_TYPE,), query=LedgerQuery,
             codes=(Code.NOT_FOUND, Code.ARCHIVED)),
    Endpoint(method="GET", path=_POOL + "/audit", summary="Check the book against its ledger", tag=TAG,
             handle=get_audit, access=Access.CONTROL, answer=Audit, query=AuditQuery,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers={HTTPStatus.ACCEPTED: JobAnswer},
             codes=(Code.NOT_FOUND, Code.ARCHIVED, Code.RATE_LIMITED)),
]
# fmt: on
