"""Who waits where, worked out from the numbers that bands end with: against a plain count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import Place
from shelfcast.room.places import Places, Queue, Wait, band
from shelfcast.stock.changes import BAND_EDGES

LAST = 10_000


class Line:
    """Those who wait for mugs, some of them connected here: who is before whom is counted one by one."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.stopped: Code | None = None
        self.places = Places(self.queue, LAST)
        self.here: dict[int, Wait] = {}

    def queue(self, sku: str) -> Queue:
        return [self.numbers[edge - 1] for edge in BAND_EDGES if edge <= len(self.numbers)], self.stopped

    def join(self, people: int, *, here: bool = True) -> None:
        for _ in range(people):
            number = self.numbers[-1] + 7 if self.numbers else 7
            self.numbers.append(number)
            if here:
                self.here[number] = wait = Wait(f"w{number}", f"user-{number}", "mug", 1, number)
                self.places.put(wait)
                self.places.told(wait, self.places.of(wait))
        self.places.check(["mug"])

    def leave(self, places: list[int]) -> None:
        for place in sorted({place % len(self.numbers) for place in places if self.numbers}, reverse=True):
            wait = self.here.pop(self.numbers.pop(place), None)
            if wait is not None:
                self.places.drop(wait)
        self.places.check(["mug"])

    def tell(self) -> list[Place]:
        """Tell all whose place is another, as a room does."""
        told = []
        for wait in self.places.take():
            place = self.places.news(wait)
            if place is not None:
                self.places.told(wait, place)
                told.append(place)
        return told

    def counted(self, number: int) -> tuple[int, int]:
        place = self.numbers.index(number) + 1
        first = 1
        for last in BAND_EDGES:
            if place <= last:
                return first, last
            first = last + 1
        return first, LAST


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (1, (1, 10)),
        (10, (1, 10)),
        (11, (11, 50)),
        (50, (11, 50)),
        (100, (51, 100)),
        (101, (101, 500)),
        (1_000, (501, 1_000)),
        (5_000, (1_001, 5_000)),
        (5_001, (5_001, 10_000)),
        (12_000, (5_001, 10_000)),
    ],
)
def test_bands(place: int, expected: tuple[int, int]) -> None:
    assert band(BAND_EDGES, place, LAST) == expected


def test_the_last_band_ends_where_the_list_does() -> None:
    assert band(BAND_EDGES, 5_001, 20_000) == (5_001, 20_000)
    assert band(BAND_EDGES, 5_001, 100) == (5_001, 5_001)
    assert band([], 99, LAST) == (1, 10)


def test_those_alone_are_told_whose_band_has_changed() -> None:
    line = Line()
    line.join(120)
    assert line.tell() == []
    line.leave([0, 1, 2])
    told = line.tell()
    assert [(place.first, place.last) for place in told] == [(1, 10)] * 3 + [(11, 50)] * 3 + [(51, 100)] * 3
    assert [place.id for place in told[:3]] == [f"w{7 * place}" for place in (11, 12, 13)]
    assert line.tell() == []


def test_what_stops_all_is_told_to_all_and_what_came_and_went_to_nobody() -> None:
    line = Line()
    line.join(60)
    line.stopped = Code.FROZEN
    assert line.places.check()
    assert [place.stopped for place in line.tell()] == [Code.FROZEN] * 60
    line.stopped = None
    assert line.places.check()
    line.stopped = Code.FROZEN
    assert line.tell() == [], "it is as it was told"
    line.stopped = None
    line.places.check()
    assert {place.stopped for place in line.tell()} == {UNSET}


def test_who_came_while_it_was_stopped_hears_that_it_goes_on() -> None:
    line = Line()
    line.join(1)
    line.stopped = Code.PAUSED
    line.join(1)
    line.stopped = None
    line.places.check()
    assert [(place.id, place.stopped) for place in line.tell()] == [("w14", UNSET)]


def test_who_is_gone_is_told_nothing() -> None:
    line = Line()
    line.join(11)
    assert line.tell() == []
    line.leave([0])
    (taken,) = line.places.take()
    line.places.drop(taken)
    assert line.places.news(taken) is None
    assert len(line.places) == 9
    line.leave(list(range(10)))
    assert len(line.places) == 0
    assert not line.places.check(["mug"])


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("join"), st.integers(1, 120), st.booleans()),
            st.tuples(st.just("leave"), st.lists(st.integers(0, 900), max_size=60)),
            st.tuples(st.just("stop"), st.sampled_from([None, Code.FROZEN, Code.PAUSED])),
            st.tuples(st.just("tell")),
        ),
        max_size=25,
    )
)
def test_after_it_was_told_everybody_knows_its_place(steps: list[tuple[object, ...]]) -> None:
    line = Line()
    for what, *how in [*steps, ("tell",)]:
        if what == "join":
            line.join(how[0], here=how[1])  # type: ignore[arg-type]
        elif what == "leave":
            line.leave(how[0])  # type: ignore[arg-type]
        elif what == "stop":
            line.stopped = how[0]  # type: ignore[assignment]
            line.places.check()
        else:
            told = line.tell()
            assert len({place.id for place in told}) == len(told)
            for number, wait in line.here.items():
                assert wait.told is not None
                assert (wait.told.first, wait.told.last) == line.counted(number)
                assert wait.told.stopped == (UNSET if line.stopped is None else line.stopped)
