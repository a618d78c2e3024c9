"""The descriptors of this process: some are kept for what must go on, whoever connects."""

from __future__ import annotations

import resource


def raise_descriptor_limit() -> int:
    """Let this process open as many descriptors as the system allows; returns how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft
    return hard


class Descriptors:
    """Says whether a connection may keep its descriptor. A kernel gives the lowest that is free, so one above the limit
    less the reserve says that all below are taken."""

    def __init__(self, limit: int, reserved: int) -> None:
        self._limit = limit
        self._reserved = reserved

    def in_reserve(self, descriptor: int) -> bool:
        """Whether the connection eats into what is kept, for example to start an engine again."""
        return 0 < self._limit <= descriptor + self._reserved

    def in_last_half(self, descriptor: int) -> bool:
        """Whether not even a health check may have it."""
        return 0 < self._limit <= descriptor + self._reserved // 2
