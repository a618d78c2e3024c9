"""What the load test takes from a run, what it sees unread, and what it then asks."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hog import CORES_MAX, Hog, is_hog, shares
from loadtest.conftest import LOADTEST
from plan import Phase, Plan
from unread import Unread, unread
from verdict import limits

SENT = 1_000


def fill(made: socket.socket) -> None:
    """Send until the other end takes no more."""
    made.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            made.send(b"x" * 65_536)


def limits_of(viewers: int, hog: float = 0.0, p99_ms: float | None = None):
    return limits(viewers, hog=hog, p99_ms=p99_ms, arrival_s=30, unread_mb=64)


def lying(port: int) -> Unread:
    found = unread(port)
    assert found is not None
    return found


def test_payload_is_unread_until_it_is_read_wherever_it_lies() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as viewer:
            server, _ = listening.accept()
            with server:
                if unread(port) is None:
                    pytest.skip("the kernel does not tell of its sockets here")
                assert unread(port) == (0, 0, 1)
                server.sendall(b"x" * SENT)
                assert lying(port).received == SENT
                assert viewer.recv(SENT, socket.MSG_WAITALL)
                assert lying(port).received == 0
                fill(server)
                assert lying(port).sent > 0, "a full receiver leaves the rest with the sender"


def test_nothing_is_unread_where_nobody_is_connected() -> None:
    assert unread(1) in (None, (0, 0, 0))


@pytest.mark.parametrize(("cores", "each"), [(0, []), (0.5, [0.5]), (1, [1.0]), (2.25, [1.0, 1.0, 0.25])])
def test_cores_are_taken_by_whole_processes_and_a_part_of_one(cores: float, each: list[float]) -> None:
    assert shares(cores) == each


def test_nobody_takes_more_cores_than_there_may_be() -> None:
    with pytest.raises(ValueError, match="0 to 64 cores"):
        Hog(CORES_MAX + 1, 1)


def test_the_busy_processes_end_with_the_run() -> None:
    with Hog(0.1, 60) as hog:
        hog.start()
        [busy] = map(psutil.Process, hog.pids)
        until = time.monotonic() + 30
        while not busy.cmdline() and time.monotonic() < until:
            time.sleep(0.01)  # The kernel shows it a moment after its start.
        assert is_hog(busy.cmdline())
    assert not busy.is_running()


def test_the_busy_processes_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    lines = "from hog import Hog; hog = Hog(0.1, 60); hog.start(); print(hog.pids[0], flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", lines], cwd=LOADTEST, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        busy = psutil.Process(int(run.stdout.readline()))
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    psutil.wait_procs([busy], timeout=100)
    assert not busy.is_running()


def test_a_quiet_machine_has_the_flash_in_front_of_a_hundred_thousand_sooner() -> None:
    assert limits_of(100_002).flash_ms == 1_500
    assert limits_of(20_000).flash_ms == limits_of(100_000).storm_ms == 2_000
    assert limits_of(1_000).phase_ms == 30


def test_beside_other_work_every_phase_has_three_seconds_and_the_last_state_two() -> None:
    for viewers in (1_000, 100_000):
        found = limits_of(viewers, hog=0.5)
        assert found[:4] == (3_000, 3_000, 3_000, 2_000)


def test_a_limit_that_was_asked_for_is_taken() -> None:
    assert limits_of(100_000, hog=1, p99_ms=5_000)[:4] == (5_000,) * 4


def test_unread_payload_fails_a_run_only_above_its_limit() -> None:
    from verdict import _unread

    most = {"wait": {"peak": 1e6}, "flash": {"peak": 65e6}}
    assert not _unread(most, 64).holds
    assert "flash" in _unread(most, 64).found
    assert _unread(most, 66).holds
    assert _unread({}, 64).holds
    assert "not measured" in _unread({}, 64).found


def test_a_phase_behind_a_sale_has_a_tick_more_unless_other_work_sets_the_limit() -> None:
    from verdict import TICK_MS, _phase_limit_ms

    phase = Phase("quiet", 5)
    plan = Plan(
        shape="spike", phases=[phase], host="", port=1, server_pid=1, processes=1, watch_cohorts=1, watch_size=1,
        buy_cohorts=0, buy_size=0, skus=[], rate=1, pay_rate=1, seed=1, hog=0, result="",
    )  # fmt: skip
    assert _phase_limit_ms(plan, phase, Phase("after", 5, selling=1), limits_of(1_000)) == 30 + TICK_MS
    assert _phase_limit_ms(plan, phase, phase, limits_of(1_000)) == 30
