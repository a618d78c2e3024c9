"""The bench of counts: its verdict, and the program itself, small."""

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
from stocktaking import faults, rise_of

sys.path.remove(str(LOADTEST / "bench"))

LIMIT_S = 280


def measured(**worse: Any) -> dict[str, Any]:
    """What was found in a run that is well but for that."""
    file = {
        "saved_s": [4.0, 5.0],
        "without": {"p99_ms": 80.0},
        "with": {"p99_ms": 90.0},
        "typical_call_ms": 8.0,
        "longest_call_ms": 40.0,
    }
    return {"violations": 0, "file": file, "apply": {"typical_call_ms": 9.0, "longest_call_ms": 12.0}} | worse


def test_a_run_that_is_well_has_no_fault() -> None:
    assert faults(measured()) == []
    assert rise_of(measured()) == pytest.approx(1.125)


@pytest.mark.parametrize(
    ("of_file", "word"),
    [
        ({"saved_s": [4.0, 11.0]}, "saved in 11.0 s"),
        ({"with": {"p99_ms": 101.0}}, "1.26 times"),
        ({"typical_call_ms": 21.0}, "file: engine calls of 21.0 ms"),
    ],
)
def test_a_mark_that_is_missed_is_told_unless_times_are_not_judged(of_file: dict[str, Any], word: str) -> None:
    found = measured(file=measured()["file"] | of_file)
    [said] = faults(found)
    assert word in said
    assert faults(found, untimed=True) == []


def test_the_book_has_to_be_sound_in_any_case() -> None:
    assert faults(measured(violations=2), untimed=True) == ["audit: 2 violations"]


@pytest.mark.long
def test_a_sheet_is_saved_beside_viewers_and_differences_are_applied(tmp_path: Path) -> None:
    out = tmp_path / "stocktaking.json"
    command = [sys.executable, str(LOADTEST / "bench" / "stocktaking.py"), "--lines", "600", "--viewers", "20",
               "--rounds", "1", "--phase-s", "4", "--differences", "520", "--untimed", "--out", str(out)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["faults"] == []
    assert len(found["file"]["saved_s"]) == 1
    assert found["file"]["with"]["frames"] > 0
    assert found["file"]["without"]["frames"] > 0
    assert found["lines_a_second"] > 0
