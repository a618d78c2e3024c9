"""How much is logged: of one kind so many lines a second, each of a bounded length, whoever causes them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

_log = structlog.get_logger(__name__)

KINDS_MAX = 100
"""Kinds counted apart in one second; all others are one kind together."""
TEXT_MAX_CHARACTERS = 500
"""Of one value in a line: a stranger may have written it."""
LEFT_OUT = "log.left_out"
SECOND_S = 1.0
_OTHERS = "others"
_NOT_CUT = frozenset({"exc_info", "exception", "stack_info", "_record", "_from_structlog"})


class LineLimit(logging.Filter):
    """Lets `a_second` lines of each kind through in a second, then counts; when the second is over, `log.left_out` says
    how many of which kind were left out.

    A processor of structlog, where the event is the kind, and a filter of `logging`, where the place in the program is.
    `clock` is monotonic, in seconds.
    """

    def __init__(self, a_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._a_second = a_second
        self._clock = clock
        self._until_s = 0.0
        self._counts: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The event, or DropEvent."""
        kind = str(event.get("event", ""))[:TEXT_MAX_CHARACTERS]
        if kind != LEFT_OUT and not self.admit(kind):
            raise structlog.DropEvent
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        return self.admit(f"{record.name} {record.module}:{record.lineno}")

    def admit(self, kind: str) -> bool:
        """Count a line; whether it is to be written."""
        now_s = self._clock()
        if now_s >= self._until_s:
            self.say_left_out()
            self._until_s = now_s + SECOND_S
        if kind not in self._counts and len(self._counts) >= KINDS_MAX:
            kind = _OTHERS
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count > self._a_second and self._timer is None:
            self._say_later(self._until_s - now_s)
        return count <= self._a_second

    def say_left_out(self) -> None:
        """Say what was left out so far, and begin to count anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        counts, self._counts = self._counts, {}
        for kind, count in counts.items():
            if count > self._a_second:
                _log.warning(LEFT_OUT, kind=kind, lines=count - self._a_second)

    def _say_later(self, after_s: float) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # The next line that is logged says it.
        self._timer = loop.call_later(after_s, self.say_left_out)


def cut_texts(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: each text of a line at most TEXT_MAX_CHARACTERS, in characters that can be written."""
    for name, value in event.items():
        if name in _NOT_CUT or value is None or isinstance(value, (bool, int, float)):
            continue
        text = value if isinstance(value, str) else repr(value)
        if len(text) > TEXT_MAX_CHARACTERS:
            text = text[:TEXT_MAX_CHARACTERS] + "…"
        event[name] = text.encode(errors="backslashreplace").decode()
    return event


class CutLine:
    """A renderer whose lines are at most so many characters, traces included."""

    def __init__(self, renderer: structlog.typing.Processor, max_characters: int) -> None:
        self._renderer = renderer
        self._max = max_characters

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        """The line."""
        line = str(self._renderer(logger, method, event))
        line = line.encode(errors="backslashreplace").decode()
        return line if len(line) <= self._max else line[: self._max] + "…"
