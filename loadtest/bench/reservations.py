"""Decided reservations a second through the Python `StockBook`, durable (`appendfsync always`), on one Valkey core.

    python loadtest/bench/reservations.py [--reservations 200000] [--outstanding 2000] [--skus 20]

Runs the embedded engine in a temporary folder and, in one run, the same book in batched calls and with one call
a reservation; then weighs what a live reservation and its ledger entry take in the engine. Every reservation has
a user of its own, as in a flash sale. Prints a table and writes `out/bench-reservations.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvloop
from rich.console import Console
from rich.table import Table
from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.audit import audit
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Move, MoveKind, Reserve, put
from shelfcast.stock.outcomes import Outcome

SINGLE_CALL_SHARE = 20
"""One call a reservation is slow: it gets a twentieth of the reservations, and is compared by its rate."""
CLOCK_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Measured(msgspec.Struct):
    """One way of calling, measured."""

    name: str
    reservations: int
    seconds: float
    engine_cpu_seconds: float
    server_cpu_seconds: float
    calls: int

    @property
    def rate(self) -> float:
        """Reservations decided a second."""
        return self.reservations / self.seconds


def cpu_seconds_of(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS_A_SECOND


async def set_up(book: StockBook, skus: int, units: int) -> list[str]:
    """A live room with `skus` SKUs of `units` each."""
    names = [f"sku-{n:03}" for n in range(skus)]
    ops = [put(What.CHANNEL, "live", {"title": "Live"})]
    ops.append(put(What.ROOM, "flash", RoomConfig(channel="live", status=RoomStatus.LIVE)))
    for name in names:
        ops.append(put(What.SKU, name, {"title": name, "price_minor": 9900}))
        ops.append(put(What.LISTING, name, {"limit_per_user": 2}, parent="flash"))
    moves = [Move(f"in:{name}", MoveKind.RECEIVE, name, units, "supplier", "pool") for name in names]
    for op in (*ops, *moves):
        outcome = await book.apply(op)
        assert outcome.code == Code.OK, (op, outcome)
    return names


async def reserve_all(book: StockBook, skus: list[str], prefix: str, count: int, outstanding: int) -> None:
    """Keep `outstanding` reservations under way until `count` are decided; every one must hold."""
    finished = asyncio.Event()
    sent = answered = 0

    def send() -> None:
        nonlocal sent
        number, sent = sent, sent + 1
        book.submit(
            Reserve(f"{prefix}-{number:08}-4f9c2e", "flash", skus[number % len(skus)], 1, f"user-{number:08}"), done
        )

    def done(outcome: Outcome) -> None:
        nonlocal answered
        assert outcome.code == Code.OK, outcome
        answered += 1
        if sent < count:
            send()
        elif answered == count:
            finished.set()

    for _ in range(min(outstanding, count)):
        send()
    await finished.wait()


async def measure(
    engine: Engine, engine_pid: int, name: str, settings: Settings, count: int, args: argparse.Namespace
) -> tuple[Measured, StockBook]:
    book = StockBook(engine, name, settings)
    skus = await set_up(book, args.skus, count)
    calls_before = await calls_of(engine)
    engine_before, server_before, started = cpu_seconds_of(engine_pid), time.process_time(), time.perf_counter()
    await reserve_all(book, skus, name, count, args.outstanding)
    seconds = time.perf_counter() - started
    measured = Measured(
        name=name,
        reservations=count,
        seconds=seconds,
        engine_cpu_seconds=cpu_seconds_of(engine_pid) - engine_before,
        server_cpu_seconds=time.process_time() - server_before,
        calls=await calls_of(engine) - calls_before,
    )
    return measured, book


async def calls_of(engine: Engine) -> int:
    """FCALLs the engine has run so far."""
    stats: bytes = await engine.command("INFO", "commandstats")
    for line in stats.decode().splitlines():
        if line.startswith("cmdstat_fcall:"):
            return int(line.partition("calls=")[2].partition(",")[0])
    return 0


async def weigh(engine: Engine, book: StockBook, count: int) -> dict[str, float]:
    """Bytes of engine memory a live reservation, by key, and of its ledger entry beside them."""
    weights: dict[str, float] = {}
    for part in ("reservations", "live"):
        weights[part] = await memory_of(engine, f"{book.base}:{part}") / count
    # Net units are kept by window, a key for each show.
    units_keys = [key async for key in scan(engine, f"{book.base}:units*")]
    weights["units"] = sum([await memory_of(engine, key) for key in units_keys]) / count
    due_keys = [key async for key in scan(engine, f"{book.base}:due*")]
    weights["expiry"] = sum([await memory_of(engine, key) for key in due_keys]) / count
    weights["live reservation"] = sum(weights.values())
    weights["ledger entry"] = await memory_of(engine, f"{book.base}:ledger") / count
    return weights


async def memory_of(engine: Engine, key: str) -> int:
    return int(await engine.command("MEMORY", "USAGE", key, "SAMPLES", 0, key=key) or 0)


async def scan(engine: Engine, pattern: str) -> Any:
    cursor = b"0"
    while True:
        cursor, keys = await engine.command("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
        for key in keys:
            yield key.decode()
        if cursor == b"0":
            return


async def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as folder:
        settings = Settings(
            data_dir=folder, engine_call_timeout_ms=60_000, book_queue_max=max(20_000, args.outstanding)
        )
        embedded = EmbeddedEngine(Path(folder), settings)
        engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
        try:
            assert embedded.pid
            single = msgspec.structs.replace(settings, batch_size_max=1)
            few = max(1, args.reservations // SINGLE_CALL_SHARE)
            batched, book = await measure(engine, embedded.pid, "batched", settings, args.reservations, args)
            one, _ = await measure(engine, embedded.pid, "one-a-call", single, few, args)
            weights = await weigh(engine, book, args.reservations)
            report = await audit(book)
        finally:
            await engine.close()
            await embedded.stop()
    assert report.ok, report.violations
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "ways": [{**msgspec.to_builtins(way), "rate": way.rate} for way in (batched, one)],
        "ratio": batched.rate / one.rate,
        "bytes": weights,
        "audit": {"entries": report.entries, "violations": report.violation_count},
    }


def show(result: dict[str, Any]) -> None:
    console = Console(width=110)
    table = Table(title=f"Reservations, flushed to disk before each answer ({result['machine']})")
    for heading in ("way", "decided/s", "a call", "engine CPU µs each", "server CPU µs each"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for way in result["ways"]:
        n = way["reservations"]
        table.add_row(
            way["name"],
            f"{way['rate']:,.0f}",
            f"{n / way['calls']:.0f}",
            f"{way['engine_cpu_seconds'] / n * 1e6:.1f}",
            f"{way['server_cpu_seconds'] / n * 1e6:.1f}",
        )
    console.print(table)
    console.print(f"batched ÷ one a call: {result['ratio']:.1f}")
    weights = result["bytes"]
    parts = ", ".join(f"{part} {weights[part]:.0f}" for part in ("reservations", "units", "live", "expiry"))
    console.print(f"engine memory a live reservation: {weights['live reservation']:.0f} bytes ({parts})")
    console.print(f"a ledger entry: {weights['ledger entry']:.0f} bytes")
    console.print(f"audit: {result['audit']['entries']:,} entries, {result['audit']['violations']} violations")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reservations", type=int, default=200_000)
    parser.add_argument("--outstanding", type=int, default=2_000, help="reservations under way at a time")
    parser.add_argument("--skus", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("out/bench-reservations.json"))
    args = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(run(args))
    show(result)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
