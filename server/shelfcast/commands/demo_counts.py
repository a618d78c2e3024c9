"""What the demo counts before its first evening, and what it leaves to whoever looks: a checklist with something open,
a count that somebody goes on with on a phone, goods on their way, a lot that expires soon, and a refund that was asked
for."""

from __future__ import annotations

import datetime as dt

from shelfcast_client.merchant import Merchant
from shelfcast_client.merchant.receipts import FoundLine

from shelfcast.stock.places import HELD, SOLD, UNSELLABLE, Buckets, unsold

LEFT_TO_COUNT = ("KIT-205", "SNK-101", "BTY-401")
"""What nobody has counted yet: these are on a blind sheet."""
SHELF_NOTE = "The shelf at the back: count what is there"
LOT_SKU, LOT, LOT_UNITS = "SNK-105", "L-1130", 6
LOT_EXPIRES_DAYS = 12
"""Within the days in which a checklist asks for a lot to be pulled."""
COMING_SKU, COMING_UNITS = "TEA-002", 24
ORDER, ORDER_CHANNEL, ORDER_SKU = "webshop-1001", "webshop", "TEA-003"
WHY_BACK = "arrived broken"


async def take_stock(merchant: Merchant, operator: Merchant, room: str) -> None:
    """Count, receive and note all of that once: a pool that has counts already is left as it is. `operator` is a
    person's, as a program neither counts nor signs."""
    if await operator.counts():
        return
    await _receive(merchant)
    await _count_all_but(operator, room)
    await operator.open_count("spot", skus=LEFT_TO_COUNT, note=SHELF_NOTE)
    await merchant.order(ORDER, channel=ORDER_CHANNEL, sku=ORDER_SKU, qty=1, user="customer-1001")
    await merchant.ask_refund(ORDER, 1, WHY_BACK)


async def _receive(merchant: Merchant) -> None:
    """A few units of a lot that expires soon have come in, and more goods are announced."""
    expires_on = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=LOT_EXPIRES_DAYS)
    came = await merchant.make_receipt(supplier="Hill Farm Snacks", reference="HF-2291")
    line: FoundLine = {"sku": LOT_SKU, "good": LOT_UNITS, "lot": LOT, "expires_on": expires_on.isoformat()}
    await merchant.enter_receipt(came["receipt"], [line], done=True)
    await merchant.make_receipt(supplier="Cloud Ridge Teas", reference="CR-518", expected={COMING_SKU: COMING_UNITS})


async def _count_all_but(operator: Merchant, room: str) -> None:
    """Somebody has counted the rest of the shelf and found what the book has."""
    skus = [sku for sku in await operator.listed(room) if sku not in LEFT_TO_COUNT]
    count = (await operator.open_count("before", skus=skus))["count"]["count"]
    buckets = await operator.buckets()
    for sku in skus:
        await operator.save_line(count, sku, _there(buckets.get(sku, {})))
    closed = await operator.close_count(count)
    await operator.apply_count(count, closed["revision"])


def _there(buckets: Buckets) -> int:
    """Units that lie on the shelf, whoever has them: unsellable ones are counted apart."""
    taken = sum(units for place, units in buckets.items() if place.startswith((HELD, SOLD)))
    return unsold(buckets) + taken + buckets.get(UNSELLABLE, 0)
