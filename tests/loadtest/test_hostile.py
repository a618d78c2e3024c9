"""The bench of hostile clients: its verdict, its frames, and one attack, small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from loadtest.conftest import LOADTEST
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

# Behind everything, and not for long: beside it lies a `pages`, which the tests of the pages are called as well.
sys.path.append(str(LOADTEST / "bench"))
from hostile import faults
from hostile_attacks import PING, PONG, Attack, Attacker, frame

sys.path.remove(str(LOADTEST / "bench"))

LIMIT_S = 250
QUIET = {"p99_ms": 10.0, "lost": {}, "memory_mb": 100.0, "descriptors": 220, "lines_a_second": 0.0,
         "bytes_a_second": 0.0, "probes": {"healthz 200": 3, "readyz 200": 3, "socket 101": 3}}  # fmt: skip


def told(answers: dict[str, int] | None = None, *, trusted: bool = False, **beside: Any) -> list[str]:
    found = {"control": QUIET, "beside": {**QUIET, **beside}, "attacker": {"answers": answers or {}}}
    return faults(Attack(Attacker.hold, trusted=trusted), found)


def test_an_attack_that_costs_the_others_nothing_holds() -> None:
    assert told({"429": 10_000, "201": 120}) == []
    assert told(p99_ms=60.0) == [], "50 ms more are allowed"


@pytest.mark.parametrize(
    ("worse", "word"),
    [
        ({"p99_ms": 61.0}, "p99"),
        ({"p99_ms": float("inf")}, "p99"),
        ({"lost": {"1006": 2}}, "cut off"),
        ({"memory_mb": 213.0}, "memory"),
        ({"descriptors": 2_421}, "descriptors"),
        ({"probes": {"healthz 503": 1}}, "newcomer"),
        ({"probes": {"socket no answer": 1}}, "newcomer"),
        ({"lines_a_second": 21.0}, "log lines"),
        ({"bytes_a_second": 10_001.0}, "KB of log"),
    ],
)
def test_each_bound_is_told_of_when_it_is_passed(worse: dict[str, Any], word: str) -> None:
    [said] = told(**worse)
    assert word in said


def test_what_an_attacker_must_not_be_answered_is_told_of() -> None:
    assert "500" in told({"500": 1})[0]
    assert "without an answer" in told({"handshake: closed without an answer": 1})[0]
    assert "passes" in told({"201": 241})[0]
    assert told({"201": 241}, trusted=True) == [], "a proxy speaks for many addresses"


def test_the_attackers_frames_are_frames() -> None:
    server = ServerProtocol(state=State.OPEN)
    server.receive_data(PING + PONG + frame(0x81, b"a message"))
    heard = [(each.opcode, bytes(each.data)) for each in server.events_received() if isinstance(each, Frame)]
    assert heard == [(Opcode.PING, b""), (Opcode.PONG, b""), (Opcode.TEXT, b"a message")]


@pytest.mark.long
def test_an_attack_is_run_beside_bystanders_and_reported(tmp_path: Path) -> None:
    out = tmp_path / "hostile.json"
    command = [sys.executable, str(LOADTEST / "bench" / "hostile.py"), "--only", "one-byte-segments", "--seconds", "2",
               "--bystanders", "5", "--out", str(out)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert out.exists(), done.stdout + done.stderr
    found = json.loads(out.read_text(encoding="utf-8"))["attacks"]["one-byte-segments"]
    assert done.returncode == bool(found["faults"])
    assert found["beside"]["verdicts"].keys() == {"OK"}
    assert found["control"]["reservations"] >= 5
    assert found["attacker"]["fate"]["connected"] >= 8
    assert found["attacker"]["sent_bytes"] > 0
