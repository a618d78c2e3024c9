"""The split: worked examples by hand, and what holds of every proposal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.insight.allocation import NEVER_MINUTES, Place, demands, shared_out, split, targets

POOL = "pool"


def test_demand_is_half_what_was_sold_and_half_what_the_weights_expect() -> None:
    # 90 in 30 minutes: three a minute. Douyin took all of them, and a quarter was expected of it.
    places = [Place("channel:douyin", 10, 90, 1), Place(POOL, 500, 0, 3)]
    assert demands(places) == [pytest.approx((90 + 22.5) / 60), pytest.approx(67.5 / 60)]


def test_where_nothing_was_sold_nothing_is_expected() -> None:
    assert demands([Place("channel:a", 0, 0, 1), Place(POOL, 100, 0, 1)]) == [0, 0]
    assert split([Place("channel:a", 0, 0, 1), Place(POOL, 100, 0, 1)], POOL) == []


def test_a_channel_that_runs_dry_gets_units_of_one_that_does_not() -> None:
    # One and a half a minute is expected of each: douyin has cover for 6.7 minutes, the pool for 260.
    [move] = split([Place("channel:douyin", 10, 60, 1), Place(POOL, 390, 30, 2)], POOL)
    assert move[:3] == (POOL, "channel:douyin", 117)
    assert move[3:] == pytest.approx((260, 182, 10 / 1.5, 127 / 1.5))


def test_a_place_gives_at_most_three_tenths_of_what_it_has() -> None:
    [move] = split([Place("channel:a", 0, 90, 1), Place(POOL, 100, 0, 0)], POOL)
    assert move.units == 30


def test_it_keeps_its_floor() -> None:
    [move] = split([Place("channel:a", 0, 90, 1), Place(POOL, 100, 0, 0, floor_units=90)], POOL)
    assert move.units == 10


def test_a_channel_gets_no_more_than_its_cap() -> None:
    [move] = split([Place("channel:a", 2, 90, 1, cap_units=10), Place(POOL, 100, 0, 0)], POOL)
    assert move.units == 8


def test_what_nobody_may_have_stays_in_the_pool() -> None:
    places = [
        Place("channel:a", 0, 90, 1, cap_units=10),
        Place("channel:b", 0, 30, 1, cap_units=5),
        Place(POOL, 100, 0, 0),
    ]
    assert targets(places, demands(places), POOL) == [10, 5, 85]


def test_nothing_moves_while_everybody_has_half_an_hour() -> None:
    assert split([Place("channel:a", 60, 60, 1), Place(POOL, 5000, 60, 1)], POOL) == []
    assert split([Place("channel:a", 59, 60, 1), Place(POOL, 5000, 60, 1)], POOL)


def test_nobody_gives_who_has_no_more_than_an_hour() -> None:
    assert split([Place("channel:a", 10, 60, 1), Place(POOL, 120, 60, 1)], POOL) == []


def test_less_than_five_units_or_five_percent_are_not_moved() -> None:
    assert split([Place("channel:a", 0, 3, 1), Place(POOL, 14, 0, 0)], POOL) == [], "four tenths of a round"
    assert split([Place("channel:a", 1, 90, 1, cap_units=50), Place(POOL, 1000, 0, 0)], POOL) == [], "49 of 1,001"
    assert split([Place("channel:a", 1, 90, 1, cap_units=60), Place(POOL, 1000, 0, 0)], POOL)


def test_units_of_an_open_batch_last_too_and_stay_where_they_are() -> None:
    assert split([Place("channel:a", 0, 90, 1, in_batches=90), Place(POOL, 900, 0, 0)], POOL) == []
    [move] = split([Place("channel:a", 0, 90, 1, in_batches=44), Place(POOL, 100, 0, 0)], POOL)
    assert (move.units, move.target_before, move.target_after) == (30, 44 / 3, 74 / 3)
    assert split([Place("channel:a", 0, 90, 1), Place(POOL, 0, 0, 0, in_batches=500)], POOL) == []


def test_channels_give_to_each_other() -> None:
    moves = split([Place("channel:a", 0, 60, 1), Place("channel:b", 400, 2, 1), Place(POOL, 0, 0, 0)], POOL)
    assert [(move.source, move.target, move.units) for move in moves] == [("channel:b", "channel:a", 120)]


def test_one_of_whom_nothing_is_expected_has_cover_for_ever() -> None:
    [move] = split([Place("channel:a", 0, 90, 1), Place(POOL, 100, 0, 0)], POOL)
    assert (move.source_before, move.source_after) == (NEVER_MINUTES, NEVER_MINUTES)


def test_the_largest_remainders_get_what_is_left_over() -> None:
    assert shared_out(10, [1, 1, 1]) == [4, 3, 3]
    assert shared_out(10, [5, 3, 2.5]) == [5, 3, 2]
    assert shared_out(10, [1, 1, 1], [2, 9, 9]) == [2, 4, 4]
    assert shared_out(10, [0, 1, 1], [9, 2, 3]) == [0, 2, 3]


# --- whatever the numbers are

counts = st.integers(0, 5_000)
weights = st.sampled_from([0, 0.5, 1, 2, 10])


@st.composite
def shops(draw: st.DrawFn) -> list[Place]:
    places = [Place(POOL, draw(counts), draw(st.integers(-20, 400)), draw(weights), draw(st.integers(0, 50)))]
    for name in draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)):
        floor_units = draw(st.integers(0, 50))
        cap = draw(st.none() | st.integers(floor_units, 3_000))
        places.append(
            Place(f"channel:{name}", draw(counts), draw(st.integers(-20, 400)), draw(weights), floor_units, cap)
        )
    return places


@given(shops())
def test_every_split_keeps_the_rules(places: list[Place]) -> None:
    moves = split(places, POOL)
    by_name = {place.name: place for place in places}
    gives = {name: sum(move.units for move in moves if move.source == name) for name in by_name}
    gets = {name: sum(move.units for move in moves if move.target == name) for name in by_name}
    assert all(move.units > 0 for move in moves)
    for name, place in by_name.items():
        after = place.units - gives[name] + gets[name]
        assert not (gives[name] and gets[name]), "nobody gives and gets"
        assert gives[name] <= 0.3 * place.units
        if gives[name]:
            assert after >= place.floor_units
        if gets[name]:
            assert place.cap_units is None or after <= place.cap_units
    if moves:
        assert sum(gives.values()) == sum(gets.values()) >= max(5, 0.05 * sum(place.units for place in places))
        assert min(move.target_before for move in moves) < 30
        assert min(move.source_before for move in moves) > 60


@given(shops(), st.randoms(use_true_random=False))
def test_the_order_of_the_places_makes_no_difference(places: list[Place], random: object) -> None:
    other = list(places)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert split(places, POOL) == split(other, POOL) == split(places, POOL)


@given(shops())
def test_targets_are_all_the_units_there_are_between_floor_and_cap(places: list[Place]) -> None:
    aims, total = targets(places, demands(places), POOL), sum(place.units for place in places)
    assert sum(aims) == (total if total and sum(p.floor_units for p in places) else sum(aims))
    assert sum(aims) <= total
    if sum(place.floor_units for place in places) < total:
        assert sum(aims) == total
        for place, aim in zip(places, aims, strict=True):
            assert aim >= place.floor_units
            assert place.name == POOL or place.cap_units is None or aim <= place.cap_units


@given(st.integers(0, 10_000), st.lists(st.tuples(weights, counts), max_size=8))
def test_what_is_shared_out_is_all_of_it_unless_nobody_may_have_more(
    units: int, sharers: list[tuple[float, int]]
) -> None:
    most = [m for _, m in sharers]
    shares = shared_out(units, [w for w, _ in sharers], most)
    assert all(0 <= share <= m for share, m in zip(shares, most, strict=True))
    assert sum(shares) == min(units, sum(m for w, m in sharers if w > 0))
