"""The server under test: started in a temporary folder, watched while it runs, stopped and audited."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import redis
from hog import is_hog
from shelfcast.engine import running_socket
from unread import unread

READY_S = 60.0
STOP_S = 40.0
ASK_AGAIN_S = 0.1
SAMPLE_S = 1.0
UNREAD_S = 2.0
UNREAD_SHARE_MAX = 0.05
"""Unread bytes are asked for at most so often, and with so much of a core: the kernel looks at every connection."""
AUDIT_S = 300.0
NICENESS = 5
"""The server lets the receivers go first: a frame that has come is read. Otherwise they wait for a core behind all the
workers, up to four seconds in a flash, and that counts as latency. A crowd elsewhere has cores of its own."""
AUTOGROUP = "/proc/{}/autogroup"
"""Where Linux shares the cores out by sessions (sched(7)), niceness only counts within one, and this is a session's."""
CROWD_MAX = 1_000_000
"""The crowd comes from one address: this machine."""
HOLD_MS = 1_800_000
"""No hold runs out during a run: what viewers are compared with must stand still."""


class MeasuredServer:
    """`python -m shelfcast serve`, in a session of its own. A context manager.

    `descriptors` is how many each of its processes may open; without, as many as this one may. Its log is `log_path`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int,
        flags: list[str],
        niceness: int = NICENESS,
        descriptors: int | None = None,
        secret: str = "",
    ) -> None:
        self.secret = secret or secrets.token_hex(32)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._niceness = niceness
        self.log_path = folder / "server.log"
        serve = [sys.executable, "-m", "shelfcast", "serve", "--workers", str(workers), *flags]
        bound = ["sh", "-c", f'ulimit -n {descriptors} && exec "$@"', "sh"] if descriptors else []
        self._command = [*bound, "nice", "-n", str(niceness), *serve]
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **os.environ,
            "SHELFCAST_TOKEN_SECRET": self.secret,
            "SHELFCAST_DATA_DIR": str(folder / "data"),
            "SHELFCAST_PORT": str(self.port),
            "SHELFCAST_LOG_LEVEL": "warning",
            "SHELFCAST_HOLD_MS": str(HOLD_MS),
            "SHELFCAST_CONNECTIONS_AN_ADDRESS_MAX": str(CROWD_MAX),
        }

    @property
    def pid(self) -> int:
        """The process that was started; its workers and its engine are its children."""
        assert self._process is not None
        return self._process.pid

    @property
    def data_dir(self) -> Path:
        """Where the embedded engine keeps the book."""
        return self._folder / "data"

    def __enter__(self) -> Self:
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        # Not there, or no such kernel: then niceness counts by itself.
        with contextlib.suppress(OSError):
            Path(AUTOGROUP.format(self._process.pid)).write_text(str(self._niceness))
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _kill_session(process.pid)
            process.wait(STOP_S)

    def reap(self, children_s: float) -> None:
        """The process was killed: wait for it, and for its session to end; what is left of that is killed."""
        assert self._process is not None
        self._process.wait(STOP_S)
        until = time.monotonic() + children_s
        while _session(self._process.pid) and time.monotonic() < until:
            time.sleep(ASK_AGAIN_S)
        _kill_session(self._process.pid)

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        until = time.monotonic() + READY_S
        with httpx.Client(trust_env=False, timeout=5) as client:
            while time.monotonic() < until:
                if self._process.poll() is not None:
                    break
                with contextlib.suppress(httpx.TransportError):
                    if client.get(f"{self.url}/readyz").status_code == 200:
                        return
                time.sleep(ASK_AGAIN_S)
        raise RuntimeError(f"the server did not become ready:\n{self.log()}")

    def log(self) -> str:
        """The last lines it wrote."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")[-4_000:]

    def audit(self, pool: str) -> dict[str, Any]:
        """The audit's report on the book of the running server."""
        command = [sys.executable, "-m", "shelfcast", "audit", pool, "--json", "--data-dir", str(self.data_dir)]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=AUDIT_S, check=False
        )
        if not done.stdout.startswith("{"):
            raise RuntimeError(f"the audit did not run: {done.stderr[-2_000:]}")
        report: dict[str, Any] = json.loads(done.stdout)
        return report


class Sampler(threading.Thread):
    """Once a second: CPU and memory of the server's processes and of the receivers, and the engine's calls.

    What the whole machine worked beyond them says how quiet it was. Every other second, less often with a large crowd:
    the bytes that nobody has read yet.
    """

    def __init__(self, server: MeasuredServer) -> None:
        super().__init__(name="sampler", daemon=True)
        self.samples: list[dict[str, float]] = []
        self.unread: list[dict[str, float]] = []
        """`second`, `received` and `sent` bytes, `connections`, and the CPU seconds that asking took."""
        self._port = server.port
        self._ask_again = 0.0
        self._hogs: dict[int, float] = {}
        """CPU seconds by process id, also of those that have ended."""
        self._server = psutil.Process(server.pid)
        self._receivers: psutil.Process | None = None
        self._over = threading.Event()
        path = running_socket(server.data_dir)
        self._engine = redis.Redis(unix_socket_path=str(path)) if path else None

    def watch_receivers(self, pid: int) -> None:
        """The Locust master; its workers are its children."""
        self._receivers = psutil.Process(pid)

    def run(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self.sample()
            if time.monotonic() >= self._ask_again:
                self._sample_unread()

    def finish(self) -> None:
        """Stop sampling."""
        self._over.set()
        self.join()

    def sample(self) -> dict[str, float]:
        """Take one sample now."""
        sample: dict[str, float] = {"second": time.time()}
        workers, engine = _parts(self._server)
        load = _family(self._receivers)
        hogs = [process for process in load if is_hog(_command(process))]
        receivers = [process for process in load if process not in hogs]
        for name, processes in (("server", workers), ("engine", engine), ("receivers", receivers)):
            sample[f"{name}_cpu_s"] = sum(_cpu_seconds(process) for process in processes)
            sample[f"{name}_bytes"] = sum(_own_bytes(process) for process in processes)
        self._hogs.update({process.pid: _cpu_seconds(process) for process in hogs})
        sample["hog_cpu_s"] = sum(self._hogs.values())
        ours = sum(sample[f"{name}_cpu_s"] for name in ("server", "engine", "receivers", "hog"))
        sample["others_cpu_s"] = _machine_cpu_seconds() - ours
        sample["workers"] = len(workers)
        sample["kernel_tcp_bytes"] = _kernel_tcp_bytes()
        sample["calls"] = self._calls()
        self.samples.append(sample)
        return sample

    def _sample_unread(self) -> None:
        now, begun = time.time(), time.thread_time()
        found = unread(self._port)
        cost_s = time.thread_time() - begun
        self._ask_again = time.monotonic() + max(UNREAD_S - SAMPLE_S / 2, cost_s / UNREAD_SHARE_MAX)
        if found is not None:
            self.unread.append({"second": now, **found._asdict(), "cost_s": cost_s})

    def _calls(self) -> int:
        if self._engine is None:
            return 0
        try:
            stats: dict[str, Any] = self._engine.info("commandstats")
        except redis.RedisError:
            return 0
        return int(stats.get("cmdstat_fcall", {}).get("calls", 0))


def _session(leader: int) -> list[int]:
    """The processes of a session that live. The server's children have process groups of their own, and stay in it."""
    living = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(pid) == leader:
                living.append(pid)
    return living


def _kill_session(leader: int) -> None:
    for pid in _session(leader):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _machine_cpu_seconds() -> float:
    """What all cores have worked, the kernel's network work included; it is counted for the process it is done for."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def _parts(server: psutil.Process) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """The server's own processes, and its engine's."""
    everybody = _family(server)
    engine = [process for process in everybody if _name(process).startswith(("valkey", "redis"))]
    return [process for process in everybody if process not in engine], engine


def _family(root: psutil.Process | None) -> list[psutil.Process]:
    if root is None:
        return []
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.NoSuchProcess:
        return []


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _own_bytes(process: psutil.Process) -> int:
    """Resident memory without what is shared from files."""
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return int(memory.rss - memory.shared)


def _kernel_tcp_bytes() -> int:
    """What the kernel's TCP buffers take, both ends of all sockets of the machine."""
    for line in Path("/proc/net/sockstat").read_text(encoding="ascii").splitlines():
        if line.startswith("TCP:"):
            return int(line.split()[-1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as made:
        port: int = made.getsockname()[1]
        return port
