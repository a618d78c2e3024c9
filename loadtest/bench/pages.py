"""What the pages cost and how soon they change: `python loadtest/bench/pages.py [weight] [latency] [work] [memory]`.

    [--changes 200] [--seconds 20] [--minutes 30] [--a-second 60]

A real server with a room of 200 SKUs, and Debian's Chromium without a screen. Other SKUs than the spotlit one change
`--a-second` times a second: reservations over sockets, held and given back, each flushed to disk as always.

    weight   bytes transferred and requests of each page, with nothing in the cache; bytes of the first snapshot
    latency  from the moment a buyer's program sends a reservation of the spotlit SKU to the document having the new
             count, and to the beginning of the animation frame after it; after a quiet moment and amid the changes;
             and beside it how long the disk took to flush at the same moments
    work     milliseconds a second of the page's main thread, and frames that came late: quiet; with the changes as
             the server sends them (50 ms tick: at most 20 frames a second, each with what changed since the last); and
             with a tick of 10 ms, so that nearly each change comes in a frame of its own
    memory   heap after collecting the garbage, and nodes, of all three pages open together for `--minutes`, with the
             changes going on and another SKU spotlit every 20 s: flat or growing; of the second half how fast the
             heap grew, and by how much what the page's own program holds (without the engine's compiled code)

Without a name it runs all but memory. Writes `out/bench-pages.json`, a part that was not asked for stays as it was
there; exits with 1 where a mark is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from pages_browser import KINDS, Window, chromium, window
from pages_disk import beside
from pages_figures import frames, growth, main_thread, sample, spread, values
from pages_report import DEFAULT_MODE, missed, tables
from pages_room import SKUS, SPOTLIT, BenchRoom, opened, skus
from playwright.async_api import Browser
from rich.console import Console
from shelfcast.http.built_pages import Pages
from shelfcast.settings import Settings
from shelfcast_client import Reserved

RESULTS = Path("out/bench-pages.json")
TICK_MS = Settings().tick_ms
SHORT_TICK_MS = 10
GAP_MS = (100.0, 180.0)
"""Between two measured changes: longer than a tick, and never in step with it."""
SETTLE_S = 2.0
SPOTLIGHT_S = 20.0
SAMPLES_MIN = 10
FILLING_BYTES_A_MINUTE = {"host": SKUS * 12 * 24}
"""The host page keeps half an hour of each count for its chart: a point in five seconds, of 24 bytes at most."""


# --- parts ----------------------------------------------------------------------------------------------------------


async def weigh(browser: Browser, room: BenchRoom) -> dict[str, Any]:
    found = {}
    for name, kind in KINDS.items():
        async with window(browser, name, room.link(kind.path)) as page:
            found[name] = {
                "requests": page.requests,
                "transferred_bytes": page.transferred_bytes,
                "snapshot_bytes": page.snapshot_bytes,
            }
    return found


async def time_changes(browser: Browser, room: BenchRoom, changes: int, a_second: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, kind in KINDS.items():
        async with window(browser, name, room.link(kind.path)) as page:
            await page.watch()
            found[name] = {"quiet": await _presses(room, page, changes)}
            async with room.changing(a_second):
                await asyncio.sleep(SETTLE_S)
                found[name]["amid"] = await _presses(room, page, changes)
    return found


async def _presses(room: BenchRoom, page: Window, changes: int) -> dict[str, Any]:
    """Reserve one unit after another, and see when the page has each count."""
    await page.seen()
    pressed: list[float] = []
    flushes: list[float] = []
    with beside(room.server.data_dir) as disk:
        async with room.presser() as presser:
            left = presser.stock[SPOTLIT].available
            for _ in range(changes):
                await asyncio.sleep(random.uniform(*GAP_MS) / 1000)
                flush = asyncio.create_task(asyncio.to_thread(disk.flush_ms))
                pressed.append(time.time() * 1000)
                result = await presser.reserve(SPOTLIT, 1)
                if not isinstance(result, Reserved):
                    raise RuntimeError(f"the reservation was not taken: {result}")  # noqa: TRY004
                flushes.append(await flush)
    await asyncio.sleep(SETTLE_S)
    rows = await page.seen()
    # Counts only fall: a reservation is seen with the first count that it is part of.
    shown = [next((row for row in rows if row.left <= left - 1 - number), None) for number in range(changes)]
    seen = [(row, at) for row, at in zip(shown, pressed, strict=True) if row is not None]
    if len(seen) < changes:
        raise RuntimeError(f"the page showed {len(seen)} of {changes} changes")
    return {
        "changes": changes,
        "to_document_ms": spread([row.changed_ms - at for row, at in seen]),
        "to_next_frame_ms": spread([row.drawn_ms - at for row, at in seen]),
        "disk_flush_ms": spread(flushes),
    }


async def measure_work(browser: Browser, room: BenchRoom, seconds: float, a_second: int) -> dict[str, Any]:
    """Each page by itself, the figures and the frames in turns: counting frames is work too."""
    found = {}
    for name, kind in KINDS.items():
        async with window(browser, name, room.link(kind.path)) as page, AsyncExitStack() as busy:
            await asyncio.sleep(SETTLE_S)
            tally = await busy.enter_async_context(room.changing(a_second)) if a_second else None
            await asyncio.sleep(SETTLE_S)
            before, made, started_s = await page.figures(), tally.made if tally else 0, time.monotonic()
            await asyncio.sleep(seconds)
            after, took_s = await page.figures(), time.monotonic() - started_s
            found[name] = {
                "changes_a_second": ((tally.made if tally else 0) - made) / took_s,
                **main_thread(before, after, took_s),
                "frames": frames(await page.frame_gaps(seconds)),
            }
    return found


async def measure_memory(browser: Browser, room: BenchRoom, minutes: float, a_second: int) -> dict[str, Any]:
    samples: dict[str, list[dict[str, float]]] = {name: [] for name in KINDS}
    kept: dict[str, list[dict[str, int]]] = {name: [] for name in KINDS}
    count = max(SAMPLES_MIN, round(minutes))
    async with AsyncExitStack() as all_open:
        pages = {
            name: await all_open.enter_async_context(window(browser, name, room.link(kind.path)))
            for name, kind in KINDS.items()
        }
        tally = await all_open.enter_async_context(room.changing(a_second))
        await all_open.enter_async_context(_hosting(room))
        await asyncio.sleep(SETTLE_S)
        started_s, before = time.monotonic(), {name: await page.figures() for name, page in pages.items()}
        for number in range(count + 1):
            await asyncio.sleep(started_s + number * minutes * 60 / count - time.monotonic())
            for name, page in pages.items():
                samples[name].append(sample(await page.collected(), (time.monotonic() - started_s) / 60))
            heaps = ", ".join(f"{name} {rows[-1]['heap_bytes'] / 2**20:.2f} MiB" for name, rows in samples.items())
            if number in (count // 2, count):
                for name, page in pages.items():
                    kept[name].append(values(await page.snapshot()))
            print(f"minute {(time.monotonic() - started_s) / 60:.1f}: {heaps}", flush=True)
        took_s = time.monotonic() - started_s
        found: dict[str, Any] = {"minutes": minutes, "changes_a_second": tally.made / took_s}
        for name, page in pages.items():
            work = main_thread(before[name], await page.figures(), took_s)
            found[name] = {
                "growth": growth(samples[name], FILLING_BYTES_A_MINUTE.get(name, 0)),
                "samples": samples[name],
                "kept_from_half_to_end": kept[name],
                **work,
            }
    return found


@asynccontextmanager
async def _hosting(room: BenchRoom) -> AsyncIterator[None]:
    """Meanwhile one SKU after another is spotlit, with a word to everybody."""

    async def host() -> None:
        shelf = skus()
        for number in range(10**6):
            await asyncio.sleep(SPOTLIGHT_S)
            await room.operator.operator.spotlight(shelf[number % len(shelf)])
            await room.operator.operator.notice(f"This is number {number}")

    hosting = asyncio.get_running_loop().create_task(host())
    try:
        yield
    finally:
        hosting.cancel()
        await asyncio.gather(hosting, return_exceptions=True)


# --- command --------------------------------------------------------------------------------------------------------


async def at_tick(room: BenchRoom, asked: argparse.Namespace, parts: list[str]) -> dict[str, Any]:
    """What is measured with the tick that the server has by default."""
    found: dict[str, Any] = {}
    async with room.people(), chromium() as browser:
        if "weight" in parts:
            found["weight"] = await weigh(browser, room)
        if "latency" in parts:
            found["latency"] = await time_changes(browser, room, asked.changes, asked.a_second)
        if "work" in parts:
            found["work"] = {
                "quiet": await measure_work(browser, room, asked.seconds, 0),
                DEFAULT_MODE: await measure_work(browser, room, asked.seconds, asked.a_second),
            }
        if "memory" in parts:
            found["memory"] = await measure_memory(browser, room, asked.minutes, asked.a_second)
    return found


async def at_short_tick(room: BenchRoom, asked: argparse.Namespace) -> dict[str, Any]:
    async with room.people(), chromium() as browser:
        return await measure_work(browser, room, asked.seconds, asked.a_second)


def machine() -> dict[str, Any]:
    found = subprocess.run(["chromium", "--version"], capture_output=True, text=True, check=False)
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "chromium": found.stdout.split(" built")[0].strip(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="weight, latency, work, memory")
    parser.add_argument("--changes", type=int, default=200, help="measured changes of each page, twice")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each page's work is measured")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long memory is watched")
    parser.add_argument("--a-second", type=int, default=60, help="changes a second")
    asked = parser.parse_args()
    parts = asked.parts or ["weight", "latency", "work"]
    if unknown := set(parts) - {"weight", "latency", "work", "memory"}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if shutil.which("chromium") is None or Pages().page("room") is None:
        sys.exit("this takes chromium (on Debian: apt-get install chromium) and built pages (server/web/node.py build)")
    with opened(TICK_MS) as room:
        results = asyncio.run(at_tick(room, asked, parts))
    if "work" in parts:
        with opened(SHORT_TICK_MS) as room:
            results["work"][f"tick {SHORT_TICK_MS} ms"] = asyncio.run(at_short_tick(room, asked))
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
