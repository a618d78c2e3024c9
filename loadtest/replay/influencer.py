"""Influencer: a part is kept back in the elastic reserve; the operator is asked, and a script answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from house import House, Way, move_all
from shelfcast.stock.places import ELASTIC, POOL
from shelfcast_client import ServerRefused
from strategy import ONE_ROOM

STEPS = 2
"""The reserve is released in so many steps."""
AT_SHARE_PERCENT = 20
"""The operator is asked when so much of what was offered is left."""
RULE = "elastic"
"""The alerts' rule that asks."""


class Influencer:
    """One room; 15 % of each SKU is in reserve. Whoever is asked for it says yes within a minute."""

    name = "influencer"
    title = "15 % in reserve, in “ask”"
    ways: Mapping[str, Way] = ONE_ROOM
    duties: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.did: Counter[str] = Counter()

    async def set_up(self, house: House) -> None:
        """The reserve is carved as the preset has it, and its rule said of each SKU that has one."""
        percent = (await house.merchant.define_strategy(self.name))["elastic_percent"]
        reserve = {sku: units * percent // 100 for sku, units in house.opening.items()}
        rules = [
            {
                "sku": sku,
                "elastic": {"mode": "ask", "at_share_percent": AT_SHARE_PERCENT, "step_units": -(-units // STEPS)},
            }
            for sku, units in reserve.items()
            if units
        ]
        await move_all(
            house,
            [(f"reserve-{n}", "carve", sku, units, POOL, ELASTIC) for n, (sku, units) in enumerate(reserve.items())],
        )
        await house.merchant.catalogue(rules, key="reserve")

    async def during(self, house: House, minute: int) -> None:
        """Whatever was asked since the last minute is answered."""
        for alert in await house.merchant.alerts():
            if alert["rule"] == RULE and alert["actions"]:
                self.did["alerts answered by a release"] += 1
                try:
                    await house.merchant.act_on_alert(alert["id"], alert["actions"][0]["id"])
                except ServerRefused as refused:
                    self.did[f"releases refused: {refused.code}"] += 1

    async def end(self, house: House) -> None:
        """What is in reserve stays there."""
