"""What the demo sells by rules: a second wave of its first product, and a reserve that is released when asked."""

from __future__ import annotations

import time

from shelfcast_client import places
from shelfcast_client.merchant import Merchant

from shelfcast.sheets.catalogue import Catalogue
from shelfcast.sheets.orders import OrderDay

WAVE_SKU = "TEA-001"
"""Of the sample: what is not in the second wave is sold out before that opens, and the second wave is wanted, too."""
WAVE_SHARE = 0.5
"""Of the units of its SKU, in a batch that opens during the evening."""
WAVE_OPENS = 0.6
"""Of the evening, when it opens."""
RESERVE_SKU = "BTY-401"
RESERVE_SHARE = 0.25
"""Of the units of its SKU, beside them in the elastic reserve."""
RESERVE_AT_UNITS = 8
RESERVE_STEPS = 2
CLOSES_AFTER_S = 60
"""After the evening, where nobody has closed the batch by then."""


async def set_aside(merchant: Merchant, catalogue: Catalogue, day: OrderDay, *, speed: float) -> str:
    """Before an evening, the shelf being full: the second wave, whose batch it returns by name, and the reserve."""
    opening = {article.sku: article.opening for article in catalogue.articles}
    evening_s, now_ms = day.events[-1].at_s / speed, time.time_ns() // 1_000_000
    wave = f"wave-{now_ms}"
    await merchant.define_batch(
        wave,
        title="Second wave",
        opens_at_ms=now_ms + int(evening_s * WAVE_OPENS * 1000),
        closes_at_ms=now_ms + int((evening_s + CLOSES_AFTER_S) * 1000),
        units={WAVE_SKU: int(opening[WAVE_SKU] * WAVE_SHARE)},
        key=wave,
    )
    reserve = int(opening[RESERVE_SKU] * RESERVE_SHARE)
    lacks = reserve - (await merchant.sku_buckets(RESERVE_SKU)).get(places.ELASTIC, 0)
    if lacks > 0:
        await merchant.carve(RESERVE_SKU, lacks, source=places.POOL, target=places.ELASTIC)
    await merchant.define_elastic(
        RESERVE_SKU, "ask", at_units=RESERVE_AT_UNITS, step_units=-(-reserve // RESERVE_STEPS)
    )
    return wave
