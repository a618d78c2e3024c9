"""Where a pool's units went while a show was on: sold-out times, the identity, channels and batches."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from shelfcast.insight.channel_flows import batch_flows, channel_flows
from shelfcast.insight.pool_flows import PoolFlows, Runout, sku_flows

SHOW_PLACES = {"pool", "channel:live", "batch:b"}


class Entry(NamedTuple):
    kind: str
    qty: int
    source: str
    target: str
    at_ms: int = 0
    id: str = "r"
    sku: str = "mug"
    channel: str = "live"
    room: str | None = "evening"


def flows(
    *entries: Entry, ended_seq: int = 1_000, read_at: int = 1_000, listed_at: dict[str, int] | None = None
) -> PoolFlows:
    made = PoolFlows(
        started_seq=0,
        ended_seq=ended_seq,
        read_at={"mug": read_at},
        sells_from=SHOW_PLACES.__contains__,
        listed_at=listed_at or {},
    )
    for seq, entry in enumerate(entries, 1):
        made.add(seq, entry, of_presale=False)
    return made


@pytest.mark.parametrize(
    ("changes", "opening", "at_ms"),
    [
        ([], 5, None),
        ([], 0, None),
        ([(-4, 1)], 5, None),
        ([(-5, 1)], 5, 1),
        ([(-5, 1), (5, 2), (-5, 3)], 5, 3),
        ([(-5, 1), (5, 2), (-4, 3)], 5, 1),
        ([(-3, 1), (-2, 2), (1, 3), (-1, 4), (2, 5)], 5, 2),
        ([(7, 1), (-7, 2)], 0, 2),
        ([(-5, 1), (3, 2), (-3, 3), (4, 4)], 5, 1),
    ],
)
def test_sold_out_is_when_nothing_is_left_until_the_end_else_when_that_was_so_first(
    changes: list[tuple[int, int]], opening: int, at_ms: int | None
) -> None:
    runout = Runout()
    for units, when in changes:
        runout.change(units, when)
    assert runout.sold_out_ms(opening) == at_ms


def test_what_sold_out_before_it_was_on_the_shelf_did_not_sell_out_in_the_show() -> None:
    before = [Entry("reserve", 5, "pool", "held:live", 1), Entry("receive", 4, "supplier", "pool", 2)]
    assert flows(*before).runouts["mug", False].sold_out_ms(5) == 1
    later = flows(*before, listed_at={"mug": 2}).runouts["mug", False]
    assert later.sold_out_ms(5) is None
    sold = flows(*before, Entry("reserve", 4, "pool", "held:live", 9), listed_at={"mug": 2}).runouts["mug", False]
    assert sold.sold_out_ms(5) == 9


def test_units_are_taken_back_to_the_end_and_to_the_beginning() -> None:
    made = flows(
        Entry("receive", 10, "supplier", "pool"),
        Entry("ship", 2, "sold:live", "shipped"),
        Entry("return", 1, "returned", "pool"),
        Entry("count", 3, "pool", "count_loss"),
        Entry("undo", 1, "written_off", "pool"),
        Entry("reserve", 4, "pool", "held:live"),
        # Behind the end:
        Entry("confirm", 4, "held:live", "sold:live"),
        Entry("receive", 100, "supplier", "pool"),
        # Behind what was read:
        Entry("receive", 1_000, "supplier", "pool"),
        ended_seq=6,
        read_at=8,
    )
    now = {
        "pool": 112,
        "sold:live": 9,
        "supplier": -130,
        "shipped": 2,
        "returned": 0,
        "count_loss": 3,
        "written_off": 4,
    }
    row = sku_flows(made, {"mug": now})["mug"]
    assert row.closing == {"count_loss": 3, "held:live": 4, "pool": 12, "shipped": 2, "sold:live": 5, "supplier": -30,
                           "written_off": 4}  # fmt: skip
    assert (row.opening_units, row.closing_units) == (14, 21)
    assert (row.received, row.returned, row.shipped, row.lost, row.written_off) == (10, 1, 2, 3, -1)
    assert row.difference == 14 + 10 + 1 - 2 - 3 + 1 - 21 + 21 - 30 + 2 + 3 + 4 == 0


def test_a_book_that_does_not_add_up_shows_by_how_much() -> None:
    made = flows(Entry("receive", 10, "supplier", "pool"))
    assert sku_flows(made, {"mug": {"pool": 10, "supplier": -10}})["mug"].difference == 0
    assert sku_flows(made, {"mug": {"pool": 13, "supplier": -10}})["mug"].difference == 3


def test_moves_between_the_shows_places_and_others_are_no_sums() -> None:
    row = sku_flows(
        flows(
            Entry("release_elastic", 5, "elastic", "pool"),
            Entry("allocate", 3, "pool", "channel:douyin"),
            Entry("carve", 2, "pool", "batch:b"),
            Entry("quarantine", 1, "pool", "unsellable"),
            Entry("receive", 9, "supplier", "elastic"),
        ),
        {},
    )["mug"]
    assert (row.moved_in, row.moved_out, row.received) == (5, 4, 9)


def test_an_order_that_drew_from_several_places_is_one() -> None:
    made = flows(
        Entry("external", 2, "channel:live", "sold:live", id="a", room=""),
        Entry("external", 1, "pool", "sold:live", id="a", room=""),
        Entry("external_oversold", 4, "outside", "external_oversold:live", id="a", room=""),
        Entry("external_oversold", 4, "outside", "external_oversold:live", id="b", room=""),
        Entry("confirm", 1, "held:live", "sold:live", id="c"),
        Entry("reacquire", 1, "channel:live", "sold:live", id="d"),
        Entry("reacquire", 1, "pool", "sold:live", id="d"),
        Entry("settle", 1, "pool", "sold:live", id="b", room=""),
        Entry("settle", 1, "external_oversold:live", "outside", id="b", room=""),
        Entry("cancel_paid", 1, "sold:live", "pool", id="a", room=""),
        Entry("cancel_paid", 2, "external_oversold:live", "outside", id="a", room=""),
    )
    assert made.orders == {"live": 4}
    live = channel_flows(made.during)["live"]
    assert (live.sold, live.cancelled, live.oversold) == (2 + 1 + 4 + 4 + 1 + 2 - 3, 3, 5)
    row = sku_flows(made, {})["mug"]
    assert (row.external_sold, row.oversold) == (11 - 3, 5)


def test_a_batch_is_filled_sold_from_and_emptied() -> None:
    batch = batch_flows(
        flows(
            Entry("carve", 20, "pool", "batch:b"),
            Entry("carve", 5, "batch:b", "pool"),
            Entry("reserve", 9, "batch:b", "held:live"),
            Entry("expire", 2, "held:live", "batch:b"),
            Entry("external", 1, "batch:b", "sold:live"),
            Entry("close_batch", 7, "batch:b", "pool"),
        ).during
    )["b"]
    assert (batch.filled, batch.sold, batch.leftover) == (15, 8, 7)
