"""The bench of the archive: its verdict, and the program itself, small."""

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
from archiving import faults, rise_of

sys.path.remove(str(LOADTEST / "bench"))

LIMIT_S = 280


def measured(**worse: Any) -> dict[str, Any]:
    """What was found in a run that is well but for that."""
    well: dict[str, Any] = {
        "entries": 1_000,
        "seconds": 40.0,
        "run": {"entries": 1_020, "trimmed": 1_020, "through": 1_020},
        "longest_call_ms": 12.0,
        "violations": [0, 0],
        "without": {"p99_ms": 80.0},
        "with": {"p99_ms": 90.0},
    }
    return well | worse


def test_a_run_that_is_well_has_no_fault() -> None:
    assert faults(measured(), untimed=False) == []
    assert rise_of(measured()) == pytest.approx(1.125)


@pytest.mark.parametrize(
    ("worse", "word"),
    [
        ({"seconds": 61.0}, "archived in 61.0 s"),
        ({"with": {"p99_ms": 101.0}}, "1.26 times"),
        ({"longest_call_ms": 21.0}, "took 21.0 ms"),
    ],
)
def test_a_mark_that_is_missed_is_told_unless_times_are_not_judged(worse: dict[str, Any], word: str) -> None:
    [said] = faults(measured(**worse), untimed=False)
    assert word in said
    assert faults(measured(**worse), untimed=True) == []


@pytest.mark.parametrize(
    ("worse", "word"),
    [
        ({"violations": [0, 2]}, "audits: [0, 2] violations"),
        ({"run": {"entries": 999, "trimmed": 999, "through": 999}}, "not everything left"),
        ({"run": {"entries": 1_020, "trimmed": 0, "through": 1_020}}, "not everything left"),
    ],
)
def test_nothing_may_be_missing_in_any_case(worse: dict[str, Any], word: str) -> None:
    [said] = faults(measured(**worse), untimed=True)
    assert word in said


@pytest.mark.long
def test_a_ledger_is_archived_beside_viewers(tmp_path: Path) -> None:
    out = tmp_path / "archiving.json"
    asked = ["--entries", "3000", "--skus", "40", "--viewers", "8", "--phase-s", "2", "--untimed", "--out", out]
    run = subprocess.run(
        [sys.executable, LOADTEST / "bench" / "archiving.py", *map(str, asked)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2_000:]
    result = json.loads(out.read_text(encoding="utf-8"))
    assert (result["violations"], result["faults"]) == ([0, 0], [])
    assert result["run"]["entries"] == result["run"]["trimmed"] == 3_040
    assert result["memory"]["after"]["ledger"] < result["memory"]["before"]["ledger"]
    assert result["without"]["frames"] > 0
