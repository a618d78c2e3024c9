"""The elastic reserve."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule
from plain_book.records import PlainRule
from shelfcast.stock.configuration import ElasticMode, ElasticRule, What
from shelfcast.stock.operations import ElasticStep, ReleaseElastic

from book_machine.drawn import skus, small
from book_machine.machine import Machine


class Elastic(Machine):
    """Rules of its rule and its releases."""

    @rule(
        sku=skus,
        mode=st.sampled_from((ElasticMode.OFF, ElasticMode.ASK, ElasticMode.AUTO, ElasticMode.AUTO)),
        at_units=st.none() | st.integers(0, 6),
        at_share_percent=st.none() | st.integers(1, 60),
        step=st.none() | small,
    )
    def set_elastic(
        self, sku: str, mode: ElasticMode, at_units: int | None, at_share_percent: int | None, step: int | None
    ) -> None:
        self.look_first()
        if at_units is None and at_share_percent is None:
            mode = ElasticMode.OFF  # another one without a trigger is refused at the edge
        self.plain.elastic[sku] = PlainRule(mode is ElasticMode.AUTO, at_units, at_share_percent, step)
        rule = ElasticRule(mode=mode, at_units=at_units, at_share_percent=at_share_percent, step_units=step)
        self.set(What.SKU, sku, {"elastic": rule, "elastic_release_at": None})

    @rule(sku=skus, at=st.integers(0, 6))
    def set_elastic_the_short_way(self, sku: str, at: int) -> None:
        self.look_first()
        self.plain.elastic[sku] = PlainRule(auto=True, at_units=at)
        self.set(What.SKU, sku, {"elastic": None, "elastic_release_at": at})

    @rule(sku=skus, qty=st.integers(0, 4), to=st.sampled_from(("pool", "channel:douyin")))
    def release(self, sku: str, qty: int, to: str) -> None:
        op = ReleaseElastic(self.move_id(), sku, qty, to)
        code = self.plain.release(sku, qty or self.plain.step_of(sku), to)
        self.both(op, code)
        if code == "OK":
            self.both(op, "OK")

    @rule(sku=skus, back=st.integers(0, 2))
    def release_a_numbered_step(self, sku: str, back: int) -> None:
        step = max(1, self.plain.elastic_steps[sku] + 1 - back)
        made = step <= self.plain.elastic_steps[sku]
        code = "OK" if made else self.plain.release(sku, self.plain.step_of(sku), "pool")
        self.both(ElasticStep(sku, step, 0, "pool"), code)
