"""What the duty that watches shows spends on a feed message of a sale, beside the room's own merge of it.

    python loadtest/bench/watching.py [--rate 2000] [--seconds 5] [--skus 20] [--listed 20] [--rounds 9]

Runs the embedded engine in a temporary folder, sells at that rate, and keeps the messages of the feed. Then they are
played, round for round, to a watch as it stood before the sale and to a room's state alone, decoding left out: the
watch has such a state too, so what is above it is the counting and the rules. The rules look at the SKUs that have
changed: `--listed 2000` costs no more.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import structlog
from reservations import set_up
from shelfcast.duty.room_watch import RoomWatch
from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.merchant.minutes import MinuteQueue
from shelfcast.protocol.codes import Code
from shelfcast.room.state import RoomState
from shelfcast.settings import Settings
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.feed import Follower, StockFeed
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Reserve
from shelfcast.stock.pools import Pool, Pools
from shelfcast.stock.records import RoomView

ROOM = "flash"
TICK_S = 0.005
UNITS = 1_000_000


class Recorded:
    """A feed that has been, as far as a watch asks for one; and the pool follower that listens to it while it is."""

    def __init__(self) -> None:
        self.messages: list[FeedMessage] = []

    def begin(self, epoch: int, seq: int) -> None:
        """Nothing was before."""

    def lost(self) -> None:
        """It stays on this machine."""

    def change(self, message: FeedMessage) -> None:
        """Keep it."""
        self.messages.append(message)

    def follow(self, room: str, follower: Follower) -> Callable[[], None]:
        """The watch is told by hand."""
        return lambda: None


async def sell(pool: Pool, skus: list[str], rate: int, seconds: float) -> None:
    """Customers reserve one unit each, evenly in time and over the SKUs; a fifth of them give it back."""
    loop, begun, done, answers = asyncio.get_running_loop(), time.perf_counter(), 0, list[asyncio.Task[object]]()
    while (elapsed := time.perf_counter() - begun) < seconds:
        while done < rate * elapsed:
            op = Reserve(f"r{done}", ROOM, skus[done % len(skus)], 1, f"user{done}")
            answers.append(loop.create_task(pool.book.apply(op)))
            done += 1
        await asyncio.sleep(TICK_S)
    outcomes = await asyncio.gather(*answers)
    refused = [outcome for outcome in outcomes if getattr(outcome, "code", "") != Code.OK]
    if refused:
        raise RuntimeError(f"expected every reservation to be made, {len(refused)} were refused: {refused[0]}")


async def watch_s(pool: Pool, feed: Recorded, view: RoomView, settings: Settings) -> float:
    """The processor time of a watch for all messages."""
    replayed = Pool(book=pool.book, feed=cast(StockFeed, feed), jobs=pool.jobs, refusals=pool.refusals)
    watch = RoomWatch(replayed, ROOM, 0, MinuteQueue(0), settings, lambda: None)
    watch.reset(view)
    while not watch.ready:  # noqa: ASYNC110 - nothing is told of it
        await asyncio.sleep(TICK_S)
    begun = time.process_time()
    for message in feed.messages:
        watch.change(message)
    spent = time.process_time() - begun
    watch.close()
    return spent


def merge_s(feed: Recorded, view: RoomView, settings: Settings) -> float:
    """The same of a room's state alone, which hands out what its viewers are told once a message."""
    state = RoomState(ROOM, settings.last_n_default)
    state.reset(view)
    begun = time.process_time()
    for message in feed.messages:
        state.apply(message)
        state.take()
        state.take_backstage()
    return time.process_time() - begun


async def measure(asked: argparse.Namespace) -> None:
    """Sell, play the messages, print."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedEngine(Path(folder), settings)
        engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
        try:
            pools = Pools(engine, settings)
            await pools.directory.create_pool("bench")
            pool = await pools.get("bench")
            if pool is None:
                raise RuntimeError("expected the pool that was just made")
            skus = await set_up(pool.book, max(asked.skus, asked.listed), UNITS)
            view = await pool.book.room_view(ROOM)
            if view is None:
                raise RuntimeError("expected the room that was just made")
            while not pool.feed.live:  # noqa: ASYNC110 - nothing is told of it
                await asyncio.sleep(TICK_S)
            feed = Recorded()
            unfollow = pool.feed.follow_pool(feed)
            await sell(pool, skus[: asked.skus], asked.rate, asked.seconds)
            await asyncio.sleep(1)
            unfollow()
            rounds = [
                (await watch_s(pool, feed, view, settings), merge_s(feed, view, settings)) for _ in range(asked.rounds)
            ]
            await pools.close()
        finally:
            await engine.close()
            await embedded.stop()
    count = len(feed.messages)
    watch_us = statistics.median(watch for watch, _ in rounds) / count * 1e6
    merge_us = statistics.median(merge for _, merge in rounds) / count * 1e6
    changed = sum(len(message.stock) for message in feed.messages) / count
    print(
        f"{count} messages, {changed:.1f} SKUs changed in each, {max(asked.skus, asked.listed)} listed; "
        f"a message takes a watch {watch_us:.0f} µs, a room's merge {merge_us:.0f} µs, "
        f"the rules {watch_us - merge_us:.0f} µs; "
        f"a watch takes {watch_us * count / asked.seconds / 1e4:.1f} % of a core"
    )


def main() -> None:
    """Measure once."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rate", type=int, default=2_000, help="reservations a second")
    arguments.add_argument("--seconds", type=float, default=5.0)
    arguments.add_argument("--skus", type=int, default=20, help="that are sold")
    arguments.add_argument("--listed", type=int, default=20, help="that stand on the shelf")
    arguments.add_argument("--rounds", type=int, default=9)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    asyncio.run(measure(arguments.parse_args()))


if __name__ == "__main__":
    main()
