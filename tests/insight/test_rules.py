"""Levels, indicators and alerts are what docs/rules.md says."""

from __future__ import annotations

import pytest
from documented import marked_rows
from shelfcast.insight import indicators, tiers
from shelfcast.room.shelf import level
from shelfcast.stock.shelf import ShelfRow


@pytest.mark.parametrize(("available", "held", "sold", "last_n", "said"), marked_rows("Levels", 5))
def test_levels(available: str, held: str, sold: str, last_n: str, said: str) -> None:
    row = ShelfRow(int(available), int(held), int(sold), frozen=False, locked=0)
    assert level(row, int(last_n)) == said


@pytest.mark.parametrize(("left", "held", "sold", "pace", "eta", "rate", "share"), marked_rows("Indicators", 7))
def test_indicators(left: str, held: str, sold: str, pace: str, eta: str, rate: str, share: str) -> None:
    minutes = indicators.sold_out_in_minutes(int(left), float(pace))
    assert minutes == (None if eta == "none" else float(eta))
    assert indicators.sell_through(int(left), int(sold)) == pytest.approx(float(rate), abs=0.001)
    assert indicators.remaining_share(int(left), int(held), int(sold)) == pytest.approx(float(share), abs=0.001)


def test_tiers_and_what_to_do() -> None:
    documented = {int(tier.removesuffix(" %")): advice for tier, advice in marked_rows("Alerts", 2)}
    assert documented == tiers.ADVICE
    assert tuple(documented) == tiers.TIERS
    for tier in tiers.TIERS:
        assert tiers.tier_of(tier, 100 - tier) == tier
        assert tiers.tier_of(tier + 1, 99 - tier) != tier
