"""Run one shape of an evening against a server of its own, and report: `python loadtest/spike.py --viewers 1000`.

Starts the server in a temporary folder, sets a room up over HTTP, runs Locust headless on several processes, audits
the book, and writes out/load-<shape>-<viewers>.html and .json. Exits with 1 when a check fails. See README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import report
from hog import CORES_MAX
from measured_server import MeasuredServer, Sampler
from plan import BUY_COHORT_MAX, CHANNEL, PLAN_VARIABLE, POOL, ROOM, WATCH_COHORT_MAX, Plan, cohorts
from rich.console import Console
from rich.table import Table
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from shelfcast_client.merchant import Merchant
from timetable import PHASES, phases
from verdict import UNREAD_MAX_MB, Check, arrival_seconds, judge, limits

VIEWERS_A_PROCESS = 17_000
"""A process may open 20,000 descriptors here."""
CONNECTIONS_A_WORKER = 16_700
SERVER_SHARE = 0.6
"""The part of the cores that may go into broadcasting, all workers together: the receivers need theirs to read it."""
VIEWERS_INTERVAL_A_VIEWER_MS = 0.05
"""Telling a hundred thousand how many they are keeps two cores busy for a second: every five seconds there."""
COHORT_CONNECTIONS_MAX = 18_000
"""Connections from one address: here a cohort is thousands of viewers, who come from one loopback address."""
LOCUST_EXTRA_S = 180.0
"""Starting, late arrivals, settling and stopping; beyond it the run is ended."""


def main() -> int:
    args = _arguments()
    if args.viewers < args.buyers:
        raise SystemExit("there cannot be more buyers than viewers: buyers watch, too")
    with tempfile.TemporaryDirectory(prefix="shelfcast-load-") as folder:
        flags = _sized(args) + [part for flag in args.server_flag for part in flag.split("=", 1)]
        server = MeasuredServer(Path(folder), workers=args.workers, flags=flags)
        with server:
            try:
                run = _run(args, server, Path(folder), flags)
            except BaseException:
                sys.stderr.write(server.log())
                raise
    page, as_json = report.write(run, args.out / f"load-{args.shape}-{args.viewers}")
    _show(run)
    sys.stdout.write(f"{page}\n{as_json}\n")
    return 0 if all(check["holds"] for check in run["checks"]) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=sorted(PHASES), default="spike")
    parser.add_argument("--viewers", type=int, default=1_000, help="connections, buyers among them")
    parser.add_argument("--buyers", type=int, help="connections that reserve; a tenth of the viewers unless given")
    parser.add_argument("--rate", type=float, default=300.0, help="reservations a second where the shape sells most")
    parser.add_argument("--pay-rate", type=float, default=50.0, help="payments a second")
    parser.add_argument("--skus", type=int, default=20)
    parser.add_argument("--units", type=int, help="units of a SKU; so few in `soldout` that half the flash is refused")
    parser.add_argument("--workers", type=int, help="server processes; enough for 18,000 connections each unless given")
    parser.add_argument("--processes", type=int, help="Locust processes; at least 2, 17,000 connections each")
    parser.add_argument("--pace", type=float, default=1.0, help="run the shape so many times as quick")
    parser.add_argument("--p99-ms", type=float, help="limit of stock change → viewer; by the viewers unless given")
    parser.add_argument("--arrival-s", type=float, help="limit until all connections are open; the shape's arrivals")
    parser.add_argument("--server-flag", action="append", default=[], metavar="NAME=VALUE", help="--tick-ms=20 ...")
    parser.add_argument(
        "--hog", type=float, default=0.0, metavar="CORES", help="cores taken from the run once all are there"
    )
    parser.add_argument("--unread-mb", type=float, default=UNREAD_MAX_MB, help="limit of payload that nobody has read")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out"))
    args = parser.parse_args()
    args.buyers = max(1, args.viewers // 10) if args.buyers is None else args.buyers
    args.workers = args.workers or max(2, -(-args.viewers // CONNECTIONS_A_WORKER))
    args.processes = args.processes or max(2, -(-args.viewers // VIEWERS_A_PROCESS))
    scarce = max(1, args.buyers // 2 // args.skus)
    args.units = args.units or (scarce if args.shape == "soldout" else 1_000_000)
    if not 0 <= args.hog <= CORES_MAX:
        parser.error(f"--hog takes 0 to {CORES_MAX:.0f} cores")
    return args


def _sized(args: argparse.Namespace) -> list[str]:
    """What the server must be told about a machine whose cores its workers share with one another and with the load."""
    share = min(0.5, SERVER_SHARE * (os.cpu_count() or 1) / args.workers)
    interval_ms = max(1_000, int(args.viewers * VIEWERS_INTERVAL_A_VIEWER_MS))
    return [
        *("--broadcast-share-max", f"{share:.3f}", "--viewers-interval-ms", str(interval_ms)),
        *("--connections-an-address-max", str(COHORT_CONNECTIONS_MAX)),
    ]


def _run(args: argparse.Namespace, server: MeasuredServer, folder: Path, flags: list[str]) -> dict[str, Any]:
    plan = _plan(args, server, folder / "result.json")
    tokens = Tokens(Settings(token_secret=server.secret))
    asyncio.run(_open_room(server.url, tokens.mint(role=Role.OPERATOR, user="spike"), plan, args.units))
    sampler = Sampler(server)
    empty = sampler.sample()
    started = datetime.now(UTC)
    _run_locust(plan, server, folder, sampler)
    audit = server.audit(POOL)
    result = msgspec.json.decode(Path(plan.result).read_bytes())
    buckets = asyncio.run(_buckets(server.url, tokens.mint(role=Role.OPERATOR, user="spike")))
    unread = _unread_by_phase(result["phases"], sampler.unread)
    limit = limits(
        plan.viewers,
        hog=args.hog,
        p99_ms=args.p99_ms,
        arrival_s=args.arrival_s or plan.arrive_s,
        unread_mb=args.unread_mb,
    )
    checks = judge(plan, result, audit, buckets, unread, limit)
    return {
        "shape": args.shape,
        "machine": f"{os.cpu_count()}-core machine ({platform.machine()}), load on the same cores",
        "started": started.isoformat(timespec="seconds"),
        "workers": args.workers,
        "server_flags": flags,
        "buyers": plan.buyers,
        "arrival_s": arrival_seconds(plan, result),
        **{name: getattr(plan, name) for name in ("processes", "rate", "pay_rate", "hog", "seed")},
        "checks": msgspec.to_builtins(checks),
        "server": _server_figures(plan, result, empty, sampler.samples),
        "audit": {name: audit[name] for name in ("ok", "entries", "reservations", "violation_count")},
        "unread_bytes": unread,
        **result,
        "samples": sampler.samples,
        "unread_samples": sampler.unread,
    }


def _plan(args: argparse.Namespace, server: MeasuredServer, result: Path) -> Plan:
    buy_cohorts, buy_size = cohorts(args.buyers, args.processes, BUY_COHORT_MAX)
    watch_cohorts, watch_size = cohorts(args.viewers - args.buyers, args.processes, WATCH_COHORT_MAX)
    return Plan(
        shape=args.shape,
        phases=phases(args.shape, args.pace),
        host="127.0.0.1",
        port=server.port,
        server_pid=server.pid,
        processes=args.processes,
        watch_cohorts=watch_cohorts,
        watch_size=watch_size,
        buy_cohorts=buy_cohorts,
        buy_size=buy_size,
        skus=[f"SKU-{number:03}" for number in range(args.skus)],
        rate=args.rate,
        pay_rate=args.pay_rate,
        seed=args.seed,
        hog=args.hog,
        result=str(result),
    )


async def _open_room(url: str, token: str, plan: Plan, units: int) -> None:
    async with Merchant(url, token, POOL) as merchant:
        await merchant.define_pool()
        await merchant.define_channel(CHANNEL)
        rows = [{"sku": sku, "title": sku, "price_minor": 9_900, "opening": units} for sku in plan.skus]
        await merchant.catalogue(rows, key="opening")
        await merchant.define_room(ROOM, channel=CHANNEL, status="live", anonymous=True)
        await merchant.list_in_room(ROOM, [{"sku": sku} for sku in plan.skus])


async def _buckets(url: str, token: str) -> dict[str, Any]:
    async with Merchant(url, token, POOL) as merchant:
        return await merchant.buckets()


def _run_locust(plan: Plan, server: MeasuredServer, folder: Path, sampler: Sampler) -> None:
    path = folder / "plan.json"
    path.write_bytes(msgspec.json.encode(plan))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(Path(__file__).parent / "locustfile.py")),
        *("--headless", "--processes", str(plan.processes), "--only-summary", "--loglevel", "WARNING"),
        *("--master-bind-host", "127.0.0.1", "--master-bind-port", str(port)),
        *("--master-host", "127.0.0.1", "--master-port", str(port)),
    ]
    environment = {**server.environment, PLAN_VARIABLE: str(path)}
    most_s = sum(phase.seconds for phase in plan.phases) + LOCUST_EXTRA_S
    with subprocess.Popen(command, env=environment, start_new_session=True) as locust:
        sampler.watch_receivers(locust.pid)
        sampler.start()
        try:
            locust.wait(most_s)
        finally:
            sampler.finish()
            if locust.poll() is None:
                os.killpg(locust.pid, 9)
    if not Path(plan.result).exists():
        raise RuntimeError("Locust ended without a result")


def _server_figures(
    plan: Plan, result: dict[str, Any], empty: dict[str, float], samples: list[dict[str, float]]
) -> dict[str, float]:
    """What the run cost: from the empty room to the end of the last phase."""
    end = result["phases"][-1]["end"]
    within = [sample for sample in samples if sample["second"] <= end]
    last = within[-1]
    arrived = result["phases"][0]["end"]
    full = next((sample for sample in samples if sample["second"] >= arrived), last)
    # A process that has ended takes its time with it: the most that was seen counts.
    parts = ("server_cpu_s", "engine_cpu_s", "receivers_cpu_s", "calls")
    spent = {name: max(sample[name] for sample in within) - empty[name] for name in parts}
    messages = sum(result["whole"]["kinds"].values())
    return {
        **spent,
        "memory_a_viewer_kib": (full["server_bytes"] - empty["server_bytes"]) / plan.viewers / 1024,
        "cpu_a_message_us": spent["server_cpu_s"] / max(1, messages) * 1e6,
        "cpu_a_viewer_ms": spent["server_cpu_s"] / plan.viewers * 1e3,
        "calls_by_phase": _calls(result["phases"], samples),
    }


def _unread_by_phase(by_phase: list[dict[str, Any]], samples: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """The most that lay unread at a time in each phase, and its two parts at that time."""
    found = {}
    for phase in by_phase:
        within = [sample for sample in samples if phase["begin"] <= sample["second"] <= phase["end"]]
        if within:
            most = max(within, key=lambda sample: sample["received"] + sample["sent"])
            found[phase["name"]] = {
                "peak": most["received"] + most["sent"],
                "received": most["received"],
                "sent": most["sent"],
                "samples": len(within),
            }
    return found


def _calls(by_phase: list[dict[str, Any]], samples: list[dict[str, float]]) -> dict[str, float]:
    """The engine's calls in each phase, as the engine counts them."""
    calls = {}
    for phase in by_phase:
        within = [sample["calls"] for sample in samples if phase["begin"] <= sample["second"] <= phase["end"]]
        calls[phase["name"]] = within[-1] - within[0] if within else 0
    return calls


def _show(run: dict[str, Any]) -> None:
    console = Console(width=130)
    table = Table("check", "expected", "found", "", title=f"{run['shape']}, {run['viewers']:,} viewers")
    for row in run["checks"]:
        check = Check(**row)
        table.add_row(check.name, check.expected, check.found, "holds" if check.holds else "[bold red]FAILED")
    console.print(table)


if __name__ == "__main__":
    begun = time.monotonic()
    code = main()
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s in all\n")
    sys.exit(code)
