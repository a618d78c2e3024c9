"""A pool of many SKUs with a live room, its sale and its viewers, for `stocktaking.py`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from bisect import bisect_left
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import redis
from fanout import HERE, Child, request
from shelfcast.engine import open_engine, running_socket
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Reserve
from shelfcast_client.merchant import Merchant

POOL, ROOM, CHANNEL = "counting", "flash", "live"
UNITS = 1_000_000
"""Of what the room sells; of every other SKU there are FEW."""
FEW = 20
LISTED = 20
ROWS = 500
UNPINGED = {
    "ping-interval-ms": 3_600_000,
    "idle-close-ms": 7_200_000,
    "job-wait-ms": 300_000,
}
"""The audience answers no pings, and a file is waited for until its lines are saved."""


def name(number: int) -> str:
    return f"SKU-{number:05}"


def token(secret: str, role: Role, user: str) -> str:
    return Tokens(Settings(token_secret=secret)).mint(role=role, user=user)


async def open_pool(url: str, secret: str, skus: int) -> None:
    """So many SKUs, the first of which a live room sells."""
    async with Merchant(url, token(secret, Role.OPERATOR, "bench"), POOL) as merchant:
        await merchant.define_pool()
        await merchant.define_channel(CHANNEL)
        await merchant.define_room(ROOM, channel=CHANNEL, status="live")
        for begin in range(0, skus, ROWS):
            numbers = range(begin, min(begin + ROWS, skus))
            rows = [
                {"sku": name(n), "title": f"Thing {n}", "price_minor": 990, "opening": UNITS if n < LISTED else FEW}
                for n in numbers
            ]
            await merchant.catalogue(rows, key=f"opening-{begin}")
        await merchant.list_in_room(ROOM, [{"sku": name(n), "position": n + 1} for n in range(min(LISTED, skus))])


@asynccontextmanager
async def book_of(data_dir: Path, **changes: Any) -> AsyncIterator[StockBook]:
    """The book of the server that runs on this folder, by these settings. Raises EngineUnavailable."""
    settings = Settings(data_dir=str(data_dir), engine_call_timeout_ms=60_000, hold_ms=3_600_000, **changes)
    async with open_engine(settings, LIBRARY, join=True) as engine:
        book = StockBook(engine, POOL, settings)
        try:
            yield book
        finally:
            await book.close()


class EngineCpu:
    """The processor time of the engine's main thread: whatever else the machine does, it is not in it."""

    def __init__(self, data_dir: Path) -> None:
        path = running_socket(data_dir)
        if path is None:
            raise RuntimeError(f"no engine runs on {data_dir}")
        self._engine = redis.Redis(unix_socket_path=str(path))

    def spent_s(self) -> float:
        """So far."""
        used: dict[str, Any] = self._engine.info("cpu")
        return float(used["used_cpu_user_main_thread"]) + float(used["used_cpu_sys_main_thread"])


def family_cpu_s(pid: int) -> float:
    """The processor time so far of a process and of those that it has started and that are there."""
    parent = psutil.Process(pid)
    spent_s = 0.0
    for process in [parent, *parent.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent_s += times.user + times.system
    return spent_s


class Change(NamedTuple):
    """A reservation that was made: when the book was asked (seconds of the machine's monotonic clock), and the pool's
    sequence that viewers are told with it."""

    asked_s: float
    seq: int


@asynccontextmanager
async def sale(book: StockBook, a_second: int) -> AsyncIterator[list[Change]]:
    """Customers hold a unit each, so many a second, straight in the book: what was made so far."""
    made: list[Change] = []
    run = int(time.monotonic() * 1_000)

    async def reserve(n: int) -> None:
        asked_s = time.monotonic()
        outcome = await book.apply(Reserve(f"r{run}-{n}", ROOM, name(n % LISTED), 1, f"user-{run}-{n}"))
        if outcome.code == Code.OK:
            made.append(Change(asked_s, outcome.seq))

    async def go_on() -> None:
        begun_s, n = time.monotonic(), 0
        async with asyncio.TaskGroup() as asked:
            while True:
                await asyncio.sleep(begun_s + n / a_second - time.monotonic())
                asked.create_task(reserve(n))
                n += 1

    selling = asyncio.create_task(go_on())
    try:
        yield made
    finally:
        selling.cancel()
        with suppress(asyncio.CancelledError):
            await selling


class Viewers:
    """Real sockets in another process. You must `end` it."""

    def __init__(self, port: int, secret: str, viewers: int) -> None:
        self._audience = Child(sys.executable, str(HERE / "fanout_audience.py"))
        requests = [request(token(secret, Role.VIEWER, f"viewer-{n}")) for n in range(viewers)]
        self._ask({"do": "connect", "port": port, "requests": requests})

    def begin(self, seconds: float) -> None:
        """Note what comes, for so long."""
        self._ask({"do": "count"})
        self._audience.tell(json.dumps({"do": "listen", "seconds": seconds}))

    def delays_ms(self, changes: list[Change]) -> list[float]:
        """How long it took each viewer to know of each change, of those that came while they were noted."""
        delays = []
        for reads in json.loads(self._audience.hear())["heard"]:
            numbers = [seq for _, seq in reads]
            for asked_s, seq in changes:
                first = bisect_left(numbers, seq)
                if first == len(numbers):
                    raise RuntimeError(f"a viewer never heard of change {seq}")
                delays.append((reads[first][0] - asked_s) * 1_000)
        return delays

    def end(self) -> None:
        self._audience.end()

    def _ask(self, command: dict[str, Any]) -> Any:
        return json.loads(self._audience.ask(json.dumps(command)))
