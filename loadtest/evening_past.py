"""What stays of a show: its minutes can be looked at again, a customer who asks for it is forgotten, and the sums of
book, archive and report stay what they were."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from evening_checks import Checks
from evening_goods import LIVE, Goods, channel_of
from evening_sale import Evening
from evening_shop import Shop
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.sheets.orders import Kind
from shelfcast_client import ServerRefused
from shelfcast_client.records.shows import ShowAt

SOLD_BY = {"confirm": 1, "reacquire": 1, "cancel_paid": -1}
"""What an entry of this kind does to the units that are sold."""
MINUTE_S, KEPT_S = 60.0, 30.0
"""A minute is kept when it is over, soon."""
ASK_AGAIN_S = 0.2


async def look_back(shop: Shop, goods: Goods, evening: Evening, report: dict[str, Any], checks: Checks) -> None:
    """Replay the show to its end, forget a customer, and read report and book again."""
    checks.part("What stays")
    await _replay(shop, evening, checks)
    await _forget(shop, goods, checks)
    again = await shop.ann.report(evening.show, state="final")
    checks.that("its report says the same", again is not None and again["checksum"] == report["checksum"])
    for what, said in (("", await shop.ann.audit()), (" in the archive either", await shop.ann.audit(archive=True))):
        found = "; ".join(f"{one['subject']}: {one['detail']}" for one in said["violations"][:3])
        checks.that(f"the audit finds nothing{what}", said["ok"], found or f"{said['entries']:,} entries")


async def _replay(shop: Shop, evening: Evening, checks: Checks) -> None:
    """The last minute of it that is kept by now has what the show's own ledger says until then."""
    minute = (await _first_minute(shop, evening.show))["minutes"] - 1
    last = await shop.ann.show_at(evening.show, minute)
    record = await shop.ann.show(evening.show)
    until_ms = ((record["started_at_ms"] if record else 0) // MINUTE_MS + minute + 1) * MINUTE_MS
    sold: Counter[str] = Counter()
    async for entry in shop.ann.show_entries(evening.show):
        if entry["at_ms"] < until_ms:
            sold[entry["sku"]] += SOLD_BY.get(entry["kind"], 0) * entry["qty"]
    shown = {row.sku: row.sold for row in last["state"]["units"]}
    checks.same_of_each(f"minute {minute} of its replay has what was sold by then", shown, dict(sold))


async def _first_minute(shop: Shop, show: str) -> ShowAt:
    """The show's first minute, once it is kept."""
    async with asyncio.timeout(MINUTE_S + KEPT_S):
        while True:
            try:
                return await shop.ann.show_at(show, 0)
            except ServerRefused as refused:
                if refused.field != "minute":
                    raise
            await asyncio.sleep(ASK_AGAIN_S)


async def _forget(shop: Shop, goods: Goods, checks: Checks) -> None:
    """Whoever has bought first, once all of that is shipped."""
    bought = (event.customer for event in goods.day.events if event.kind is Kind.PURCHASE)
    customer = next(customer for customer in bought if channel_of(customer) == LIVE)
    person = await shop.ann.person(customer)
    checks.that("a customer cannot be forgotten while orders are open", person["open"], f"{len(person['open'])} open")
    for order in person["open"]:
        await shop.erp.ship(order["reservation"], order["units"], key=f"last-{order['reservation']}")
    done = await shop.ann.forget_person(customer)
    checks.that("is forgotten once they are shipped", done["pseudonym"], f"{done['records']} records")
    left = await shop.ann.person(customer)
    checks.same(
        "and nothing of that customer is left", (left["pseudonym"], left["orders"], left["entries"]), (None, 0, 0)
    )
