"""When a show's customers took what, and how long it was on."""

from __future__ import annotations

from typing import NamedTuple

from shelfcast.insight.show_times import ShowTimes, Stretch, common_ms, live_stretches, on_air_ms

MINUTE = 60_000


class Entry(NamedTuple):
    kind: str
    qty: int
    at_ms: int
    sku: str = "mug"


def times(*entries: Entry) -> ShowTimes:
    made = ShowTimes()
    for entry in entries:
        made.add(entry)
    return made


def test_the_best_minute_is_net_of_what_was_given_back_in_it() -> None:
    made = times(
        Entry("reserve", 5, 0),
        Entry("reserve", 9, MINUTE),
        Entry("cancel", 8, MINUTE + 1),
        Entry("reserve", 3, 3 * MINUTE),
        Entry("reserve", 3, 4 * MINUTE - 1),
        Entry("confirm", 3, 4 * MINUTE),
    )
    assert made.best("mug") == (6, 3 * MINUTE)
    assert made.best("bowl") is None
    assert times(Entry("expire", 5, 0)).best("mug") is None


def test_the_first_sale_is_the_first_payment() -> None:
    made = times(Entry("reserve", 1, 5), Entry("reacquire", 1, 70), Entry("confirm", 1, 60), Entry("confirm", 1, 80))
    assert made.first_sale_ms == {"mug": 60}


def test_pauses_and_the_time_between_an_end_and_its_continuation_are_left_out() -> None:
    history = [("live", 0), ("paused", 100), ("live", 150), ("ended", 300), ("live", 400), ("ended", 500)]
    live = live_stretches(0, 500, history)
    assert live == [Stretch(0, 100), Stretch(150, 300), Stretch(400, 500)]
    assert (common_ms(live, 0, 500), common_ms(live, 90, 160), common_ms(live, 300, 400)) == (350, 20, 0)
    # Of a long history the first rows are gone: it was live before.
    assert live_stretches(0, 500, [("paused", 450), ("ended", 500)]) == [Stretch(0, 450)]


def test_time_on_air_is_time_in_the_spotlight_while_live() -> None:
    live = [Stretch(0, 100), Stretch(200, 300)]
    spotlight = [("mug", 50, 250), ("bowl", 250, 260), ("mug", 280, 0)]
    assert on_air_ms(live, spotlight, 300) == {"mug": 50 + 50 + 20, "bowl": 10}
    assert on_air_ms(live, [], 300) is None
