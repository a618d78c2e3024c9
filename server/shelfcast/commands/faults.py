"""What ended a command's work, as a fault that `shelfcast` can say in one line."""

from __future__ import annotations

from typing import Any

from shelfcast_client import ClientError, UsageError

from shelfcast.errors import ConfigError, ShelfcastError


def first_fault(group: BaseExceptionGroup[Any]) -> BaseException:
    """The first error of a group, however deep: one that stopped a task stopped all the others with it."""
    first = group.exceptions[0]
    return first_fault(first) if isinstance(first, BaseExceptionGroup) else first


def fault_of(error: BaseException) -> BaseException:
    """A fault of the SDK as one of the command's: ConfigError where the call could not be right, else ShelfcastError.
    Any other error is what it was."""
    if isinstance(error, UsageError):
        text = str(error)
        return ConfigError(f"--{text}" if text.startswith("url:") else text)
    return ShelfcastError(str(error)) if isinstance(error, ClientError) else error
