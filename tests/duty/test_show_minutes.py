"""The minutes of a show while the places that a SKU is sold from change: batches open and close."""

from __future__ import annotations

from shelfcast.duty.show_minutes import ShowMinutes
from shelfcast.merchant.minutes import EndedMinute
from shelfcast.stock.alerts import KeptPace, KeptPaces
from shelfcast.stock.shelf import ShelfRow

NOBODY = KeptPaces(None, 0, {})


def row(**taken: int) -> ShelfRow:
    """A row whose places have had so many units taken from them; `b1` is a batch."""
    places = {"own": "channel:live", "pool": "pool"}
    return ShelfRow(10, 0, 0, False, 0, taken={places.get(name, f"batch:{name}"): n for name, n in taken.items()})


def units_of_minutes(*minutes: list[ShelfRow], before: dict[str, int] | None = None) -> list[int | bool]:
    """The units of minutes in which the SKU had these rows, one behind the other; each ends with its last."""
    told = ShowMinutes("evening", "evening.1", 0, NOBODY)
    told.see({"mug": before or {"channel:live": 0, "pool": 0}}, {"mug"})
    ended: EndedMinute | None = None
    for n, rows in enumerate(minutes):
        for each in rows:
            told.note("mug", each)
        ended = told.close({"mug": rows[-1]}, {"mug"}, n + 1, 0)
    assert ended
    (_, _, kept) = ended.paces[0]
    assert isinstance(kept, KeptPace)
    return kept.minutes


def test_what_an_opened_batch_sold_counts_from_its_opening() -> None:
    minutes = units_of_minutes(
        [row(own=0, pool=40)], [row(own=0, b1=3, pool=41)], before={"channel:live": 0, "pool": 38}
    )
    assert minutes == [2, 4]


def test_what_a_closed_batch_sold_before_takes_nothing_away() -> None:
    assert units_of_minutes([row(own=0, b1=30, pool=1)], [row(own=0, b1=32, pool=1), row(own=0, pool=2)]) == [31, 3]


def test_the_pool_that_was_kept_meanwhile_comes_back_without_a_jump() -> None:
    minutes = units_of_minutes(
        [row(own=0, pool=100)], [row(own=0, b1=5)], [row(own=0, pool=130)], [row(own=1, pool=131)]
    )
    assert minutes == [100, 5, 0, 2]


def test_a_successor_goes_on_from_the_places_that_were_kept() -> None:
    kept = KeptPace(5.0, 45, 7, [5], 1, {"channel:live": 0, "batch:b1": 5, "pool": 40})
    told = ShowMinutes("evening", "evening.1", 0, KeptPaces(7, 0, {"mug": kept}))
    told.see({"mug": {"channel:live": 0, "batch:b1": 7, "pool": 41}}, {"mug"})
    ended = told.close({"mug": row(own=0, b1=7, pool=42)}, {"mug"}, 9, 0)
    assert ended
    assert ended.paces[0][2].minutes == [5, 4]


def test_one_that_a_release_before_kept_goes_on_from_what_is_there() -> None:
    told = ShowMinutes("evening", "evening.1", 0, KeptPaces(7, 0, {"mug": KeptPace(5.0, 45, 7, [5], 1)}))
    told.see({"mug": {"channel:live": 0, "pool": 41}}, {"mug"})
    ended = told.close({"mug": row(own=0, pool=42)}, {"mug"}, 9, 0)
    assert ended
    assert ended.paces[0][2].minutes == [5, 1]


def test_a_pace_is_told_again_where_its_spread_is_another() -> None:
    told = ShowMinutes("evening", "evening.1", 0, NOBODY)
    told.see({"mug": {"pool": 0}}, {"mug"})
    said = []
    for minute, taken in enumerate((2, 4, 6, 6, 6), start=1):
        ended = told.close({"mug": row(pool=taken)}, {"mug"}, minute, 0)
        assert ended
        [(_, pace, kept)] = ended.paces
        said.append((pace, round(kept.spread, 2), kept.counted))
    assert said == [(2.0, 0, 1), (2.0, 0, 2), (2.0, 0, 3), (1.5, 1, 4), (1.2, 1.1, 5)]
    successor = ShowMinutes("evening", "evening.1", 0, KeptPaces(4, 0, {"mug": kept}))
    successor.see({}, {"mug"})
    ended = successor.close({"mug": row(pool=7)}, {"mug"}, 6, 0)
    assert ended
    assert (ended.paces[0][1], ended.paces[0][2].counted) == (7 / 6, 6)
