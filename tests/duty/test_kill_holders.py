"""The holder of the lease is killed: every duty goes on in another process, and none is done twice that must not be.

The long form is `make kill-holders`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from duty.counted_server import NAME
from duty.kill_holders import done_twice, kill_holders, too_late
from shelfcast.duty.registry import REGISTRY
from shelfcast.settings import Settings

KILLS = 3
LEASE_MS = 2_000
"""Shorter than the default, so that the bound holds beside other work, too."""


@pytest.mark.long
async def test_every_duty_goes_on_where_its_holder_is_killed(
    valkey_url: str, settings: Settings, tmp_path: Path
) -> None:
    found = await kill_holders(KILLS, valkey_url, tmp_path, msgspec.structs.replace(settings, duty_lease_ms=LEASE_MS))
    assert found.faults == []
    assert len(found.seconds) == KILLS
    duties = {duty.name for duty in REGISTRY.duties(settings)} | {NAME}
    assert all(kill.keys() == duties for kill in found.seconds)
    assert found.runs > KILLS


def line(pid: int, fence: int, what: str, at_s: float) -> dict[str, Any]:
    return {"pid": pid, "fence": fence, "what": what, "at_s": at_s}


ONE = [line(1, 7, "begin", 1.0), line(1, 7, "end", 2.0)]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([line(2, 8, "begin", 3.0), line(2, 8, "end", 4.0)], []),
        ([line(1, 7, "begin", 2.5), line(2, 8, "begin", 3.1), line(2, 8, "end", 4.0)], []),
        ([line(1, 7, "begin", 2.5), line(2, 8, "begin", 2.9), line(2, 8, "end", 4.0)], ["two at once"]),
        ([line(2, 6, "begin", 3.0), line(2, 6, "end", 4.0)], ["a lower fence"]),
        ([line(2, 7, "begin", 3.0), line(2, 7, "end", 4.0)], ["one fence, two processes"]),
    ],
)
def test_what_was_done_twice_is_told(more: list[dict[str, Any]], told: list[str]) -> None:
    assert [fault.partition(":")[0] for fault in done_twice(ONE + more, killed={1: 3.0})] == told


def test_what_went_on_too_late_is_told() -> None:
    assert too_late([{"a": 5.9}, {"a": 6.1}]) == ["kill 2: a went on after 6.10 s"]
