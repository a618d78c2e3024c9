"""What a show takes in the engine's memory: its record and base rows, and the minutes that are kept of it.

    python loadtest/bench/show_sizes.py [--skus 2000] [--hours 4] [--changing 100]

Runs the embedded engine in a temporary folder, lists --skus SKUs in a room, begins its show, and keeps --hours hours of
minutes in each of which --changing SKUs have changed, as the duty that watches shows does. Bytes are the engine's own
(MEMORY USAGE), so they do not differ from run to run.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from reservations import memory_of, scan
from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.alert_operations import KeepMinute
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Op, put

ROOM, SHOW = "evening", "evening.1"
WRITES_AT_ONCE = 200


async def main() -> None:
    """Measure, and print a line for each part."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--skus", type=int, default=2_000, help="SKUs that the room lists")
    arguments.add_argument("--hours", type=int, default=4, help="hours of minutes")
    arguments.add_argument("--changing", type=int, default=100, help="SKUs that change in a minute")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="shelfcast-bench-") as name:
        folder = Path(name)
        settings = Settings(data_dir=str(folder), skus_a_room_max=max(2_000, asked.skus))
        embedded = EmbeddedEngine(folder, settings)
        engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
        book = StockBook(engine, "bench", settings)
        skus = [f"SKU-{number:06}" for number in range(asked.skus)]
        await all_of(book, [put(What.CHANNEL, "live", {})])
        await all_of(book, [put(What.SKU, sku, {"title": sku}) for sku in skus])
        await all_of(book, [put(What.ROOM, ROOM, RoomConfig(channel="live"))])
        await all_of(book, [put(What.LISTING, sku, {}, parent=ROOM) for sku in skus])
        began = time.perf_counter()
        await all_of(book, [put(What.ROOM, ROOM, {"status": RoomStatus.LIVE})])
        print(
            f"beginning the show: one call, {1_000 * (time.perf_counter() - began):.0f} ms with its way there and back"
        )
        for part, bytes_ in (await weights(engine, book, ("show:", "shows"))).items():
            print(f"{part}: {bytes_:,} bytes, {bytes_ / asked.skus:.0f} a SKU")
        await all_of(book, minutes(skus, asked.hours, asked.changing))
        found = await weights(engine, book, ("series", "pace"))
        rows = 60 * asked.hours * asked.changing
        for part, bytes_ in found.items():
            print(f"{part}: {bytes_:,} bytes")
        print(f"{asked.hours} hours of series: {sum(found.values()):,} bytes, {sum(found.values()) / rows:.0f} a row")
        await book.close()
        await engine.close()
        await embedded.stop()


def minutes(skus: list[str], hours: int, changing: int) -> list[Op]:
    """The writes of the watch: in each minute other SKUs have changed."""
    first = int(time.time()) // 60
    return [
        KeepMinute(
            fence=1,
            room=ROOM,
            show=SHOW,
            minute=first + number,
            rows=[
                (skus[(number * changing + n) % len(skus)], (1_000 + number, n % 7, number * 2, number * 2 + n % 7))
                for n in range(changing)
            ],
            total=(number * changing, []),
            paces=[],
            through=first + number,
        )
        for number in range(60 * hours)
    ]


async def all_of(book: StockBook, ops: list[Op]) -> None:
    """Carry them out; each must succeed."""
    for first in range(0, len(ops), WRITES_AT_ONCE):
        for outcome in await asyncio.gather(*map(book.apply, ops[first : first + WRITES_AT_ONCE])):
            assert outcome.code == Code.OK, outcome


async def weights(engine: Engine, book: StockBook, beginnings: tuple[str, ...]) -> dict[str, int]:
    """Bytes by key, of the pool's keys that begin so."""
    found: dict[str, int] = {}
    for beginning in beginnings:
        async for key in scan(engine, f"{book.base}:{beginning}*"):
            name = key.removeprefix(book.base)
            found[name] = await memory_of(engine, key)
    return dict(sorted(found.items()))


if __name__ == "__main__":
    asyncio.run(main())
