"""A run that is interrupted, or killed, leaves nothing running."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from engine_process import wait_until
from suite_processes import FOLDERS, folder_prefix, running
from terminal_window import hear_interrupts

ROOT = Path(__file__).parents[2]
RUN = "tests/suite/everything_running.py"
END_S = 180.0
Strike = Callable[[subprocess.Popen[bytes]], None]


def ctrl_c(run: subprocess.Popen[bytes]) -> None:
    """As a terminal does it: to all processes that are in its foreground."""
    os.killpg(run.pid, signal.SIGINT)


def interrupt(run: subprocess.Popen[bytes]) -> None:
    run.send_signal(signal.SIGINT)


def kill(run: subprocess.Popen[bytes]) -> None:
    run.kill()


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("processes", "strike"),
    [(0, interrupt), (2, ctrl_c), (2, interrupt), (2, kill)],
    ids=["one process, SIGINT", "several, Ctrl-C", "several, SIGINT", "several, killed"],
)
def test_nothing_is_left_of_a_run_that_is_interrupted(tmp_path: Path, processes: int, strike: Strike) -> None:
    command = [sys.executable, "-m", "pytest", RUN, "-n", str(processes), "-p", "no:cacheprovider", "--timeout", "0"]
    environment = {**os.environ, "READY_FOLDER": str(tmp_path)}
    log = tmp_path / "log"
    with log.open("wb") as out:
        run = subprocess.Popen(
            [*command, "--basetemp", str(tmp_path / "base")],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=hear_interrupts,  # noqa: PLW1509
        )
    ready = wait_until(lambda: _ready(tmp_path, run, max(1, processes)), timeout_s=100)
    mark = ready[0].read_text(encoding="ascii")
    names = {process.name() for process in running(mark)}
    assert {"valkey-server"} <= names
    assert shutil.which("chromium") is None or any("chrom" in name for name in names), names
    commands = [" ".join(process.cmdline()) for process in running(mark)]
    for part in ("shelfcast serve", "shelfcast.commands.worker", "locust"):
        assert any(part in line for line in commands), (part, commands)
    strike(run)
    run.wait(END_S)
    if strike is kill:
        wait_until(lambda: not running(mark), timeout_s=END_S)
    assert running(mark) == []
    wait_until(lambda: not list(FOLDERS.glob(folder_prefix(mark) + "*")), timeout_s=END_S)


def _ready(folder: Path, run: subprocess.Popen[bytes], count: int) -> list[Path]:
    assert run.poll() is None, (folder / "log").read_text(encoding="utf-8")
    found = sorted(folder.glob("*.ready"))
    return found if len(found) == count else []
