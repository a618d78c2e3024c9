"""Routes of what an ERP says is on hand, which a checklist holds against the book."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import ROWS_MAX, Request
from shelfcast.http.api.call import CSV_TYPE, Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import Reference, Units
from shelfcast.http.api.jobs import ERP_LEVELS, JobAnswer, check_room_for_job, done_or_job, make_job
from shelfcast.http.api.outcomes import refused
from shelfcast.http.api.query import Query
from shelfcast.http.routes.previews import Encoding, digested, encoding_said
from shelfcast.http.routes.receipt_items import ErpLevelItem, ErpLevelList, ErpLevelsNoted
from shelfcast.merchant import receipts as use_cases
from shelfcast.merchant.receipts import UNKNOWN_TOLD_MAX
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Sku
from shelfcast.sheets.workbooks import XLSX_TYPE
from shelfcast.stock.outcomes import Outcome

NAMES = {CSV_TYPE: "levels.csv", XLSX_TYPE: "levels.xlsx"}
"""What a file is called that has no name of its own, by its type."""


class LevelBody(Request, frozen=True, kw_only=True):
    """How many units of a SKU the ERP says are there."""

    sku: Sku
    units: Units


class LevelsBody(Request, frozen=True, kw_only=True):
    """What an ERP says is on hand, all of the pool's units that are physically there: those that are sold and not yet
    shipped, and unsellable ones, among them."""

    levels: Annotated[list[LevelBody], Meta(min_length=1, max_length=ROWS_MAX)]


class LevelsFileQuery(Query, frozen=True, kw_only=True):
    """Of a file: how it is encoded, and the name of the column with the units, where it is none that is known."""

    encoding: Encoding = None
    units: Annotated[Reference | None, Meta(description="the column with the units")] = None


class LevelsQuery(Query, frozen=True, kw_only=True):
    """Of which SKU."""

    sku: Sku


TAG = "receipts"


async def post_erp_levels(call: Call) -> Response:
    """Note what an ERP says is on hand, and by how much that differs from the book at this moment. Nothing moves.

    As JSON, or as a file: CSV or an XLSX workbook with a column of SKUs and one of units (`sku` and `units`, 货号 and
    库存, and the like), which is read as a job that this request waits for: 202 with the job where it takes longer.
    """
    if call.upload is not None:
        return await _from_file(call)
    book = (await call.pool()).book
    rows = [(row.sku, row.units) for row in call.body.levels]
    noted = await use_cases.note_erp_levels(book, rows, actor=call.actor(""))
    if isinstance(noted, Outcome):
        raise await refused(book, noted)
    return answer(
        ErpLevelsNoted(
            noted=noted.noted,
            differing=noted.differing,
            unknown=noted.unknown[:UNKNOWN_TOLD_MAX],
            unknown_count=len(noted.unknown),
            faults=[],
            fault_count=0,
        )
    )


async def _from_file(call: Call) -> Response:
    jobs, query, upload = (await call.pool()).jobs, call.query, call.upload
    encoding = encoding_said(query.encoding)
    await check_room_for_job(call, jobs)
    key = call.key()
    assert upload is not None  # noqa: S101 - the caller has looked
    digest = hashlib.sha256()
    kept = await jobs.keep_upload(digested(upload.pieces(), digest))
    parameters = {
        "name": NAMES[upload.media_type],
        "encoding": encoding,
        "units": query.units,
        "actor": call.actor(""),
        "sha256": digest.hexdigest(),
    }
    return await done_or_job(call, jobs, await make_job(call, jobs, ERP_LEVELS, parameters, key=key, upload=kept))


async def get_erp_levels(call: Call) -> Response:
    """What an ERP said of a SKU, and what the book had when it said so; empty where it has said nothing."""
    book, sku = (await call.pool()).book, call.query.sku
    configs = await book.sku_configs([sku])
    if sku not in configs:
        raise InvalidInput("expected a SKU of the catalogue", field="sku")
    now_ms = await book.now_ms()
    levels = [
        ErpLevelItem(
            sku=name,
            title=configs[name].title,
            units=level.units,
            on_hand=level.on_hand,
            difference=level.difference,
            at_ms=level.at_ms,
            age_ms=max(0, now_ms - level.at_ms),
            seq=level.seq,
        )
        for name, level in (await book.erp_levels([sku])).items()
    ]
    return answer(ErpLevelList(levels=levels))


_ALL = POOL_PATH + "/erp-levels"

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=_ALL, summary="Say what an ERP has on hand", tag=TAG, handle=post_erp_levels,
             access=Access.CONTROL, answer=ErpLevelsNoted, body=LevelsBody, upload=tuple(NAMES), query=LevelsFileQuery,
             statuses=(HTTPStatus.OK, HTTPStatus.ACCEPTED), other_answers={HTTPStatus.ACCEPTED: JobAnswer}, keyed=True,
             codes=(Code.NOT_FOUND, Code.ID_CONFLICT, Code.RATE_LIMITED)),
    Endpoint(method="GET", path=_ALL, summary="Read what an ERP said of a SKU", tag=TAG, handle=get_erp_levels,
             access=Access.CONTROL, answer=ErpLevelList, query=LevelsQuery, codes=(Code.NOT_FOUND,)),
]
# fmt: on
