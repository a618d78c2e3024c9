"""The seller's own notes beside the book's buckets, to the unit."""

from __future__ import annotations

from shelfcast.insight.reconciliation import SkuTally, reconcile, total

BEFORE = {"A": {"pool": 10, "supplier": -10}}


def test_a_day_that_agrees_balances() -> None:
    tally = SkuTally(asked=9, paid=6, given_back=2, found=3, written_off=1)
    after = {"A": {"pool": 7, "held:live": 1, "sold:live": 4, "written_off": 1, "supplier": -13}}
    (line,) = reconcile({"live": {"A": tally}}, BEFORE, after)
    assert (line.opening, line.came_in, line.sold, line.went_out, line.closing) == (10, 5, 6, 1, 8)
    assert line.differences == ()


def test_a_unit_the_book_lost_is_named() -> None:
    after = {"A": {"pool": 5, "sold:live": 4, "supplier": -10}}
    (line,) = reconcile({"live": {"A": SkuTally(paid=4)}}, BEFORE, after)
    assert line.differences == ("closing: the book has 5, it should be 6",)


def test_a_sale_the_book_does_not_know_is_named() -> None:
    (line,) = reconcile({"live": {"A": SkuTally(paid=1)}}, BEFORE, BEFORE)
    assert line.differences == (
        "sold:live: the book changed by +0, the answers say +1",
        "closing: the book has 10, it should be 9",
    )


def test_a_sku_nobody_asked_for_must_not_move() -> None:
    (line,) = reconcile({"live": {}}, BEFORE, {"A": {"pool": 10, "supplier": -11}})
    assert line.differences == ("supplier: the book changed by -1, the answers say +0",)


def test_the_total_adds_up_every_line() -> None:
    tallies = {"A": SkuTally(paid=4), "B": SkuTally(found=2)}
    after = {"A": {"pool": 6, "sold:live": 4, "supplier": -10}, "B": {"pool": 2, "supplier": -2}}
    summed = total(reconcile({"live": tallies}, BEFORE, after))
    assert (summed.opening, summed.came_in, summed.sold, summed.closing) == (10, 2, 4, 8)
    assert summed.differences == ()


def test_units_kept_back_and_given_to_channels_are_in_stock() -> None:
    before = {"A": {"pool": 4, "channel:live": 3, "channel:shop": 2, "elastic": 5, "safety": 1, "batch:b": 6}}
    tallies = {"live": {"A": SkuTally(paid=5)}, "shop": {"A": SkuTally(paid=2, given_back=1)}}
    after = {
        "A": {"pool": 9, "channel:shop": 1, "held:shop": 1, "safety": 1, "batch:b": 3, "sold:live": 5, "sold:shop": 1}
    }
    (line,) = reconcile(tallies, before, after)
    assert (line.opening, line.came_in, line.sold, line.closing) == (21, 1, 7, 15)
    assert line.differences == ()


def test_a_sale_through_another_channel_is_named() -> None:
    before, after = {"A": {"pool": 4}}, {"A": {"pool": 3, "sold:live": 1}}
    (line,) = reconcile({"live": {}, "shop": {"A": SkuTally(paid=1)}}, before, after)
    assert line.differences == (
        "sold:live: the book changed by +1, the answers say +0",
        "sold:shop: the book changed by +0, the answers say +1",
    )
