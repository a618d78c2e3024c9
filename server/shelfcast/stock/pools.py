"""The pools this process has open: a book and a feed each, opened when somebody first needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from shelfcast.engine.connection import Engine
from shelfcast.settings import Settings
from shelfcast.stock.accounts import Accounts
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import PoolConfig
from shelfcast.stock.directory import Directory
from shelfcast.stock.feed import StockFeed
from shelfcast.stock.followers import Followers
from shelfcast.stock.jobs import Jobs
from shelfcast.stock.reading import BookReader
from shelfcast.stock.refusals import Refusals
from shelfcast.stock.viewer_count import ViewerCount


class Pool(Struct, frozen=True):
    """One open pool."""

    book: StockBook
    feed: StockFeed
    jobs: Jobs
    refusals: Refusals


class Pools:
    """Opens each pool once."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._open: dict[str, Pool] = {}
        self.directory = Directory(engine, settings)
        self.accounts = Accounts(engine, settings)
        self.viewer_count = ViewerCount(engine, settings)
        self.followers = Followers(engine, settings)

    @property
    def opened(self) -> list[Pool]:
        """The pools open now."""
        return list(self._open.values())

    async def get(self, pool: str) -> Pool | None:
        """The pool, opened if need be; None where there is none of that name. Raises EngineError."""
        if pool not in self._open and await self.directory.has_pool(pool) and pool not in self._open:
            book = StockBook(self._engine, pool, self._settings)
            feed = StockFeed(self._engine, book, self._settings)
            feed.start()
            jobs, refusals = Jobs(self._engine, pool, self._settings), Refusals(self._engine, book.base)
            self._open[pool] = Pool(book, feed, jobs, refusals)
        return self._open.get(pool)

    def jobs(self, pool: str) -> Jobs:
        """The jobs of a pool, which need not be there; it is not opened for it."""
        return Jobs(self._engine, pool, self._settings)

    async def settings_of(self, pools: Sequence[str]) -> dict[str, PoolConfig]:
        """The settings of pools that exist; none is opened for it. Raises EngineError."""
        readers = [BookReader(self._engine, pool, self._settings.key_prefix) for pool in pools]
        found = await asyncio.gather(*[reader.pool_config() for reader in readers])
        return dict(zip(pools, found, strict=True))

    async def of_room(self, room: str) -> Pool | None:
        """The pool a room belongs to. Raises EngineError."""
        pool = await self.directory.room_pool(room)
        return await self.get(pool) if pool else None

    async def close(self) -> None:
        """Answer what was taken, then end the feeds."""
        pools, self._open = self.opened, {}
        await asyncio.gather(*(pool.book.close() for pool in pools))
        await asyncio.gather(*(pool.feed.close() for pool in pools))
