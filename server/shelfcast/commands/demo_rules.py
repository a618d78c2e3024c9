"""What the demo sells by rules: reserves that are released when asked, safety buffers, a batch that opens by itself
during the evening, and a lot that waits for the operator."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from shelfcast_client import places
from shelfcast_client.merchant import Merchant

from shelfcast.sheets.catalogue import Catalogue
from shelfcast.sheets.orders import OrderDay

WAVE, LOT = "wave-", "lot-"
"""What the names of the two batches begin with; a number follows, one more each evening."""
WAVE_SKU = "TEA-001"
"""Of the sample: what is not in the second wave is sold out before that opens, and the second wave is wanted, too."""
WAVE_SHARE = 0.5
"""Of the units of its SKU, in a batch that opens during the evening."""
WAVE_OPENS = 0.6
"""Of the evening, when it opens."""
LOT_SKU = "KIT-203"
"""Of the sample: what is not in the lot is sold out within seconds, so somebody waits for it all evening."""
LOT_SHARE = 0.75
CLOSES_AFTER_S = 60
"""After the evening, where nobody has closed the wave by then."""
SAFETY_PERCENT = 10


class Reserve(NamedTuple):
    """A share of the units of a SKU that lies in the elastic reserve beside them, and when it is asked for."""

    share: float
    steps: int
    rule: Mapping[str, Any]


RESERVES = {
    # Half of them are bought in the first quarter of a minute.
    "CLO-603": Reserve(0.5, 3, {"at_share_percent": 60}),
    # Later, when the first may have been answered.
    "TOY-503": Reserve(0.5, 2, {"at_share_percent": 40}),
    "BTY-401": Reserve(0.25, 2, {"at_units": 8}),
}


async def set_aside(merchant: Merchant, catalogue: Catalogue, day: OrderDay, *, speed: float) -> None:
    """Before an evening, the shelf being full: the reserves, the second wave and the lot on call."""
    opening = {article.sku: article.opening for article in catalogue.articles}
    for sku, reserve in RESERVES.items():
        await _fill_reserve(merchant, sku, reserve, int(opening[sku] * reserve.share))
    number = 1 + max([_number(batch["batch"]) for batch in await merchant.batches()], default=0)
    evening_s, now_ms = day.events[-1].at_s / speed, time.time_ns() // 1_000_000
    await _plan(
        merchant,
        f"{WAVE}{number}",
        {WAVE_SKU: int(opening[WAVE_SKU] * WAVE_SHARE)},
        title="Second wave",
        opens_at_ms=now_ms + int(evening_s * WAVE_OPENS * 1000),
        closes_at_ms=now_ms + int((evening_s + CLOSES_AFTER_S) * 1000),
    )
    await _plan(merchant, f"{LOT}{number}", {LOT_SKU: int(opening[LOT_SKU] * LOT_SHARE)}, title="On call")


async def thaw_all(merchant: Merchant, room: str) -> None:
    """What an operator has frozen and left so is sold again."""
    pool, definition = await merchant.pool_definition(), await merchant.room(room)
    if pool is not None and pool["frozen"]:
        await merchant.thaw_scope({"pool": True})
    if definition is not None and definition["frozen"]:
        await merchant.thaw_scope({"room": room})
    for channel in await merchant.channels():
        if channel["frozen"]:
            await merchant.thaw_scope({"channel": channel["channel"]})
    for sku, listing in (await merchant.listed(room)).items():
        if listing["frozen"]:
            await merchant.unfreeze(sku)


async def take_together(merchant: Merchant) -> None:
    """What is left in the demo's batches goes back, whoever has opened them."""
    for batch in await merchant.batches():
        if batch["batch"].startswith((WAVE, LOT)) and batch["state"] in ("planned", "open"):
            await merchant.close_batch(batch["batch"])


async def keep_buffers(merchant: Merchant, catalogue: Catalogue) -> None:
    """A tenth of every SKU beside what is sold, where it is not there yet."""
    present = await merchant.buckets()
    lacking = {
        article.sku: article.opening * SAFETY_PERCENT // 100 - present[article.sku].get(places.SAFETY, 0)
        for article in catalogue.articles
    }
    rows = [{"sku": sku, "opening": lacks, "opening_safety": lacks} for sku, lacks in lacking.items() if lacks > 0]
    await merchant.catalogue(rows, key=f"buffers-{uuid.uuid4().hex}")


async def _fill_reserve(merchant: Merchant, sku: str, reserve: Reserve, units: int) -> None:
    lacks = units - (await merchant.sku_buckets(sku)).get(places.ELASTIC, 0)
    if lacks > 0:
        await merchant.receive(sku, lacks, target=places.ELASTIC, reason="for the reserve")
    await merchant.define_elastic(sku, "ask", step_units=-(-units // reserve.steps), **reserve.rule)


def _number(batch: str) -> int:
    name, _, number = batch.rpartition("-")
    return int(number) if f"{name}-" in (WAVE, LOT) and number.isdecimal() else 0


async def _plan(merchant: Merchant, batch: str, units: Mapping[str, int], **terms: Any) -> None:
    await merchant.define_batch(batch, units=units, key=f"{batch}-{uuid.uuid4().hex}", **terms)
