"""The bench of holds that run out while people wait: its verdict, and the program itself, small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from loadtest.conftest import LOADTEST
from shelfcast.stock.changes import WaitState
from shelfcast.stock.waitlist import WaitRecord

# Not for long, as in test_hostile.py.
sys.path.append(str(LOADTEST / "bench"))
from waitlist import Evening, faults, waited_s
from waitlist_crowd import Left, Offered, Seen
from waitlist_shop import HELD, EngineFigures, order_faults

sys.path.remove(str(LOADTEST / "bench"))

LIMIT_S = 280


def wait(number: int) -> WaitRecord:
    return WaitRecord(
        id=f"w{number}", state=WaitState.OFFERED, sku="mug", qty=1, user="u", room="evening", number=number
    )


WAITS = {f"w{number}": wait(number) for number in range(1, 5)}


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (["w1", "w2", "w3"], []),
        ([], []),
        (["w1", "w2", "w2"], ["again"]),
        (["w2", "w1"], ["out of turn"]),
        (["w1", "w3"], ["number 2 was passed over"]),
        (["w1", "x"], ["do not wait"]),
    ],
)
def test_an_order_of_offers_that_is_not_that_of_the_numbers_is_told(order: list[str], told: list[str]) -> None:
    said = order_faults(order, WAITS)
    assert len(said) == len(told)
    assert all(word in line for word, line in zip(told, said, strict=True))


def told(*, left: int = 0, untimed: bool = False, **worse: Any) -> list[str]:
    """What is said of an evening of two offers that is well but for that."""
    offers = [Offered("w1", 10.3, 5, 1), Offered("w2", 10.4, 6, 1)]
    well = Evening(
        holds=2 + left,
        waiting=2,
        ends_ms=[10_000] * (2 + left),
        seen=Seen(frames=2, left=[Left(6, left, 10.4, 2)] if left else [], offers=offers),
        order=["w1", "w2"],
        order_faults=[],
        engine=EngineFigures(4, 0.01, 6.0),
        units={HELD: 2} | ({"pool": left} if left else {}),
        violations=0,
    )
    return faults(well._replace(**worse), untimed=untimed)


def seen(*left: Left) -> Seen:
    return Seen(left=list(left), offers=[Offered("w1", 10.3, 5, 1), Offered("w2", 10.4, 6, 1)])


def test_an_evening_that_goes_as_it_must_holds() -> None:
    assert told() == []
    assert told(left=3) == []


@pytest.mark.parametrize(
    ("worse", "word"),
    [
        ({"order_faults": ["number 2 was passed over"]}, "passed over"),
        ({"seen": seen(Left(4, 1, 10.2, 7))}, "available in 7 frames"),
        ({"engine": EngineFigures(4, 0.1, 90.0, 20.5)}, "engine calls of 20.5 ms"),
        ({"ends_ms": [10_000, 11_250]}, "within 1250 ms"),
        ({"violations": 1}, "audit"),
        ({"units": {HELD: 1, "pool": 1}}, "the book has"),
    ],
)
def test_each_check_is_told_of_when_it_does_not_hold(worse: dict[str, Any], word: str) -> None:
    [said] = told(**worse)
    assert word in said


@pytest.mark.parametrize(
    ("left", "word"),
    [
        ((Left(5, 1, 10.3, 1), Left(7, 3, 10.5, 1)), "before the last offer"),
        ((Left(7, 2, 10.5, 1), Left(8, 1, 10.6, 1), Left(9, 3, 10.7, 1)), "fewer available"),
        ((Left(7, 2, 10.5, 1),), "2 available at the end, expected 3"),
        ((), "0 available at the end, expected 3"),
    ],
)
def test_units_rise_behind_the_last_offer_alone(left: tuple[Left, ...], word: str) -> None:
    [said] = told(left=3, seen=seen(*left))
    assert word in said


def test_times_are_not_judged_where_the_machine_is_busy() -> None:
    assert told(untimed=True, engine=EngineFigures(4, 0.1, 500.0, 500.0), ends_ms=[10_000, 12_000]) == []


def test_an_offer_answers_to_the_hold_that_ended_before_it() -> None:
    offers = [Offered("w2", 12.5, 6, 1), Offered("w1", 10.25, 5, 1)]
    assert waited_s([12_000, 10_000], offers) == pytest.approx([0.25, 0.5])


@pytest.mark.long
def test_units_of_holds_that_run_out_go_to_those_who_wait(tmp_path: Path) -> None:
    out = tmp_path / "waitlist.json"
    command = [sys.executable, str(LOADTEST / "bench" / "waitlist.py"), "--holds", "300", "--waiting", "300",
               "--waiting", "150", "--untimed", "--out", str(out)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    all_wait, half = json.loads(out.read_text(encoding="utf-8"))["evenings"]
    assert all_wait["faults"] == half["faults"] == []
    assert (all_wait["offers"], half["offers"]) == (300, 150)
    assert all_wait["frames_with_units"] == 0
    assert half["available_at_the_end"] == 150
    assert all_wait["engine_calls"] > 0
