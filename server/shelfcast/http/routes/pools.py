"""Routes of what a pool has: its catalogue, channels and users; its batches stand in batches.py."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.exports.paged_workbook import SheetHead, write_pages
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import ROWS_MAX, DefinitionBody, Request, Written
from shelfcast.http.api.call import CSV_TYPE, JSON_TYPE, Call, answer, definition
from shelfcast.http.api.definitions import given, write_definition
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH, PUT_STATUSES, Family, Several, put_status
from shelfcast.http.api.fields import (
    Aliases,
    Currency,
    ElasticBody,
    ImageUrl,
    LowMarkUnits,
    Minor,
    Reference,
    Substitutes,
    Text,
    Units,
    Weight,
    Weights,
)
from shelfcast.http.api.files import disposition, written_file
from shelfcast.http.api.outcomes import first_refusal
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.http.api.stream import Streamed
from shelfcast.insight.reserves import Reserves
from shelfcast.merchant import catalogue
from shelfcast.merchant.count_refusals import in_words
from shelfcast.merchant.definitions import check_new_skus
from shelfcast.merchant.goods import check_goods
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Sku
from shelfcast.sheets.columns import Value
from shelfcast.sheets.goods import CATALOGUE, catalogue_row
from shelfcast.sheets.workbooks import XLSX_TYPE, WorkbookFile
from shelfcast.sheets.writing import csv_header, csv_table_rows
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import (
    ChannelConfig,
    ChannelKind,
    ElasticRule,
    LowMark,
    SkuConfig,
    Standing,
    UserConfig,
    What,
)
from shelfcast.stock.places import Buckets


class SkuBody(DefinitionBody, frozen=True, kw_only=True):
    """A SKU of the catalogue (`SkuConfig`)."""

    title: Text | UnsetType | None = UNSET
    price_minor: Minor | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    barcode: Reference | UnsetType | None = UNSET
    category: Reference | UnsetType | None = UNSET
    elastic_release_at: Units | UnsetType | None = UNSET
    elastic: ElasticBody | UnsetType | None = UNSET
    safety_units: Units | UnsetType | None = UNSET
    substitutes: Substitutes | UnsetType | None = UNSET
    aliases: Aliases | UnsetType | None = UNSET
    zone: Reference | UnsetType | None = UNSET
    supplier: Reference | UnsetType | None = UNSET
    image_url: ImageUrl | UnsetType | None = UNSET


class CatalogueRow(SkuBody, frozen=True, kw_only=True):
    """One SKU of a bulk request; fields left out stay as they are. `opening` units are received from the supplier, and
    of them `opening_safety` go on into the safety buffer and `opening_elastic` into the elastic reserve."""

    sku: Sku
    opening: Units = 0
    opening_safety: Units = 0
    opening_elastic: Units = 0


class CatalogueBody(Request, frozen=True, kw_only=True):
    """SKUs to define at once, each a merge, with their opening stock."""

    skus: Annotated[list[CatalogueRow], Meta(min_length=1, max_length=ROWS_MAX)]
    reason: Text = ""
    reference: Reference = ""


class ChannelBody(DefinitionBody, frozen=True, kw_only=True):
    """A channel (`ChannelConfig`): shared ones sell from their own units, then from the pool.

    Where it could sell fewer than `low_mark_units` of a SKU, it sells by `low_mark`: `fixed` from its own units and its
    batches alone, `share` also from the pool, `stop` not at all. A low mark needs its units.

    `weight`, `weights` by category, `floor_units` and `cap_units` (of each SKU) are for the split of the pool's units.
    A cap is a dedicated channel's, and no lower than its floor.
    """

    kind: ChannelKind | UnsetType | None = UNSET
    title: Text | UnsetType | None = UNSET
    low_mark_units: LowMarkUnits | UnsetType | None = UNSET
    low_mark: LowMark | UnsetType | None = UNSET
    weight: Weight | UnsetType | None = UNSET
    weights: Weights | UnsetType | None = UNSET
    floor_units: Units | UnsetType | None = UNSET
    cap_units: Units | UnsetType | None = UNSET


class UserBody(DefinitionBody, frozen=True, kw_only=True):
    """What the operator decided about a user (`UserConfig`)."""

    standing: Standing | UnsetType | None = UNSET
    reason: Text | UnsetType | None = UNSET


class ElasticTerms(ElasticRule, frozen=True, kw_only=True, omit_defaults=False):
    """When an elastic reserve is released, and how much of it at once (`ElasticRule`)."""


class PoolSku(SkuConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A SKU with the units in each of its buckets and accounts; names without units are left out. `elastic` is the rule
    of its elastic reserve, however it was said."""

    sku: str
    elastic: ElasticTerms | None = None
    buckets: Buckets


class SkuPage(Struct, frozen=True, kw_only=True):
    """SKUs in the order of their names; `next` is the `after` of the next page, null on the last."""

    skus: list[PoolSku]
    next: str | None


class Channel(ChannelConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A channel."""

    channel: str


class ChannelList(Struct, frozen=True, kw_only=True):
    """The channels of a pool."""

    channels: list[Channel]


class PoolUser(UserConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A user's standing."""

    user: str


SKUS_A_PAGE = 100
NO_TIMES = ZoneInfo("UTC")
"""The catalogue has none."""


class SkuQuery(Query, frozen=True, kw_only=True):
    """A page of SKUs: those whose names come after `after`, 100 at most where no limit is given. As CSV the catalogue
    comes whole, and neither is given."""

    after: Sku | None = None
    limit: PageLimit | None = None


TAG = "pools"
STREAM_ROWS = 250
"""Rows of one piece of an answer that is streamed: about two milliseconds' work."""


# --- catalogue ---------------------------------------------------------------------------------------------


async def list_skus(call: Call) -> Response:
    """A page of the catalogue with every bucket.

    As CSV (streamed) and as XLSX it is the whole catalogue without units, in the form that imports take back: every
    row of it is then the same.
    """
    book, query = (await call.pool()).book, call.query
    if call.media_type != JSON_TYPE:
        for field in ("after", "limit"):
            if getattr(query, field) is not None:
                raise InvalidInput("expected none: as a file the catalogue comes whole", field=field)
        name = f"catalogue {book.pool}"
        if call.media_type == CSV_TYPE:
            pieces = _catalogue_pieces(book)
            return Streamed(pieces, media_type=CSV_TYPE, headers=disposition(name, CSV_TYPE))
        return await written_file(call, partial(_write_catalogue, book), name)
    limit = SKUS_A_PAGE if query.limit is None else call.page_limit()
    rows = await book.skus(call.query.after or "", limit + 1)
    page = [_pool_sku(sku, config, buckets) for sku, config, buckets in rows[:limit]]
    return answer(SkuPage(skus=page, next=page[-1].sku if len(rows) > limit else None))


async def _catalogue_pieces(book: StockBook) -> AsyncGenerator[bytes]:
    yield csv_header([column.key for column in CATALOGUE.columns])
    async for rows in _catalogue_rows(book):
        yield csv_table_rows(CATALOGUE.columns, rows, NO_TIMES)


async def _write_catalogue(book: StockBook, file: Path) -> None:
    workbook = WorkbookFile(file, zone=NO_TIMES, made_at_ms=await book.now_ms(), title=book.pool)
    pages = ([rows] async for rows in _catalogue_rows(book))
    await write_pages(workbook, [SheetHead(CATALOGUE.name, CATALOGUE.columns)], pages)


async def _catalogue_rows(book: StockBook) -> AsyncIterator[list[list[Value]]]:
    async for rows in book.catalogue(STREAM_ROWS):
        yield [catalogue_row(sku, asdict(config)) for sku, config, _ in rows]


async def get_sku(call: Call) -> Response:
    """One SKU with every bucket."""
    return definition(await _read_sku((await call.pool()).book, call.path["sku"]))


async def put_sku(call: Call) -> Response:
    """Define the SKU: fields left out take their defaults."""
    book, sku = (await call.pool()).book, call.path["sku"]
    _check_goods(call)
    existed = await book.sku(sku) is not None
    if not existed:
        await check_new_skus(book, [(sku, "sku")])
    await write_definition(book, call, What.SKU, sku)
    return definition(await _read_sku(book, sku), status=put_status(existed))


async def patch_sku(call: Call) -> Response:
    """Change the fields given."""
    book, sku = (await call.pool()).book, call.path["sku"]
    _check_goods(call)
    await _read_sku(book, sku)
    await write_definition(book, call, What.SKU, sku)
    return definition(await _read_sku(book, sku))


async def post_catalogue(call: Call) -> Response:
    """Define many SKUs, and receive their opening stock once a key.

    The rows are not one transaction: when one is refused, the problem names it, and the same request may be sent
    again with the same key.
    """
    book, body = (await call.pool()).book, call.body
    rows = [
        catalogue.Row(row.sku, given(row), row.opening, Reserves(row.opening_safety, row.opening_elastic))
        for row in body.skus
    ]
    await catalogue.check(book, rows, call.services.image_origins)
    received = [row for row in rows if row.opening > 0]
    key = call.operation_id(None) if received else ""
    by = call.by(bulk="catalogue")
    outcomes = await catalogue.define(book, rows, by)
    call.note(*outcomes)
    refusal = await first_refusal(book, outcomes, rows="skus")
    if refusal is not None:
        raise refusal
    moves = await catalogue.receive_opening(book, received, key, by=by, reason=body.reason, reference=body.reference)
    call.note(*moves)
    places = {row.sku: index for index, row in enumerate(body.skus)}
    for row, outcome in zip(received, moves, strict=True):
        if outcome.code is not Code.OK:
            where = f"skus[{places[row.sku]}].opening"
            why = in_words(outcome)
            detail = f"opening stock of {row.sku!r} was not received" + (f": {why}" if why else "")
            raise ApiError(outcome.code, detail, field=where)
    return answer(Written(rows=len(body.skus), seq=max(outcome.seq for outcome in (*outcomes, *moves))))


def _check_goods(call: Call) -> None:
    check_goods(call.path["sku"], given(call.body), call.services.image_origins)


async def _read_sku(book: StockBook, sku: str) -> PoolSku:
    found = await book.sku(sku)
    if found is None:
        raise ApiError(Code.UNKNOWN_SKU, f"the pool has no SKU {sku!r}", field="sku")
    return _pool_sku(sku, *found)


def _pool_sku(sku: str, config: SkuConfig, buckets: Buckets) -> PoolSku:
    rule = None if config.rule is None else ElasticTerms(**asdict(config.rule))
    return PoolSku(sku=sku, buckets=buckets, **asdict(config) | {"elastic": rule})


# --- channels, users ---------------------------------------------------------------------------------------

FAMILIES = (
    Family(
        tag=TAG,
        what=What.CHANNEL,
        one="channel",
        path="/channels/{channel}",
        item=Channel,
        body=ChannelBody,
        several=Several(name="channels", page=ChannelList, read=StockBook.channels, summary="List channels"),
        get_summary="Read a channel",
        put_summary="Define a channel",
        get_says="One channel.",
        put_says="Define the channel: fields left out take their defaults.",
    ),
    Family(
        tag=TAG,
        what=What.USER,
        one="user",
        path="/users/{user:path}",
        item=PoolUser,
        body=UserBody,
        read=StockBook.user,
        access=Access.OPERATOR,
        get_summary="Read a user's standing",
        put_summary="Decide about a user",
        get_says="A user's standing; one never written about is in good standing.",
        put_says="Decide about a user: fields left out take their defaults.",
    ),
)

# --- table -------------------------------------------------------------------------------------------------

_SKU = POOL_PATH + "/skus/{sku:path}"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=POOL_PATH + "/skus", summary="List SKUs with their buckets", tag=TAG, handle=list_skus,
             access=Access.CONTROL, answer=SkuPage, also=(CSV_TYPE, XLSX_TYPE), query=SkuQuery,
             codes=(Code.NOT_FOUND, Code.OVERLOADED)),
    Endpoint(method="GET", path=_SKU, summary="Read a SKU with its buckets", tag=TAG, handle=get_sku,
             access=Access.CONTROL, answer=PoolSku, revised=True, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU)),
    Endpoint(method="PUT", path=_SKU, summary="Define a SKU", tag=TAG, handle=put_sku, access=Access.CONTROL,
             answer=PoolSku, statuses=PUT_STATUSES, body=SkuBody, revised=True, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.SHELF_FULL)),
    Endpoint(method="PATCH", path=_SKU, summary="Change a SKU", tag=TAG, handle=patch_sku, access=Access.CONTROL,
             answer=PoolSku, body=SkuBody, revised=True, acts=True, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU)),
    Endpoint(method="POST", path=POOL_PATH + "/catalogue", summary="Define many SKUs and receive their opening stock",
             tag=TAG, handle=post_catalogue, access=Access.CONTROL, answer=Written, body=CatalogueBody, keyed=True,
             acts=True, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.ID_CONFLICT, Code.SHELF_FULL)),
    *chain.from_iterable(family.endpoints() for family in FAMILIES),
]
# fmt: on
