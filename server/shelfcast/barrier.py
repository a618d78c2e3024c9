"""The last barrier of a loop that must not end: a defect is logged with its trace, counted, and the loop goes on.

Expected faults (`shelfcast.errors`) are handled where they are expected. What arrives here is a defect of ours or of
something we build on; without a barrier it would end a task that nobody starts again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from shelfcast.metrics import BARRIER_FAULTS

_log = structlog.get_logger(__name__)

TRACE_EVERY_S = 10.0
"""A place that fails on and on writes one trace in this time; the line says how many there were since the last."""

_told_at: dict[str, float] = {}
_untold: dict[str, int] = {}


@contextmanager
def barrier(where: str, **about: object) -> Iterator[None]:
    """Let no exception out of the block; a cancellation passes. `where` is one of few names: it labels a metric."""
    try:
        yield
    except Exception:
        note_fault(where, **about)


def note_fault(where: str, **about: object) -> None:
    """Log and count the exception that is being handled, for a place that goes on in a way of its own."""
    BARRIER_FAULTS.labels(where).inc()
    now = time.monotonic()
    if now - _told_at.get(where, float("-inf")) < TRACE_EVERY_S:
        _untold[where] = _untold.get(where, 0) + 1
        return
    _told_at[where] = now
    _log.exception("barrier.fault", where=where, not_logged=_untold.pop(where, 0), **about)
