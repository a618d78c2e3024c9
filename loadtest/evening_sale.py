"""The sale: every customer of the day buys where it buys, at its time; meanwhile somebody answers the alerts, one SKU
is counted, and the host shows one thing after another."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from evening_checks import Checks
from evening_goods import CHANNELS, LIVE, Goods, is_for, on_shelf
from evening_shop import ROOM, Shop
from shelfcast.commands.selling import Selling, Temper
from shelfcast.protocol.codes import Code
from shelfcast.sheets.orders import Event, Kind
from shelfcast_client import ServerRefused, connect
from shelfcast_client.calls import RETRY_FOR_S
from shelfcast_client.merchant import Merchant

CONNECTIONS = 64
SPOTLIGHT_S = 2.0
ALERTS_S = 0.5
COUNT_AT = 0.4
"""Of the evening, when somebody counts."""
GONE_MISSING = 4
"""Units of the counted SKU that are not on the shelf any more: more than one person may sign for."""


class Elsewhere(Selling):
    """Customers of another channel: what they order is sold at once, from the channel's own units."""

    def __init__(self, merchant: Merchant, channel: str, random: Random) -> None:
        super().__init__(merchant, temper=Temper(), random=random)
        self._channel = channel

    async def order(self, event: Event) -> None:
        """All lines of a customer's order."""
        for number, line in enumerate(event.lines):
            order = f"{self._channel}-{event.invoice}-{number}"
            await self._merchant.order(order, channel=self._channel, sku=line.sku, qty=line.qty)
            self.notes.tallies[line.sku].asked += line.qty
            self.sold(event, order, line.sku, line.qty)


class InTheRoom(Selling):
    """Customers of the live room, and what the shop itself does meanwhile: what takes two operators, two sign."""

    def __init__(self, shop: Shop, *, temper: Temper, random: Random) -> None:
        super().__init__(shop.erp, temper=temper, random=random)
        self._shop = shop

    async def _written_off(self, event: Event, sku: str, qty: int, place: str) -> bool:
        try:
            return await super()._written_off(event, sku, qty, place)
        except ServerRefused as refused:
            if refused.code != Code.NEEDS_APPROVAL or refused.count is None:
                raise
            await self._sign(refused.count, sku)
            return True

    async def _sign(self, draft: str, sku: str) -> None:
        count = await self._shop.ann.give_reasons(draft, [{"sku": sku, "reason": "damaged"}])
        await self._shop.bo.sign_count(draft, count["revision"])
        await self._shop.ann.apply_count(draft, count["revision"])


@dataclass
class Evening:
    """What was sold where, as those who bought it were answered; and what was found on the way."""

    show: str
    room: Selling
    elsewhere: dict[str, Elsewhere]
    counted: str = ""
    """The SKU that was counted."""
    answered: dict[str, str] = field(default_factory=dict)
    """Alert → what was done about it."""

    def net(self, channel: str) -> dict[str, int]:
        """SKU → units sold in a channel, less those given back."""
        selling = self.room if channel == LIVE else self.elsewhere[channel]
        return {sku: tally.paid - tally.given_back for sku, tally in selling.notes.tallies.items()}

    def of_all(self, what: str) -> dict[str, int]:
        """SKU → a figure of the tallies, all channels together."""
        figures: dict[str, int] = defaultdict(int)
        for selling in (self.room, *self.elsewhere.values()):
            for sku, tally in selling.notes.tallies.items():
                figures[sku] += getattr(tally, what)
        return dict(figures)


async def sell(shop: Shop, goods: Goods, show: str, checks: Checks, *, speed: float, temper: Temper) -> Evening:
    """The whole day, `speed` times as fast as it was."""
    checks.part("The sale")
    chance = Random(1)
    evening = Evening(
        show=show,
        room=InTheRoom(shop, temper=temper, random=chance),
        elsewhere={channel: Elsewhere(shop.erp, channel, chance) for channel in CHANNELS},
    )
    length_s = goods.day.length_s / speed
    async with asyncio.TaskGroup() as people:
        meanwhile = [people.create_task(_host(shop, goods)), people.create_task(_answer_alerts(shop, evening))]
        count = people.create_task(_count(shop, goods, evening, checks, length_s * COUNT_AT))
        await _customers(shop, goods, evening, speed)
        await count
        for task in meanwhile:
            task.cancel()
    await _answer_all(shop, evening)
    sold = sum(evening.net(LIVE).values())
    checks.that("the room has sold", sold > 0, f"{sold:,} units net")
    for channel, title in CHANNELS.items():
        units = sum(evening.net(channel).values())
        checks.that(f"{title} has sold", units > 0, f"{units:,} units net")
    if goods.scarce:  # where there is enough of everything, no alert is sure to ring
        checks.that("alerts rang and were answered", evening.answered, f"{len(evening.answered)}")
        released = [alert for alert, done in evening.answered.items() if done.startswith("release")]
        checks.that("one of them by releasing the reserve", released, f"{len(released)}")
    return evening


async def _customers(shop: Shop, goods: Goods, evening: Evening, speed: float) -> None:
    """Each customer is a task of its own: what it does comes in its order."""
    by_customer: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in goods.day.events:
        channel = next(channel for channel in (LIVE, *CHANNELS) if is_for(event, channel))
        by_customer[channel, event.customer].append(event)
    places, begun_s = asyncio.Semaphore(CONNECTIONS), asyncio.get_running_loop().time()

    async def act(channel: str, events: list[Event]) -> None:
        selling = evening.room if channel == LIVE else evening.elsewhere[channel]
        for event in events:
            await asyncio.sleep(begun_s + event.at_s / speed - asyncio.get_running_loop().time())
            async with places:
                if event.kind is not Kind.PURCHASE:
                    await selling.manage(event)
                elif isinstance(selling, Elsewhere):
                    await selling.order(event)
                else:
                    token = shop.viewer(event.customer)
                    async with connect(shop.url, ROOM, token=token, enter_timeout_s=RETRY_FOR_S) as room:
                        await selling.buy(room, event)

    async with asyncio.TaskGroup() as customers:
        for (channel, _), events in by_customer.items():
            customers.create_task(act(channel, events))


async def _host(shop: Shop, goods: Goods) -> None:
    """Holds one thing up after the other."""
    while True:
        for slot in goods.run_order(12):
            await shop.ann.change_room(ROOM, spotlight=slot["sku"])
            await asyncio.sleep(SPOTLIGHT_S)


async def _answer_alerts(shop: Shop, evening: Evening) -> None:
    while True:
        await _answer_all(shop, evening)
        await asyncio.sleep(ALERTS_S)


async def _answer_all(shop: Shop, evening: Evening) -> None:
    """What an operator does: release the reserve where that is offered, else take note."""
    for alert in await shop.ann.show_alerts(evening.show):
        if alert["state"] != "firing":
            continue
        release = next((a for a in alert["actions"] if a.get("source") == "elastic" and not a.get("done_by")), None)
        try:
            if release is not None:
                await shop.ann.act_on_alert(alert["id"], release["id"])
                evening.answered[alert["id"]] = f"release {release.get('qty')}"
                continue
        except ServerRefused:
            pass  # somebody's order was quicker
        await shop.ann.acknowledge_alert(alert["id"], "seen")
        evening.answered.setdefault(alert["id"], "acknowledged")


async def _count(shop: Shop, goods: Goods, evening: Evening, checks: Checks, after_s: float) -> None:
    """Somebody counts what sells best, while it sells, and finds some missing; two operators sign."""
    await asyncio.sleep(after_s)
    lost = {line.sku for event in goods.day.events if event.kind is not Kind.PURCHASE for line in event.lines}
    sku = next(sku for sku, _ in goods.asked[LIVE].most_common() if sku not in {*lost, goods.wave, goods.scarce})
    evening.counted = sku
    sheet = (await shop.ann.open_count("spot", skus=[sku], recount_over=1_000))["count"]["count"]
    begun = await shop.carl.open_line(sheet, sku)
    there = on_shelf(await shop.ann.sku_buckets(sku)) - GONE_MISSING
    await shop.carl.change_line(sheet, begun["line"], sku, there)
    await shop.ann.close_count(sheet)
    count = await shop.ann.give_reasons(sheet, [{"sku": sku, "reason": "lost"}])
    try:
        await shop.ann.apply_count(sheet, count["revision"])
        checks.that("one operator alone may not sign for so many", False)
    except ServerRefused as refused:
        checks.same("one operator alone may not sign for so many", refused.code, Code.NEEDS_APPROVAL)
    await shop.bo.sign_count(sheet, count["revision"])
    done = await shop.ann.apply_count(sheet, count["revision"])
    checks.same("a count while it sells finds what is missing", done["lost"], GONE_MISSING)
