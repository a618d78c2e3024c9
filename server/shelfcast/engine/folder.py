"""What is to be known of an embedded engine's data folder: a full disk, a file that was repaired, one that is refused.

The engine says all of it in its log alone, and that is on the same disk: when it is full, the line is cut. So the disk
is asked here. Any process on the machine may look: the workers of a supervisor do not own the engine.
"""

from __future__ import annotations

import errno
import os
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

REPAIRED_NAME = "engine.repaired"
PROBE_BYTES = 65_536
"""A disk that does not take this much more is full: the engine needs some for its next write."""
LOOK_AGAIN_S = 1.0

_NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large")
_CUT_TAIL = "aof-load-truncated is enabled"
_DAMAGED = ("Bad file format reading", "Unrecoverable error reading", "Unexpected end of file reading", "AOF manifest")
DAMAGED_HINT = 'the append-only file is damaged: see "A damaged append-only file" in docs/operations.md'


class DataFolder:
    """An embedded engine's folder, looked at while its engine runs or does not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._looked_at = float("-inf")
        self._shortage = ""

    def shortage(self) -> str:
        """Why nothing more can be written there ("disk full: …"), or "". Looked at once a second at most."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_AGAIN_S:
            self._looked_at = now
            self._shortage = look_for_shortage(self.path)
        return self._shortage

    def repaired(self) -> str:
        """What engines have cut off at their start since somebody removed the note, or ""."""
        note = self.path / REPAIRED_NAME
        with suppress(OSError):
            lines = note.read_text(errors="replace").splitlines()
            if lines:
                return f"{lines[-1]} ({len(lines)} in {note}; audit the pools, then remove that file)"
        return ""

    def note_repair(self, said: str) -> str:
        """Look through what the engine said at its start; what it has cut off is noted, and returned."""
        lines = [line.strip() for line in said.splitlines()]
        if not any(_CUT_TAIL in line for line in lines):
            return ""
        where = next((line for line in lines if "Truncating the AOF" in line), "").partition("!!!")[2].strip(" !")
        note = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: the cut tail of the append-only file was dropped: {where}"
        with suppress(OSError), open(self.path / REPAIRED_NAME, "a", opener=_private) as notes:
            notes.write(note + "\n")
        return note


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def look_for_shortage(folder: Path) -> str:
    """ "disk full: …" where the folder's file system takes no more, else ""."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            probe.write(bytes(PROBE_BYTES))
            probe.write(b"\0")
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return f"disk full: {folder}: {error.strerror}"
    return ""


def says_no_room(text: str) -> bool:
    """Whether an engine's words are those of a full disk."""
    return any(words in text for words in _NO_ROOM)


def why_ended(folder: Path, last_lines: list[str]) -> str:
    """Why the engine ended, in words for whoever has to mend it; its own last line where nothing better is known."""
    last = last_lines[-1] if last_lines else "it said nothing"
    shortage = look_for_shortage(folder)
    if shortage:
        return shortage
    no_room = next((line for line in reversed(last_lines) if says_no_room(line)), "")
    if no_room:
        return f"disk full: {folder}: {no_room}"
    if any(words in last for words in _DAMAGED):
        return f"{last}: {DAMAGED_HINT}"
    return last
