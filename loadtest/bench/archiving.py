"""What archiving a pool's ledgers costs: time, the engine's memory before and after, and viewers beside it.

    python loadtest/bench/archiving.py [--entries 1000000] [--skus 2000] [--viewers 300] [--phase-s 60] [--untimed]

A real server on loopback in a temporary folder, which is the archive's place, too. A show of so many SKUs has made so
many ledger entries (a hold, then a payment or a cancellation, customer by customer, in batches of operations of the
book) and is over and reported; another room sells at a steady rate to viewers over real sockets in a process of their
own. A quiet phase, then the archive is written and everything up to the second show leaves the engine, then a quiet
phase again.

Prints a table, writes `out/bench-archiving.json`, and exits with 1 where a check does not hold: archived and taken out
in 60 s, calls of the engine's functions take 20 ms at most, the viewers' p99 is no more than a quarter above that of
the quiet phases, nothing is missing, both audits find nothing. With --untimed no time is judged.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
import redis
from conclusion import conclude
from measured_server import MeasuredServer
from rich.console import Console
from rich.table import Table
from shelfcast.engine import running_socket
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Cancel, Confirm, Op, Reserve
from shelfcast.stock.report_operations import NoteReport
from shelfcast_client.merchant import Merchant
from stocktaking import RISE_MAX, delays_of
from stocktaking_shop import CHANNEL, LISTED, POOL, ROOM, ROWS, UNITS, UNPINGED, Viewers, book_of, name, sale, token
from waitlist_shop import EngineWatch

ARCHIVED_MAX_S, CALL_MAX_MS = 60.0, 20.0
A_SECOND = 20
"""Changes of the room that viewers watch."""
AFTERWARDS_S = 2.0
"""Viewers are listened to so much longer than the room changes."""
PAST = "past"
"""The room of the show that is over."""
LOOK_S = 0.1
OPS_AT_ONCE = 4_000
CUSTOMERS = 50_000
WORKERS = 2


class EngineMemory:
    """What the engine's memory is taken by."""

    def __init__(self, data_dir: Path) -> None:
        path = running_socket(data_dir)
        if path is None:
            raise RuntimeError(f"no engine runs on {data_dir}")
        self._engine = redis.Redis(unix_socket_path=str(path))

    def now(self) -> dict[str, int]:
        """All of it, and the pool's ledger; bytes."""
        [ledger] = list(self._engine.scan_iter(match=f"*{{{POOL}}}:ledger", count=10_000))
        used: dict[str, Any] = self._engine.info("memory")
        taken = self._engine.memory_usage(ledger, samples=0)
        return {"used": int(used["used_memory"]), "ledger": int(taken or 0)}


async def open_pool(merchant: Merchant, skus: int) -> None:
    """A rehearsal with a room of many SKUs, which is live."""
    await merchant.define_pool(rehearsal=True)
    await merchant.define_channel(CHANNEL)
    await merchant.define_room(PAST, channel=CHANNEL, status="live")
    for begin in range(0, skus, ROWS):
        numbers = range(begin, min(begin + ROWS, skus))
        rows = [{"sku": name(n), "title": f"Thing {n}", "price_minor": 990, "opening": UNITS} for n in numbers]
        await merchant.catalogue(rows, key=f"opening-{begin}")
        await merchant.list_in_room(PAST, [{"sku": name(n), "position": n + 1} for n in numbers])


async def sell(book: StockBook, skus: int, entries: int) -> None:
    """Customers hold a unit each and pay it or give it back: two entries each, until there are so many."""
    orders = entries // 2
    for first in range(0, orders, OPS_AT_ONCE):
        numbers = range(first, min(first + OPS_AT_ONCE, orders))
        await _all(book, [Reserve(f"p{n}", PAST, name(n % skus), 1, f"user-{n % CUSTOMERS}") for n in numbers])
        await _all(book, [Confirm(f"p{n}") if n % 4 else Cancel(f"p{n}", f"user-{n % CUSTOMERS}") for n in numbers])
        print(f"\r{2 * numbers[-1] + 2:,} entries", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


async def _all(book: StockBook, ops: list[Op]) -> None:
    codes = {outcome.code for outcome in await asyncio.gather(*[book.apply(op) for op in ops])}
    _check(codes == {Code.OK}, f"expected every operation to be carried out: {codes}")


async def note_report(book: StockBook) -> None:
    """The show that is over has its final report, which the server would not write before the show may go on no more,
    and from which moment on it would archive it by itself; what that costs is measured elsewhere (`reporting.py`)."""
    outcome = await book.apply(NoteReport(f"{PAST}.1", "final", 0, (await book.clock())[1], "none", "none", []))
    _check(outcome.code is Code.OK, f"expected the report to be noted: {outcome}")


async def measure(server: MeasuredServer, asked: argparse.Namespace) -> dict[str, Any]:
    engine, memory = EngineWatch(server.data_dir), EngineMemory(server.data_dir)
    bench = token(server.secret, Role.OPERATOR, "bench")
    async with Merchant(server.url, bench, POOL) as merchant, book_of(server.data_dir, show_continue_max_ms=1) as book:
        await open_pool(merchant, asked.skus)
        await sell(book, asked.skus, asked.entries)
        await merchant.define_room(PAST, channel=CHANNEL, status="ended")
        while await merchant.report(f"{PAST}.1") is None:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(LOOK_S)
        await merchant.define_room(ROOM, channel=CHANNEL, status="live")
        await merchant.list_in_room(ROOM, [{"sku": name(n), "position": n + 1} for n in range(LISTED)])
        before = memory.now()
        viewers = await asyncio.to_thread(Viewers, server.port, server.secret, asked.viewers)
        phases: dict[str, list[list[float]]] = {"without": [], "with": []}
        run: dict[str, Any] = {}
        seconds = 0.0
        try:
            async with sale(book, A_SECOND) as made:
                for kind in ("without", "with", "without"):
                    await asyncio.to_thread(viewers.begin, asked.phase_s + AFTERWARDS_S)
                    begun_s = time.monotonic()
                    until_s = begun_s + asked.phase_s
                    if kind == "with":
                        engine.begin()
                        await note_report(book)
                        run = dict(await merchant.write_archive(kept_ms=0))
                        seconds = time.monotonic() - begun_s
                        figures = engine.figures()
                        until_s = min(until_s, time.monotonic())
                    await asyncio.sleep(begun_s + asked.phase_s - time.monotonic())
                    changes = [change for change in list(made) if begun_s <= change.asked_s < until_s]
                    phases[kind].append(await asyncio.to_thread(viewers.delays_ms, changes))
                    print(f"{kind}: {len(changes)} changes", file=sys.stderr, flush=True)
        finally:
            viewers.end()
        after = memory.now()
        audits = [await merchant.audit(archive=whole, wait_s=3_600) for whole in (False, True)]
        violations = [audit["violation_count"] for audit in audits]
        state = await merchant.archive()
        return {
            "seconds": seconds,
            "run": run,
            "stored_bytes": state["bytes"],
            "objects": state["objects"],
            "memory": {"before": before, "after": after},
            "typical_call_ms": figures.typical_ms,
            "longest_call_ms": figures.longest_ms,
            "violations": violations,
            **{kind: delays_of(found) for kind, found in phases.items()},
        }


def _check(holds: bool, fault: str) -> None:
    if not holds:
        raise RuntimeError(fault)


def rise_of(result: dict[str, Any]) -> float:
    """The viewers' p99 beside the archive ÷ that of the quiet phases."""
    return float(result["with"]["p99_ms"] / result["without"]["p99_ms"])


def faults(result: dict[str, Any], *, untimed: bool) -> list[str]:
    """What does not hold."""
    told, run = [], result["run"]
    if any(result["violations"]):
        told.append(f"audits: {result['violations']} violations")
    if not result["entries"] <= run["entries"] == run["trimmed"] == run["through"]:
        told.append(f"not everything left the engine: {run}")
    if untimed:
        return told
    if result["seconds"] > ARCHIVED_MAX_S:
        told.append(f"archived in {result['seconds']:.1f} s (mark {ARCHIVED_MAX_S:.0f})")
    if result["longest_call_ms"] > CALL_MAX_MS:
        told.append(f"an engine call took {result['longest_call_ms']:.1f} ms (mark {CALL_MAX_MS:.0f})")
    if rise_of(result) > RISE_MAX:
        told.append(f"the viewers' p99 is {rise_of(result):.2f} times that of the quiet phases (mark {RISE_MAX})")
    return told


def show(result: dict[str, Any]) -> None:
    table = Table(title=f"The archive ({result['machine']})")
    for heading in ("figure", "measured", "mark"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    before, after, run = result["memory"]["before"], result["memory"]["after"], result["run"]
    shown = [
        (f"{run['entries']:,} entries written, read back, folded and taken out, s",
         f"{result['seconds']:.1f}", f"{ARCHIVED_MAX_S:.0f}"),
        ("objects, MB as stored", f"{result['objects']}, {result['stored_bytes'] / 1e6:.1f}", ""),
        ("engine memory before, after, MB", f"{before['used'] / 1e6:.0f}, {after['used'] / 1e6:.0f}", ""),
        ("of it the ledger, MB", f"{before['ledger'] / 1e6:.0f}, {after['ledger'] / 1e6:.1f}", ""),
        ("engine call, of those over 1 ms: median, longest ms",
         f"{result['typical_call_ms']:.1f}, {result['longest_call_ms']:.1f}", f"{CALL_MAX_MS:.0f}"),
        (f"{result['viewers']} viewers, p50, p99 ms in quiet phases",
         f"{result['without']['p50_ms']:.0f}, {result['without']['p99_ms']:.0f}", ""),
        ("beside the archive", f"{result['with']['p50_ms']:.0f}, {result['with']['p99_ms']:.0f}", ""),
        ("p99 with ÷ without", f"{rise_of(result):.2f}", f"{RISE_MAX}"),
    ]  # fmt: skip
    for row in shown:
        table.add_row(*row)
    Console(width=110).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the ledger, beside one of each SKU")
    parser.add_argument("--skus", type=int, default=2_000, help="of the show")
    parser.add_argument("--viewers", type=int, default=300)
    parser.add_argument("--phase-s", type=float, default=60.0, help="how long each phase lasts, and viewers are heard")
    parser.add_argument("--untimed", action="store_true", help="do not judge times: beside other work")
    parser.add_argument("--out", type=Path, default=Path("out/bench-archiving.json"))
    asked = parser.parse_args()
    flags = UNPINGED | {"archive-timeout-ms": 300_000}
    with (
        tempfile.TemporaryDirectory(prefix="shelfcast-archiving-") as folder,
        MeasuredServer(
            Path(folder),
            workers=WORKERS,
            flags=[part for flag, value in flags.items() for part in (f"--{flag}", str(value))],
        ) as server,
    ):
        result = asyncio.run(measure(server, asked))
    result |= {name: getattr(asked, name) for name in ("entries", "skus", "viewers")}
    return conclude(result, faults(result, untimed=asked.untimed), asked.out, show)


if __name__ == "__main__":
    sys.exit(main())
