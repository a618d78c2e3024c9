"""What a show's minutes cost: to read a quarter of an hour from the engine or the archive, and to archive them all.

    python loadtest/bench/replayed_minutes.py [--skus 2000] [--minutes 240] [--busy 200]

Runs the embedded engine in a temporary folder, keeps the minutes of a show in which `--busy` SKUs change in each, and
reads the last quarter of an hour as `GET /v1/shows/{show}/at?minute=…&minutes=15` does.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from random import Random

import msgspec
import structlog
from reservations import set_up
from shelfcast.archive.minutes import PART_MINUTES, cut
from shelfcast.archive.store import ArchiveStore
from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import SHOWN, TERMS, SkuMinute, SkuShown, SkuTerms, shown_name
from shelfcast.merchant.minutes import EndedMinute, MinuteQueue
from shelfcast.merchant.show_minutes import Played, archive_minutes, read_minutes
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import put
from shelfcast.stock.pools import Pools
from shelfcast.stock.show import ShowRecord

ROOM = "flash"
UNITS = 10_000


async def keep(book: StockBook, record: ShowRecord, skus: list[str], minutes: int, busy: int) -> None:
    """The minutes of the show, as the duty that watches has them kept."""
    queue, random = MinuteQueue(1), Random(1)
    taken = dict.fromkeys(skus, 0)
    first = record.started_at_ms // MINUTE_MS
    for minute in range(minutes):
        changed = skus if minute == 0 else random.sample(skus, min(busy, len(skus)))
        rows, shown = [], list[tuple[str, tuple[object, ...]]]()
        for sku in changed:
            taken[sku] += random.randint(1, 9)
            left = UNITS - taken[sku]
            rows.append((sku, SkuMinute(left, 3, taken[sku] - 3, taken[sku])))
            shown.append((shown_name(SHOWN, sku), SkuShown("ok", taken[sku] / (minute + 1))))
            if minute == 0:
                title = f"A product with a title as long as they are, {sku}"
                shown.append((shown_name(TERMS, sku), SkuTerms(len(shown), len(shown), title, 9_900, "CNY")))
        at = first + minute
        queue.add(
            EndedMinute(
                room=ROOM, show=record.id, minute=at, through=at, rows=rows, shown=shown, paces=(), paid=0, seq=minute
            )
        )
        while len(queue):
            await queue.submit(book, print)


async def measure(asked: argparse.Namespace) -> None:
    """Keep, read, archive, read, print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(archive_url=str(Path(folder) / "archive"))
        embedded = EmbeddedEngine(Path(folder) / "engine", settings)
        engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
        try:
            pools = Pools(engine, settings)
            await pools.directory.create_pool("bench")
            pool = await pools.get("bench")
            if pool is None:
                raise RuntimeError("expected the pool that was just made")
            book, store = pool.book, ArchiveStore(settings)
            skus = await set_up(book, asked.skus, UNITS)
            record = await book.show(f"{ROOM}.1")
            if record is None:
                raise RuntimeError("expected the show that has just begun")
            key = f"{book.base}:meta"
            await keep(book, record, skus, asked.minutes, asked.busy)
            end_ms = record.started_at_ms + asked.minutes * MINUTE_MS
            await engine.command("HSET", key, "rehearsal_clock_ms", end_ms, key=key)
            await book.apply(put(What.ROOM, ROOM, {"status": "ended"}))
            over_ms = end_ms + settings.show_continue_max_ms + 1
            await engine.command("HSET", key, "rehearsal_clock_ms", over_ms, key=key)
            ended = await book.show(record.id)
            if ended is None:
                raise RuntimeError("expected the show that has just ended")
            print(f"{asked.skus:,} SKUs, {asked.minutes:,} minutes, {asked.busy:,} SKUs change in each")
            kept = await book.series_kept(record.id)
            bytes_kept = int(await engine.command("HGET", f"{book.base}:series_of:{record.id}", "bytes", key=key) or 0)
            print(f"  kept: {len(kept.hours)} hours, {bytes_kept:,} bytes by the bound's count")
            await read(book, store, ended, asked.minutes, "engine")
            begun = time.perf_counter()
            await archive_minutes(book, store, ended)
            seconds = time.perf_counter() - begun
            objects = await store.list(f"bench/shows/{record.id}/")
            print(f"  archived in {seconds:.2f} s: {len(objects)} objects, {sum(one.size for one in objects):,} bytes")
            await read(book, store, ended, asked.minutes, "archive")
            await pools.close()
        finally:
            await engine.close()
            await embedded.stop()


async def read(book: StockBook, store: ArchiveStore, record: ShowRecord, minutes: int, source: str) -> None:
    """The last whole quarter of an hour, and the longest time that the loop stood still meanwhile."""
    minute = (minutes - 1) // PART_MINUTES * PART_MINUTES
    still = asyncio.create_task(longest_s())
    begun = time.perf_counter()
    played = await read_minutes(book, store, record, minute)
    if not isinstance(played, Played):
        raise TypeError(f"expected minute {minute}, there are {played}")
    size = len(await asyncio.to_thread(msgspec.json.encode, cut(played.part, minute, PART_MINUTES - 1)))
    seconds = time.perf_counter() - begun
    still.cancel()
    stood_s = (await asyncio.gather(still, return_exceptions=True))[0]
    one = len(msgspec.json.encode(cut(played.part, minute, 0)))
    print(f"  from the {source}: {seconds * 1000:.0f} ms for 15 minutes, {size:,} bytes of JSON ({one:,} of one)")
    print(f"    meanwhile the loop stood still for {stood_s!s} ms at most")


class Stood(Exception):
    """For how many ms, in whole ones."""


async def longest_s() -> None:
    """Look at the clock until cancelled; raises Stood then."""
    longest, before = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now
    except asyncio.CancelledError:
        raise Stood(round(longest * 1000)) from None


def main() -> None:
    """Read the command line and measure."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skus", type=int, default=2_000)
    parser.add_argument("--minutes", type=int, default=240)
    parser.add_argument("--busy", type=int, default=200)
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
