"""What the demo sells by rules: a second wave of what is asked for most, and a reserve that is released when asked."""

from __future__ import annotations

import time
from collections import Counter

from shelfcast_client import places
from shelfcast_client.merchant import Merchant

from shelfcast.sheets.catalogue import Catalogue
from shelfcast.sheets.orders import Kind, OrderDay

WAVE_SHARE = 0.4
"""Of the units of its SKU, in a batch that opens during the evening: before that the first wave is sold."""
WAVE_OPENS = 0.6
"""Of the evening, when it opens."""
RESERVE_SHARE = 0.25
"""Of the units of its SKU, beside them in the elastic reserve."""
RESERVE_AT_UNITS = 8
RESERVE_STEPS = 2
CLOSES_AFTER_S = 60
"""After the evening, where nobody has closed the batch by then."""


def asked_most(catalogue: Catalogue, day: OrderDay, most: int) -> list[tuple[str, int]]:
    """The SKUs of the catalogue that the day asks for most, with their opening units."""
    opening = {article.sku: article.opening for article in catalogue.articles}
    asked: Counter[str] = Counter()
    for event in day.events:
        if event.kind is Kind.PURCHASE:
            asked.update({line.sku: line.qty for line in event.lines if line.sku in opening})
    return [(sku, opening[sku]) for sku, _ in asked.most_common(most)]


async def set_aside(merchant: Merchant, catalogue: Catalogue, day: OrderDay, *, speed: float) -> str:
    """Before an evening, the shelf being full: a batch of the SKU that is asked for most, whose name is returned, and a
    reserve of the next one."""
    (wave_sku, wave_opening), (reserve_sku, reserve_opening) = asked_most(catalogue, day, 2)
    evening_s, now_ms = day.events[-1].at_s / speed, time.time_ns() // 1_000_000
    wave = f"wave-{now_ms}"
    await merchant.define_batch(
        wave,
        title="Second wave",
        opens_at_ms=now_ms + int(evening_s * WAVE_OPENS * 1000),
        closes_at_ms=now_ms + int((evening_s + CLOSES_AFTER_S) * 1000),
        units={wave_sku: int(wave_opening * WAVE_SHARE)},
        key=wave,
    )
    reserve = int(reserve_opening * RESERVE_SHARE)
    lacks = reserve - (await merchant.sku_buckets(reserve_sku)).get(places.ELASTIC, 0)
    if lacks > 0:
        await merchant.carve(reserve_sku, lacks, source=places.POOL, target=places.ELASTIC)
    await merchant.define_elastic(
        reserve_sku, "ask", at_units=RESERVE_AT_UNITS, step_units=-(-reserve // RESERVE_STEPS)
    )
    return wave
