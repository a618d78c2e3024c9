"""Takes cores for itself, as other work on the machine would: `python loadtest/hog.py 1.5 60` is a core and a half
for a minute.

Each process is busy for its part of every tenth of a second. They end with whoever started them, even when it is
killed, and at the latest when the seconds are over.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

PERIOD_S = 0.1
CHUNK = 2_000
"""Rounds of work between two looks at the clock: well below a millisecond."""
PR_SET_PDEATHSIG = 1
CORES_MAX = 64.0


class Hog:
    """So many busy cores, for at most so many seconds. A context manager; `start` begins, leaving it ends."""

    def __init__(self, cores: float, most_s: float) -> None:
        if not 0 <= cores <= CORES_MAX:
            raise ValueError(f"the hog takes 0 to {CORES_MAX:.0f} cores, not {cores}")
        self._shares = shares(cores)
        self._most_s = most_s
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def pids(self) -> list[int]:
        """Of the busy processes."""
        return [process.pid for process in self._processes]

    def start(self) -> None:
        """Be busy, from now on."""
        for share in self._shares:
            command = [sys.executable, str(Path(__file__)), f"{share}", f"{self._most_s}", str(os.getpid())]
            self._processes.append(subprocess.Popen(command))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


def shares(cores: float) -> list[float]:
    """The part of a core that each process takes: 1.5 is one whole and one half."""
    whole = int(cores)
    rest = round(cores - whole, 3)
    return [1.0] * whole + ([rest] if rest else [])


def is_hog(command: list[str]) -> bool:
    """Whether a process with this command line is one of the busy ones."""
    return Path(__file__).name in {Path(part).name for part in command[1:2]}


def _end_with_the_parent(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("whoever started this is gone")


def _work(share: float, seconds: float) -> None:
    """Busy in the first part of every period, idle in the rest."""
    begin = time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        busy_until = now + PERIOD_S * share
        while time.monotonic() < busy_until:
            for _ in range(CHUNK):
                pass
        time.sleep(PERIOD_S * (1 - share))


def main(arguments: list[str]) -> None:
    """Cores, seconds, and the parent that must live where a run started this."""
    cores, seconds = float(arguments[0]), float(arguments[1])
    if len(arguments) > 2:
        _end_with_the_parent(int(arguments[2]))
        _work(cores, seconds)
        return
    with Hog(cores, seconds) as hog:
        hog.start()
        time.sleep(seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
