"""Levels, indicators and alerts are what docs/rules.md says."""

from __future__ import annotations

import pytest
from documented import RULES, marked_rows, names
from shelfcast.insight import alert_rules, elastic_rule, indicators, tiers
from shelfcast.insight.alert_rules import Before, Change, Step
from shelfcast.insight.elastic_rule import Reserve, Selling
from shelfcast.insight.pace import MINUTE_MS, WINDOW_MINUTES, PaceWindow
from shelfcast.protocol.fields import SNOOZE_MINUTES_MAX
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


@pytest.mark.parametrize(("taken", "said"), marked_rows("Pace", 2))
def test_paces(taken: str, said: str) -> None:
    minutes = [None if units == "–" else int(units) for units in names(taken)]
    pace = PaceWindow(minutes).units_a_minute
    assert pace == (None if said == "none" else float(said))


@pytest.mark.parametrize(("taken", "left", "eta", "low", "high"), marked_rows("Pace", 5))
def test_ranges_of_the_eta(taken: str, left: str, eta: str, low: str, high: str) -> None:
    window = PaceWindow([None if units == "–" else int(units) for units in names(taken)])
    pace = window.units_a_minute
    assert pace is not None
    minutes = indicators.sold_out_in_minutes(int(left), pace)
    found = [minutes, *indicators.sold_out_between(int(left), pace, window.spread)]
    said = [None if cell == "none" else pytest.approx(float(cell), abs=0.001) for cell in (eta, low, high)]
    assert found == said


def becomes(rule: str, before: Before, n: dict[str, int]) -> Change | None:
    """What the rule says of these numbers."""
    match rule:
        case "share_left":
            return alert_rules.share_left(before, n["left"], n["offered"])
        case "sold_out_eta":
            on_air_ms = n["on air"] * MINUTE_MS
            return alert_rules.sold_out_eta(before, n["left"], n["pace"], orders=n["orders"], on_air_ms=on_air_ms)
        case "sell_through":
            return alert_rules.high_sell_through(before, n["left"], n["sold"])
        case "elastic":
            at_units, at_share, at_eta = n.get("at_units"), n.get("at_share_percent"), n.get("at_eta_minutes")
            reserve = Reserve(True, at_units, at_share, at_eta, n["reserve"], None, n.get("releases", 0))
            on_air_ms = n.get("on air", 0) * MINUTE_MS
            selling = Selling(n["left"], n["offered"], n.get("pace"), n.get("orders", 0), on_air_ms)
            return elastic_rule.elastic(before._replace(step=1), reserve, selling)
        case _:
            running_ms, planned_ms = n["minute"] * MINUTE_MS, n["planned"] * MINUTE_MS
            return alert_rules.low_active_rate(
                before, n["active"], n["listed"], running_ms=running_ms, planned_ms=planned_ms
            )


@pytest.mark.parametrize(("rule", "before", "numbers", "said"), marked_rows("Alerts", 4))
def test_alerts(rule: str, before: str, numbers: str, said: str) -> None:
    stands = before not in ("–", "once")
    known = Before(stands, int(before) if before.isdigit() else 0, rang=before != "–")
    change = becomes(rule, known, {name: int(value) for name, _, value in (n.rpartition(" ") for n in names(numbers))})
    if change is None:
        assert said == "nothing"
    else:
        tier = f" {change.tier_percent}" if change.step is not Step.RESOLVE and change.tier_percent else ""
        assert f"{change.step}{tier}" == said


def test_the_limits_named_are_the_programs() -> None:
    page = RULES.read_text(encoding="utf-8")
    for words in (
        f"below {indicators.SOLD_OUT_SOON_MINUTES} minutes, sold in at least {alert_rules.ORDERS_MIN} orders",
        f"on air for at least {alert_rules.ON_AIR_MIN_MS // MINUTE_MS} minutes",
        f"above {indicators.SELL_THROUGH_HIGH:.0%}".replace("%", " %"),
        f"below {alert_rules.ACTIVE_RATE_LOW:.0%}".replace("%", " %"),
        f"once, after {alert_rules.ACTIVE_RATE_AFTER_MS // MINUTE_MS} minutes",
        f"{tiers.REARM_POINTS} points above",
        f"at\nmost {SNOOZE_MINUTES_MAX} minutes",
        f"last {WINDOW_MINUTES} ended minutes",
        "Of fewer than three such minutes",
    ):
        assert words in page, words
    assert indicators.RANGE_MINUTES_MIN == 3
    assert len(indicators.T_90) == WINDOW_MINUTES - 1
    assert alert_rules.UNSTEADY_CHANGES == 4
    assert alert_rules.UNSTEADY_MS == 10 * MINUTE_MS


@pytest.mark.parametrize(
    ("pace", "step", "said"),
    [
        (5.4, 50, "release 50: 62 → 112, about 9 more minutes"),
        (None, 50, "release 50: 62 → 112"),
        (10.0, None, "release 80: 62 → 142, about 8 more minutes"),
    ],
)
def test_what_somebody_is_asked_says_what_it_brings(pace: float | None, step: int | None, said: str) -> None:
    reserve = Reserve(True, 62, None, None, 80, step, 0)
    change = elastic_rule.elastic(Before(), reserve, Selling(62, 300, pace, 0, 0))
    assert change
    assert (change.advice, change.value, change.threshold) == (said, 62, 62)
