"""What is due for a cycle count: by the value sold, by when it was counted, and whether it was short."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.insight.count_plan import (
    A_SHARE,
    B_SHARE,
    DAY_MS,
    EVERY_DAYS,
    Counted,
    Grade,
    Graded,
    Sale,
    ValueSold,
    Why,
    due,
    grades,
)

NOW = 1_000 * DAY_MS


def sale(kind: str = "confirm", id: str = "r1", **more: Any) -> Sale:  # noqa: A002 - the field's own name
    fields: dict[str, Any] = {
        "id": id, "kind": kind, "sku": "mug", "qty": 1, "price_minor": 100, "currency": "CNY", "paid_minor": None,
        "refunded_minor": None,
    }  # fmt: skip
    return Sale(**fields | more)


def sold(*sales: Sale) -> dict[str, dict[str, int]]:
    value = ValueSold()
    for one in sales:
        value.add(one)
    return {currency: dict(skus) for currency, skus in value.by_currency.items()}


def test_what_was_sold_counts_with_what_was_paid_or_else_its_price() -> None:
    assert sold(sale(qty=3)) == {"CNY": {"mug": 300}}
    assert sold(sale(qty=3, paid_minor=250)) == {"CNY": {"mug": 250}}
    assert sold(sale("external", qty=2), sale("external_oversold", qty=1)) == {"CNY": {"mug": 300}}
    assert sold(sale("reacquire"), sale("fulfil", id="r2")) == {"CNY": {"mug": 200}}
    assert sold(sale(), sale(id="r2", currency="EUR")) == {"CNY": {"mug": 100}, "EUR": {"mug": 100}}
    assert sold(sale(price_minor=None)) == {}, "a reservation of a release before prices"


def test_of_a_sale_from_several_places_the_payment_stands_in_the_first_entry_alone() -> None:
    drawn = [sale(qty=2, paid_minor=450), sale(qty=3)]
    assert sold(*drawn) == {"CNY": {"mug": 450}}
    assert sold(*drawn, sale(id="r2", qty=1)) == {"CNY": {"mug": 550}}
    assert sold(sale(qty=2), sale(qty=3)) == {"CNY": {"mug": 500}}


def test_what_went_back_is_taken_off_and_a_payment_without_stock_is_no_sale() -> None:
    assert sold(sale(qty=3), sale("cancel_paid", qty=1)) == {"CNY": {"mug": 200}}
    assert sold(sale(qty=3), sale("cancel_paid", qty=1, refunded_minor=50)) == {"CNY": {"mug": 250}}
    assert sold(sale("paid_no_stock", paid_minor=100), sale("refund", refunded_minor=100)) == {}
    assert sold(sale("reserve"), sale("cancel"), sale("ship"), sale("expire")) == {}


def test_the_first_80_per_cent_are_a_up_to_95_b_the_rest_c() -> None:
    found = grades({"CNY": {"a1": 500, "a2": 300, "b1": 100, "b2": 50, "c1": 30, "c2": 20, "none": 0, "back": -5}})
    assert {sku: one.grade for sku, one in found.items()} == {
        "a1": Grade.A, "a2": Grade.A, "b1": Grade.B, "b2": Grade.B, "c1": Grade.C, "c2": Grade.C,
    }  # fmt: skip
    assert grades({"CNY": {"only": 1}})["only"].grade is Grade.A


def test_each_currency_is_graded_for_itself_and_the_best_counts() -> None:
    found = grades({"CNY": {"mug": 1_000, "cup": 1}, "EUR": {"cup": 5, "mug": 0}})
    assert found["cup"] == Graded(Grade.A, 5, "EUR")
    assert found["mug"] == Graded(Grade.A, 1_000, "CNY")


@given(st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 10_000), min_size=1))
def test_the_grades_hold_the_value_that_they_are_named_for(values: dict[str, int]) -> None:
    found = grades({"CNY": values})
    total = sum(values.values())
    best = {grade: sum(values[sku] for sku, one in found.items() if one.grade <= grade) for grade in Grade}
    assert best[Grade.A] >= A_SHARE * total
    assert best[Grade.B] >= B_SHARE * total
    assert best[Grade.C] == total
    in_order = sorted(found, key=lambda sku: (-values[sku], sku))
    assert [found[sku].grade for sku in in_order] == sorted(one.grade for one in found.values())
    # Without its least the group falls short: it is no larger than it has to be.
    last = min((values[sku] for sku, one in found.items() if one.grade is Grade.A))
    assert best[Grade.A] - last < A_SHARE * total


@pytest.mark.parametrize(("grade", "days"), [(Grade.A, 7), (Grade.B, 14), (Grade.C, 30)])
def test_a_grade_is_due_its_days_behind_the_last_count(grade: Grade, days: int) -> None:
    graded = {"mug": Graded(grade, 5, "CNY")}
    assert EVERY_DAYS[grade] == days
    for ago, is_due in ((days * DAY_MS, True), (days * DAY_MS - 1, False)):
        found = due(["mug"], graded, {"mug": Counted(NOW - ago, 0)}, NOW, currency="CNY")
        assert [one.why for one in found] == ([Why.DUE] if is_due else [])


def test_what_was_never_counted_and_what_was_short_is_due_at_once() -> None:
    counted = {"short": Counted(NOW - 1, 2), "fine": Counted(NOW - 1, 0)}
    found = due(["new", "short", "fine"], {}, counted, NOW, currency="EUR")
    assert [(one.sku, one.why, one.counted_at_ms, one.due_at_ms) for one in found] == [
        ("new", Why.NEVER, None, NOW),
        ("short", Why.SHORTAGE, NOW - 1, NOW - 1),
    ]
    assert found[0].graded == Graded(Grade.C, 0, "EUR")


def test_the_most_valuable_come_first() -> None:
    graded = {"b": Graded(Grade.B, 900, "EUR"), "a": Graded(Grade.A, 5, "CNY"), "a2": Graded(Grade.A, 9, "CNY")}
    assert [one.sku for one in due(["c", "b", "a", "a2"], graded, {}, NOW, currency="CNY")] == ["a2", "a", "b", "c"]
