"""Holds run out while people wait: who gets the units, how soon, and what it costs the engine.

    python loadtest/bench/waitlist.py [--holds 10000] [--waiting 10000 --waiting 5000] [--untimed]

A real server with two workers on loopback, in a temporary folder. All units of a SKU are held by customers, within a
second: straight in the book, since sockets would take longer. Then as many people as --waiting says come, each over a
socket of its own, and wait for one unit each (`waitlist_crowd.py`, processes of their own). When the holds run out,
every frame of everybody is looked at, and the book's ledger and the engine's own figures are read. Each --waiting is a
run with a server of its own. Prints a table, writes `out/bench-waitlist.json`, and exits with 1 where a check does not
hold:

- every unit goes to the head of the list: offers have ever higher numbers, and nobody is passed over;
- everybody who can be is served, and nobody twice;
- no frame tells of an available unit, or, where more holds run out than people wait, only behind the last offer, and
  never of fewer than before; what is left at the end is what nobody waited for;
- the audit finds nothing;
- all holds ran out within a second, and the calls that ended holds took the engine at most 20 ms, typically. The
  longest is shown beside it: the engine shares the cores with thousands of sockets' two ends. With --untimed neither
  is judged: they are the machine's affair, too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
from measured_server import MeasuredServer
from rich.console import Console
from rich.table import Table
from waitlist_crowd import Crowd, Left, Offered, Plan, Seen, together
from waitlist_shop import (
    HELD,
    POOL,
    ROOM,
    SKU,
    EngineFigures,
    EngineWatch,
    open_shop,
    order_faults,
    reserve_all,
    reserved_in,
    units_in,
    waits_in,
)

WORKERS = CROWDS = 2
CROWD_SOURCE = "127.0.1.{}"
SPREAD_MAX_MS = 1_000
"""Within so much all holds run out."""
CALL_MAX_MS = 20.0
HOLD_LEAST_S, COME_A_SECOND = 12, 300
"""How long the holds last, unless it is said: so that as many people have come, and wait."""
TRIES_MAX = 3
OFFER_MS = 3_600_000
PATIENCE_S = 300.0
FLAGS = {
    "offer-ms": OFFER_MS,
    "messages-a-second": 100_000,
    "messages-burst": 100_000,
    "verdict-buffer-max-bytes": 100_000_000,
}
"""Offers stand until all is looked at, and nobody is too fast or too slow."""


class Evening(NamedTuple):
    """What a run showed, before it is judged."""

    holds: int
    waiting: int
    ends_ms: list[int]
    """When each hold ran out, by the engine's clock, which is this machine's."""
    seen: Seen
    order: list[str]
    """Of the ledger: who was served, in this order."""
    order_faults: list[str]
    engine: EngineFigures
    units: dict[str, int]
    violations: int

    @property
    def served(self) -> int:
        """How many can be."""
        return min(self.holds, self.waiting)


class TooLate(RuntimeError):
    """The holds ran out before all waited for them."""


def evening_on_this_machine(holds: int, waiting: int, hold_s: float) -> Evening:
    """A run; on a machine that is slower than was thought again, with holds that last longer. Raises RuntimeError."""
    for last_longer in range(TRIES_MAX):
        try:
            return evening(holds, waiting, hold_s * 2**last_longer)
        except TooLate as late:
            print(late, file=sys.stderr)
    raise RuntimeError(f"expected a machine that lets {waiting} people come while holds last")


def evening(holds: int, waiting: int, hold_s: float) -> Evening:
    """One run. Raises RuntimeError where it did not come about, TooLate among them."""
    with tempfile.TemporaryDirectory(prefix="shelfcast-waitlist-") as name, ExitStack() as there:
        folder = Path(name)
        more = {"hold-ms": int(hold_s * 1000), "waits-a-sku-max": max(10_000, waiting)}
        flags = [part for flag, value in {**FLAGS, **more}.items() for part in (f"--{flag}", str(value))]
        server = there.enter_context(MeasuredServer(folder, workers=WORKERS, flags=flags))
        asyncio.run(open_shop(server.url, server.secret, holds))
        ends_ms = asyncio.run(reserve_all(server.data_dir, holds, int(hold_s * 1000)))
        crowds = [there.enter_context(crowd) for crowd in _crowds(server, waiting)]
        together(crowds, "come")
        together(crowds, "ask")
        if time.time() * 1000 > min(ends_ms):
            raise TooLate(f"expected all to wait before the holds run out, after {hold_s:.0f} s")
        ids = [f"{crowd.plan.name}-{number}-0" for crowd in crowds for number in range(crowd.plan.people)]
        waits = asyncio.run(waits_in(server.data_dir, ids))
        engine = EngineWatch(server.data_dir)
        before = _merged(together(crowds, "seen"))
        engine.begin()
        if holds >= waiting:
            together(crowds, "offers")
        together(crowds, f"left {max(0, holds - waiting)}")
        figures = engine.figures()
        _wait_until_quiet(server.data_dir, min(holds, waiting))
        seen = _merged([before, *together(crowds, "seen")])
        order = asyncio.run(reserved_in(server.data_dir))[holds:]
        units = asyncio.run(units_in(server.data_dir))
        audit = server.audit(POOL)
    wrong = order_faults(order, waits)
    return Evening(holds, waiting, ends_ms, seen, order, wrong, figures, units, audit["violation_count"])


def _crowds(server: MeasuredServer, waiting: int) -> list[Crowd]:
    """Processes of those who wait."""
    sizes = [waiting // CROWDS + (number < waiting % CROWDS) for number in range(CROWDS)]
    return [
        Crowd(Plan(server.port, ROOM, SKU, server.secret, f"waits{number}", size, "wait",
                   source=CROWD_SOURCE.format(number + 1), patience_s=PATIENCE_S))
        for number, size in enumerate(sizes) if size
    ]  # fmt: skip


def _wait_until_quiet(data_dir: Path, served: int) -> None:
    """Until all units that were offered are held, and the book does not change any more between two looks."""
    until = time.monotonic() + PATIENCE_S
    last: dict[str, int] = {}
    while time.monotonic() < until:
        units = asyncio.run(units_in(data_dir))
        if units == last and units.get(HELD, 0) >= served:
            return
        last = units
        time.sleep(1)
    raise RuntimeError(f"the book does not come to rest: {last}")


def _merged(parts: Sequence[Seen]) -> Seen:
    whole = Seen(offers=[], held={}, answers={})
    for part in parts:
        whole.frames += part.frames
        whole.left = whole.left + part.left
        whole.offers += part.offers
        whole.held |= part.held
        for counts, of in ((whole.lost, part.lost), (whole.refused, part.refused)):
            for name, count in of.items():
                counts[name] = counts.get(name, 0) + count
    return whole


# --- the verdict ----------------------------------------------------------------------------------------------------


def faults(found: Evening, *, untimed: bool = False) -> list[str]:
    """What does not hold."""
    told = list(found.order_faults)
    heard = [offer.id for offer in found.seen.offers]
    if len(found.order) != found.served:
        told.append(f"served {len(found.order)} of {found.served}")
    if sorted(heard) != sorted(found.order):
        told.append(f"{len(heard)} offers were heard, {len(found.order)} made")
    told += _frame_faults(found)
    left = found.holds - found.served
    if found.units.get(HELD, 0) != found.served or found.units.get("pool", 0) != left:
        told.append(f"the book has {found.units}")
    spread_ms = max(found.ends_ms) - min(found.ends_ms)
    if spread_ms > SPREAD_MAX_MS and not untimed:
        told.append(f"the holds ran out within {spread_ms} ms")
    if found.engine.typical_ms > CALL_MAX_MS and not untimed:
        told.append(f"engine calls of {found.engine.typical_ms:.1f} ms")
    if found.seen.lost:
        told.append(f"connections were lost: {found.seen.lost}")
    if found.violations:
        told.append(f"audit: {found.violations} violations")
    return told


def _frame_faults(found: Evening) -> list[str]:
    """Frames that tell of units that are somebody's, or of fewer than before."""
    left = found.holds - found.served
    rising = sorted(found.seen.left, key=lambda row: row.seq)
    if not left:
        return [f"available in {sum(row.frames for row in rising)} frames, up to {_most(rising)}"] if rising else []
    told = []
    last_offer = max(offer.seq for offer in found.seen.offers)
    early = [row for row in rising if row.seq < last_offer]
    if early:
        told.append(f"available in {sum(row.frames for row in early)} frames before the last offer")
    if any(after.available < before.available for before, after in pairwise(rising)):
        told.append("fewer available than before")
    if not rising or rising[-1].available != left:
        told.append(f"{rising[-1].available if rising else 0} available at the end, expected {left}")
    return told


def _most(rows: Sequence[Left]) -> int:
    return max(row.available for row in rows)


def figures_of(found: Evening, *, untimed: bool) -> dict[str, Any]:
    """For the table and the file."""
    waited = waited_s(found.ends_ms, found.seen.offers)
    return {
        "holds": found.holds,
        "waiting": found.waiting,
        "offers": len(found.seen.offers),
        "p50_s": statistics.median(waited),
        "p99_s": sorted(waited)[len(waited) * 99 // 100],
        "last_s": max(waited),
        "engine_calls": found.engine.calls,
        "engine_s": found.engine.seconds,
        "typical_call_ms": found.engine.typical_ms,
        "longest_call_ms": found.engine.longest_ms,
        "ran_out_within_ms": max(found.ends_ms) - min(found.ends_ms),
        "frames": found.seen.frames,
        "frames_with_units": sum(row.frames for row in found.seen.left),
        "available_at_the_end": max(found.seen.left, key=lambda row: row.seq).available if found.seen.left else 0,
        "faults": faults(found, untimed=untimed),
    }


def waited_s(ends_ms: Sequence[int], offers: Sequence[Offered]) -> list[float]:
    """From the end of a hold until its unit was offered, as it was heard: the first that ended is the first offered."""
    heard = sorted(offer.at_s for offer in offers)
    return [at_s - end_ms / 1000 for end_ms, at_s in zip(sorted(ends_ms), heard, strict=False)] or [float("inf")]


def show(result: dict[str, Any]) -> None:
    console = Console(width=170)
    table = Table(title=f"Holds that run out while people wait ({result['machine']})")
    for heading in ("holds", "waiting", "offers", "hold's end → offer heard: p50 s", "p99 s", "last s", "engine calls",
                    "engine s", "typical ms", "longest ms", "frames", "with units", "left", "verdict"):  # fmt: skip
        table.add_column(heading, justify="left" if heading == "verdict" else "right")
    for row in result["evenings"]:
        table.add_row(
            *(f"{row[name]:,}" for name in ("holds", "waiting", "offers")),
            *(f"{row[name]:.2f}" for name in ("p50_s", "p99_s", "last_s")),
            f"{row['engine_calls']:,}", f"{row['engine_s']:.2f}", f"{row['typical_call_ms']:.1f}",
            f"{row['longest_call_ms']:.1f}",
            *(f"{row[name]:,}" for name in ("frames", "frames_with_units", "available_at_the_end")),
            "; ".join(row["faults"]) or "holds",
        )  # fmt: skip
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--holds", type=int, default=10_000, help="that run out, of one unit each")
    parser.add_argument("--waiting", type=int, action="append", help="people who wait; may be given again")
    parser.add_argument("--hold-s", type=float, help="how long the holds last: until then all must wait")
    parser.add_argument("--untimed", action="store_true", help="do not judge times: beside other work")
    parser.add_argument("--out", type=Path, default=Path("out/bench-waitlist.json"))
    args = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    result: dict[str, Any] = {"machine": machine, "evenings": []}
    for waiting in args.waiting or [args.holds, args.holds // 2]:
        hold_s = args.hold_s or HOLD_LEAST_S + waiting / COME_A_SECOND
        sys.stdout.write(f"{args.holds:,} holds of {hold_s:.0f} s, {waiting:,} people wait ...\n")
        sys.stdout.flush()
        found = evening_on_this_machine(args.holds, waiting, hold_s)
        result["evenings"].append(figures_of(found, untimed=args.untimed))
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result)
    return 1 if any(row["faults"] for row in result["evenings"]) else 0


if __name__ == "__main__":
    sys.exit(main())
