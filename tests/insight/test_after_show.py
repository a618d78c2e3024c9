"""What became of a show's reservations, entry by entry."""

from __future__ import annotations

from typing import Any

from shelfcast.insight.after_show import ShowFold
from shelfcast.stock.records import LedgerEntry

SHOW = "evening.1"


def entry(kind: str, id: str = "r1", qty: int = 1, target: str = "", **more: Any) -> LedgerEntry:  # noqa: A002
    usual: dict[str, Any] = {
        "seq": 1,
        "pool_seq": 1,
        "at_ms": 0,
        "sku": "mug",
        "source": "",
        "channel": "live",
        "user": "li",
    }
    rest = {"reference": "", "actor": "", "reason": "", "room": "evening", "show": SHOW, "price_minor": 500}
    return LedgerEntry(
        **usual | rest | {"currency": "CNY", "id": id, "kind": kind, "qty": qty, "target": target} | more
    )


def folded(*entries: LedgerEntry, presale: tuple[LedgerEntry, ...] = ()) -> ShowFold:
    fold = ShowFold(SHOW)
    for each in presale:
        fold.add(each, of_presale=True)
    for each in entries:
        fold.add(each, of_presale=False)
    return fold


def test_another_show_and_what_is_no_reservation_change_nothing() -> None:
    fold = folded(entry("confirm", show="evening.2"), entry("receive", show="", qty=9), entry("count", qty=3))
    assert (dict(fold.stock), fold.held, dict(fold.money)) == ({}, {}, {})


def test_a_hold_that_drew_from_two_places_is_one() -> None:
    fold = folded(entry("reserve", qty=2), entry("reserve", qty=3))
    assert fold.held["r1"].units == 5
    assert folded(entry("reserve", qty=2), entry("cancel", qty=2)).held == {}


def test_sold_is_net_and_shipped_or_not() -> None:
    steps = [entry("reserve", qty=5), entry("confirm", qty=5), entry("ship", qty=2), entry("cancel_paid", qty=1)]
    tally = folded(*steps).stock["mug"]
    assert (tally.paid, tally.sold, tally.shipped, tally.unshipped, tally.cancelled) == (5, 4, 2, 2, 1)


def test_what_a_payment_said_counts_else_the_price() -> None:
    said = entry("confirm", qty=2, paid_minor=900, currency="EUR")
    back = entry("cancel_paid", refunded_minor=450, currency="EUR")
    fold = folded(entry("confirm", id="r2", qty=3), said, back)
    assert {name: (m.paid, m.by_price, m.refunded) for name, m in fold.money.items()} == {
        "CNY": (0, 1_500, 0),
        "EUR": (900, 0, 450),
    }


def test_a_late_payment_waits_or_takes_its_units_and_counts_once() -> None:
    late = [entry("reserve", qty=3), entry("expire", qty=3), entry("paid_no_stock", qty=0, target="outside")]
    fold = folded(*late)
    assert (fold.owed["r1"].units, fold.held, fold.money["CNY"].by_price) == (3, {}, 1_500)
    taken = folded(*late, entry("reacquire", qty=1), entry("reacquire", qty=2))
    assert (taken.owed, taken.stock["mug"].sold, taken.money["CNY"].by_price) == ({}, 3, 1_500)
    said = folded(*late, entry("reacquire", qty=3, paid_minor=1_200))
    assert (said.money["CNY"].paid, said.money["CNY"].by_price) == (1_200, 0)
    refunded = folded(*late, entry("refund", qty=0, target="outside", refunded_minor=1_500))
    assert (refunded.owed, refunded.stock["mug"].refunded_no_stock) == ({}, 3)
    at_once = folded(*late[:2], entry("reacquire", qty=1), entry("reacquire", qty=2))
    assert at_once.money["CNY"].by_price == 1_500


def test_goods_for_a_presale_stay_its_own() -> None:
    paid = (entry("confirm", qty=4), entry("confirm", id="r2", qty=2))
    undone = entry("cancel_paid", id="r2", qty=2, target="presale")
    there = entry("fulfil", qty=4, target="fulfilled")
    drawn = [entry("fulfil", qty=3, target="sold:live"), entry("fulfil", qty=1, target="sold:live")]
    fold = folded(
        *drawn, entry("ship", qty=1), entry("cancel_paid", qty=1, target="pool"), presale=(*paid, undone, there)
    )
    tally = fold.presale["mug"]
    assert (tally.sold, tally.awaiting_goods, tally.shipped, tally.unshipped) == (3, 0, 1, 2)
    assert "mug" not in fold.stock


def test_money_alone_goes_back_and_the_units_stay_sold() -> None:
    alone = entry("refund_only", qty=0, target="outside", refunded_minor=500)
    fold = folded(entry("confirm", qty=2), alone)
    assert (fold.stock["mug"].sold, fold.money["CNY"].refunded, fold.refunded_alone) == (2, 500, {"r1"})
