"""Objects as files in a folder. A file is written whole beside its place, is on the disk, and then takes its name."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path

from shelfcast.errors import ArchiveUnavailable

_UNFINISHED = "."
"""What the name of a file begins with that is being written, or was when its process was lost."""
UNFINISHED_KEPT_S = 86_400.0
"""How long the latter stays: nothing takes so long to write."""


class Folder:
    """A folder of objects, which the first one makes. Every method blocks, and raises OSError, or ArchiveUnavailable
    where something else has its name."""

    def __init__(self, path: str) -> None:
        self._root = Path(path).absolute()

    def check(self) -> None:
        """Write to the folder; where it is not there yet, look whether it could be made."""
        self._check()
        if self._root.exists():
            self.put(f"{_UNFINISHED}try", b"")
            self.delete(f"{_UNFINISHED}try")
            return
        above = next(folder for folder in self._root.parents if folder.exists())
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            raise ArchiveUnavailable(f"it cannot be made in {above}")

    def put(self, name: str, content: bytes) -> None:
        """Write a file; when this returns, the file and its name are on the disk."""
        path = self._root / name
        made = [folder for folder in (path.parent, *path.parent.parents) if not folder.is_dir()]
        self._check()
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.parent / f"{_UNFINISHED}{path.name}.{secrets.token_hex(8)}"
        try:
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        for folder in (path.parent, *(folder.parent for folder in made)):
            _sync(folder)

    def get(self, name: str) -> bytes | None:
        """Read a file; None where there is none."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            self._check()
            return None

    def list(self, prefix: str) -> list[tuple[str, int]]:
        """The names and lengths of all files below a folder of it. What lost processes left there unfinished goes."""
        self._check()
        found = []
        old_s = time.time() - UNFINISHED_KEPT_S
        for folder, _, files in os.walk(self._root / prefix):
            below = Path(folder).relative_to(self._root)
            for file in files:
                path = Path(folder) / file
                if not file.startswith(_UNFINISHED):
                    with contextlib.suppress(FileNotFoundError):  # it has just been deleted
                        found.append(((below / file).as_posix(), path.stat().st_size))
                    continue
                with contextlib.suppress(OSError):  # it has just got its name, or this process may only read
                    if path.stat().st_mtime < old_s:
                        path.unlink()
        return found

    def delete(self, name: str) -> None:
        """Delete a file, where it is there."""
        (self._root / name).unlink(missing_ok=True)

    def _check(self) -> None:
        if self._root.exists() and not self._root.is_dir():
            raise ArchiveUnavailable("it is no folder")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
