"""Two states of the code by turns, so many pairs of runs: what changed, with its interval.

    python loadtest/bench/pairs.py BEFORE NOW [--pairs 15] [--only reservations] [--out out/bench-pairs.json]

BEFORE and NOW are checkouts with a virtual environment in .venv each (`git worktree add BEFORE <commit>`, then `make
lint` there makes it). A pair is one run of each, in an order that changes from pair to pair; each runs its own bench
program with its own server. Of every figure the table has both medians, and the median of the pairs' ratios NOW ÷
BEFORE with its 95 % interval by the sign test: one that has 1 inside says that no change can be told.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from math import comb
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

CONFIDENCE = 0.95
RUN_TIMEOUT_S = 600

Figures = dict[str, float]


class Bench(NamedTuple):
    """A program of this folder, its arguments, and what of its JSON is compared."""

    program: str
    arguments: tuple[str, ...]
    read: Callable[[Any], Figures]


def reservation_figures(result: Any) -> Figures:
    """Of reservations.py: engine and server CPU, and memory, of one reservation."""
    batched = result["ways"][0]
    each = batched["reservations"] / 1e6
    return {
        "seconds for all": batched["seconds"],
        "engine CPU µs a reservation": batched["engine_cpu_seconds"] / each,
        "server CPU µs a reservation": batched["server_cpu_seconds"] / each,
        "engine bytes a live reservation": result["bytes"]["live reservation"],
        "engine bytes a ledger entry": result["bytes"]["ledger entry"],
    }


def fanout_figures(result: Any) -> Figures:
    """Of fanout.py: what Shelfcast took, against the floor and `websockets` of the same run where that is there."""
    return {name: value for name, value in result["shelfcast"].items() if value}


BENCHES = {
    "reservations": Bench("reservations.py", ("--reservations", "30000"), reservation_figures),
    "fanout": Bench("fanout.py", ("--connections", "1000", "--rounds", "1", "--viewers", "200"), fanout_figures),
}


def main() -> int:
    """Run, print the table, and write what was measured."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("before", type=Path)
    arguments.add_argument("now", type=Path)
    arguments.add_argument("--pairs", type=int, default=15)
    arguments.add_argument("--only", choices=BENCHES, action="append", help="may come several times")
    arguments.add_argument("--out", type=Path, default=Path("out/bench-pairs.json"))
    asked = arguments.parse_args()
    measured: dict[str, list[tuple[Figures, Figures]]] = {}
    for name in asked.only or BENCHES:
        measured[name] = []
        for pair in range(asked.pairs):
            sides = [asked.before.resolve(), asked.now.resolve()]
            runs = {side: run(BENCHES[name], side) for side in (sides if pair % 2 == 0 else sides[::-1])}
            measured[name].append((runs[sides[0]], runs[sides[1]]))
            print(f"{name}: pair {pair + 1} of {asked.pairs}", file=sys.stderr, flush=True)
        show(name, measured[name])
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(measured, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


def run(bench: Bench, side: Path) -> Figures:
    """One run of a checkout's bench. Raises CalledProcessError, TimeoutExpired."""
    with tempfile.TemporaryDirectory(prefix="shelfcast-pairs-") as folder:
        out = Path(folder) / "result.json"
        program = side / "loadtest" / "bench" / bench.program
        command = [str(side / ".venv" / "bin" / "python"), str(program), *bench.arguments, "--out", str(out)]
        subprocess.run(command, cwd=side, check=True, timeout=RUN_TIMEOUT_S, capture_output=True)
        return bench.read(json.loads(out.read_text(encoding="utf-8")))


def interval_of_median(values: list[float]) -> tuple[float, float]:
    """From the k-th smallest to the k-th largest, with k so that the true median is inside with CONFIDENCE at least;
    where there are too few values, all of them."""
    ordered, n = sorted(values), len(values)
    outside, tail = 0, 0.0
    while 2 * (tail := tail + comb(n, outside) / 2**n) <= 1 - CONFIDENCE and outside < n // 2:
        outside += 1
    return ordered[max(0, outside - 1)], ordered[n - max(1, outside)]


def show(name: str, pairs: list[tuple[Figures, Figures]]) -> None:
    """The table of one bench."""
    table = Table(title=f"{name}: {len(pairs)} pairs")
    for heading in ("figure", "before", "now", "now ÷ before", "interval"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for figure in pairs[0][0]:
        both = [(before[figure], now[figure]) for before, now in pairs if before.get(figure) and now.get(figure)]
        if not both:
            continue
        ratios = [now / before for before, now in both]
        least, most = interval_of_median(ratios)
        table.add_row(
            figure,
            f"{statistics.median(before for before, _ in both):.2f}",
            f"{statistics.median(now for _, now in both):.2f}",
            f"{statistics.median(ratios):.3f}",
            f"{least:.3f} to {most:.3f}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    sys.exit(main())
