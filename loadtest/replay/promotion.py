"""Promotion: the stock comes in batches, one window after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from house import House, Way
from shelfcast.insight.allocation import shared_out
from shelfcast_client.definitions import BULK_ROWS
from strategy import ONE_ROOM

WINDOWS = 4
"""The day is cut into so many windows of the same length, and each SKU's units into as many parts."""


class Promotion:
    """One room; a quarter of each SKU is for sale in each quarter of the day, and what is left goes to the next."""

    name = "promotion"
    title = f"{WINDOWS} batches, leftovers to the next"
    ways: Mapping[str, Way] = ONE_ROOM
    duties: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.did: Counter[str] = Counter()

    async def set_up(self, house: House) -> None:
        """A batch for each window, filled from the pool."""
        await house.merchant.define_strategy(self.name)
        edges = [round(n * house.minutes / WINDOWS) for n in range(WINDOWS + 1)]
        parts = {sku: shared_out(units, [1] * WINDOWS) for sku, units in house.opening.items()}
        for n in range(WINDOWS):
            name = f"window-{n + 1}"
            await house.merchant.define_batch(
                name,
                title=f"Window {n + 1} of {WINDOWS}",
                opens_at_ms=house.clock.at_ms(edges[n]),
                closes_at_ms=house.clock.at_ms(edges[n + 1]),
                leftover="next",
            )
            units = [(sku, part[n]) for sku, part in parts.items() if part[n]]
            for page in range(0, len(units), BULK_ROWS):
                await house.merchant.change_batch(name, units=dict(units[page : page + BULK_ROWS]))

    async def during(self, house: House, minute: int) -> None:
        """Nothing is to be done: the clock opens and closes them."""

    async def end(self, house: House) -> None:
        """The last window is over: what nobody bought is in the pool."""
        batches = await house.merchant.batches()
        self.did["windows opened and closed"] = sum(batch["state"] == "closed" for batch in batches)
        self.did["windows missed"] = sum(bool(batch["missed"]) for batch in batches)
