"""Fan-out, handshakes, memory and latency, beside other servers in one run: `python loadtest/bench/fanout.py`.

    [--connections 5000] [--rounds 5] [--viewers 1000] [--frame-bytes 100]

Beside Shelfcast (the real server: engine, book, feed, room, gateway) stand a C loop over send(), which is the floor
and needs a C compiler, `websockets.serve()` with `websockets.broadcast()`, and a plain Starlette endpoint. Each server
and each audience is a process of its own, all on loopback. The servers take turns within every round, so that what the
machine does besides meets all of them; the table shows medians of the rounds. CPU is the server process's own
(user + system). Writes `out/bench-fanout.json`.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
from bisect import bisect_left
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

from compare_processes import own_cpu_s
from fanout_servers import ROOM, SECRET
from rich.console import Console
from rich.table import Table
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings

HERE = Path(__file__).parent
SHELFCAST, FLOOR, WEBSOCKETS, STARLETTE = "shelfcast", "floor", "websockets", "starlette"
BROADCASTS_A_ROUND = 30
PAUSE_US = 20_000
"""Between broadcasts: time for the audience to read them, so that no socket fills."""
QUIET_CHANGES, QUIET_PAUSE_MS = 60, 150
STEADY_A_SECOND, STEADY_SECONDS = 400, 6
ANSWER_TIMEOUT_S = 120
TARGETS = {
    "CPU a frame ÷ floor": 1.3,
    "handshake CPU ÷ websockets": 0.6,
    "KiB an idle viewer": 4.0,
    "quiet p99 ms": 30.0,
    "steady p99 ms": 80.0,
}


class Child:
    """A process that answers one line a line."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        assert self._process.stdout is not None
        silent = Timer(ANSWER_TIMEOUT_S, self._process.kill)
        silent.start()
        line = self._process.stdout.readline()
        silent.cancel()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        return line

    def ask(self, line: str) -> str:
        self.tell(line)
        return self.hear()

    def end(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Stand:
    """One server and its audience."""

    def __init__(self, name: str, *command: str) -> None:
        self.name = name
        self.server = Child(*command)
        self.port = int(self.server.hear())
        self.audience = Child(sys.executable, str(HERE / "fanout_audience.py"))
        self.handshake_us: list[float] = []
        self.frame_us: list[float] = []
        self.kib = 0.0

    def usage(self) -> tuple[float, int, int]:
        cpu, rss, frames = self.server.ask("usage").split()
        return float(cpu), int(rss), int(frames)

    def connect(self, requests: list[str]) -> None:
        # Read from outside: asking for the usage has Python collect its garbage, which is no part of a handshake.
        before = own_cpu_s(self.server.pid)
        self.crowd(do="connect", port=self.port, requests=requests)
        after = own_cpu_s(self.server.pid)
        self.handshake_us.append((after - before) / len(requests) * 1e6)

    def broadcast(self, connections: int, size: int) -> None:
        self.crowd(do="count")
        before, _, _ = self.usage()
        cpu, _, frames = self.server.ask(f"broadcast {BROADCASTS_A_ROUND} {PAUSE_US} {size}").split()
        received = 0
        wanted = BROADCASTS_A_ROUND * connections * size
        for _ in range(100):
            received += self.crowd(do="count")["bytes"]
            if received >= wanted:
                break
        if int(frames) != BROADCASTS_A_ROUND * connections or received < wanted:
            raise RuntimeError(f"{self.name}: {frames} frames sent, {received} of {wanted} bytes received")
        self.frame_us.append((float(cpu) - before) / int(frames) * 1e6)

    def crowd(self, **command: Any) -> Any:
        return json.loads(self.audience.ask(json.dumps(command)))

    def end(self) -> None:
        self.audience.end()
        self.server.end()


def request(token: str, path: str = f"/v1/rooms/{ROOM}/ws") -> str:
    """An upgrade as a native client sends it."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: shelfcast.v1.json\r\n"
        f"Authorization: Bearer {token}\r\nUser-Agent: shelfcast-bench\r\n\r\n"
    )


def stands(folder: Path) -> list[Stand]:
    """Every server that this machine can run."""
    made = []
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler:
        binary = folder / "floor"
        subprocess.run([compiler, "-O2", "-o", str(binary), str(HERE / "floor.c")], check=True)
        made.append(Stand(FLOOR, str(binary)))
    servers = str(HERE / "fanout_servers.py")
    return made + [Stand(name, sys.executable, servers, name) for name in (SHELFCAST, WEBSOCKETS, STARLETTE)]


def measure_load(all_stands: list[Stand], connections: int, rounds: int, size: int) -> None:
    """Handshakes in as many parts as there are rounds, then the broadcasts."""
    tokens = Tokens(Settings(token_secret=SECRET))
    part = connections // rounds
    empty = {stand.name: stand.usage()[1] for stand in all_stands}
    for number in range(rounds):
        users = [f"user-{number}-{n}" for n in range(part)]
        requests = [request(tokens.mint(role=Role.VIEWER, user=user)) for user in users]
        for stand in all_stands:
            stand.connect(requests)
    for stand in all_stands:
        stand.kib = (stand.usage()[1] - empty[stand.name]) / (part * rounds) / 1024
    for _ in range(rounds):
        for stand in all_stands:
            stand.broadcast(part * rounds, size)


def measure_latency(viewers: int) -> dict[str, float]:
    """From asking the book to reading the frame, over all viewers and changes."""
    stand = Stand(SHELFCAST, sys.executable, str(HERE / "fanout_servers.py"), SHELFCAST)
    token = Tokens(Settings(token_secret=SECRET)).mint(role=Role.VIEWER, user="watcher")
    stand.crowd(do="connect", port=stand.port, requests=[request(token) for _ in range(viewers)])
    seconds = QUIET_CHANGES * QUIET_PAUSE_MS / 1000 + 2
    quiet = _heard(stand, f"quiet {QUIET_CHANGES} {QUIET_PAUSE_MS}", seconds)
    steady = _heard(stand, f"steady {STEADY_A_SECOND} {STEADY_SECONDS}", STEADY_SECONDS + 2)
    stand.end()
    return {
        "quiet p50 ms": statistics.median(quiet),
        "quiet p99 ms": _p99(quiet),
        "steady p50 ms": statistics.median(steady),
        "steady p99 ms": _p99(steady),
    }


def _heard(stand: Stand, command: str, seconds: float) -> list[float]:
    """Milliseconds until each viewer knew of each change."""
    stand.crowd(do="count")
    stand.audience.tell(json.dumps({"do": "listen", "seconds": seconds}))
    changes = json.loads(stand.server.ask(command))
    latencies = []
    for reads in json.loads(stand.audience.hear())["heard"]:
        numbers = [seq for _, seq in reads]
        for asked, seq in changes:
            first = bisect_left(numbers, seq)
            if first == len(numbers):
                raise RuntimeError(f"a viewer never heard of change {seq}")
            latencies.append((reads[first][0] - asked) * 1000)
    return latencies


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def figures(all_stands: list[Stand], latency: dict[str, float]) -> dict[str, float]:
    """What the targets are about."""
    by_name = {stand.name: stand for stand in all_stands}
    ours, peer = by_name[SHELFCAST], by_name[WEBSOCKETS]
    found = {
        "handshake CPU ÷ websockets": _ratio(ours.handshake_us, peer.handshake_us),
        "KiB an idle viewer": ours.kib,
        **latency,
    }
    if FLOOR in by_name:
        found["CPU a frame ÷ floor"] = _ratio(ours.frame_us, by_name[FLOOR].frame_us)
    return found


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the ratios round by round: what the machine did besides is in both."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def show(all_stands: list[Stand], found: dict[str, float], connections: int, size: int) -> None:
    console = Console()
    table = Table(title=f"{connections} connections, frames of {size} bytes; medians")
    for heading in ("server", "CPU µs a frame", "handshake CPU µs", "KiB a connection"):
        table.add_column(heading, justify="left" if heading == "server" else "right")
    for stand in all_stands:
        frame_us, handshake_us = (statistics.median(values) for values in (stand.frame_us, stand.handshake_us))
        table.add_row(stand.name, f"{frame_us:.2f}", f"{handshake_us:.0f}", f"{stand.kib:.2f}")
    console.print(table)
    targets = Table(title="Shelfcast")
    for heading in ("figure", "measured", "at most"):
        targets.add_column(heading, justify="left" if heading == "figure" else "right")
    for name, value in found.items():
        targets.add_row(name, f"{value:.2f}", f"{TARGETS[name]:.1f}" if name in TARGETS else "")
    console.print(targets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--viewers", type=int, default=1_000)
    parser.add_argument("--frame-bytes", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("out/bench-fanout.json"))
    given = parser.parse_args()
    latency = measure_latency(given.viewers)
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as folder:
        all_stands = stands(Path(folder))
        try:
            measure_load(all_stands, given.connections, given.rounds, given.frame_bytes)
        finally:
            for stand in all_stands:
                stand.end()
    found = figures(all_stands, latency)
    show(all_stands, found, given.connections, given.frame_bytes)
    result = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "connections": given.connections,
        "frame_bytes": given.frame_bytes,
        "servers": {
            s.name: {"frame_us": s.frame_us, "handshake_us": s.handshake_us, "kib_a_connection": s.kib}
            for s in all_stands
        },
        "shelfcast": found,
        "targets": TARGETS,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
