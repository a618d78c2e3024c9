"""The engine's clock is set while holds are alive: each keeps the time it has left, and nothing is moved twice."""

from __future__ import annotations

import pytest
from shelfcast.metrics import CLOCK_STEPS
from shelfcast.settings import Settings
from shelfcast.stock.clock_watch import ClockWatch
from shelfcast.stock.operations import Confirm, Expire, Reserve, StepClock
from shop import Shop

pytestmark = pytest.mark.each_engine

HOUR_MS = 3_600_000
TOLERANCE_MS = 30_000
"""For the time that the test itself takes."""


async def step(shop: Shop, ms: int) -> None:
    """Set the pool's clock: it goes on, this far from the engine's."""
    key = f"{shop.book.base}:meta"
    await shop.engine.command("HSET", key, "rehearsal_clock_ms", f"{ms:+d}", key=key)


async def left_ms(shop: Shop, name: str) -> int:
    reservation = await shop.book.reservation(name)
    assert reservation
    return reservation.expires_at_ms - await shop.book.now_ms()


@pytest.fixture
async def watch(shop: Shop, settings: Settings) -> ClockWatch:
    """A watch that has looked once, over three holds, one of them paid."""
    made = ClockWatch(shop.book, settings)
    await shop.receive(10)
    for name in ("r1", "r2", "paid"):
        await shop.ok(Reserve(name, "evening", "mug", 1, "ann"))
    await shop.ok(Confirm("paid"))
    assert await made.look()
    return made


@pytest.mark.parametrize("ms", [HOUR_MS, -HOUR_MS, 60_000, -60_000])
async def test_holds_keep_the_time_they_have_left(
    shop: Shop, watch: ClockWatch, settings: Settings, ms: int, capfd: pytest.CaptureFixture[str]
) -> None:
    before = await left_ms(shop, "r1")
    await step(shop, ms)
    assert await watch.look()
    assert abs(await left_ms(shop, "r1") - before) < TOLERANCE_MS
    assert (await shop.ok(Expire(100))).data == 0
    said = capfd.readouterr().out
    assert "book.clock_stepped" in said
    assert "holds_moved=2" in said
    assert CLOCK_STEPS.labels("p")._value.get() > 0
    paid = await shop.book.reservation("paid")
    assert paid
    assert paid.state == "confirmed"
    await shop.assert_sound()
    # They end at their end, and are swept from where they were moved to.
    await shop.advance(before + TOLERANCE_MS)
    assert (await shop.ok(Expire(100))).data == 2
    assert (await shop.ok(Expire(100))).data == 0
    await shop.assert_sound()


async def test_two_who_notice_move_the_holds_once(shop: Shop, watch: ClockWatch, settings: Settings) -> None:
    other = ClockWatch(shop.book, settings)
    assert await other.look()
    before = await left_ms(shop, "r1")
    await step(shop, HOUR_MS)
    assert await watch.look()
    assert await other.look()
    assert await watch.look()
    assert abs(await left_ms(shop, "r1") - before) < TOLERANCE_MS
    assert (await shop.ok(StepClock(HOUR_MS, 0))).data == -1
    await step(shop, 0)
    assert await other.look()
    assert await watch.look()
    assert abs(await left_ms(shop, "r1") - before) < TOLERANCE_MS


async def test_a_hold_made_behind_a_step_back_is_not_cut_short(shop: Shop, watch: ClockWatch) -> None:
    await step(shop, -HOUR_MS)
    await shop.ok(Reserve("late", "evening", "mug", 1, "bob"))
    before = await left_ms(shop, "late")
    assert await watch.look()
    assert abs(await left_ms(shop, "late") - before) < TOLERANCE_MS


async def test_a_hold_moved_to_the_time_of_another_is_swept_with_it(shop: Shop, watch: ClockWatch) -> None:
    """All ends lie on a grid: a step may move one to where another was."""
    first = await shop.book.reservation("r1")
    assert first
    await shop.advance(250)
    await shop.ok(Reserve("later", "evening", "mug", 1, "bob"))
    await step(shop, 0)
    steps = (await shop.book.time())[1]
    assert (await shop.ok(StepClock(250, steps))).data == 3
    assert (await shop.ok(StepClock(-250, steps + 1))).data == 3
    await shop.advance(HOUR_MS)
    assert (await shop.ok(Expire(100))).data == 3
    await shop.assert_sound()


async def test_a_standing_clock_and_a_slow_one_are_no_steps(
    shop: Shop, watch: ClockWatch, capfd: pytest.CaptureFixture[str]
) -> None:
    await step(shop, 1_000)
    assert await watch.look()
    await shop.advance(HOUR_MS)
    assert await watch.look()
    assert "clock_stepped" not in capfd.readouterr().out
