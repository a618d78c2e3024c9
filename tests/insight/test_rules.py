"""Levels, indicators and alerts are what docs/rules.md says."""

from __future__ import annotations

import pytest
from documented import marked_rows
from shelfcast.insight import indicators, tiers
from shelfcast.room.shelf import level
from shelfcast.stock.shelf import ShelfRow


@pytest.mark.parametrize(("left", "offered", "held", "last_n", "said"), marked_rows("Levels", 5))
def test_levels(left: str, offered: str, held: str, last_n: str, said: str) -> None:
    row = ShelfRow(int(left), 0, 0, frozen=False, locked=0, offered=int(offered), holding=int(held))
    assert level(row, int(last_n)) == said


WORKED = [row for row in marked_rows("Indicators", 7) if row[0].isdigit()]


@pytest.mark.parametrize(("left", "offered", "sold", "pace", "eta", "rate", "share"), WORKED)
def test_indicators(left: str, offered: str, sold: str, pace: str, eta: str, rate: str, share: str) -> None:
    minutes = indicators.sold_out_in_minutes(int(left), float(pace))
    assert minutes == (None if eta == "none" else float(eta))
    assert indicators.sell_through(int(left), int(sold)) == pytest.approx(float(rate), abs=0.001)
    found = indicators.share_left(int(left), int(offered))
    assert found == (None if share == "none" else pytest.approx(float(share), abs=0.001))


def test_tiers_and_what_to_do() -> None:
    documented = {int(tier.removesuffix(" %")): advice for tier, advice in marked_rows("Alerts", 2)}
    assert documented == tiers.ADVICE
    assert tuple(documented) == tiers.TIERS
    for tier in tiers.TIERS:
        assert tiers.tier_of(tier, 100) == tier
        assert tiers.tier_of(tier + 1, 100) != tier
