"""Ticks, the share of time for broadcasts, and the engine's clock: no clock but the test's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.room.clock import EngineClock
from shelfcast.room.conflation import Airtime, Conflation

TICK = 0.05


def conflation(share: float = 0.5) -> Conflation:
    return Conflation(tick_s=TICK, tick_max_s=1.0, airtime=Airtime(share, TICK))


def test_a_change_after_a_quiet_moment_goes_out_at_once() -> None:
    ticks = conflation()
    assert ticks.due(100.0) == 100.0
    ticks.flushed(100.0, 100.001, 0.001)
    assert ticks.due(100.2) == 100.2


def test_what_follows_waits_for_the_tick() -> None:
    ticks = conflation()
    ticks.flushed(100.0, 100.001, 0.001)
    assert ticks.due(100.01) == pytest.approx(100.05)
    assert ticks.due(100.04) == pytest.approx(100.05)


def test_urgent_keys_do_not_wait_but_once_a_tick() -> None:
    ticks = conflation()
    ticks.flushed(100.0, 100.001, 0.001)
    assert ticks.due(100.01, ["mug"]) == 100.01
    assert ticks.due(100.02, ["mug"]) == pytest.approx(100.05), "a SKU that flaps is merged"
    assert ticks.due(100.02, ["bowl"]) == 100.02
    assert ticks.due(100.07, ["mug"]) == 100.07


def test_a_slow_broadcast_widens_the_tick_and_a_quick_one_narrows_it() -> None:
    ticks = conflation()
    ticks.flushed(100.0, 100.1, 0.1)
    assert ticks.tick_s == pytest.approx(0.2)
    assert ticks.due(100.11) == pytest.approx(100.2)
    ticks.flushed(101.0, 109.0, 8.0)
    assert ticks.tick_s == 1.0, "never wider than its bound"
    ticks.flushed(130.0, 130.001, 0.001)
    assert ticks.tick_s == TICK


def test_trifles_wait_long_where_a_broadcast_takes_long() -> None:
    ticks = conflation()
    assert ticks.trifle_due() <= 100.0
    ticks.flushed(100.0, 100.001, 0.001)
    assert ticks.trifle_due() == pytest.approx(100.02)
    ticks.flushed(101.0, 101.1, 0.1)
    assert ticks.trifle_due() == pytest.approx(103.0)
    ticks.flushed(110.0, 119.0, 9.0)
    assert ticks.trifle_due() == 125.0, "never longer than its bound"


def test_what_a_broadcast_waits_for_a_core_is_not_its_airtime() -> None:
    ticks = conflation(share=0.25)
    ticks.flushed(100.0, 101.2, 0.3)
    assert ticks.due(101.2) == pytest.approx(100.0 + 0.3 / 0.25 - TICK, abs=TICK), "1.2 s after its beginning, not 4.8"


@given(
    share=st.floats(0.1, 0.9),
    broadcasts=st.lists(st.floats(0.0001, 0.3), min_size=20, max_size=60),
    rooms=st.integers(1, 5),
)
def test_all_rooms_together_keep_the_share_of_time(share: float, broadcasts: list[float], rooms: int) -> None:
    """Rooms that always have something urgent, one after the other on one loop."""
    airtime = Airtime(share, TICK)
    each = [Conflation(tick_s=TICK, tick_max_s=1.0, airtime=airtime) for _ in range(rooms)]
    now = began = 100.0
    spent = 0.0
    for number, seconds in enumerate(broadcasts):
        ticks = each[number % rooms]
        now = max(now, ticks.due(now, [str(number)]))
        ticks.flushed(now, now + seconds, seconds)
        now += seconds
        spent += seconds
    burst = TICK + max(broadcasts) / share
    assert spent <= (now - began) * share + burst


def test_the_engine_clock_believes_the_least_delayed_message_and_is_never_ahead() -> None:
    clock = EngineClock()
    assert clock.now_ms(5.0) == 0
    clock.heard(1_000_000, 10.050)  # 50 ms on the way
    clock.heard(1_000_100, 10.110)  # 10 ms
    clock.heard(1_000_200, 10.290)  # 90 ms
    assert clock.now_ms(10.310) == 1_000_300
    assert clock.monotonic_s(1_000_300) == pytest.approx(10.310)


def test_an_engine_whose_clock_was_set_back_is_believed() -> None:
    clock = EngineClock()
    clock.heard(9_000_000, 10.0)
    clock.heard(1_000_000, 11.0)
    assert clock.now_ms(11.0) == 1_000_000
