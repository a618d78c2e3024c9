"""Routes of a SKU's elastic reserve: its rule, and releasing it by hand."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import MoveDone, Request
from shelfcast.http.api.call import Call, answer, definition
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.fields import ElasticBody, Place, StepUnits, Text
from shelfcast.http.api.outcomes import passed
from shelfcast.http.api.problems import ApiError
from shelfcast.merchant import elastic as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import ElasticMode, ElasticRule
from shelfcast.stock.places import ELASTIC, POOL

TAG = "pools"


class Reserve(Struct, frozen=True, kw_only=True):
    """The elastic reserve of a SKU: its rule (`off` with nothing else where there is none), the `units` in it now, and
    how often some of it was released. `revision` is that of the SKU."""

    sku: str
    mode: ElasticMode
    at_units: int | None
    at_share_percent: int | None
    at_eta_minutes: int | None
    step_units: int | None
    units: int
    releases: int
    revision: int


class RuleBody(ElasticBody, frozen=True, kw_only=True):
    """When the reserve is needed: where what is left after a change is at most `at_units`, or its share of what was
    offered in a show on air at most `at_share_percent`, or it lasts at most `at_eta_minutes`. `ask` raises an alert
    that offers `step_units` (left out: all there is), `auto` releases them, `off` does neither."""


class ReleaseBody(Request, frozen=True, kw_only=True):
    """Release so many `units`; left out, a step of the rule, or all. `target` is the pool or a channel."""

    units: StepUnits | None = None
    target: Place = POOL
    reason: Text = ""


async def get_elastic(call: Call) -> Response:
    """The elastic reserve of a SKU and its rule."""
    return definition(await _read((await call.pool()).book, call.path["sku"]))


async def put_elastic(call: Call) -> Response:
    """State the rule of a SKU's reserve. It acts with the next change of what is left."""
    return await _define(call, ElasticRule(**asdict(call.body)))


async def delete_elastic(call: Call) -> Response:
    """Drop the rule of a SKU's reserve. Its units stay where they are."""
    return await _define(call, None)


async def post_elastic_release(call: Call) -> Response:
    """Release units of the reserve, once a key. The answer's `data` says how many `units`, and which `release` of the
    SKU it was. It can be undone while they are where they went."""
    book, body, sku = (await call.pool()).book, call.body, call.path["sku"]
    key = call.operation_id(None)
    units = use_cases.STEP if body.units is None else body.units
    outcome = await use_cases.release(
        book, key, sku, units, target=body.target, actor=call.actor(""), reason=body.reason
    )
    call.note(await passed(book, outcome))
    data = dict(zip(("units", "release"), outcome.data, strict=True))
    return answer(MoveDone(id=key, seq=outcome.seq, data=data, undoable=outcome.undoable))


async def _define(call: Call, rule: ElasticRule | None) -> Response:
    book, sku = (await call.pool()).book, call.path["sku"]
    await _read(book, sku)
    outcome = await use_cases.define(book, sku, rule, by=call.by(), expected=call.expected_revision())
    call.note(await passed(book, outcome))
    return definition(await _read(book, sku))


async def _read(book: StockBook, sku: str) -> Reserve:
    found = await book.sku(sku)
    if found is None:
        raise ApiError(Code.UNKNOWN_SKU, f"the pool has no SKU {sku!r}", field="sku")
    config, buckets = found
    rule = config.rule or ElasticRule(mode=ElasticMode.OFF)
    return Reserve(
        sku=sku,
        units=buckets.get(ELASTIC, 0),
        releases=config.elastic_steps,
        revision=config.revision,
        **asdict(rule),
    )


_PATH = POOL_PATH + "/skus/{sku:path}/elastic"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=_PATH, summary="Read a SKU's elastic reserve", tag=TAG, handle=get_elastic,
             access=Access.CONTROL, answer=Reserve, revised=True, codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU)),
    Endpoint(method="PUT", path=_PATH, summary="Say when a SKU's elastic reserve is released", tag=TAG,
             handle=put_elastic, access=Access.CONTROL, answer=Reserve, body=RuleBody, revised=True, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU)),
    Endpoint(method="DELETE", path=_PATH, summary="Drop the rule of a SKU's elastic reserve", tag=TAG,
             handle=delete_elastic, access=Access.CONTROL, answer=Reserve, revised=True, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU)),
    Endpoint(method="POST", path=_PATH + "/release", summary="Release some of a SKU's elastic reserve", tag=TAG,
             handle=post_elastic_release, access=Access.CONTROL, answer=MoveDone, body=ReleaseBody,
             body_optional=True, keyed=True, acts=True,
             codes=(Code.NOT_FOUND, Code.UNKNOWN_SKU, Code.INSUFFICIENT, Code.ID_CONFLICT)),
]
# fmt: on
