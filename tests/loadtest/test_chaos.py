"""A few rounds of chaos: the program's own, on a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from chaos_sale import HELD, SOLD, Account, _unit_faults
from loadtest.conftest import LOADTEST

LIMIT_S = 250
KINDS = ("engine", "worker", "all")


@pytest.mark.long
def test_what_was_acknowledged_is_in_the_book_whatever_is_killed(short_folder: Path) -> None:
    out = short_folder / "chaos.json"
    command = [sys.executable, str(LOADTEST / "chaos.py"), "--rounds", str(len(KINDS)), "--out", str(out),
               "--folder", str(short_folder / "c"), *(part for kind in KINDS for part in ("--kind", kind))]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [played["kind"] for played in found["rounds"]] == list(KINDS)
    assert all(played["acknowledged"] for played in found["rounds"])
    assert [played["faults"] for played in found["rounds"]] == [[]] * len(KINDS)
    assert not (short_folder / "c").exists(), "a run that found nothing leaves nothing"


@pytest.mark.parametrize(
    ("buckets", "told"),
    [
        ({HELD: 3, SOLD: 2}, []),
        ({HELD: 2, SOLD: 2}, ["lost"]),
        ({HELD: 3, SOLD: 3}, ["doubled"]),
        ({HELD: 9, SOLD: 2}, ["doubled", "oversold"]),
    ],
)
def test_units_that_do_not_add_up_are_told(buckets: Mapping[str, int], told: list[str]) -> None:
    account = Account(received={"mug": 10}, held={"mug": 3}, sold={"mug": 2})
    assert [fault.partition(":")[0] for fault in _unit_faults("mug", dict(buckets), account)] == told
