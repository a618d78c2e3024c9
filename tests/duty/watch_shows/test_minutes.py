"""The duty that watches shows: minutes that nobody loses, and what they make of the alerts."""

from __future__ import annotations

import asyncio

import pytest
from duty.conftest import MakeProcess, Process
from duty.watch_shows.conftest import PATIENCE_S, Heard, begin_of_a_minute, kept, watched_rooms
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import ShowMinute, SkuMinute
from shelfcast.protocol.states import AlertRule
from shelfcast.stock.configuration import FreezeScope, What
from shelfcast.stock.operations import (
    Cancel,
    Confirm,
    Freeze,
    Reserve,
    put,
)
from shop import Shop
from structlog.testing import capture_logs
from waiting import until


async def test_minutes_end_with_the_engines_clock(watched: Shop, heard: Heard) -> None:
    first_ms = await begin_of_a_minute(watched, heard)
    await watched.ok(Reserve("r1", "evening", "mug", 10, "li"))
    await watched.ok(Reserve("r2", "evening", "mug", 2, "li"))
    await watched.ok(Confirm("r2"))
    await watched.advance(MINUTE_MS)
    row, show = await kept(watched, first_ms)
    assert row == SkuMinute(available=88, held=10, sold=2, taken=12)
    assert show == ShowMinute(0, 2, {})
    assert await heard.pace() > 0
    await watched.ok(Reserve("r3", "evening", "mug", 30, "zhao"))
    await watched.ok(Cancel("r1"))
    await watched.advance(MINUTE_MS)
    row, _ = await kept(watched, first_ms + MINUTE_MS)
    assert row == SkuMinute(available=68, held=30, sold=2, taken=32)
    await watched.advance(MINUTE_MS)
    row, show = await kept(watched, first_ms + 2 * MINUTE_MS)
    assert row is None, "nothing has changed in it"
    assert show.paid == 2


async def test_a_pace_is_over_ended_minutes_on_sale(watched: Shop, heard: Heard) -> None:
    await begin_of_a_minute(watched, heard)
    await watched.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await watched.ok(put(What.ROOM, "evening", {"status": "live"}))
    await watched.ok(Reserve("r1", "evening", "mug", 9, "li"))
    assert (await watched.book.paces("evening.2")) == (None, 0, {})
    await watched.advance(MINUTE_MS)
    assert await heard.pace() == 9
    await watched.advance(2 * MINUTE_MS)
    assert await heard.pace() == 3
    await watched.ok(put(What.ROOM, "evening", {"status": "paused"}))
    await watched.advance(3 * MINUTE_MS)
    assert await heard.pace() == 9 / 4
    await watched.ok(put(What.ROOM, "evening", {"status": "live"}))
    await watched.ok(Reserve("r2", "evening", "mug", 7, "li"))
    await watched.advance(MINUTE_MS)
    assert await heard.pace() == 16 / 5, "the minutes of the pause are on neither side"


@pytest.mark.parametrize(
    ("scope", "name"),
    [(FreezeScope.SKU, "mug"), (FreezeScope.CHANNEL, "live"), (FreezeScope.ROOM, "evening"), (FreezeScope.POOL, "")],
)
async def test_minutes_that_any_flag_has_frozen_are_left_out(
    watched: Shop, heard: Heard, scope: FreezeScope, name: str
) -> None:
    await begin_of_a_minute(watched, heard)
    await watched.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await watched.ok(put(What.ROOM, "evening", {"status": "live"}))
    await watched.ok(Reserve("r1", "evening", "mug", 8, "li"))
    await watched.advance(MINUTE_MS)
    assert await heard.pace() == 8
    said = False if scope is FreezeScope.SKU else scope
    await watched.ok(Freeze("stop", name, True, scope=said))
    await watched.advance(3 * MINUTE_MS)
    assert await heard.pace() == 4, "one minute was on sale at its beginning"
    await watched.ok(Freeze("go", name, False, scope=said))
    await watched.ok(Reserve("r2", "evening", "mug", 7, "li"))
    await watched.advance(MINUTE_MS)
    assert await heard.pace() == 5


async def test_a_successor_goes_on_with_the_minutes(
    watched: Shop, process: Process, make_process: MakeProcess, heard: Heard
) -> None:
    first_ms = await begin_of_a_minute(watched, heard)
    await watched.ok(Reserve("r1", "evening", "mug", 12, "li"))
    await watched.advance(MINUTE_MS)
    await kept(watched, first_ms)
    paces = (await watched.book.paces("evening.1")).by_sku
    before = paces["mug"].minutes
    await process.keeper.close()
    await watched.ok(Reserve("r2", "evening", "mug", 30, "li"))
    other = make_process()
    other.keeper.start()
    await until(lambda: other.lease.fence is not None)
    await watched.advance(MINUTE_MS)
    row, _ = await kept(watched, first_ms + MINUTE_MS)
    assert row == SkuMinute(available=58, held=42, sold=0, taken=42)
    paces = (await watched.book.paces("evening.1")).by_sku
    assert paces["mug"].minutes == [*before, 30]
    assert paces["mug"].orders == 2, "what was ordered while nobody watched counts, too"


async def test_a_show_that_nobody_saw_begin_counts_from_its_base(shop: Shop, process: Process, heard: Heard) -> None:
    await shop.receive(100)
    await shop.ok(Reserve("before", "evening", "mug", 10, "li"))
    await shop.advance(0)
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await shop.ok(put(What.ROOM, "evening", {"status": "live"}))
    for number in range(6):
        await shop.ok(Reserve(f"r{number}", "evening", "mug", 1, f"user{number}"))
    await shop.ok(Cancel("r0"))
    await shop.advance(2 * MINUTE_MS)
    process.keeper.start()
    assert await heard.pace() == 2.5, "two minutes have ended, and the hold of before is no sale of theirs"
    await until_kept(shop, "evening.2")
    pace = (await shop.book.paces("evening.2")).by_sku["mug"]
    assert (pace.minutes, pace.orders) == ([5, 0], 5)


async def until_kept(shop: Shop, show: str, minute: int = 0) -> None:
    """Until the minutes of a show are kept, up to this one."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            kept_minute = (await shop.book.paces(show)).minute
            if kept_minute is not None and kept_minute >= minute:
                return
            await asyncio.sleep(0.02)


async def test_orders_of_the_minute_in_which_a_watcher_went_count(
    watched: Shop, process: Process, make_process: MakeProcess, heard: Heard
) -> None:
    await begin_of_a_minute(watched, heard)
    for number in range(2):
        await watched.ok(Reserve(f"r{number}", "evening", "mug", 10, f"user{number}"))
    await watched.advance(MINUTE_MS)
    await heard.pace()
    await watched.ok(Reserve("r2", "evening", "mug", 10, "user2"))
    await process.keeper.close()
    for number in (3, 4):
        await watched.ok(Reserve(f"r{number}", "evening", "mug", 10, f"user{number}"))
    make_process().keeper.start()
    for _ in range(5):
        await watched.advance(MINUTE_MS)
        await heard.pace()
    assert (await heard.alert()).rule == "sold_out_eta", "sold in five orders, of which a watcher of now saw two"


async def test_a_show_with_as_many_alerts_as_it_may_have_is_watched_on(
    shop: Shop, process: Process, make_process: MakeProcess, heard: Heard
) -> None:
    for sku in ("mug", "tea", "cup"):
        await shop.sell(sku)
        await shop.receive(100, sku)
    watcher = make_process(alerts_a_show_max=1)
    with capture_logs() as logs:
        watcher.keeper.start()
        await until(lambda: watched_rooms(watcher) == {"evening", "morning"})
        await shop.ok(Reserve("r1", "evening", "mug", 85, "li"))
        rang = await heard.alert()
        await asyncio.gather(*(shop.ok(Reserve(f"r-{sku}", "evening", sku, 91, "li")) for sku in ("tea", "cup")))
        await shop.ok(Reserve("r2", "evening", "mug", 8, "li"))
        graver = await heard.alert()
        assert (graver.id, graver.tier_percent) == (rang.id, 10), "what stands is watched on"
        await shop.ok(Cancel("r-tea"))
        await shop.ok(Reserve("r3", "evening", "tea", 95, "li"))
        await shop.ok(Cancel("r1"))
        over = await heard.alert()
        assert (over.id, over.state) == (rang.id, "resolved")
    assert heard.alerts() == []
    assert [(line["show"], line["most"]) for line in logs if line["event"] == "watch.alerts_full"] == [("evening.1", 1)]


@pytest.mark.parametrize("bound", [{"series_hours_max": 1}, {"series_bytes_max": 1}])
async def test_behind_the_bound_of_a_series_paces_go_on(
    shop: Shop, make_process: MakeProcess, heard: Heard, bound: dict[str, int]
) -> None:
    await shop.receive(100)
    watcher = make_process(**bound)
    with capture_logs() as logs:
        watcher.keeper.start()
        await until(lambda: watched_rooms(watcher) == {"evening", "morning"})
        first_ms = await begin_of_a_minute(shop, heard)
        await kept(shop, first_ms - MINUTE_MS)
        for number in range(2):
            await shop.ok(Reserve(f"r{number}", "evening", "mug", 10, "li"))
            await shop.ok(Confirm(f"r{number}"))
            await shop.advance(61 * MINUTE_MS)
            await until_kept(shop, "evening.1", await shop.book.now_ms() // MINUTE_MS - 1)
            pace = (await shop.book.paces("evening.1")).by_sku["mug"]
            assert (pace.orders, pace.taken) == (number + 1, 10 * (number + 1))
    assert len(await shop.book.series_hours("evening.1")) == 1
    assert len([line for line in logs if line["event"] == "watch.series_full" and line["show"] == "evening.1"]) == 1


async def test_a_sold_out_eta_rings(watched: Shop, heard: Heard) -> None:
    await begin_of_a_minute(watched, heard)
    for number in range(5):
        await watched.ok(Reserve(f"r{number}", "evening", "mug", 10, f"user{number}"))
    await watched.advance(MINUTE_MS)
    await heard.pace()
    assert heard.alerts() == [], "it is not on air for five minutes yet"
    for _ in range(4):
        await watched.advance(MINUTE_MS)
        await heard.pace()
    alert = await heard.alert()
    assert (alert.rule, alert.sku, alert.severity, alert.threshold) == ("sold_out_eta", "mug", "warning", 60)
    assert alert.remaining == 50
    assert alert.value < 60


async def test_a_low_active_sku_rate_rings_after_half_the_planned_time(watched: Shop, heard: Heard) -> None:
    for number in range(3):
        await watched.sell(f"tea-{number}")
    await begin_of_a_minute(watched, heard)
    await watched.ok(put(What.ROOM, "evening", {"planned_minutes": 20}))
    await watched.ok(Reserve("r1", "evening", "mug", 1, "li"))
    await watched.ok(Confirm("r1"))
    await watched.advance(11 * MINUTE_MS)
    alert = await heard.alert(room="evening")
    assert (alert.rule, alert.sku, alert.value, alert.remaining, alert.offered) == ("active_sku_rate", "", 0.25, 1, 4)
    await watched.receive(5, "tea-1")
    await watched.ok(Reserve("r2", "evening", "tea-1", 1, "li"))
    await watched.ok(Confirm("r2"))
    assert (await heard.alert(rule=AlertRule.ACTIVE_SKU_RATE)).state == "resolved"
