"""A show that has ended, with everything of which its report tells: for the console's view After."""

from __future__ import annotations

import asyncio
from typing import Any

from pages.live_shop import ROOM, SKU, LiveShop
from shelfcast_client import Refused, Reserved, ServerRefused, connect
from waiting import WAIT_S

SHOW = f"{ROOM}.1"
SCARF, BOWL, LAMP = "SCARF-02", "BOWL-03", "LAMP-04"
EXPECTED = 12
"""Mugs that the run order expected."""
ASKED_IN_VAIN = 3
"""Bowls that two people asked for when there were none left, one of them twice."""


async def finish_show(shop: LiveShop) -> dict[str, Any]:
    """Mugs sell well, bowls sell out, nobody wants the scarf; a lamp is in a checkout and one is being paid when the
    show ends. Three minutes pass in it. Its report, the provisional one."""
    merchant = shop.merchant
    await shop.sell(SCARF, "Silk scarf", 30)
    await shop.sell(BOWL, "Rice bowl", 4)
    await shop.sell(LAMP, "Reading lamp", 9)
    await merchant.change_room(ROOM, run_order=[{"sku": SKU, "minutes": 5, "expected_units": EXPECTED}, SCARF, BOWL])
    await merchant.change_room(ROOM, status="live")
    await merchant.change_room(ROOM, spotlight=SKU)
    await buy(shop, "li", SKU, 5)
    await next_minute(shop, 0)
    await buy(shop, "zhao", SKU, 3)
    await buy(shop, "sun", BOWL, 4)
    await merchant.change_room(ROOM, spotlight=BOWL)
    for user, units in (("wu", 1), ("zheng", 1), ("zheng", 1)):
        async with connect(shop.url, ROOM, token=shop.token("viewer", user)) as room:
            assert isinstance(await room.reserve(BOWL, units), Refused)
    await next_minute(shop, 1)
    await reserve(shop, "qian", LAMP, 1)
    await merchant.pay(await reserve(shop, "feng", LAMP, 1))
    await next_minute(shop, 2)
    await merchant.change_room(ROOM, status="ended")
    return await report_of(shop)


async def buy(shop: LiveShop, user: str, sku: str, units: int) -> str:
    """The id of what was bought, which is paid."""
    reservation = await reserve(shop, user, sku, units)
    await shop.merchant.confirm(reservation, reference=f"pay {reservation}")
    return reservation


async def reserve(shop: LiveShop, user: str, sku: str, units: int) -> str:
    """The id of a hold."""
    async with connect(shop.url, ROOM, token=shop.token("viewer", user)) as room:
        held = await room.reserve(sku, units)
    assert isinstance(held, Reserved), held
    return held.id


async def next_minute(shop: LiveShop, minute: int) -> None:
    """Another minute begins; this one is kept as it was."""
    shop.end_minute()
    async with asyncio.timeout(WAIT_S):
        while await _minutes(shop) <= minute:  # noqa: ASYNC110 - the server tells nobody of a minute that was kept
            await asyncio.sleep(0)


async def _minutes(shop: LiveShop) -> int:
    """How many minutes of the show were kept so far."""
    try:
        return (await shop.merchant.show_at(SHOW, 0))["minutes"]
    except ServerRefused as refusal:
        if refusal.field != "minute":
            raise
        return 0


async def report_of(shop: LiveShop, state: Any = None) -> dict[str, Any]:
    """The show's report, once it is written."""
    async with asyncio.timeout(WAIT_S):
        while (report := await shop.merchant.report(SHOW, state=state)) is None:  # noqa: ASYNC110 - asked as a program does
            await asyncio.sleep(0)
    return dict(report)
