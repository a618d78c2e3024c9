"""The keeper releases, opens and forgets by itself, on one process at a time."""

from __future__ import annotations

import asyncio

import pytest
from duty.conftest import MakeProcess, Process
from shelfcast.duty.expire_holds import ExpireHolds
from shelfcast.settings import Settings
from shelfcast.stock.changes import FeedMessage, SkuStock
from shelfcast.stock.configuration import BatchConfig, What
from shelfcast.stock.operations import MoveKind, Reserve, put
from shelfcast.stock.pools import Pools
from shelfcast.stock.records import RoomView
from shop import Shop
from waiting import loop_time

PATIENCE_S = 30
STEP_TOLERANCE_MS = 500
"""How exactly a step of the clock is measured on a machine with other work: far less than a hold lasts here."""


class Watcher:
    """Follows the evening room until a number of mugs can be sold from the pool and open batches."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.reached = asyncio.Event()
        self.at_ms = 0

    def reset(self, view: RoomView) -> None:
        self._look([listed.stock for listed in view.skus], view.at_ms)

    def change(self, message: FeedMessage) -> None:
        self._look(message.stock, message.at_ms)

    def lost(self) -> None: ...

    def gone(self) -> None: ...

    def _look(self, rows: list[SkuStock], at_ms: int) -> None:
        if self.wanted in [row.pool + sum(batch.units for batch in row.batches) for row in rows]:
            self.at_ms = at_ms
            self.reached.set()


async def watch(process: Process, wanted: int) -> Watcher:
    pool = await process.pools.get("p")
    assert pool
    watcher = Watcher(wanted)
    pool.feed.follow("evening", watcher)
    return watcher


async def test_a_hold_is_released_within_a_second_of_its_end(process: Process, shop: Shop) -> None:
    await shop.receive(3)
    held = await shop.ok(Reserve("r1", "evening", "mug", 2, "ann"))
    process.keeper.start()
    watcher = await watch(process, 3)
    async with asyncio.timeout(PATIENCE_S), loop_time() as since:
        await watcher.reached.wait()
    assert 0 <= watcher.at_ms - held.expires_at_ms < 1_000 + since.late_s * 1_000
    await shop.assert_sound()


async def test_many_holds_are_released_in_bounded_steps(process: Process, shop: Shop, settings: Settings) -> None:
    await shop.receive(1_200)
    await asyncio.gather(*(shop.book.apply(Reserve(f"r{n}", "evening", "mug", 1, f"u{n}")) for n in range(1_200)))
    process.keeper.start()
    watcher = await watch(process, 1_200)
    async with asyncio.timeout(PATIENCE_S):
        await watcher.reached.wait()
    assert settings.expiry_sweep_max < 1_200
    await shop.assert_sound()


async def test_a_hold_outlives_a_step_of_the_engines_clock(process: Process, shop: Shop) -> None:
    """An hour ahead: it is not over by that, and is released when it is."""
    await shop.receive(1)
    process.keeper.start()
    pool = await process.pools.get("p")
    assert pool
    assert isinstance(process.expire_holds, ExpireHolds)
    async with asyncio.timeout(PATIENCE_S):
        while process.expire_holds.clock_of(pool)._ahead_ms is None:
            await shop.book.now_ms()
    held = await shop.ok(Reserve("r1", "evening", "mug", 1, "ann"))
    hour_ms = 3_600_000
    key = f"{shop.book.base}:meta"
    await shop.engine.command("HSET", key, "rehearsal_clock_ms", f"+{hour_ms}", key=key)
    watcher = await watch(process, 1)
    async with asyncio.timeout(PATIENCE_S):
        await watcher.reached.wait()
    assert watcher.at_ms >= held.expires_at_ms + hour_ms - STEP_TOLERANCE_MS
    await shop.assert_sound()


async def test_a_batch_opens_when_its_window_comes(process: Process, shop: Shop) -> None:
    await shop.receive(5)
    opens_at = await shop.book.now_ms() + 500
    await shop.ok(put(What.BATCH, "b1", BatchConfig(opens_at_ms=opens_at)))
    await shop.move(MoveKind.CARVE, 4, "pool", "batch:b1")
    process.keeper.start()
    watcher = await watch(process, 5)
    async with asyncio.timeout(PATIENCE_S):
        await watcher.reached.wait()
    assert watcher.at_ms >= opens_at


async def test_one_process_holds_the_lease_and_another_takes_over(process: Process, make_process: MakeProcess) -> None:
    other = make_process()
    assert await process.lease.hold()
    assert await process.lease.hold()
    assert not await other.lease.hold()
    await other.lease.release()  # not its own: stays
    assert not await other.lease.hold()
    await process.lease.release()
    assert await other.lease.hold()


async def test_the_keeper_outlives_a_defect_in_each_of_their_parts(
    process: Process, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.receive(1)
    await shop.ok(Reserve("r1", "evening", "mug", 1, "ann"))
    unbroken: set[str] = {"hold", "pools", "apply", "opened"}

    def break_once(name: str, target: object) -> None:
        whole = getattr(target, name)

        async def fails_first(*args: object) -> object:
            if name in unbroken:
                unbroken.remove(name)
                raise RuntimeError(f"a defect in {name}")
            return await whole(*args)

        monkeypatch.setattr(target, name, fails_first)

    break_once("hold", process.lease)
    break_once("pools", process.pools.directory)
    break_once("apply", shop.book)
    opened = vars(Pools)["opened"].fget
    assert opened is not None

    def opened_fails_first(pools: Pools) -> object:
        if "opened" in unbroken:
            unbroken.remove("opened")
            raise RuntimeError("a defect in opened")
        return opened(pools)

    monkeypatch.setattr(type(process.pools), "opened", property(opened_fails_first))
    process.keeper.start()
    watcher = await watch(process, 1)
    async with asyncio.timeout(PATIENCE_S):
        await watcher.reached.wait()
    assert not unbroken
