"""A server on which people wait is struck: the program's verdict, and a few rounds of it on a real server."""

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
from waitlist_chaos import KINDS, Known, answer_faults

LIMIT_S = 280
WAITING = 200


@pytest.mark.long
def test_who_waits_keeps_the_place_and_the_offer_whatever_is_killed(tmp_path: Path) -> None:
    out = tmp_path / "chaos.json"
    command = [sys.executable, str(LOADTEST / "waitlist_chaos.py"), "--waiting", str(WAITING),
               "--rounds", str(len(KINDS)), "--out", str(out)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rounds = json.loads(out.read_text(encoding="utf-8"))["rounds"]
    assert [played["kind"] for played in rounds] == list(KINDS)
    assert [played["faults"] for played in rounds] == [[]] * len(KINDS)
    assert rounds[-1]["freed"] > len(KINDS) * WAITING // 20, "offers were declined, too"


def wait(number: int, state: WaitState) -> WaitRecord:
    return WaitRecord(id=f"w{number}", state=state, sku="mug", qty=1, user="u", room="evening", number=number)


WAITS = {
    "declined": wait(1, WaitState.OFFERED),
    "offered": wait(2, WaitState.OFFERED),
    "waits": wait(3, WaitState.WAITING),
}
RIGHT: dict[str, dict[str, Any]] = {
    "declined": {"type": "refused", "code": "ALREADY_CANCELLED"},
    "offered": {"type": "offer", "expires_at_ms": 90_000},
    "waits": {"type": "waiting", "first": 1, "last": 10},
}


def said(waits: dict[str, WaitRecord], answers: dict[str, dict[str, Any]]) -> list[str]:
    known = Known({"declined": 1, "offered": 2, "waits": 3}, {"declined": 80_000, "offered": 90_000}, {"declined"})
    return answer_faults(known, waits, answers)


def test_answers_as_before_are_right() -> None:
    assert said(WAITS, RIGHT) == []


@pytest.mark.parametrize(
    ("of", "answer"),
    [
        ("declined", {"type": "offer", "expires_at_ms": 95_000}),
        ("offered", {"type": "offer", "expires_at_ms": 91_000}),
        ("offered", {"type": "waiting", "first": 1, "last": 10}),
        ("waits", {"type": "waiting", "first": 11, "last": 50}),
        ("waits", {"type": "offer", "expires_at_ms": 90_000}),
    ],
)
def test_an_answer_that_is_another_than_before_is_told(of: str, answer: dict[str, Any]) -> None:
    [line] = said(WAITS, {**RIGHT, of: answer})
    assert line.startswith(of)


@pytest.mark.parametrize(
    ("of", "now"),
    [
        ("waits", wait(4, WaitState.WAITING)),
        ("offered", wait(2, WaitState.WAITING)),
    ],
)
def test_a_wait_that_is_another_than_before_is_told(of: str, now: WaitRecord) -> None:
    assert any(line.startswith(of) for line in said({**WAITS, of: now}, RIGHT))


def test_an_id_that_is_forgotten_is_told() -> None:
    known = {name: wait for name, wait in WAITS.items() if name != "waits"}
    [line] = said(known, RIGHT)
    assert "unknown" in line
