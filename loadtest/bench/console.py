"""What the operator console costs and how soon it acts: `python loadtest/bench/console.py [weight] [work] …`.

    [weight] [work] [commands] [memory] [--commands 100] [--seconds 20] [--minutes 30] [--a-second 60] [--receives 0.5]

A real server, a pool of 2,000 SKUs that are all listed in one live room, and Debian's Chromium without a screen with
the console's board open. SKUs change `--a-second` times a second, one after another: the share `--receives` are goods
that come in over HTTP, each an action that the console hears of; the others are reservations, held and given back.

    weight    bytes transferred of what the page is made of (HTML, scripts, styles; gzip), with nothing in the cache,
              and of everything until the board is shown
    work      milliseconds a second of the page's main thread, quiet and with the changes, and frames that came late
    commands  amid the changes, units are moved to a channel by the command line: from the press of Enter to the
              ledger's entry (the engine's time in it), and to the answer, by which the entry is on disk
    memory    heap after collecting the garbage, and nodes, for `--minutes` with the changes going on

Without a name it runs all but memory. Writes `out/bench-console.json`, a part that was not asked for stays as it was
there; exits with 1 where a mark is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from console_shop import DEDICATED, LINKS, SKUS, ConsoleShop, opened
from pages import machine
from pages_browser import Kind, chromium, window_of
from pages_figures import frames, growth, main_thread, percentile, sample, spread
from pages_report import table
from playwright.async_api import Browser, expect
from rich.console import Console
from rich.table import Table
from shelfcast.http.built_pages import Pages

RESULTS = Path("out/bench-console.json")
BOARD = Kind("console", {"width": 1440, "height": 900}, ".board-row")
LINE = ".command input"
READY = ".command button[type=submit]:enabled"
"""The line can be carried out: its sentence is there."""
SETTLE_S = 3.0
ANSWER_MAX_S = 60.0
GAP_MS = (200.0, 500.0)
"""Between two commands."""
SAMPLES_MIN = 10
WEIGHT_MARK_BYTES, WORK_MARK_MS, COMMAND_MARK_MS = 150 * 1024, 300.0, 150.0
FILLING_BYTES_A_MINUTE = SKUS * 64
"""The board keeps an hour of each SKU's minutes (KEPT in board/trend/minutes.ts): a row of five numbers each."""
FILLING_NODES_A_MINUTE = 2 * 12
"""The tables beside its two charts get a row of that hour each."""

_NOTHING_LATER = """(() => {
  const asked = window.setTimeout;
  window.setTimeout = (what, ms, ...given) => ms >= 1000 ? 0 : asked(what, ms, ...given);
})()"""
"""What the page fetches ahead once it has been quiet (server/web/src/console/later.tsx) is no part of opening it,
though a slow machine draws the board later than that."""
_NOTE = """(() => {
  const now = () => performance.timeOrigin + performance.now();
  window.benchPressed = [];
  window.benchAnswered = [];
  addEventListener("keydown", event => { if (event.key === "Enter") benchPressed.push(now()); }, true);
  const asked = window.fetch;
  window.fetch = async (...given) => {
    const method = given[0]?.method ?? given[1]?.method ?? "GET";
    const answer = await asked(...given);
    if (method === "POST") benchAnswered.push([now(), answer.status]);
    return answer;
  };
})()"""

_ANSWERED = """count => new Promise(done => {
  const look = () => benchAnswered.length >= count ? done() : setTimeout(look, 5);
  look();
})"""


# --- parts ----------------------------------------------------------------------------------------------------------


async def weigh(browser: Browser, shop: ConsoleShop) -> dict[str, Any]:
    async with window_of(browser, BOARD, shop.console(), _NOTHING_LATER) as page:
        return {"built_bytes": page.built_bytes, "all_bytes": page.transferred_bytes, "requests": page.requests}


async def measure_work(browser: Browser, shop: ConsoleShop, seconds: float, a_second: int) -> dict[str, Any]:
    """The figures and the frames in turns: counting frames is work too."""
    found = {}
    for mode, rate in (("quiet", 0), ("changing", a_second)):
        async with window_of(browser, BOARD, shop.console()) as page, AsyncExitStack() as busy:
            tally = await busy.enter_async_context(shop.changing(rate)) if rate else None
            await asyncio.sleep(SETTLE_S)
            before, made, asked, started_s = await page.figures(), tally.made if tally else 0, page.requests, _now()
            await asyncio.sleep(seconds)
            after, took_s = await page.figures(), _now() - started_s
            found[mode] = {
                "changes_a_second": ((tally.made if tally else 0) - made) / took_s,
                "requests_a_second": (page.requests - asked) / took_s,
                **main_thread(before, after, took_s),
                "frames": frames(await page.frame_gaps(seconds)),
            }
    return found


async def time_commands(browser: Browser, shop: ConsoleShop, commands: int, a_second: int) -> dict[str, Any]:
    """One behind the other, each with another number."""
    before = len(await shop.moved())
    async with window_of(browser, BOARD, shop.console(), _NOTE) as window, shop.changing(a_second):
        page = window.page
        await asyncio.sleep(SETTLE_S)
        await page.evaluate("benchAnswered.length = benchPressed.length = 0")
        for number in range(commands):
            await asyncio.sleep(random.uniform(*GAP_MS) / 1000)
            await page.locator(LINE).focus()
            await page.keyboard.type(f"{1 + number * 7 % LINKS} > {DEDICATED} 1")
            await page.locator(READY).wait_for()
            await page.keyboard.press("Enter")
            async with asyncio.timeout(ANSWER_MAX_S):
                await page.evaluate(_ANSWERED, number + 1)
            await expect(page.locator(LINE)).to_have_value("")
        offset_ms = await window.clock_offset_ms()
        pressed: list[float] = await page.evaluate("benchPressed")
        answered: list[tuple[float, int]] = await page.evaluate("benchAnswered")
    written = (await shop.moved())[before:]
    statuses = {status for _, status in answered}
    if statuses != {200} or len(pressed) != commands or len(written) != commands:
        said = f"{len(pressed)} presses, {len(written)} entries, {statuses}"
        raise RuntimeError(f"expected {commands} commands that are carried out, found {said}")
    to_entry = [at - (press - offset_ms) for at, press in zip(written, pressed, strict=True)]
    to_answer = [at - press for (at, _), press in zip(answered, pressed, strict=True)]
    return {
        "commands": commands,
        "to_entry_ms": {"p95": percentile(to_entry, 95), **spread(to_entry)},
        "to_answer_ms": {"p95": percentile(to_answer, 95), **spread(to_answer)},
    }


async def measure_memory(browser: Browser, shop: ConsoleShop, minutes: float, a_second: int) -> dict[str, Any]:
    samples: list[dict[str, float]] = []
    count = max(SAMPLES_MIN, round(minutes))
    async with window_of(browser, BOARD, shop.console()) as page, shop.changing(a_second) as tally:
        await asyncio.sleep(SETTLE_S)
        started_s, before = _now(), await page.figures()
        for number in range(count + 1):
            await asyncio.sleep(started_s + number * minutes * 60 / count - _now())
            samples.append(sample(await page.collected(), (_now() - started_s) / 60))
            last = samples[-1]
            print(f"minute {last['minute']:.1f}: heap {last['heap_bytes'] / 2**20:.2f} MiB, {last['nodes']:.0f} nodes")
        took_s = _now() - started_s
        return {
            "minutes": minutes,
            "changes_a_second": tally.made / took_s,
            "growth": growth(samples, FILLING_BYTES_A_MINUTE, FILLING_NODES_A_MINUTE),
            "samples": samples,
            **main_thread(before, await page.figures(), took_s),
        }


def _now() -> float:
    return time.monotonic()


# --- what is printed ------------------------------------------------------------------------------------------------


def tables(results: dict[str, Any]) -> list[Table]:
    made: list[Table] = []
    if weight := results.get("weight"):
        made.append(table("Page weight", ("built KiB", "everything KiB", "requests")))
        sizes = (weight["built_bytes"] / 1024, weight["all_bytes"] / 1024)
        made[-1].add_row("console", *(f"{size:.1f}" for size in sizes), str(weight["requests"]))
    if work := results.get("work"):
        rates = ("changes/s", "requests/s", "main thread ms/s", "script", "style", "layout", "frames/s", "lost")
        made.append(table(f"Work, {SKUS:,} SKUs", rates))
        for mode, row in work.items():
            times = [f"{row[f'{part}_ms_a_second']:.1f}" for part in ("task", "script", "style", "layout")]
            a_second = [f"{row[f'{part}_a_second']:.1f}" for part in ("changes", "requests")]
            drawn = (f"{row['frames']['a_second']:.1f}", f"{row['frames']['lost_share']:.1%}")
            made[-1].add_row(mode, *a_second, *times, *drawn)
    if commands := results.get("commands"):
        made.append(table(f"Enter → …, {commands['commands']} commands, ms", ("p50", "p95", "p99", "max")))
        for what in ("entry", "answer"):
            row = commands[f"to_{what}_ms"]
            made[-1].add_row(what, *(f"{row[key]:.0f}" for key in ("p50", "p95", "p99", "max")))
    if memory := results.get("memory"):
        columns = ("heap MiB, first", "middle", "last", "nodes, first", "last", "main thread ms/s", "")
        made.append(table(f"Memory over {memory['minutes']:g} minutes", columns))
        samples = memory["samples"]
        heaps = [f"{samples[at]['heap_bytes'] / 2**20:.2f}" for at in (0, len(samples) // 2, -1)]
        nodes = [f"{samples[at]['nodes']:.0f}" for at in (0, -1)]
        verdict = "flat" if memory["growth"]["flat"] else "GROWING"
        made[-1].add_row("console", *heaps, *nodes, f"{memory['task_ms_a_second']:.0f}", verdict)
    return made


def missed(results: dict[str, Any]) -> list[str]:
    """The marks that do not hold."""
    found = []
    built = results.get("weight", {}).get("built_bytes", 0)
    if built > WEIGHT_MARK_BYTES:
        found.append(f"weight: {built / 1024:.0f} KiB (mark {WEIGHT_MARK_BYTES / 1024:.0f})")
    for mode, row in results.get("work", {}).items():
        if row["task_ms_a_second"] > WORK_MARK_MS:
            found.append(f"work, {mode}: {row['task_ms_a_second']:.0f} ms a second (mark {WORK_MARK_MS:.0f})")
    p95 = results.get("commands", {}).get("to_answer_ms", {}).get("p95", 0.0)
    if p95 > COMMAND_MARK_MS:
        found.append(f"commands: {p95:.0f} ms at p95 (mark {COMMAND_MARK_MS:.0f})")
    if "memory" in results and not results["memory"]["growth"]["flat"]:
        found.append("memory grows")
    return found


# --- command --------------------------------------------------------------------------------------------------------


async def measured(shop: ConsoleShop, asked: argparse.Namespace, parts: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with shop.people(), chromium() as browser:
        if "weight" in parts:
            found["weight"] = await weigh(browser, shop)
        if "work" in parts:
            found["work"] = await measure_work(browser, shop, asked.seconds, asked.a_second)
        if "commands" in parts:
            found["commands"] = await time_commands(browser, shop, asked.commands, asked.a_second)
        if "memory" in parts:
            found["memory"] = await measure_memory(browser, shop, asked.minutes, asked.a_second)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="weight, work, commands, memory")
    parser.add_argument("--commands", type=int, default=100, help="measured commands")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long the work is measured, twice")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long memory is watched")
    parser.add_argument("--a-second", type=int, default=60, help="changes a second")
    parser.add_argument("--receives", type=float, default=0.5, help="the share of them that are goods, 0 to 1")
    asked = parser.parse_args()
    parts = asked.parts or ["weight", "work", "commands"]
    if unknown := set(parts) - {"weight", "work", "commands", "memory"}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if shutil.which("chromium") is None or Pages().page("console") is None:
        sys.exit("this takes chromium (on Debian: apt-get install chromium) and built pages (server/web/node.py build)")
    with opened(asked.receives) as shop:
        results = asyncio.run(measured(shop, asked, parts))
    RESULTS.parent.mkdir(exist_ok=True)
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    machines = before.get("machine", {}) | {part: machine() for part in results}
    RESULTS.write_text(json.dumps(before | results | {"machine": machines}, indent=1), encoding="utf-8")
    console = Console()
    for each in tables(results):
        console.print(each)
    if bad := missed(results):
        sys.exit("\n".join(bad))


if __name__ == "__main__":
    main()
