"""The server that chaos strikes, and what strikes it: processes killed or frozen, a disk that is full."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil
from measured_server import MeasuredServer

RECOVERY_S = 60.0
"""How long the server may take until it sells again."""
REPLACED_S = 45.0
"""How long a frozen engine may stay before the server has another."""
FROZEN_S = (0.3, 3.0)
FULL_S = (0.3, 2.0)
LEFT_SHARE = 0.25
"""The part of the frozen rounds in which nobody lets the engine go on: the server has to replace it."""
TMPFS_MB = 512
SPARE_BYTES = 2**20
"""Filled last, by small writes, while the engine writes as well."""
DEAD_S = 20.0
ASK_S = 0.05
HOLD_MS = 86_400_000
"""No hold runs out during the rounds: what is held must stand in the book."""


class Stricken:
    """A real server with two workers, which is started again when it is down. A context manager."""

    def __init__(self, folder: Path, *, workers: int = 2, flags: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data_dir = folder / "data"
        self._server = MeasuredServer(
            folder, workers=workers, flags=["--hold-ms", str(HOLD_MS), *flags], niceness=0, secret=_secret(folder)
        )
        self.url, self.port, self.secret = self._server.url, self._server.port, self._server.secret

    def __enter__(self) -> Stricken:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self.engine().resume()
        self._server.__exit__()

    def log(self) -> str:
        return self._server.log()

    def audit(self, pool: str) -> dict[str, Any]:
        """The audit's report on the running server's book."""
        return self._server.audit(pool)

    # --- its processes ------------------------------------------------------------------------------------------

    def family(self) -> list[psutil.Process]:
        """The supervisor, its workers, the engine."""
        supervisor = psutil.Process(self._server.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def engine(self) -> psutil.Process:
        """The one that runs now. Raises NoSuchProcess while there is none."""
        for process in self.family():
            if _is_engine(process):
                return process
        raise psutil.NoSuchProcess(0, "engine")

    def workers(self) -> list[psutil.Process]:
        return [process for process in self.family()[1:] if _is_worker(process)]

    def start_again(self) -> None:
        """The supervisor is dead: reap it, see its children end or kill them, and start another."""
        self._server.reap(DEAD_S)
        until = time.monotonic() + RECOVERY_S
        while True:
            try:
                self._server.__enter__()
            except RuntimeError:
                if time.monotonic() > until:
                    raise
            else:
                return

    def wait_until_ready(self) -> float:
        """The seconds until every readiness check says so, several in a row: each worker may be asked."""
        begun, good = time.monotonic(), 0
        with httpx.Client(base_url=self.url, trust_env=False, timeout=2) as http:
            while good < 4:
                if time.monotonic() > begun + RECOVERY_S:
                    raise NotRecovered(f"not ready after {RECOVERY_S:.0f} s:\n{self.log()}")
                try:
                    ready = http.get("/readyz", headers={"Connection": "close"}).status_code == httpx.codes.OK
                except httpx.TransportError:
                    ready = False
                good = good + 1 if ready else 0
                time.sleep(0 if ready else ASK_S)
        return time.monotonic() - begun


class NotRecovered(RuntimeError):
    """The server did not come back in time."""


def _secret(folder: Path) -> str:
    """One for all rounds, also of a run that is resumed."""
    path = folder / "secret"
    if not path.exists():
        path.write_text(os.urandom(32).hex(), encoding="ascii")
    return path.read_text(encoding="ascii")


def _is_engine(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return str(process.name()).startswith(("valkey", "redis"))
    return False


def _is_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        command = " ".join(process.cmdline())
        return "python" in command and "resource_tracker" not in command
    return False


# --- faults -------------------------------------------------------------------------------------------------------

Fault = Callable[[Stricken, random.Random], str]
"""Strikes, and puts back what it took; returns what there is to say against the server, mostly nothing."""


def kill_engine(server: Stricken, _chance: random.Random) -> str:
    with contextlib.suppress(psutil.NoSuchProcess):
        server.engine().kill()
    return ""


def kill_worker(server: Stricken, chance: random.Random) -> str:
    workers = server.workers()
    if workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            chance.choice(workers).kill()
    return ""


def kill_supervisor(server: Stricken, _chance: random.Random) -> str:
    """Alone: workers and engine must not be in the way of the next."""
    server.family()[0].kill()
    server.start_again()
    return ""


def kill_all(server: Stricken, _chance: random.Random) -> str:
    for process in server.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    server.start_again()
    return ""


def freeze_engine(server: Stricken, chance: random.Random) -> str:
    """It goes on after a while, or the server must replace it."""
    try:
        engine = server.engine()
        engine.suspend()
    except psutil.NoSuchProcess:
        return ""
    if chance.random() >= LEFT_SHARE:
        time.sleep(chance.uniform(*FROZEN_S))
        with contextlib.suppress(psutil.NoSuchProcess):
            engine.resume()
        return ""
    until = time.monotonic() + REPLACED_S
    while time.monotonic() < until:
        if not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE:
            return ""
        time.sleep(ASK_S)
    with contextlib.suppress(psutil.NoSuchProcess):
        engine.resume()
    return f"a frozen engine was not replaced within {REPLACED_S:.0f} s"


def fill_disk(server: Stricken, chance: random.Random) -> str:
    """The data folder's disk has no byte left for a while."""
    ballast = server.data_dir / "ballast"
    seconds = chance.uniform(*FULL_S)
    try:
        with ballast.open("wb", buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, max(1, shutil.disk_usage(server.data_dir).free - SPARE_BYTES))
            file.seek(0, os.SEEK_END)
            _fill_the_rest(file.fileno())
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                # What the engine gave back, when it cut a write that had no room, is taken, too.
                _fill_the_rest(file.fileno())
                time.sleep(ASK_S)
    finally:
        ballast.unlink(missing_ok=True)
    return ""


def _fill_the_rest(file: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            os.write(file, bytes(4_096))


FAULTS: dict[str, Fault] = {
    "engine": kill_engine,
    "worker": kill_worker,
    "supervisor": kill_supervisor,
    "all": kill_all,
    "frozen": freeze_engine,
    "disk-full": fill_disk,
}


# --- a small disk ---------------------------------------------------------------------------------------------------


def mount_small_disk(folder: Path) -> str:
    """Make the folder a small disk of its own; why that is not possible, empty where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_mount():
        return ""
    if os.geteuid() != 0 or not shutil.which("mount"):
        return "a small disk can be mounted by root alone"
    command = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MB}m", "shelfcast-chaos", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


def unmount(folder: Path) -> None:
    """Give the disk back, and with it what lies there."""
    if folder.is_mount():
        subprocess.run(["umount", str(folder)], check=False)
