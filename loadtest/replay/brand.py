"""Brand: a fixed total, split over the channels it sells through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from house import House, Way, move_all
from shelfcast.insight.allocation import shared_out
from shelfcast.stock.places import CHANNEL, POOL
from shelfcast_client import Stale

CUSTOMERS = {"live": 60, "shop": 25, "app": 15}
"""How customers really come, in percent. Nobody knew that in the morning: each channel was given the same."""


class FixedSplit:
    """Three dedicated channels, a third of the stock each; nothing moves any more."""

    name = "fixed"
    title = "three channels, a third each"
    ways: Mapping[str, Way] = {
        channel: Way(customers=share, settings={"kind": "dedicated"}) for channel, share in CUSTOMERS.items()
    }
    duties: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.did: Counter[str] = Counter()

    async def set_up(self, house: House) -> None:
        """Everything goes to the channels."""
        channels = list(self.ways)
        await move_all(
            house,
            [
                (f"split-{n}-{channel}", "allocate", sku, part, POOL, CHANNEL + channel)
                for n, (sku, units) in enumerate(house.opening.items())
                for channel, part in zip(channels, shared_out(units, [1] * len(channels)), strict=True)
            ],
        )

    async def during(self, house: House, minute: int) -> None:
        """Nothing is to be done."""

    async def end(self, house: House) -> None:
        """Nothing is to be done."""


class Brand(FixedSplit):
    """The same morning; then units follow what sells: each proposal of the split is applied within a minute."""

    name = "brand"
    title = "three channels, proposals applied"
    duties = frozenset({"split_stock"})

    async def set_up(self, house: House) -> None:
        """The preset proposes every 15 minutes."""
        await super().set_up(house)
        await house.merchant.define_strategy(self.name)

    async def during(self, house: House, minute: int) -> None:
        """Whatever was proposed since the last minute is applied."""
        for proposal in await house.merchant.proposals():
            if proposal["state"] != "open":
                continue
            try:
                await house.merchant.apply_proposal(proposal["id"])
            except Stale:
                self.did["proposals that were stale"] += 1
            else:
                self.did["proposals applied"] += 1
