"""The merchant's moves."""

from __future__ import annotations

from plain_book.drawing import Drawing
from plain_book.records import ON_HAND


class Moves(Drawing):
    """Plain moves, quotas and counts."""

    def move(self, sku: str, source: str, target: str, qty: int, kind: str = "") -> str:
        if target.startswith("batch:") and self.is_over(self.batches[target.removeprefix("batch:")]):
            return "BAD_MESSAGE"
        if source != "supplier" and self.units[sku][source] < qty:
            return "INSUFFICIENT"
        self.shift(sku, source, target, qty)
        if kind == "release_elastic":
            self.elastic_steps[sku] += 1
        return "OK"

    def quota(self, sku: str, qty: int) -> str:
        if self.units[sku]["presale"] + qty < 0:
            return "INSUFFICIENT"
        self.shift(sku, "promise", "presale", qty)
        return "OK"

    def on_hand(self, sku: str) -> int:
        return sum(n for place, n in self.units[sku].items() if place.startswith(ON_HAND))

    def count(self, sku: str, counted: int) -> int:
        """Returns the shortage."""
        missing = self.on_hand(sku) - counted
        if missing < 0:
            self.shift(sku, "count_gain", "pool", -missing)
        return self.take_unsold(sku, missing, "count_loss")

    def take_unsold(self, sku: str, qty: int, target: str) -> int:
        """So many units of what is neither held nor sold go elsewhere. Returns how many there were not."""
        batches = sorted(self.batches, key=lambda name: (self.is_open(self.batches[name]), name))
        places = ["pool", "safety", "elastic", *[f"batch:{name}" for name in batches]]
        for place in [*places, "channel:douyin", "channel:live"]:
            take = max(0, min(qty, self.units[sku][place]))
            self.shift(sku, place, target, take)
            qty -= take
        return max(0, qty)
