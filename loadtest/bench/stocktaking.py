"""What counts cost: a sheet of 20,000 lines as a file beside a live room, lines one by one, and differences applied.

    python loadtest/bench/stocktaking.py [--lines 20000] [--viewers 300] [--rounds 5] [--differences 2000] [--untimed]

A real server on loopback in a temporary folder, a pool of as many SKUs as the sheet has lines and 20 more, which a live
room sells at a steady rate, and viewers over real sockets in a process of their own. Three parts:

    file    by turns a quiet phase and one in which a sheet of so many lines is sent: the seconds from the POST until
            its lines are saved, and how long viewers wait for each change of the room, without it and with it
    lines   lines saved one by one over HTTP by some people at once: how many a second
    apply   so many differences moved: the seconds, and the longest call of the engine

Prints a table, writes `out/bench-stocktaking.json`, and exits with 1 where a check does not hold: the file is saved in
10 s, the viewers' p99 rises by no more than a quarter (all phases of all rounds together), calls of the engine's
functions take 20 ms at most, typically, every line arrives, the audit finds nothing. With --untimed no time is
judged.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
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
from shelfcast.protocol.access import Role
from shelfcast_client.merchant import Merchant
from stocktaking_shop import (
    FEW,
    LISTED,
    POOL,
    UNPINGED,
    Change,
    EngineCpu,
    Viewers,
    book_of,
    family_cpu_s,
    name,
    open_pool,
    sale,
    token,
)
from waitlist_shop import EngineWatch

SAVED_MAX_S, RISE_MAX, CALL_MAX_MS = 10.0, 1.25, 20.0
A_SECOND = 20
"""Changes of the room."""
AFTERWARDS_S = 2.0
"""Viewers are listened to so much longer than the room changes."""
PEOPLE = 8
REASONS_A_CALL = 500
WORKERS = 2


# --- the file, beside viewers ---------------------------------------------------------------------------------------


def sheet(lines: int) -> bytes:
    """A sheet that was filled in: everything that the room does not sell is there."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("sku", "good", "bad", "zone"))
    rows.writerows((name(LISTED + n), FEW, 0, "A1") for n in range(lines))
    return text.getvalue().encode()


async def rounds_of(
    merchant: Merchant, viewers: Viewers, made: list[Change], asked: argparse.Namespace, server_pid: int
) -> dict[str, Any]:
    """By turns without a file and with one; which comes first changes from round to round."""
    content = sheet(asked.lines)
    saved_s: list[float] = []
    phases: dict[str, list[list[float]]] = {"without": [], "with": []}
    shares: dict[str, list[float]] = {"without": [], "with": []}
    took_s: list[float] = []
    for number in range(asked.rounds):
        for kind in ("without", "with") if number % 2 == 0 else ("with", "without"):
            count = (await merchant.open_count("spot", skus=[]))["count"]["count"] if kind == "with" else ""
            await asyncio.to_thread(viewers.begin, asked.phase_s + AFTERWARDS_S)
            begun_s, cpu_s = time.monotonic(), family_cpu_s(server_pid)
            until_s = begun_s + asked.phase_s
            if kind == "with":
                read = await merchant.send_count_file(count, content)
                saved_s.append(time.monotonic() - begun_s)
                until_s = min(until_s, time.monotonic())
                _check(read["saved"] == asked.lines, f"expected {asked.lines} saved lines: {read}")
            await asyncio.sleep(begun_s + asked.phase_s - time.monotonic())
            phase_s = time.monotonic() - begun_s
            shares[kind].append((family_cpu_s(server_pid) - cpu_s) / phase_s)
            took_s += [phase_s] if kind == "with" else []
            changes = [change for change in list(made) if begun_s <= change.asked_s < until_s]
            phases[kind].append(await asyncio.to_thread(viewers.delays_ms, changes))
            if kind == "with":
                await merchant.cancel_count(count)
            print(f"round {number + 1}, {kind} a file: {len(changes)} changes", file=sys.stderr, flush=True)
    more = statistics.median(shares["with"]) - statistics.median(shares["without"])
    cpu = more * statistics.median(took_s)
    return {"saved_s": saved_s, "cpu_s": cpu, **{kind: delays_of(found) for kind, found in phases.items()}}


def delays_of(phases: list[list[float]]) -> dict[str, Any]:
    """Of the delays of some phases: how many, and their percentiles, in ms."""
    every = sorted(delay for phase in phases for delay in phase)
    return {
        "frames": len(every),
        "p50_ms": every[len(every) // 2],
        "p99_ms": _p99(every),
        "p99_of_each_ms": [_p99(sorted(phase)) for phase in phases],
    }


def _p99(ordered: list[float]) -> float:
    return ordered[len(ordered) * 99 // 100]


# --- lines, and differences -----------------------------------------------------------------------------------------


async def save_lines(merchant: Merchant, secret: str, url: str, lines: int) -> tuple[str, float]:
    """Some people enter a line of each SKU, which lacks a unit: the count, and how many lines a second."""
    skus = [name(LISTED + n) for n in range(lines)]
    made = await merchant.open_count("spot", skus=skus[:500], recount_over=1_000)
    count = made["count"]["count"]
    for begin in range(500, lines, 500):
        await merchant.add_to_count(count, skus[begin : begin + 500])

    async def enter(person: int) -> None:
        async with Merchant(url, token(secret, Role.COUNTER, f"counter-{person}"), POOL) as counter:
            for sku in skus[person::PEOPLE]:
                await counter.save_line(count, sku, FEW - 1)

    begun_s = time.monotonic()
    async with asyncio.TaskGroup() as people:
        for person in range(PEOPLE):
            people.create_task(enter(person))
    return count, lines / (time.monotonic() - begun_s)


async def apply(merchant: Merchant, engine: EngineWatch, cpu: EngineCpu, count: str, lines: int) -> dict[str, Any]:
    """Say why all of them differ, and move the differences."""
    await merchant.close_count(count)
    skus = [name(LISTED + n) for n in range(lines)]
    for begin in range(0, lines, REASONS_A_CALL):
        some = skus[begin : begin + REASONS_A_CALL]
        await merchant.give_reasons(count, [{"sku": sku, "reason": "lost"} for sku in some])
    found = await merchant.counted(count)
    if found is None:
        raise RuntimeError("expected the count that was just made")
    engine.begin()
    begun_s, before_s = time.monotonic(), cpu.spent_s()
    applied = await merchant.apply_count(count, found["revision"])
    seconds = time.monotonic() - begun_s
    _check((applied["state"], applied["lost"]) == ("applied", lines), f"expected {lines} lost, found {applied}")
    spent_s, figures = cpu.spent_s() - before_s, engine.figures()
    return {
        "seconds": seconds,
        "typical_call_ms": figures.typical_ms,
        "longest_call_ms": figures.longest_ms,
        "calls": figures.calls,
        "cpu_us_a_difference": spent_s / lines * 1e6,
    }


def _check(holds: bool, fault: str) -> None:
    if not holds:
        raise RuntimeError(fault)


# --- a run ----------------------------------------------------------------------------------------------------------


async def measure(server: MeasuredServer, asked: argparse.Namespace) -> dict[str, Any]:
    await open_pool(server.url, server.secret, LISTED + max(asked.lines, asked.differences))
    engine = EngineWatch(server.data_dir)
    bench = token(server.secret, Role.OPERATOR, "bench")
    async with Merchant(server.url, bench, POOL) as merchant, book_of(server.data_dir) as book:
        viewers = await asyncio.to_thread(Viewers, server.port, server.secret, asked.viewers)
        try:
            async with sale(book, A_SECOND) as made:
                engine.begin()
                file = await rounds_of(merchant, viewers, made, asked, server.pid)
                figures = engine.figures()
                file |= {"typical_call_ms": figures.typical_ms, "longest_call_ms": figures.longest_ms}
        finally:
            viewers.end()
        count, a_second = await save_lines(merchant, server.secret, server.url, asked.differences)
        return {
            "file": file,
            "lines_a_second": a_second,
            "apply": await apply(merchant, engine, EngineCpu(server.data_dir), count, asked.differences),
        }


def faults(result: dict[str, Any], *, untimed: bool = False) -> list[str]:
    """What does not hold."""
    told = [f"audit: {result['violations']} violations"] if result["violations"] else []
    if untimed:
        return told
    file, rise = result["file"], rise_of(result)
    if max(file["saved_s"]) > SAVED_MAX_S:
        told.append(f"the file was saved in {max(file['saved_s']):.1f} s (mark {SAVED_MAX_S:.0f})")
    if rise > RISE_MAX:
        told.append(f"the viewers' p99 is {rise:.2f} times what it is without the file (mark {RISE_MAX})")
    calls = {part: result[part]["typical_call_ms"] for part in ("file", "apply")}
    slow = [f"{part}: engine calls of {ms:.1f} ms" for part, ms in calls.items() if ms > CALL_MAX_MS]
    return [*told, *(f"{said} (mark {CALL_MAX_MS:.0f})" for said in slow)]


def rise_of(result: dict[str, Any]) -> float:
    """The viewers' p99 with a file ÷ without one, in one run."""
    return float(result["file"]["with"]["p99_ms"] / result["file"]["without"]["p99_ms"])


def show(result: dict[str, Any]) -> None:
    file, applied = result["file"], result["apply"]
    table = Table(title=f"Counts ({result['machine']})")
    for heading in ("figure", "measured", "mark"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    shown = [
        (f"{result['lines']:,} lines saved: median, longest s",
         f"{statistics.median(file['saved_s']):.1f}, {max(file['saved_s']):.1f}", f"{SAVED_MAX_S:.0f}"),
        ("CPU s of server and engine for them, whatever the machine does besides", f"{file['cpu_s']:.1f}", ""),
        (f"{result['viewers']} viewers, p50, p99 ms without a file",
         f"{file['without']['p50_ms']:.0f}, {file['without']['p99_ms']:.0f}", ""),
        ("with one", f"{file['with']['p50_ms']:.0f}, {file['with']['p99_ms']:.0f}", ""),
        ("p99 with ÷ without", f"{rise_of(result):.2f}", f"{RISE_MAX}"),
        ("engine call, of those over 1 ms: median, longest ms",
         f"{file['typical_call_ms']:.1f}, {file['longest_call_ms']:.1f}", f"{CALL_MAX_MS:.0f}"),
        (f"lines saved one by one, {PEOPLE} people, a second", f"{result['lines_a_second']:.0f}", ""),
        (f"{result['differences']:,} differences applied, s", f"{applied['seconds']:.2f}", ""),
        ("engine CPU a difference, µs (whatever the machine does besides)",
         f"{applied['cpu_us_a_difference']:.0f}", ""),
        ("engine call: median, longest ms",
         f"{applied['typical_call_ms']:.1f}, {applied['longest_call_ms']:.1f}", f"{CALL_MAX_MS:.0f}"),
    ]  # fmt: skip
    for row in shown:
        table.add_row(*row)
    Console(width=110).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=20_000, help="of the sheet")
    parser.add_argument("--viewers", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5, help="of a phase without a file and one with it")
    parser.add_argument("--phase-s", type=float, default=12.0, help="how long each lasts")
    parser.add_argument("--differences", type=int, default=2_000, help="lines that are entered and applied")
    parser.add_argument("--untimed", action="store_true", help="do not judge times: beside other work")
    parser.add_argument("--out", type=Path, default=Path("out/bench-stocktaking.json"))
    asked = parser.parse_args()
    flags = [part for flag, value in UNPINGED.items() for part in (f"--{flag}", str(value))]
    with (
        tempfile.TemporaryDirectory(prefix="shelfcast-stocktaking-") as folder,
        MeasuredServer(Path(folder), workers=WORKERS, flags=flags) as server,
    ):
        result = asyncio.run(measure(server, asked))
        result |= {name: getattr(asked, name) for name in ("lines", "viewers", "rounds", "differences")}
        result["violations"] = server.audit(POOL)["violation_count"]
    return conclude(result, faults(result, untimed=asked.untimed), asked.out, show)


if __name__ == "__main__":
    sys.exit(main())
