"""Instructions that the engine executes for a reservation, or a release of units, in one state of the code or several.

    python loadtest/bench/instructions.py [--rule plain --rule batch …] [--work cancel …] [--waiting] [CHECKOUT ...]
    python loadtest/bench/instructions.py --work all --within 1 ../before .     # what a change costs, each kind of work

Runs the embedded engine under valgrind's callgrind (Debian: apt-get install valgrind) and the work on it, twice with
another number: the difference has no start of the engine in it. From run to run it differs by some thousandths,
whatever the machine does besides, so that one run says what a change costs. Each CHECKOUT has a virtual environment in
.venv; without one it is this checkout, run by this Python. Ratios are to the first figure of the same work.

Work is a reservation as reservations.py makes them, or one of the ways in which units come free (`releases.py`):
expire, cancel, receive, batch; `--work all` is every one. With --rule the SKUs are under it (`rules_in_force.py`):
plain, known, batch, elastic, freeze, waitlist, each in turn, or `--rule all`; what a checkout of before does not know
makes no difference there, or is said. With --waiting each release is measured again while people wait for the units,
so that each is offered to one of them. --within has it exit with 1 where a checkout's figure is further from the first
one's.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from releases import WORKS, Shelf, prepare
from rules_in_force import RULES
from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.engine.binary import find_binary
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.library import LIBRARY

ROOT = Path(__file__).resolve().parents[2]
SKUS = 20
SLOW_MS = 600_000
"""Under valgrind the engine is fifty times as slow: nobody gives it up."""
OFFER_MS = 3_600_000
"""No offer of the waitlist runs out while it is counted."""
RUN_TIMEOUT_S = 600


class Case(NamedTuple):
    """What is counted."""

    work: str
    rule: str
    waiting: bool = False

    def __str__(self) -> str:
        return f"{self.work}, {'waiting' if self.waiting else self.rule}"


def main() -> int:
    """Measure each checkout, and print how many instructions each work takes there, and the ratio to the first."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkouts", nargs="*", type=Path, metavar="CHECKOUT")
    arguments.add_argument("--rule", action="append", choices=[*RULES, "all"], help="plain unless given")
    arguments.add_argument("--work", action="append", choices=[*WORKS, "all"], help="reserve unless given")
    arguments.add_argument("--waiting", action="store_true", help="releases also where people wait for the units")
    arguments.add_argument("--within", type=float, metavar="PERCENT", help="exit with 1 beyond it")
    arguments.add_argument("--run", type=int, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    works, rules = _chosen(asked.work, WORKS, "reserve"), _chosen(asked.rule, RULES, "plain")
    if asked.run is not None:
        case = Case(works[0], rules[0], asked.waiting)
        print(asyncio.run(instructions(asked.checkouts[0], asked.run, case)))
        return 0
    if shutil.which("valgrind") is None:
        print("expected valgrind on the path (Debian: apt-get install valgrind)", file=sys.stderr)
        return 1
    cases = [Case(work, rule) for work in works for rule in rules]
    if asked.waiting:
        cases += [Case(work, "plain", waiting=True) for work in works if WORKS[work].reserved]
    return 0 if compare(asked.checkouts, cases, asked.within) else 1


def _chosen(named: list[str] | None, all_of_them: Mapping[str, Any], default: str) -> list[str]:
    named = named or [default]
    return list(all_of_them) if "all" in named else named


def compare(checkouts: list[Path], cases: list[Case], within: float | None) -> bool:
    """Print each case in each checkout by turns; whether all that ran are `within` per cent of the first checkout."""
    by_work: dict[str, float] = {}
    good = True
    for case in cases:
        first = 0.0
        for checkout in checkouts or [ROOT]:
            python = checkout / ".venv" / "bin" / "python" if checkouts else Path(sys.executable)
            work = WORKS[case.work]
            try:
                few, many = (counted(python, checkout.resolve(), count, case) for count in (work.few, work.many))
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
                why = (fault.stderr or b"").decode().strip().splitlines()[-1:] or [str(fault)]
                print(f"{checkout}, {case}: did not run: {why[0]}", flush=True)
                good = good and (within is None or case.waiting)
                continue
            each = (many - few) / (work.many - work.few)
            first = first or each
            ratio = each / by_work.setdefault(case.work, each)
            beyond = within is not None and abs(each / first - 1) * 100 > within
            good = good and not beyond
            said = f"; {each / first:.4f} of the first checkout's, beyond {within:g} %" if beyond else ""
            print(f"{checkout}, {case}: {each:,.0f} instructions a {work.each} ({ratio:.3f}){said}", flush=True)
    return good


def counted(python: Path, checkout: Path, count: int, case: Case) -> int:
    """What one run in a checkout counted. Raises CalledProcessError, TimeoutExpired."""
    command = [str(python), __file__, "--run", str(count), "--work", case.work, "--rule", case.rule, str(checkout)]
    done = subprocess.run(
        [*command, *(["--waiting"] if case.waiting else [])], check=True, timeout=RUN_TIMEOUT_S, capture_output=True
    )
    return int(done.stdout.split()[-1])


async def instructions(checkout: Path, count: int, case: Case) -> int:
    """What the engine executes from its start to its end, with so much of the work between."""
    work = WORKS[case.work]
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as name:
        folder = Path(name)
        log, engine_folder = folder / "callgrind.log", folder / "engine"
        engine_folder.mkdir()
        offered: dict[str, Any] = {"offer_ms": OFFER_MS} if case.waiting else {}  # no setting of servers of before
        settings = Settings(
            data_dir=str(engine_folder),
            hold_ms=work.hold_ms,
            engine_call_timeout_ms=SLOW_MS,
            engine_start_timeout_ms=SLOW_MS,
            engine_connect_timeout_ms=SLOW_MS,
            engine_ping_timeout_ms=SLOW_MS,
            **offered,
        )
        embedded = EmbeddedEngine(engine_folder, settings, binary=under_valgrind(folder, log))
        engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
        # A rewrite comes when the file has grown, not with the work; and its process would count for itself.
        await engine.command("CONFIG", "SET", "auto-aof-rewrite-percentage", "0")
        pid = embedded.pid
        book, bench = StockBook(engine, "bench", settings), reservations_of(checkout)
        # A rule may take a unit for itself; where people wait nothing is left.
        units = work.units(SKUS) + (0 if case.waiting else 1)
        skus = await bench.set_up(book, SKUS, units)
        await RULES[case.rule](book, skus, units)
        shelf = Shelf(bench, book, skus, case.waiting)
        await prepare(shelf, work)
        await work.do(shelf, count)
        await book.close()
        await engine.close()
        await embedded.stop()
        found = re.search(rf"=={pid}== Collected : (\d+)", log.read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError("valgrind counted nothing")
    return int(found[1])


def reservations_of(checkout: Path) -> ModuleType:
    """The checkout's own bench of reservations."""
    sys.path.insert(0, str(checkout / "loadtest" / "bench"))
    return importlib.import_module("reservations")


def under_valgrind(folder: Path, log: Path) -> Path:
    """A program that runs the engine's under callgrind."""
    program = folder / "engine.sh"
    options = f"--tool=callgrind --callgrind-out-file=/dev/null --log-file={log}"
    program.write_text(f'#!/bin/sh\nexec valgrind {options} {find_binary()} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


if __name__ == "__main__":
    sys.exit(main())
