"""One owner for a data folder: a lock that the server and its engine hold together, and where that engine listens."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from shelfcast.errors import EngineRefused

LOCK_NAME = "owner.lock"
SOCKET_NAME = "engine.sock"
SOCKET_PATH_MAX_BYTES = 103
"""sockaddr_un holds 104 bytes on macOS and the BSDs, 108 on Linux, a closing zero included."""
_PRIVATE_PREFIX = "shelfcast-"
_POLL_S = 0.05


class Ownership:
    """The lock on a data folder. The engine inherits the descriptor: while an engine of a killed server still runs,
    the folder stays locked, so that two engines never write one append-only file.
    """

    def __init__(self, data_dir: Path, descriptor: int, socket: Path, private_dir: Path | None) -> None:
        self.data_dir = data_dir
        self.descriptor = descriptor
        self.socket = socket
        self._private_dir = private_dir

    @classmethod
    async def take(cls, data_dir: Path, *, wait_ms: int) -> Ownership:
        """Make the folder if need be and lock it.

        Waits up to `wait_ms` for the engine of a server that is dead already. Raises EngineRefused when another
        process owns the folder or it cannot be written.
        """
        descriptor = _open_lock(data_dir)
        try:
            await _lock(descriptor, data_dir, wait_ms)
            _remove_left_over(_read_record(descriptor).get("socket"), data_dir)
            socket, private_dir = _socket_path(data_dir)
            _write_record(descriptor, {"pid": os.getpid(), "socket": str(socket)})
        except BaseException:
            os.close(descriptor)
            raise
        return cls(data_dir, descriptor, socket, private_dir)

    def release(self) -> None:
        """Give the folder up. The engine must have ended before."""
        os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)
        if self._private_dir is not None:
            shutil.rmtree(self._private_dir, ignore_errors=True)


def running_socket(data_dir: Path) -> Path | None:
    """The socket of the engine that a running server has on this folder, or None when no server runs there."""
    try:
        descriptor = os.open(data_dir / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _try_lock(descriptor, fcntl.LOCK_SH):
            return None
        socket = _read_record(descriptor).get("socket")
    finally:
        os.close(descriptor)
    return Path(socket) if isinstance(socket, str) and Path(socket).is_socket() else None


def _open_lock(data_dir: Path) -> int:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EngineRefused(f"data folder {data_dir}: {error.strerror}") from error


async def _lock(descriptor: int, data_dir: Path, wait_ms: int) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_ms / 1000
    while not _try_lock(descriptor, fcntl.LOCK_EX):
        pid = _read_record(descriptor).get("pid")
        if isinstance(pid, int) and _alive(pid):
            raise EngineRefused(f"data folder {data_dir} is in use by process {pid}; stop it first")
        if loop.time() >= deadline:
            raise EngineRefused(
                f"data folder {data_dir} is held by an engine that outlived its server (process {pid}); end it first"
            )
        # An engine on its way out, or a tool that looks for one at this moment (`running_socket`).
        await asyncio.sleep(_POLL_S)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _socket_path(data_dir: Path) -> tuple[Path, Path | None]:
    """In the data folder, or where its path is too long for a socket, in a private folder that is ours to remove."""
    socket = data_dir / SOCKET_NAME
    if len(os.fsencode(socket)) <= SOCKET_PATH_MAX_BYTES:
        return socket, None
    temporary = tempfile.gettempdir()
    if len(os.fsencode(temporary)) > SOCKET_PATH_MAX_BYTES - len(f"/{_PRIVATE_PREFIX}01234567/{SOCKET_NAME}"):
        temporary = "/tmp"  # noqa: S108 - the folder made in it is private
    private_dir = Path(tempfile.mkdtemp(prefix=_PRIVATE_PREFIX, dir=temporary))
    return private_dir / SOCKET_NAME, private_dir


def _remove_left_over(socket: object, data_dir: Path) -> None:
    """The private folder of a server that was killed, named in its record. It holds the socket and nothing else."""
    if isinstance(socket, str) and Path(socket).parent != data_dir:
        with suppress(OSError):
            Path(socket).unlink(missing_ok=True)
            Path(socket).parent.rmdir()


def _write_record(descriptor: int, record: dict[str, object]) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(record).encode(), 0)


def _read_record(descriptor: int) -> dict[str, object]:
    try:
        record = json.loads(os.pread(descriptor, 4096, 0) or b"{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
