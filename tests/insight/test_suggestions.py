"""What is suggested after a show, and the numbers that it comes from."""

from __future__ import annotations

from typing import Any

from shelfcast.insight.suggestions import Advice, SkuOutcome, advise

SHOWN: dict[str, Any] = {"on_air_minutes": 30.0}


def only(**said: Any) -> list[Advice]:
    return advise([SkuOutcome(sku="mug", **SHOWN | said)])["mug"]


def test_what_sold_out_is_restocked_to_what_was_sold_and_asked_for_in_vain() -> None:
    # 20 people × 100 ÷ 40 units an order = 50, of the 70 that they asked for.
    [advice] = only(
        sold=100, orders=40, lost_people=20, lost_units=70, unsold=10, expected=120, minutes_to_sold_out=22.5
    )
    assert (advice.kind, advice.units, advice.because) == ("restock", 150, "restock_lost")
    assert advice.numbers == {
        "sold": 100, "lost": 50, "people": 20, "expected": 120, "unsold": 10, "more": 140, "minutes": 22.5,
    }  # fmt: skip
    assert only(sold=100, orders=40, unsold=0, expected=120)[0].units == 120
    assert only(sold=100, orders=40, unsold=0)[0].because == "restock_sold_out"


def test_lost_demand_is_no_more_than_was_asked_for_and_a_unit_a_person_where_nobody_ordered() -> None:
    assert SkuOutcome(sku="mug", sold=100, orders=10, lost_people=5, lost_units=12).lost_demand == 12
    assert SkuOutcome(sku="mug", lost_people=5, lost_units=12).lost_demand == 5
    assert SkuOutcome(sku="mug", sold=9, orders=3).lost_demand == 0


def test_nothing_is_restocked_that_the_pool_has() -> None:
    assert only(sold=10, orders=10, lost_people=3, lost_units=3, unsold=13)[0].kind == "keep"
    assert only(sold=10, orders=10, lost_people=3, lost_units=3, unsold=12)[0].units == 13


def test_what_is_slow_is_discounted_and_what_hardly_sells_goes_with_what_does() -> None:
    [slow] = only(sold=20, left=80, unsold=80)
    assert (slow.kind, slow.units, slow.numbers["share"]) == ("discount", 60, 0.2)
    rows = [
        SkuOutcome(sku="bowl", category="home", sold=5, left=95, unsold=95, **SHOWN),
        SkuOutcome(sku="mug", category="home", sold=60, left=40, unsold=40, **SHOWN),
        SkuOutcome(sku="hat", category="wear", sold=90, left=10, unsold=10, **SHOWN),
        SkuOutcome(sku="gone", category="home", sold=99, left=0, unsold=0, orders=99, **SHOWN),
    ]
    [bundle] = advise(rows)["bowl"]
    assert (bundle.kind, bundle.with_sku, bundle.units, bundle.numbers["with_sold"]) == ("bundle", "mug", 60, 60)
    assert advise([rows[0], rows[2]])["bowl"][0].with_sku == "hat"
    assert advise([rows[0], rows[3]])["bowl"][0].kind == "discount"


def test_what_was_hardly_shown_or_is_nearly_gone_says_nothing() -> None:
    assert only(sold=0, left=80, unsold=80, on_air_minutes=4.9)[0].kind == "keep"
    assert only(sold=1, left=5, unsold=5)[0].kind == "keep"


def test_what_nobody_wanted_three_times_is_cleared_and_dropped_once_it_is_gone() -> None:
    [clear] = only(sold=0, left=8, unsold=8, shows_without_sale=3)
    assert (clear.kind, clear.units, clear.because) == ("clear", 8, "clear_no_sale")
    [drop] = only(sold=0, left=4, unsold=4, shows_without_sale=3)
    assert (drop.kind, drop.units) == ("drop", None)
    assert only(sold=0, left=4, unsold=4, shows_without_sale=2)[0].kind == "keep"
    assert only(sold=0, left=0, unsold=0, shows_without_sale=3, lost_people=2, lost_units=2)[0].kind == "restock"


def test_what_expires_is_cleared_however_well_it_sells() -> None:
    restock, clear = only(sold=90, orders=90, left=0, unsold=12, expiring=40, lost_people=1, lost_units=1)
    assert (restock.kind, clear.kind, clear.because, clear.units) == ("restock", "clear", "clear_expiring", 12)
