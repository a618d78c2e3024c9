"""The gate before a show: what a room's checklist finds now.

Rules: docs/rules.md#go-live-gate.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from shelfcast.insight.checklist import Item, Tally, gravest_first, tally
from shelfcast.insight.checks.room import room_items
from shelfcast.insight.checks.sku import sku_items
from shelfcast.merchant.gate_facts import pages, read_room, read_skus, skus_of
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig

JUDGED_AT_ONCE = 100
"""SKUs that are held against the rules before the loop serves others: some milliseconds."""


class Checked(NamedTuple):
    """What a checklist found as of the pool's sequence `seq`: all its items, the gravest first."""

    room: str
    config: RoomConfig
    seq: int
    at_ms: int
    tally: Tally
    items: list[Item]


async def checklist(book: StockBook, room: str) -> Checked | None:
    """What stands for and against the room's going on air; None where there is no such room. Raises EngineError."""
    read = await read_room(book, room)
    if read is None:
        return None
    items = list(room_items(read.facts))
    for page in pages(skus_of(read)):
        for n, sku in enumerate(await read_skus(book, read, page), start=1):
            items.extend(sku_items(read.facts, sku))
            if n % JUDGED_AT_ONCE == 0:
                await asyncio.sleep(0)
    view = read.view
    return Checked(room, view.room, view.seq, view.at_ms, tally(items), gravest_first(items))
