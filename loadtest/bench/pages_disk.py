"""How long the disk of the server's book takes to flush, at the moment of a measured change.

Every reservation waits for one flush. Where the disk is shared, one in a hundred may take half a second, which then
stands in the page's latency too: beside it this figure tells whose it is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RECORD = b"\0" * 256
"""About as much as the book writes down of a reservation."""


class Disk:
    """A file beside the book's. Use `beside`."""

    def __init__(self, file: int) -> None:
        self._file = file

    def flush_ms(self) -> float:
        """Append a record and wait until it lies on the disk, in ms."""
        started_s = time.perf_counter()
        os.write(self._file, RECORD)
        os.fdatasync(self._file)
        return (time.perf_counter() - started_s) * 1000


@contextmanager
def beside(data_dir: Path) -> Iterator[Disk]:
    """The disk on which this folder lies."""
    file = os.open(data_dir / "flush-probe", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield Disk(file)
    finally:
        os.close(file)
