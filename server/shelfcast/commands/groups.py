"""What ended a group of tasks."""

from __future__ import annotations

from typing import Any


def first_fault(group: BaseExceptionGroup[Any]) -> BaseException:
    """The first error of a group, however deep: one that stopped a task stopped all the others with it."""
    first = group.exceptions[0]
    return first_fault(first) if isinstance(first, BaseExceptionGroup) else first
