"""The whole command, small: a server of its own, Locust, the audit and the report. Runs by `make test-load`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.load
SPIKE = Path(__file__).parents[2] / "loadtest" / "spike.py"
LIMIT_S = 250
GENEROUS_MS = "5000"
"""The tests run beside other work: they show that the machinery is right, not how quick the machine is."""


def run(out: Path, shape: str, *more: str) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, str(SPIKE), "--shape", shape, "--viewers", "300", "--pace", "15", "--out", str(out),
               "--p99-ms", GENEROUS_MS, "--arrival-s", "60", *more]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    report = out / f"load-{shape}-300.json"
    assert report.exists(), done.stdout + done.stderr
    return done.returncode, json.loads(report.read_text(encoding="utf-8")), done.stdout


def failed(result: dict[str, Any]) -> list[str]:
    return [f"{check['name']}: {check['found']}" for check in result["checks"] if not check["holds"]]


def test_a_spike_is_held_audited_and_reported(tmp_path: Path) -> None:
    code, result, shown = run(tmp_path, "spike")
    assert failed(result) == []
    assert code == 0
    assert result["compared"]["right"] == result["viewers"] == 300
    assert result["whole"]["verdicts"]["OK"]["count"] >= 30
    assert result["audit"]["ok"]
    assert result["server"]["memory_a_viewer_kib"] > 0
    assert "of 300 open" in shown
    page = (tmp_path / "load-spike-300.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 7
    assert "every viewer&#39;s last counts are the book&#39;s" in page


def test_a_dead_worker_s_viewers_come_back_and_nothing_is_lost(tmp_path: Path) -> None:
    code, result, _ = run(tmp_path, "reconnect", "--workers", "2")
    assert failed(result) == []
    assert code == 0
    storm = next(phase for phase in result["phases"] if phase["name"] == "storm")
    assert storm["killed"]
    assert 0 < sum(storm["lost"].values()) < 300
    assert storm["opened"] == sum(storm["lost"].values())


def test_what_is_sold_out_is_refused_and_a_failed_check_fails_the_command(tmp_path: Path) -> None:
    code, result, _ = run(tmp_path, "soldout", "--buyers", "100", "--skus", "5", "--arrival-s", "0.5")
    assert code == 1
    assert [check.partition(":")[0] for check in failed(result)] == ["all connections opened within"]
    assert result["whole"]["verdicts"]["OK"]["count"] >= 50
    assert result["whole"]["verdicts"]["SOLD_OUT"]["count"] > 0
