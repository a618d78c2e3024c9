"""Work in a thread of a process that serves: it gives the others their turn as it goes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

ROWS_AT_ONCE = 4
"""Rows of a table between two turns of the others: less than half a millisecond's work."""

_T = TypeVar("_T")


def giving_way(steps: Iterable[_T], at_once: int = ROWS_AT_ONCE) -> Iterator[_T]:
    """The same, and now and then a moment in which another thread goes on: else one that serves waits for the
    interpreter's switch (5 ms) each time that it has something to do."""
    for number, step in enumerate(steps):
        if number % at_once == 0:
            time.sleep(0)
        yield step
