"""Shelfcast beside its peers in one run: `python loadtest/bench/compare.py`, or `make bench-peers`.

    [--connections 1000 5000 15000] [--rounds 3] [--frame-bytes 100] [--reservation-seconds 10] [--minutes-max 20]

Fan-out: a C loop over send() (the floor), Shelfcast, websockets.broadcast(), a Starlette room, picows, ws, Socket.IO,
nchan and Centrifugo, each optional, get the same connections from the same audience, and send the same frames: 100
bytes on the wire with the time at which each was handed over. They take turns within every round. CPU and memory are
those of all processes of a server, read from /proc; figures are medians of the rounds. Reservations: Shelfcast and
the obvious server, over sockets, on the same engine with every answer on disk. All on loopback.

Writes out/bench-peers.json, and plots beside it (needs matplotlib: pip install 'shelfcast[bench]').
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import compare_report
from compare_reservations import compare_reservations
from compare_stands import (
    SOCKETIO,
    Missing,
    Stand,
    centrifugo,
    floor,
    nchan,
    node_server,
    picows,
    python_server,
)
from fanout import request
from fanout_servers import SECRET
from rich.console import Console
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings

FRAMES_A_ROUND = 60_000
"""A round of few connections has more broadcasts, so that its CPU time can be told from nothing."""
BROADCASTS_MIN, BROADCASTS_MAX = 10, 60
PAUSE_S = 0.02
HEAR_S = 20
IDLE_S = 2
Figures = dict[str, dict[str, float]]
"""By server: what was measured at one number of connections."""


def peers(cache: Path) -> dict[str, Callable[[Path], Stand]]:
    """How to start each, in the order of the table."""
    return {
        "C floor": floor,
        "Shelfcast": lambda _: python_server("Shelfcast", "shelfcast"),
        "websockets.broadcast()": lambda _: python_server("websockets.broadcast()", "websockets"),
        "Starlette room": lambda _: python_server("Starlette room", "starlette"),
        "picows": picows,
        "ws (Node)": lambda _: node_server("ws (Node)", "ws_server.mjs", cache),
        "Socket.IO (Node)": lambda _: node_server("Socket.IO (Node)", "socketio_server.mjs", cache, SOCKETIO),
        "nchan (nginx)": nchan,
        "Centrifugo": centrifugo,
    }


def start(folder: Path, cache: Path, only: list[str]) -> tuple[list[Stand], dict[str, str]]:
    """Those that run here, and why the others do not."""
    stands, missing = [], {}
    for name, starter in peers(cache).items():
        if only and not any(wanted.lower() in name.lower() for wanted in only):
            continue
        try:
            stand = starter(folder)
        except (Missing, OSError, RuntimeError) as why:
            missing[name] = str(why)
        else:
            stand.name = name
            stands.append(stand)
    return stands, missing


def measure(stands: list[Stand], connections: int, rounds: int, size: int) -> Figures:
    """Fill every room up to so many connections, then broadcast in rounds."""
    tokens = Tokens(Settings(token_secret=SECRET))
    figures: Figures = {}
    for stand in stands:
        more = connections - stand.connections
        users = [f"user-{stand.connections + n}" for n in range(more)]
        requests = [request(tokens.mint(role=Role.VIEWER, user=user), stand.greeting.path) for user in users]
        before_s = stand.cpu_s()
        stand.connect(requests)
        figures[stand.name] = {"handshake_cpu_us": (stand.cpu_s() - before_s) / more * 1e6}
    idle_before_s = {stand.name: stand.cpu_s() for stand in stands}
    time.sleep(IDLE_S)
    for stand in stands:
        figures[stand.name]["idle_cpu_percent"] = (stand.cpu_s() - idle_before_s[stand.name]) / IDLE_S * 100
    for stand in stands:
        held_bytes = stand.resident_bytes() - stand.empty_bytes
        figures[stand.name]["kib_a_connection"] = held_bytes / connections / 1024
    taken: dict[str, list[dict[str, float]]] = {stand.name: [] for stand in stands}
    for _ in range(rounds):
        for stand in stands:
            taken[stand.name].append(broadcast_round(stand, size))
    for name, values in taken.items():
        figures[name] |= {key: statistics.median(one[key] for one in values) for key in values[0]}
    return figures


def broadcast_round(stand: Stand, size: int) -> dict[str, float]:
    """Some broadcasts, each heard by everybody before the next."""
    broadcasts = min(max(BROADCASTS_MIN, FRAMES_A_ROUND // stand.connections), BROADCASTS_MAX)
    latencies_us: list[int] = []
    received = 0
    stand.crowd(do="count")
    before_s = stand.cpu_s()
    for _ in range(broadcasts):
        stand.crowd(do="hear", frames=stand.connections, seconds=HEAR_S)
        stand.publish(stamped(size - stand.greeting.envelope_bytes))
        heard = json.loads(stand.audience.hear())
        if len(heard["latencies_us"]) != stand.connections:
            raise RuntimeError(f"{stand.name}: {len(heard['latencies_us'])} of {stand.connections} frames came")
        latencies_us += heard["latencies_us"]
        received += heard["bytes"]
        time.sleep(PAUSE_S)
    frames = broadcasts * stand.connections
    latencies_us.sort()
    return {
        "frame_cpu_us": (stand.cpu_s() - before_s) / frames * 1e6,
        "latency_p50_ms": latencies_us[frames // 2] / 1000,
        "latency_p99_ms": latencies_us[int(frames * 0.99)] / 1000,
        "bytes_a_frame": received / frames,
    }


def stamped(size: int) -> str:
    """A payload of so many bytes that says when it was made."""
    empty = '{"at":"%020d","pad":"%s"}'
    pad = "x" * (size - len(empty % (0, "")))
    return empty % (time.monotonic_ns(), pad)


def fan_out(given: argparse.Namespace, console: Console) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as folder:
        stands, missing = start(Path(folder), given.cache, given.only)
        by_count: dict[str, Figures] = {}
        try:
            for connections in sorted(given.connections):
                console.print(f"{connections:,} connections to each of {len(stands)} servers ...")
                by_count[str(connections)] = measure(stands, connections, given.rounds, given.frame_bytes)
        finally:
            for stand in stands:
                stand.end()
    return {"connections": by_count, "missing": missing}


def bound(minutes: int) -> None:
    """End in any case, and by the way of exceptions, so that every child is ended too."""

    def too_long(*_: object) -> None:
        raise TimeoutError(f"the comparison took longer than {minutes} minutes")

    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.alarm(minutes * 60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, nargs="+", default=[1_000, 5_000, 15_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frame-bytes", type=int, default=100, choices=range(80, 126), metavar="80..125")
    parser.add_argument("--reservation-seconds", type=float, default=10)
    parser.add_argument("--minutes-max", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of the servers to compare")
    parser.add_argument("--cache", type=Path, default=Path("out/peers"), help="where npm installs")
    parser.add_argument("--out", type=Path, default=Path("out/bench-peers.json"))
    given = parser.parse_args()
    bound(given.minutes_max)
    console = Console(width=118)
    given.cache = given.cache.resolve()
    result: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "frame_bytes": given.frame_bytes,
        "rounds": given.rounds,
        "fan_out": fan_out(given, console),
        "reservations": compare_reservations(given.reservation_seconds) if given.reservation_seconds else None,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    compare_report.show(result, console)
    compare_report.plot(result, given.out, console)


if __name__ == "__main__":
    main()
