"""How everybody comes: the same number of cohorts in every process, evenly spread connections, and time taken."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

# Locust makes the sockets of a process that imports it wait for gevent; the other tests of this process must not.
with pytest.MonkeyPatch.context() as patched:
    patched.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")
    import shapes
    import stage

import itertools

from plan import cohorts
from verdict import arrival_seconds


def plan(connections: int = 100, arrive_s: float = 30.0) -> Any:
    return SimpleNamespace(viewers=connections, arrive_s=arrive_s)


@pytest.mark.parametrize(
    ("connections", "processes"), [(1_000, 2), (10_000, 2), (20_000, 2), (100_000, 6), (99_999, 7)]
)
def test_every_process_gets_as_many_connections_as_it_may_hold(connections, processes):
    watch, watch_size = cohorts(connections * 9 // 10, processes, 6_000)
    buy, buy_size = cohorts(connections // 10, processes, 2_000)
    kinds = [
        type(name, (), {"weight": weight, "fixed_count": 0})
        for name, weight in (("Viewers", watch), ("Buyers", buy), ("Host", 1), ("Operator", 1))
    ]
    workers: list[Any] = [SimpleNamespace(id=f"vm_{number}", user_classes_count={}) for number in range(processes)]
    dispatcher = shapes.ClassByClass(workers, kinds)
    users = watch + buy + 2
    dispatcher.new_dispatch(users, users)
    placed = list(dispatcher)[-1]
    held = [counts["Viewers"] * watch_size + counts["Buyers"] * buy_size for counts in placed.values()]
    assert sum(held) >= connections
    assert max(held) == min(held)
    assert {name: sum(counts[name] for counts in placed.values()) for name in ("Host", "Operator")} == {
        "Host": 1, "Operator": 1
    }  # fmt: skip


def test_connections_begin_evenly_and_early_enough_to_be_open_in_time(monkeypatch):
    monkeypatch.setattr(stage.Stage, "plan", plan(), raising=False)
    monkeypatch.setattr(stage.Stage, "arrive_at", 1_000.0)
    times = list(stage.arrival_times(260))
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert pauses == pytest.approx([0.1] * 259)
    assert 1_000.0 <= times[0] <= 1_000.1
    assert times[-1] <= 1_026.0


def test_arrivals_are_timed_from_the_first_begun_to_the_last_opened():
    seconds = [
        {"asked_at": 0.0, "opened_at": 0.0, "opened": 0},
        {"asked_at": 10.75, "opened_at": 10.9, "opened": 40},
        {"asked_at": 11.0, "opened_at": 11.25, "opened": 60},
        {"asked_at": 50.0, "opened_at": 50.5, "opened": 5},
    ]
    assert arrival_seconds(plan(100), {"seconds": seconds}) == pytest.approx(0.5)
    assert arrival_seconds(plan(200), {"seconds": seconds}) is None


def test_locust_did_not_touch_the_sockets_of_this_process():
    import socket

    assert not socket.socket.__module__.startswith("gevent"), sorted(m for m in sys.modules if "gevent" in m)
