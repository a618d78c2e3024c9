"""CPU time and memory of a server under comparison, read from outside: all of its processes, the same way for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGESIZE")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for task in _tasks(pid):
        with suppress(OSError):
            for child in (task / "children").read_text(encoding="ascii").split():
                yield from tree(int(child))


def cpu_s(pid: int) -> float:
    """User and system seconds so far of a process and all that it started."""
    return sum(own_cpu_s(member) for member in tree(pid))


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and all that it started."""
    total = 0
    for member in tree(pid):
        with suppress(OSError):
            total += int(Path(f"/proc/{member}/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES
    return total


def own_cpu_s(pid: int) -> float:
    """User and system seconds so far of this process alone, from the scheduler in nanoseconds, or else in ticks of ten
    milliseconds."""
    try:
        return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in _tasks(pid)) / 1e9
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
