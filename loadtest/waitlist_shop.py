"""The shop of the waitlist's runs, and what its book and its engine say of what happened."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import redis
from shelfcast.engine import open_engine, running_socket
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Reserve
from shelfcast.stock.records import Stream
from shelfcast.stock.waitlist import WaitRecord
from shelfcast_client.merchant import Merchant

POOL, ROOM, CHANNEL, SKU = "waitlist", "evening", "live", "mug"
HELD = f"held:{CHANNEL}"
PAGE = 2_000
SLOW_US, SLOW_MAX = 1_000, 100_000
"""The engine keeps each command that takes longer, so many of them."""


def operator(secret: str) -> str:
    """A token for the merchant."""
    return Tokens(Settings(token_secret=secret)).mint(role=Role.OPERATOR, user="waitlist")


async def open_shop(url: str, secret: str, units: int) -> None:
    """A live room that keeps a waitlist, with so many units of its only SKU."""
    async with Merchant(url, operator(secret), POOL) as merchant:
        await merchant.define_pool()
        await merchant.define_channel(CHANNEL)
        rows = [{"sku": SKU, "title": "Mug", "price_minor": 9_900, "opening": units}]
        await merchant.catalogue(rows, key="opening")
        await merchant.define_room(ROOM, channel=CHANNEL, status="live", waitlist=True)
        await merchant.list_in_room(ROOM, [{"sku": SKU}])


@asynccontextmanager
async def book_of(data_dir: Path, **more: Any) -> AsyncIterator[StockBook]:
    """The book of the server that runs on this folder. Raises EngineUnavailable."""
    settings = Settings(data_dir=str(data_dir), engine_call_timeout_ms=60_000, **more)
    async with open_engine(settings, LIBRARY, join=True) as engine:
        book = StockBook(engine, POOL, settings)
        try:
            yield book
        finally:
            await book.close()


async def reserve_all(data_dir: Path, holds: int, hold_ms: int) -> list[int]:
    """So many customers hold a unit each, as fast as the book decides it; when each hold runs out."""
    async with book_of(data_dir, hold_ms=hold_ms) as book:
        wanted = (Reserve(f"holds-{n}", ROOM, SKU, 1, f"customer-{n}") for n in range(holds))
        outcomes = await asyncio.gather(*(book.apply(op) for op in wanted))
    refused = Counter(outcome.code for outcome in outcomes if outcome.code != Code.OK)
    if refused:
        raise RuntimeError(f"expected {holds} holds, refused were {refused}")
    return [outcome.expires_at_ms for outcome in outcomes]


async def waits_in(data_dir: Path, ids: Sequence[str]) -> dict[str, WaitRecord]:
    """The waits that the book knows of these, by id."""
    found: dict[str, WaitRecord] = {}
    async with book_of(data_dir) as book:
        for first in range(0, len(ids), PAGE):
            found |= {wait.id: wait for wait in await book.waits(ids[first : first + PAGE])}
    return found


async def reserved_in(data_dir: Path) -> list[str]:
    """The ids of all reservations, offers among them, as the ledger has them; one is there as often as it was made."""
    ids = []
    async with book_of(data_dir) as book:
        async for entries in book.ledger_to_now(Stream.STOCK, 0, PAGE):
            ids += [entry.id for entry in entries if entry.kind == "reserve"]
    return ids


async def units_in(data_dir: Path) -> dict[str, int]:
    """The SKU's buckets."""
    async with book_of(data_dir) as book:
        found = await book.sku(SKU)
    if found is None:
        raise RuntimeError(f"expected the SKU {SKU}")
    return {name: units for name, units in found[1].items() if units}


def order_faults(offered: Sequence[str], waits: dict[str, WaitRecord]) -> list[str]:
    """What of the order of these offers is not so: nobody twice, and each of a higher number than the one before."""
    told = []
    twice = len(offered) - len(set(offered))
    if twice:
        told.append(f"{twice} were served again")
    unknown = [name for name in offered if name not in waits]
    if unknown:
        told.append(f"{len(unknown)} were served that do not wait, {unknown[0]} first")
    numbers = [waits[name].number for name in offered if name in waits]
    early = [(before, after) for before, after in pairwise(numbers) if after < before]
    if early:
        told.append(f"{len(early)} were served out of turn, number {early[0][1]} behind {early[0][0]} first")
    left = sorted(wait.number for name, wait in waits.items() if name not in set(offered))
    if left and numbers and left[0] < max(numbers):
        told.append(f"number {left[0]} was passed over")
    return told


class EngineFigures(NamedTuple):
    """What the engine did since its figures were set to zero."""

    calls: int
    seconds: float
    longest_ms: float
    """Of one call; 0 where none took a millisecond."""
    typical_ms: float = 0.0
    """The median of those that took a millisecond or more: the calls that end holds and make offers."""


class EngineWatch:
    """The engine's own figures: calls of functions, and how long each took that took longer than a millisecond."""

    def __init__(self, data_dir: Path) -> None:
        path = running_socket(data_dir)
        if path is None:
            raise RuntimeError(f"no engine runs on {data_dir}")
        self._engine = redis.Redis(unix_socket_path=str(path))

    def begin(self) -> None:
        """Set its figures to zero."""
        self._engine.config_set("slowlog-log-slower-than", SLOW_US)
        self._engine.config_set("slowlog-max-len", SLOW_MAX)
        self._engine.config_resetstat()
        self._engine.slowlog_reset()

    def figures(self) -> EngineFigures:
        """Since then."""
        stats: dict[str, Any] = self._engine.info("commandstats").get("cmdstat_fcall", {})
        slow: list[dict[str, Any]] = self._engine.slowlog_get(SLOW_MAX)
        calls = [entry["duration"] for entry in slow if bytes(entry["command"]).upper().startswith(b"FCALL")]
        typical = statistics.median(calls or [0]) / 1000
        seconds = stats.get("usec", 0) / 1e6
        return EngineFigures(int(stats.get("calls", 0)), seconds, max(calls, default=0) / 1000, typical)
