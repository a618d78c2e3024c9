"""What a show's report costs: one of 2,000 SKUs and 1,000,000 ledger entries, beside a live room.

    python loadtest/bench/reporting.py [--skus 2000] [--entries 1000000] [--viewers 300] [--rounds 3] [--untimed]

A real server on loopback in a temporary folder. A show of one room sells until the ledger has so many entries of it,
and ends; its report is written. Then, by turns, quiet phases and phases in which the report is written anew, while
another room of the same pool sells at a steady rate to viewers over real sockets: the seconds of the job and of the
processor, and how long viewers wait for each change of their room, without the job and with it.

Prints a table, writes `out/bench-reporting.json`, and exits with 1 where a check does not hold: the report takes 20 s
of one core, the viewers' p99 rises by no more than a quarter (all phases together), calls of the engine's functions
take 20 ms at most, typically, its identity holds for every SKU, its checksum verifies, the audit finds nothing. With
--untimed no time is judged.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from conclusion import conclude
from measured_server import MeasuredServer
from rich.console import Console
from rich.table import Table
from shelfcast.merchant.report_archive import is_intact
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Cancel, Confirm, Op, Reserve
from shelfcast_client.merchant import Merchant
from stocktaking import delays_of
from stocktaking_shop import (
    CHANNEL,
    LISTED,
    POOL,
    ROOM,
    ROWS,
    UNITS,
    UNPINGED,
    Change,
    Viewers,
    book_of,
    family_cpu_s,
    name,
    sale,
    token,
)
from waitlist_shop import EngineWatch

CPU_MAX_S, RISE_MAX, CALL_MAX_MS = 20.0, 1.25, 20.0
A_SECOND = 20
"""Changes of the viewers' room."""
AFTERWARDS_S = 2.0
"""Viewers are listened to so much longer than their room changes."""
SHOW_ROOM = "evening"
SHOW = f"{SHOW_ROOM}.1"
AT_ONCE = 1_000
"""Orders that are made at a time."""
CANCELLED_EVERY = 10
WORKERS = 2
LOOK_S = 0.1
LEAST_S = 1.0
"""A phase has changes, however short its report is."""


async def open_pool(merchant: Merchant, skus: int) -> None:
    """Two rooms on one channel: the viewers' with a few SKUs, and one that lists all."""
    await merchant.define_pool()
    await merchant.define_channel(CHANNEL)
    for room in (ROOM, SHOW_ROOM):
        await merchant.define_room(room, channel=CHANNEL, status="live")
    for begin in range(0, skus, ROWS):
        numbers = range(begin, min(begin + ROWS, skus))
        rows = [{"sku": name(n), "title": f"Thing {n}", "price_minor": 990, "opening": UNITS} for n in numbers]
        await merchant.catalogue(rows, key=f"opening-{begin}")
        await merchant.list_in_room(SHOW_ROOM, [{"sku": name(n), "position": n + 1} for n in numbers])
    await merchant.list_in_room(ROOM, [{"sku": name(n), "position": n + 1} for n in range(min(LISTED, skus))])


async def sell(book: StockBook, skus: int, entries: int) -> None:
    """Orders of a unit each, every tenth given back, until the ledger has so many entries of the show."""
    made = 0
    while made < entries // 2:
        numbers = range(made, min(made + AT_ONCE, entries // 2))
        users = [f"user-{n}" for n in numbers]
        held: list[Op] = [Reserve(f"o{n}", SHOW_ROOM, name(n % skus), 1, users[n - made]) for n in numbers]
        ended: list[Op] = [
            Cancel(f"o{n}", users[n - made]) if n % CANCELLED_EVERY == 0 else Confirm(f"o{n}") for n in numbers
        ]
        for ops in (held, ended):
            outcomes = await asyncio.gather(*[book.apply(op) for op in ops])
            wrong = next((outcome for outcome in outcomes if outcome.code != Code.OK), None)
            _check(wrong is None, f"an order was not made: {wrong}")
        made += len(numbers)
        if made % 50_000 < AT_ONCE:
            print(f"{2 * made:,} entries", file=sys.stderr, flush=True)


async def written(merchant: Merchant) -> dict[str, Any]:
    """The report is written anew: the job at its end."""
    job: Any = await merchant.write_report(SHOW)
    while job["state"] in ("queued", "running"):
        await asyncio.sleep(LOOK_S)
        job = await merchant.job(job["job"])
    _check(job["state"] == "done", f"the report was not written: {job}")
    return dict(job)


async def first_report(merchant: Merchant) -> None:
    """The one that the server writes by itself when the show ends."""
    await merchant.define_room(SHOW_ROOM, channel=CHANNEL, status="ended")
    while await merchant.report(SHOW) is None:  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(LOOK_S)


async def rounds_of(
    merchant: Merchant, viewers: Viewers, made: list[Change], asked: argparse.Namespace, server_pid: int
) -> dict[str, Any]:
    """By turns without the job and with it; which comes first changes from round to round."""
    seconds: list[float] = []
    phases: dict[str, list[list[float]]] = {"without": [], "with": []}
    shares: dict[str, list[float]] = {"without": [], "with": []}
    took_s: list[float] = []
    for number in range(asked.rounds):
        for kind in ("without", "with") if number % 2 == 0 else ("with", "without"):
            await asyncio.to_thread(viewers.begin, asked.phase_s + AFTERWARDS_S)
            begun_s, cpu_s = time.monotonic(), family_cpu_s(server_pid)
            until_s = begun_s + asked.phase_s
            if kind == "with":
                job = await written(merchant)
                seconds.append((job["ended_at_ms"] - job["started_at_ms"]) / 1_000)
                until_s = min(until_s, max(time.monotonic(), begun_s + LEAST_S))
            await asyncio.sleep(begun_s + asked.phase_s - time.monotonic())
            phase_s = time.monotonic() - begun_s
            shares[kind].append((family_cpu_s(server_pid) - cpu_s) / phase_s)
            took_s += [phase_s] if kind == "with" else []
            changes = [change for change in list(made) if begun_s <= change.asked_s < until_s]
            phases[kind].append(await asyncio.to_thread(viewers.delays_ms, changes))
            print(f"round {number + 1}, {kind} a report: {len(changes)} changes", file=sys.stderr, flush=True)
    more = statistics.median(shares["with"]) - statistics.median(shares["without"])
    return {
        "seconds": seconds,
        "cpu_s": more * statistics.median(took_s),
        **{kind: delays_of(found) for kind, found in phases.items()},
    }


def _check(holds: bool, fault: str) -> None:
    if not holds:
        raise RuntimeError(fault)


async def measure(server: MeasuredServer, asked: argparse.Namespace) -> dict[str, Any]:
    operator = token(server.secret, Role.OPERATOR, "bench")
    async with Merchant(server.url, operator, POOL) as merchant, book_of(server.data_dir) as book:
        await open_pool(merchant, asked.skus)
        begun_s = time.monotonic()
        await sell(book, asked.skus, asked.entries)
        sold_s = time.monotonic() - begun_s
        await first_report(merchant)
        engine = EngineWatch(server.data_dir)
        viewers = await asyncio.to_thread(Viewers, server.port, server.secret, asked.viewers)
        try:
            async with sale(book, A_SECOND) as made:
                engine.begin()
                result = await rounds_of(merchant, viewers, made, asked, server.pid)
                figures = engine.figures()
        finally:
            viewers.end()
        content = await merchant.report_json(SHOW)
        report = json.loads(content)
        orders = asked.entries // 2
        _check(report["totals"]["orders"] == orders - -(-orders // CANCELLED_EVERY), "the report lacks orders")
        return result | {
            "sold_s": sold_s,
            "typical_call_ms": figures.typical_ms,
            "longest_call_ms": figures.longest_ms,
            "report_bytes": len(content),
            "is_intact": is_intact(content),
            "difference": report["pool_totals"]["difference"],
        }


def rise_of(result: dict[str, Any]) -> float:
    """The viewers' p99 with a report ÷ without one, in one run."""
    return float(result["with"]["p99_ms"] / result["without"]["p99_ms"])


def faults(result: dict[str, Any], *, untimed: bool = False) -> list[str]:
    """What does not hold."""
    told = [f"audit: {result['violations']} violations"] if result["violations"] else []
    if result["difference"]:
        told.append(f"the identity lacks {result['difference']} units")
    if not result["is_intact"]:
        told.append("the report does not have the checksum that it says")
    if untimed:
        return told
    if result["cpu_s"] > CPU_MAX_S:
        told.append(f"a report took {result['cpu_s']:.1f} s of the processor (mark {CPU_MAX_S:.0f})")
    if rise_of(result) > RISE_MAX:
        told.append(f"the viewers' p99 is {rise_of(result):.2f} times what it is without it (mark {RISE_MAX})")
    if result["typical_call_ms"] > CALL_MAX_MS:
        told.append(f"engine calls of {result['typical_call_ms']:.1f} ms (mark {CALL_MAX_MS:.0f})")
    return told


def show(result: dict[str, Any]) -> None:
    table = Table(title=f"A show's report ({result['machine']})")
    for heading in ("figure", "measured", "mark"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    shown = [
        (f"{result['skus']:,} SKUs, {result['entries']:,} entries: CPU s of server and engine",
         f"{result['cpu_s']:.1f}", f"{CPU_MAX_S:.0f}"),
        ("s from its beginning to its end: median, longest",
         f"{statistics.median(result['seconds']):.1f}, {max(result['seconds']):.1f}", ""),
        ("KiB of the report", f"{result['report_bytes'] / 1024:,.0f}", ""),
        (f"{result['viewers']} viewers, p50, p99 ms without it",
         f"{result['without']['p50_ms']:.0f}, {result['without']['p99_ms']:.0f}", ""),
        ("with it", f"{result['with']['p50_ms']:.0f}, {result['with']['p99_ms']:.0f}", ""),
        ("p99 with ÷ without", f"{rise_of(result):.2f}", f"{RISE_MAX}"),
        ("engine call, of those over 1 ms: median, longest ms",
         f"{result['typical_call_ms']:.1f}, {result['longest_call_ms']:.1f}", f"{CALL_MAX_MS:.0f}"),
    ]  # fmt: skip
    for row in shown:
        table.add_row(*row)
    Console(width=110).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skus", type=int, default=2_000)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the show in the ledger")
    parser.add_argument("--viewers", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3, help="of a phase without a report and one with it")
    parser.add_argument("--phase-s", type=float, default=60.0, help="how long each lasts")
    parser.add_argument("--untimed", action="store_true", help="do not judge times: beside other work")
    parser.add_argument("--out", type=Path, default=Path("out/bench-reporting.json"))
    asked = parser.parse_args()
    flags = [part for flag, value in UNPINGED.items() for part in (f"--{flag}", str(value))]
    with (
        tempfile.TemporaryDirectory(prefix="shelfcast-reporting-") as folder,
        MeasuredServer(Path(folder), workers=WORKERS, flags=flags) as server,
    ):
        result = asyncio.run(measure(server, asked))
        result |= {name: getattr(asked, name) for name in ("skus", "entries", "viewers", "rounds")}
        result["violations"] = server.audit(POOL)["violation_count"]
    return conclude(result, faults(result, untimed=asked.untimed), asked.out, show)


if __name__ == "__main__":
    sys.exit(main())
