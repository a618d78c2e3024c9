"""The bench of reports: its verdict, and the program itself, small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from loadtest.conftest import LOADTEST

# Not for long, as in test_hostile.py.
sys.path.append(str(LOADTEST / "bench"))
from reporting import faults, rise_of

sys.path.remove(str(LOADTEST / "bench"))

LIMIT_S = 280


def measured(**worse: Any) -> dict[str, Any]:
    """What was found in a run that is well but for that."""
    return {
        "violations": 0,
        "difference": 0,
        "is_intact": True,
        "cpu_s": 11.0,
        "without": {"p99_ms": 80.0},
        "with": {"p99_ms": 90.0},
        "typical_call_ms": 8.0,
    } | worse


def test_a_run_that_is_well_has_no_fault() -> None:
    assert faults(measured()) == []
    assert rise_of(measured()) == pytest.approx(1.125)


@pytest.mark.parametrize(
    ("worse", "word"),
    [
        ({"cpu_s": 20.1}, "20.1 s of the processor"),
        ({"with": {"p99_ms": 101.0}}, "1.26 times"),
        ({"typical_call_ms": 21.0}, "engine calls of 21.0 ms"),
    ],
)
def test_a_mark_that_is_missed_is_told_unless_times_are_not_judged(worse: dict[str, Any], word: str) -> None:
    [said] = faults(measured(**worse))
    assert word in said
    assert faults(measured(**worse), untimed=True) == []


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        ({"violations": 2}, "audit: 2 violations"),
        ({"difference": 3}, "the identity lacks 3 units"),
        ({"is_intact": False}, "the report does not have the checksum that it says"),
    ],
)
def test_the_sums_have_to_be_right_in_any_case(worse: dict[str, Any], said: str) -> None:
    assert faults(measured(**worse), untimed=True) == [said]


@pytest.mark.long
def test_a_report_is_written_beside_viewers(tmp_path: Path) -> None:
    out = tmp_path / "reporting.json"
    command = [sys.executable, str(LOADTEST / "bench" / "reporting.py"), "--skus", "60", "--entries", "3000",
               "--viewers", "20", "--rounds", "1", "--phase-s", "4", "--untimed", "--out", str(out)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text(encoding="utf-8"))
    assert (found["faults"], found["is_intact"], found["difference"]) == ([], True, 0)
    assert len(found["seconds"]) == 1
    assert found["with"]["frames"] > 0
    assert found["without"]["frames"] > 0
