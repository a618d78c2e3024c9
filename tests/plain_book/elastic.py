"""The elastic reserve."""

from __future__ import annotations

from fractions import Fraction

from plain_book.shows import Shows


class Elastic(Shows):
    """Releases, by hand and by the rule."""

    def release(self, sku: str, qty: int, target: str) -> str:
        if qty > self.units[sku]["elastic"] or not qty:
            return "INSUFFICIENT"
        self.shift(sku, "elastic", target, qty)
        self.elastic_steps[sku] += 1
        return "OK"

    def step_of(self, sku: str) -> int:
        reserve, step = self.units[sku]["elastic"], self.elastic[sku].step
        return reserve if step is None else min(step, reserve)

    def answer(self, *, by_hand: bool) -> None:
        """Hold the rules against what is left, of each SKU that the operation has moved units of."""
        shifted, self.shifted = self.shifted, []
        for sku in self.units if not by_hand else ():
            moved = [about for of, about in shifted if of == sku]
            looks = moved and self.elastic[sku].auto and self.units[sku]["elastic"]
            needy = self.needy(sku, set().union(*moved)) if looks else None
            if needy is not None:
                self.release(sku, self.step_of(sku), "pool" if needy == "live" else f"channel:{needy}")
        self.shifted.clear()

    def needy(self, sku: str, about: set[str]) -> str | None:
        """The channel that needs the reserve after what has changed for these, None where none does. One where an
        exclusive batch keeps the pool does not."""
        rule, on_air = self.elastic[sku], {self.CHANNELS[room] for room in self.on_air(sku)}
        if "shared" in about:
            about = about - {"shared"} | on_air & {"live"}
        reached = {
            channel for channel in (*about, *on_air) if channel != "live" or "pool" in self.sources(sku, channel)
        }
        least = min(((self.available(sku, channel), channel) for channel in about & reached), default=None)
        if rule.at_units is not None and least is not None and least[0] <= rule.at_units:
            return least[1]
        shares = [
            (Fraction(self.available(sku, self.CHANNELS[room]), offered), self.CHANNELS[room])
            for room in self.on_air(sku)
            if self.CHANNELS[room] in reached and (offered := self.offered(room, sku)) > 0
        ]
        if rule.at_share_percent is not None and shares and min(shares)[0] <= Fraction(rule.at_share_percent, 100):
            return min(shares)[1]
        return None
