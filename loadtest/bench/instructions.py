"""Instructions that the engine executes for a reservation, in one state of the code or several.

    python loadtest/bench/instructions.py [--rule plain --rule batch …] [CHECKOUT ...]

Runs the embedded engine under valgrind's callgrind (Debian: apt-get install valgrind) and the batched reservations of
reservations.py on it, twice with another number of them: the difference has no start of the engine in it. From run to
run it differs by some thousandths, whatever the machine does besides, so that one run says what a change costs. Each
CHECKOUT has a virtual environment in .venv; without one it is this checkout, run by this Python. With --rule the SKUs
are under it (`rules_in_force.py`: plain, batch, elastic, freeze), each in turn, `--rule all` for every one; what a
checkout of before does not know makes no difference there, or is said.
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
from pathlib import Path
from types import ModuleType

from rules_in_force import RULES
from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.engine.binary import find_binary
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.library import LIBRARY

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 2_000, 6_000
"""Reservations of the two runs."""
OUTSTANDING, SKUS = 2_000, 20
SLOW_MS = 600_000
"""Under valgrind the engine is fifty times as slow: nobody gives it up."""
RUN_TIMEOUT_S = 600


def main() -> int:
    """Measure each checkout, and print how many instructions a reservation takes there, and the ratio to the first."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkouts", nargs="*", type=Path, metavar="CHECKOUT")
    arguments.add_argument("--rule", action="append", choices=[*RULES, "all"], help="plain unless given")
    arguments.add_argument("--run", type=int, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    named = asked.rule or ["plain"]
    rules = list(RULES) if "all" in named else named
    if asked.run is not None:
        print(asyncio.run(instructions(asked.checkouts[0], asked.run, rules[0])))
        return 0
    if shutil.which("valgrind") is None:
        print("expected valgrind on the path (Debian: apt-get install valgrind)", file=sys.stderr)
        return 1
    first = 0.0
    for checkout in asked.checkouts or [ROOT]:
        python = checkout / ".venv" / "bin" / "python" if asked.checkouts else Path(sys.executable)
        for rule in rules:
            try:
                few, many = (counted(python, checkout.resolve(), count, rule) for count in (FEW, MANY))
            except subprocess.CalledProcessError as fault:
                print(f"{checkout}, {rule}: did not run: {fault.stderr.decode().strip().splitlines()[-1:]}", flush=True)
                continue
            each = (many - few) / (MANY - FEW)
            first = first or each
            print(f"{checkout}, {rule}: {each:,.0f} instructions a reservation ({each / first:.3f})", flush=True)
    return 0


def counted(python: Path, checkout: Path, count: int, rule: str) -> int:
    """What one run in a checkout counted. Raises CalledProcessError, TimeoutExpired."""
    command = [str(python), __file__, "--run", str(count), "--rule", rule, str(checkout)]
    done = subprocess.run(command, check=True, timeout=RUN_TIMEOUT_S, capture_output=True)
    return int(done.stdout.split()[-1])


async def instructions(checkout: Path, count: int, rule: str) -> int:
    """What the engine executes from its start to its end, with so many reservations between, of SKUs under the rule."""
    bench = reservations_of(checkout)
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as name:
        folder = Path(name)
        log, engine_folder = folder / "callgrind.log", folder / "engine"
        engine_folder.mkdir()
        settings = Settings(
            data_dir=str(engine_folder),
            engine_call_timeout_ms=SLOW_MS,
            engine_start_timeout_ms=SLOW_MS,
            engine_connect_timeout_ms=SLOW_MS,
            engine_ping_timeout_ms=SLOW_MS,
        )
        embedded = EmbeddedEngine(engine_folder, settings, binary=under_valgrind(folder, log))
        engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
        book = StockBook(engine, "bench", settings)
        skus = await bench.set_up(book, SKUS, count)
        await RULES[rule](book, skus, count)
        await bench.reserve_all(book, skus, "bench", count, OUTSTANDING)
        await book.close()
        await engine.close()
        await embedded.stop()
        found = re.search(r"Collected : (\d+)", log.read_text(encoding="utf-8"))
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
