"""Every process that a run of the suite starts ends with the run, however the run ends.

Ctrl-C, a CI's SIGTERM and a kill keep pytest from coming to the end of every fixture, and much of what tests start is
out of a terminal's reach on purpose: servers with workers and an engine, browsers, Locust, whole load tests lead
process groups or sessions of their own. So a run's processes inherit a mark in their environment, and a guard next to
the run kills whatever carries it once the run's end of a pipe is closed. The kernel closes it, whatever becomes of the
run.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "PYTEST_RUN_OF_SHELFCAST"
"""Not one of the server's own variables: tests that start a server without settings take those away."""
MEMORY_DISK = Path("/dev/shm")
MEMORY_DISK_MIN_BYTES = 4 * 2**30
"""Of its size, full or not: every process of a run comes to the same."""


def _folders() -> Path:
    """Where engines keep their files: in memory, where there is enough of that. They flush before each answer, which
    takes a disk 7 ms and a busy one 50, several times for a shop that is opened; no test cuts the power."""
    try:
        found = os.statvfs(MEMORY_DISK)
    except OSError:
        return Path("/tmp")
    roomy = found.f_blocks * found.f_frsize >= MEMORY_DISK_MIN_BYTES and os.access(MEMORY_DISK, os.W_OK)
    return MEMORY_DISK if roomy else Path("/tmp")


FOLDERS = _folders()
GIVE_UP_S = 30.0
_POLL_S = 0.05


class Guard:
    """Watches over the run that makes it; `run` is its mark. You must `finish` it, or end."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        environment = {name: value for name, value in os.environ.items() if name != MARK}
        # A session of its own: Ctrl-C in the terminal is for the run.
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, self.run],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        os.environ[MARK] = self.run

    def finish(self) -> list[str]:
        """The run is over: kill what is left of it. Returns what that was, a command line each."""
        os.environ.pop(MARK, None)
        said, _ = self._process.communicate()
        return said.splitlines()


def folder_prefix(run: str) -> str:
    """What the names of a run's folders in `FOLDERS` begin with: they are removed with its processes."""
    return f"shelfcast-test-{run}"


def running(run: str) -> list[psutil.Process]:
    """The living processes that carry the mark, and all that they started: a program may overwrite its environment, as
    Chromium does where it writes a title of its own."""
    children: dict[int, list[psutil.Process]] = defaultdict(list)
    found: dict[int, psutil.Process] = {}
    for process in _others():
        with suppress(psutil.Error, OSError):
            children[process.ppid()].append(process)
            if process.environ().get(MARK) == run:
                found[process.pid] = process
    ask = list(found)
    while ask:
        for child in children[ask.pop()]:
            if child.pid not in found:
                found[child.pid] = child
                ask.append(child.pid)
    return list(found.values())


def _others() -> Iterator[psutil.Process]:
    """All processes but this one and the dead that nobody has waited for."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def end(run: str) -> list[str]:
    """Kill the run's processes until there are none; the command line of each."""
    ended: dict[int, str] = {}
    until = time.monotonic() + GIVE_UP_S
    while (left := running(run)) and time.monotonic() < until:
        for process in left:
            with suppress(psutil.Error):
                ended.setdefault(process.pid, " ".join(process.cmdline())[:200])
                process.kill()
        time.sleep(_POLL_S)
    for folder in FOLDERS.glob(folder_prefix(run) + "*"):
        shutil.rmtree(folder, ignore_errors=True)
    return list(ended.values())


def main(run: str) -> None:
    """The guard's own life: wait for the end of the run, then clean up behind it."""
    sys.stdin.read()
    ended = end(run)
    # Where the run was killed, nobody listens.
    with suppress(BrokenPipeError):
        sys.stdout.write("".join(f"{line}\n" for line in ended))
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
