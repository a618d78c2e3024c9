"""Where log lines go: a stream that takes what it can, and never stops whoever logs.

Standard error may be a pipe whose reader has gone, or a file on a full disk. A line that cannot be written is lost and
counted; the loop that had something to say goes on.
"""

from __future__ import annotations

import io
from typing import TextIO

from shelfcast import metrics


class LogStream(io.TextIOBase):
    """Writes each text to `stream` in one piece, past its buffers: what could not be written waits nowhere."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._raw: io.RawIOBase | None = getattr(getattr(stream, "buffer", None), "raw", None)
        """None for a stream that only stands in for a file."""

    def write(self, text: str) -> int:
        """Write a line with its end; one that cannot be written is counted. Never raises."""
        try:
            if self._raw is None:
                self._stream.write(text)
                self._stream.flush()
            else:
                _write_whole(self._raw, text.encode(errors="backslashreplace"))
        except (OSError, ValueError):  # ValueError: it is closed
            metrics.LOG_LINES_LOST.inc()
        return len(text)


def _write_whole(raw: io.RawIOBase, line: bytes) -> None:
    left = memoryview(line)
    while left:
        written = raw.write(left)
        if written is None:
            raise BlockingIOError("nobody reads")
        left = left[written:]
