"""What a spike must not do, measured: `python loadtest/bench/storms.py [slow] [handshakes] [sold-out]` (or all).

    slow        500 viewers that read, alone and beside 500 that never do, in turns: the readers' latency
    handshakes  upgrades a second and core, beside `websockets.serve()` with the same token check
    sold-out    50,000 reservations for a SKU that is gone, as fast as they can be sent; then a unit comes back

The real server (engine, book, feed, room, gateway) in a process of its own, the clients in others, all on loopback.
Figures are medians over the rounds, in which the sides take turns. Writes `out/bench-storms.json`; exits with 1 where
a target is missed.
"""

from __future__ import annotations

import argparse
import json
import math
import selectors
import socket
import statistics
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvloop
from fanout import SHELFCAST, WEBSOCKETS, Child, Stand, request
from fanout_servers import ROOM, SECRET, UNPINGED, Commands
from rich.console import Console
from rich.table import Table
from shelfcast.app import App
from shelfcast.commands.serve import calm_collector
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import Confirm, Move, MoveKind, Op, Reserve, put

HERE = Path(__file__).parent
READERS = DEAF = 500
SLOW_ROUNDS = 5
CHANGES, CHANGE_PAUSE_MS = 40, 60
FILL = "broadcast 8 20000 60000"
"""Enough for the socket of one who does not read; the others have it read at once."""
HANDSHAKES, HANDSHAKE_ROUNDS = 1_000, 5
REFUSED_AT_ONCE = 50
STORM, STORM_CONNECTIONS = 50_000, 100
TICK_MS = Settings().tick_ms
SKU = "gone"
TAIL_BYTES = 24
"""What a read may cut in the middle of the word that is looked for."""
PATIENCE_S = 120
TARGETS = {
    "slow: readers' p50, beside ÷ alone": ("<=", 1.25),
    "slow: readers' p99, beside ÷ alone": ("<=", 1.25),
    "handshakes: upgrades a second and core ÷ websockets": (">=", 4_000 / 2_700),
    "sold-out: engine calls beside the feed's one a second": ("<=", 0.0),
    "sold-out: ms until a returned unit is sold": ("<=", float(TICK_MS)),
}


def token(user: str) -> str:
    return Tokens(Settings(token_secret=SECRET)).mint(role=Role.VIEWER, user=user)


def stand(name: str) -> Stand:
    return Stand(name, sys.executable, str(HERE / "fanout_servers.py"), name)


# --- slow viewers -----------------------------------------------------------------------------------------------


def slow() -> dict[str, float]:
    """The ratio of each round: what the machine does besides is in both."""
    made = stand(SHELFCAST)
    made.crowd(do="connect", port=made.port, requests=[request(token("reader"))] * READERS)
    alone, beside = [], []
    for _ in range(SLOW_ROUNDS):
        made.server.ask(FILL)
        alone.append(_quiet(made))
        with ExitStack() as deaf:
            for _ in range(DEAF):
                _join_and_never_read(deaf.enter_context(socket.socket()), made.port)
            made.server.ask(FILL)
            beside.append(_quiet(made))
    made.end()
    found = {"slow: alone p50 ms": _median(alone, statistics.median), "slow: alone p99 ms": _median(alone, p99)}
    for name, of in (("p50", statistics.median), ("p99", p99)):
        ratios = [of(b) / of(a) for a, b in zip(alone, beside, strict=True)]
        found[f"slow: readers' {name}, beside ÷ alone"] = statistics.median(ratios)
    return found


def _median(rounds: list[list[float]], of: Callable[[list[float]], float]) -> float:
    return statistics.median(of(latencies) for latencies in rounds)


def _quiet(made: Stand) -> list[float]:
    """Milliseconds until each reader knew of each change."""
    seconds = CHANGES * CHANGE_PAUSE_MS / 1000 + 1.5
    made.crowd(do="count")
    made.audience.tell(json.dumps({"do": "listen", "seconds": seconds}))
    changes = json.loads(made.server.ask(f"quiet {CHANGES} {CHANGE_PAUSE_MS}"))
    latencies = []
    for reads in json.loads(made.audience.hear())["heard"]:
        numbers = [seq for _, seq in reads]
        latencies += [(reads[bisect_left(numbers, seq)][0] - asked) * 1000 for asked, seq in changes]
    return latencies


def p99(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=100)[98]


def _join_and_never_read(made: socket.socket, port: int) -> None:
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    made.sendall(request(token("deaf")).encode())


# --- handshakes -------------------------------------------------------------------------------------------------


def handshakes() -> dict[str, float]:
    """By the CPU time of the server's process."""
    stands = [stand(SHELFCAST), stand(WEBSOCKETS)]
    for number in range(HANDSHAKE_ROUNDS):
        requests = [request(token(f"user-{number}-{n}")) for n in range(HANDSHAKES)]
        for made in stands:
            made.connect(requests)
    for made in stands:
        made.end()
    ours, theirs = (made.handshake_us for made in stands)
    return {
        "handshakes: refusals a second and core of a full server": 1e6 / _refusal_us(),
        "handshakes: upgrades a second and core": 1e6 / statistics.median(ours),
        "handshakes: websockets' upgrades a second and core": 1e6 / statistics.median(theirs),
        "handshakes: upgrades a second and core ÷ websockets": statistics.median(
            b / a for a, b in zip(ours, theirs, strict=True)
        ),
    }


def _refusal_us() -> float:
    """Server CPU for a client that finds every place taken, and is told so with a status, a body and Retry-After."""
    server = Child(sys.executable, __file__, "--serve", "--connections-max", "1")
    port = int(server.hear())
    with ExitStack() as opened:
        opened.enter_context(_join(port, 0))
        asking = request(token("late")).encode()
        before = _cpu_s(server)
        for _ in range(HANDSHAKES // REFUSED_AT_ONCE):
            with ExitStack() as some:
                refused = [
                    some.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(REFUSED_AT_ONCE)
                ]
                for made in refused:
                    made.sendall(asking)
                for made in refused:
                    if not made.recv(65536).startswith(b"HTTP/1.1 503"):
                        raise RuntimeError("a full server let somebody in")
        spent = _cpu_s(server) - before
    server.end()
    return spent / (HANDSHAKES // REFUSED_AT_ONCE * REFUSED_AT_ONCE) * 1e6


# --- sold out ---------------------------------------------------------------------------------------------------


def sold_out() -> dict[str, float]:
    """A storm, counted by the engine, and then a unit for somebody."""
    server = Child(sys.executable, __file__, "--serve")
    port = int(server.hear())
    with ExitStack() as opened:
        storm = Storm([opened.enter_context(_join(port, number)) for number in range(STORM_CONNECTIONS)])
        calls, cpu = int(server.ask("calls")), _cpu_s(server)
        begun = time.monotonic()
        storm.press(STORM)
        seconds = time.monotonic() - begun
        cpu, calls = _cpu_s(server) - cpu, int(server.ask("calls")) - calls
        server.tell("back")
        sold_at = storm.press_until_sold()
        back_at, answered_at = map(float, server.hear().split())
    server.end()
    return {
        "sold-out: engine calls beside the feed's one a second": max(0.0, calls - math.ceil(seconds + 1)),
        "sold-out: refusals a second": STORM / seconds,
        "sold-out: server CPU µs a refusal": cpu / STORM * 1e6,
        "sold-out: ms until a returned unit is sold": (sold_at - answered_at) * 1000,
        "sold-out: the same with the flush of the returned unit": (sold_at - back_at) * 1000,
    }


def _cpu_s(server: Child) -> float:
    return float(server.ask("usage").split()[0])


def _join(port: int, number: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.sendall(request(token(f"user-{number}")).encode())
    if not made.recv(65536).startswith(b"HTTP/1.1 101"):
        raise ConnectionError("refused")
    made.setblocking(False)
    return made


class Storm:
    """Connections that press reserve without a pause, and read what they are told."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._selector = selectors.DefaultSelector()
        self._tails = dict.fromkeys(sockets, b"")
        self._presses = dict.fromkeys(sockets, 0)
        for made in sockets:
            self._selector.register(made, selectors.EVENT_READ)

    def press(self, count: int) -> None:
        """So many requests, each connection's all at once; returns when all are refused."""
        each = count // len(self._presses)
        waiting = {made: b"".join(self._frame(made) for _ in range(each)) for made in self._presses}
        refused, until = 0, time.monotonic() + PATIENCE_S
        while refused < each * len(self._presses):
            if time.monotonic() > until:
                raise RuntimeError(f"{refused} of {count} were refused in time")
            for made, data in list(waiting.items()):
                waiting[made] = data[_send(made, data) :]
                if not waiting[made]:
                    del waiting[made]
            refused += sum(data.count(b'"code":"SOLD_OUT"') for _, data in self._read())

    def press_until_sold(self) -> float:
        """Every refusal is answered by the next request; returns when somebody was told that it has the unit."""
        for made in self._presses:
            made.send(self._frame(made))
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for made, data in self._read():
                if b'"type":"reserved"' in data:
                    return time.monotonic()
                for _ in range(data.count(b'"type":"refused"')):
                    made.send(self._frame(made))
        raise RuntimeError("nobody got the unit that came back")

    def _read(self) -> list[tuple[socket.socket, bytes]]:
        """What came, on which connection; a word that is cut in two comes whole with the second half."""
        came = []
        for key, _ in self._selector.select(0.01):
            made: Any = key.fileobj
            data = self._tails[made] + made.recv(1 << 18)
            whole = data.rfind(b"}") + 1
            self._tails[made] = data[whole:]
            came.append((made, data[:whole]))
        return came

    def _frame(self, made: socket.socket) -> bytes:
        """A reservation, masked with zeros."""
        self._presses[made] += 1
        message = {"type": "reserve", "id": f"p{made.fileno()}-{self._presses[made]}", "sku": SKU, "qty": 1}
        payload = json.dumps(message).encode()
        return bytes((0x81, 0x80 | len(payload), 0, 0, 0, 0)) + payload


def _send(made: socket.socket, data: bytes) -> int:
    try:
        return made.send(data[: 1 << 16])
    except BlockingIOError:
        return 0


# --- a server whose room has nothing left, in a process of its own --------------------------------------------------


async def serve(connections_max: int) -> None:
    """A room whose only SKU is gone. No duty and no count of viewers calls the engine meanwhile."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    hour_ms = 3_600_000
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as folder:
        limits = {"messages_burst": 10**6, "messages_a_second": 10**6, "verdict_buffer_max_bytes": 10**8}
        rare = {"expiry_sweep_ms": hour_ms, "duty_interval_ms": hour_ms, "viewers_interval_ms": hour_ms}
        settings = Settings(port=0, data_dir=folder, token_secret=SECRET, connections_max=connections_max)
        app = App(msgspec.structs.replace(settings, **UNPINGED, **limits, **rare))
        await app.start()
        calm_collector()
        try:
            await _Shop(app).obey()
        finally:
            await app.stop()


class _Shop:
    def __init__(self, app: App) -> None:
        self._app = app

    async def obey(self) -> None:
        self._book = await self._sell_out()
        await self._app.hub.enter(ROOM)
        await Commands(self._app.port, self._broadcast, calls=self._calls, back=self._back).obey()

    async def _sell_out(self) -> StockBook:
        directory = self._app.pools.directory
        await directory.create_pool("bench")
        await directory.create_room(ROOM, "bench")
        pool = await self._app.pools.get("bench")
        assert pool is not None
        ops: list[Op] = [
            put(What.CHANNEL, "live", {"kind": "shared"}),
            put(What.ROOM, ROOM, RoomConfig(channel="live", status=RoomStatus.LIVE)),
            put(What.SKU, SKU, {"title": SKU}),
            put(What.LISTING, SKU, {"position": 1}, parent=ROOM),
            Move("in", MoveKind.RECEIVE, SKU, 1, "supplier", "pool"),
            Reserve("first", ROOM, SKU, 1, "somebody"),
            Confirm("first"),
        ]
        for op in ops:
            outcome = await pool.book.apply(op)
            assert outcome.code == "OK", (op, outcome)
        return pool.book

    async def _broadcast(self, _payload: bytes) -> int:
        """Nothing is broadcast here but what the sale says."""
        return 0

    async def _calls(self, _arguments: list[str]) -> str:
        """Calls of functions, by the engine's own count."""
        stats: bytes = await self._app.engine.command("INFO", "commandstats")
        line = next(line for line in stats.decode().splitlines() if line.startswith("cmdstat_fcall:"))
        return line.partition("calls=")[2].partition(",")[0]

    async def _back(self, _arguments: list[str]) -> str:
        """A unit comes back: when it was asked for, and when the book had it."""
        asked = time.monotonic()
        await self._book.apply(Move("back", MoveKind.RECEIVE, SKU, 1, "supplier", "pool"))
        return f"{asked} {time.monotonic()}"


# --- all of it --------------------------------------------------------------------------------------------------


STORMS = {"slow": slow, "handshakes": handshakes, "sold-out": sold_out}


def show(found: dict[str, float]) -> bool:
    """The table; whether every target is met."""
    table = Table(title="Storms")
    for heading in ("figure", "measured", "target"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    missed = False
    for name, value in found.items():
        sign, bound = TARGETS.get(name, ("", 0.0))
        met = not sign or (value <= bound if sign == "<=" else value >= bound)
        missed = missed or not met
        table.add_row(name, f"{value:,.2f}", f"{sign} {bound:.2f}{'' if met else ' missed'}" if sign else "")
    Console().print(table)
    return not missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storms", nargs="*", choices=[*STORMS, []], help="which; all when none is named")
    parser.add_argument("--out", type=Path, default=Path("out/bench-storms.json"))
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--connections-max", type=int, default=18_000, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        uvloop.run(serve(given.connections_max))
        return 0
    found: dict[str, float] = {}
    for name in given.storms or STORMS:
        found |= STORMS[name]()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"figures": found, "targets": {name: f"{sign} {bound}" for name, (sign, bound) in TARGETS.items()}}
    given.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0 if show(found) else 1


if __name__ == "__main__":
    sys.exit(main())
