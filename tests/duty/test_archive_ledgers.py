"""The duty that has ledgers archived: when a show's report is final, and at least once a day."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest
from shelfcast.duty.archive_ledgers import TRY_AGAIN_MS, ArchiveLedgers
from shelfcast.engine import Engine
from shelfcast.merchant.archive_due import DAY_MS
from shelfcast.settings import Settings
from shelfcast.stock.archive_operations import NoteCheckpoint
from shelfcast.stock.configuration import What
from shelfcast.stock.jobs import JobState
from shelfcast.stock.operations import put
from shelfcast.stock.pools import Pool, Pools
from shelfcast.stock.reports import ReportMark, ReportRecord
from shop import Shop

KEPT_MS = 7 * DAY_MS


class Watched:
    """A pool, its shop, and the duty that looks at it."""

    def __init__(self, pool: Pool, shop: Shop, duty: ArchiveLedgers) -> None:
        self._pool = pool
        self.shop = shop
        self._duty = duty

    async def asks(self, later_ms: int = 60_000) -> bool:
        """So much later: whether the duty has asked for a job. Whoever does it is done with it at once."""
        await self.shop.advance(later_ms)
        before = {job.id for job in await self._pool.jobs.all()}
        await self._duty.run(self._pool, 1)
        made = [job for job in await self._pool.jobs.all() if job.id not in before]
        for job in made:
            assert (job.kind, job.asked_by) == ("archive", "book")
            taken = await self._pool.jobs.take(["archive"])
            assert taken.job is not None
            await self._pool.jobs.finish(taken.job, JobState.DONE)
        return bool(made)

    async def final_report(self, show: str) -> None:
        """Written now; its object is nowhere."""
        book = self.shop.book
        mark = ReportMark(seq=0, at_ms=await book.now_ms(), name="", checksum="")
        record = msgspec.msgpack.encode(ReportRecord(show=show, final=mark))
        await self.shop.engine.command("HSET", f"{book.base}:reports", show, record, key=book.base)

    async def is_written(self) -> None:
        """What a job would have done: everything is in the archive."""
        _, seq, now_ms = await self.shop.book.clock()
        await self.shop.ok(NoteCheckpoint(seq, seq, 0, f"checkpoint {seq}", f"hash {seq}", now_ms))


@pytest.fixture
async def watched(engine: Engine, settings: Settings) -> AsyncIterator[Watched]:
    pools = Pools(engine, settings)
    await pools.directory.create_pool("p")
    pool = await pools.get("p")
    assert pool is not None
    shop = Shop(pool.book, engine)
    await shop.ok(put(What.POOL, "", {"rehearsal": True}))
    await shop.set_up()
    yield Watched(pool, shop, ArchiveLedgers(settings))
    await pools.close()


async def test_a_pool_without_entries_is_left_alone(watched: Watched) -> None:
    assert not await watched.asks(10 * DAY_MS)


async def test_what_is_new_is_written_within_a_day(watched: Watched) -> None:
    await watched.shop.receive(1)
    assert not await watched.asks()
    assert not await watched.asks(DAY_MS - 120_000)
    assert await watched.asks()
    await watched.is_written()
    assert not await watched.asks(DAY_MS)
    await watched.shop.receive(1)
    assert await watched.asks()


async def test_a_final_report_is_followed_by_the_archive(watched: Watched) -> None:
    await watched.shop.receive(1)
    assert not await watched.asks()
    for room in ("evening", "morning"):
        await watched.shop.ok(put(What.ROOM, room, {"status": "ended"}))
    assert not await watched.asks()
    await watched.final_report("evening.1")
    assert await watched.asks()
    assert not await watched.asks(), "one is asked for, once"
    await watched.final_report("morning.1")
    assert await watched.asks()
    await watched.is_written()
    assert not await watched.asks()


async def test_what_is_old_enough_leaves_the_engine(watched: Watched) -> None:
    await watched.shop.receive(1)
    await watched.is_written()
    assert not await watched.asks(KEPT_MS - 60_000)
    assert await watched.asks()


async def test_one_that_could_not_do_it_is_asked_for_again_an_hour_later(watched: Watched) -> None:
    await watched.shop.receive(1)
    assert await watched.asks(DAY_MS)
    assert not await watched.asks()
    assert not await watched.asks(TRY_AGAIN_MS - 120_000)
    assert await watched.asks()


async def test_nothing_is_asked_for_without_a_lease(watched: Watched) -> None:
    with pytest.raises(ValueError, match="lease"):
        await ArchiveLedgers(watched.shop.book._settings).run(watched._pool, None)
