"""The route of a room's checklist: what stands for and against its going on air."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.query import Query
from shelfcast.http.routes.checklist_cures import cure_item
from shelfcast.http.routes.checklist_items import Checklist, ChecklistItem, CheckTally
from shelfcast.http.routes.rooms import ROOM_PATH, TAG, no_room
from shelfcast.insight.checklist import Item, Level, Wanted
from shelfcast.merchant.gate import checklist
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Sku
from shelfcast.stock.configuration import Gate

ITEMS_MAX = 2_000
"""Items of one answer at most: a full shelf has some tens of thousands, most of which pass."""


class ChecklistQuery(Query, frozen=True, kw_only=True):
    """Which items to list: those of one level, of one SKU; all of them if absent."""

    level: Level | None = None
    sku: Sku | None = None
    limit: Annotated[int, Meta(ge=1, le=ITEMS_MAX, description=f"items, 1 to {ITEMS_MAX:,}")] = 500


async def get_checklist(call: Call) -> Response:
    """What was looked at for the room's next show, each with what mends it, the gravest first. It is worked out anew
    with every request; nothing is written."""
    pool, room = await call.room_pool(), call.path["room"]
    wanted = Wanted(call.query.limit, call.query.level, call.query.sku)
    found = await checklist(pool.book, room, wanted)
    if found is None:
        raise no_room(room)
    tally = found.findings.tally
    shown = Checklist(
        room=room,
        pool=pool.book.pool,
        gate=found.config.gate,
        seq=found.seq,
        at_ms=found.at_ms,
        planned_start_ms=found.config.planned_start_ms,
        passes=tally.passes,
        warns=tally.warns,
        fails=tally.fails,
        may_go_live=found.config.gate is not Gate.REFUSE or not tally.fails,
        checks=[
            CheckTally(check=check, passes=of.passes, warns=of.warns, fails=of.fails)
            for check, of in found.findings.checks.items()
        ],
        left_out=found.findings.left_out,
        items=items_shown(pool.book.pool, room, found.findings.listed()),
    )
    return answer(shown)


def items_shown(pool: str, room: str, items: Sequence[Item]) -> list[ChecklistItem]:
    """Items as the API shows them."""
    return [
        ChecklistItem(
            check=item.check,
            level=item.level,
            sku=item.sku or None,
            title=item.title,
            link=item.link,
            why=item.why,
            values=dict(item.values),
            detail=item.detail,
            cures=[cure_item(pool, room, cure) for cure in item.cures],
        )
        for item in items
    ]


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=ROOM_PATH + "/checklist", summary="Read the checklist of a room", tag=TAG,
             handle=get_checklist, access=Access.CONTROL, answer=Checklist, query=ChecklistQuery,
             codes=(Code.NOT_FOUND,)),
]
# fmt: on
