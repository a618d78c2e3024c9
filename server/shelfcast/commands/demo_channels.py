"""Where else the demo sells: two channels with units of their own, and orders that come in through them, so that units
lie where nobody asks for them and are asked for where there are few."""

from __future__ import annotations

import asyncio
import uuid
from random import Random

from shelfcast_client.merchant import Merchant

from shelfcast.stock.places import CHANNEL

CHANNELS = {"douyin": "Douyin shop", "webshop": "Web shop"}
QUOTAS = {
    "douyin": {"SNK-105": 12, "CLO-603": 20, "TOY-503": 20},
    "webshop": {"TEA-001": 10, "BTY-401": 20, "KIT-205": 10},
}
"""Channel → SKU → units at the beginning of an evening."""
WANTED = {"douyin": "SNK-105", "webshop": "TEA-001"}
"""What their customers ask for. Of the other SKUs they have more than they sell."""
WEIGHT = 0.2
"""Of each beside the room's channel, for the split."""
ORDERS_EVERY_S = 15.0
KEPT_UNITS = 2
"""With so many left nobody orders there any more: whatever an operator moves meanwhile, nothing is sold twice."""
SPLIT_EVERY_MINUTES = 1
SPLIT_PAUSE_MS = 45_000
PROPOSAL_LAPSES_MS = 90_000
"""Shorter than a shop's, so that whoever looks finds a proposal of the last minute."""


async def open_channels(merchant: Merchant) -> None:
    """The channels, where they are not there, and a split that is proposed every minute."""
    for channel, title in CHANNELS.items():
        if await merchant.channel(channel) is None:
            await merchant.define_channel(channel, kind="dedicated", title=title, weight=WEIGHT)
    await merchant.change_strategy(split="propose", split_every_minutes=SPLIT_EVERY_MINUTES)


async def fill_channels(merchant: Merchant) -> None:
    """Goods come in where a channel has fewer than its quota."""
    present = await merchant.buckets()
    for channel, quotas in QUOTAS.items():
        place = CHANNEL + channel
        for sku, units in quotas.items():
            lacks = units - present.get(sku, {}).get(place, 0)
            if lacks > 0:
                await merchant.receive(sku, lacks, target=place, reason="quota of the evening")


async def sell_elsewhere(merchant: Merchant, random: Random) -> None:
    """Somebody orders in one of the channels, again and again, until cancelled."""
    while True:
        await asyncio.sleep(ORDERS_EVERY_S)
        channel = random.choice(list(WANTED))
        sku = WANTED[channel]
        if (await merchant.sku_buckets(sku)).get(CHANNEL + channel, 0) > KEPT_UNITS:
            await merchant.order(f"{channel}-{uuid.uuid4().hex}", channel=channel, sku=sku, qty=1)
