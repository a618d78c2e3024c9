"""The duty that watches shows: alerts that are one, whoever changes the stock, and minutes that nobody loses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest
from duty.conftest import MakeProcess, Process
from shelfcast.duty.watch_shows import WatchShows
from shelfcast.engine import Engine
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import ShowMinute, SkuMinute
from shelfcast.merchant import alerts
from shelfcast.merchant.minutes import series
from shelfcast.protocol.states import AlertRule, AlertState, RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.alerts import AlertNews, AlertRecord, News, PaceNews
from shelfcast.stock.changes import FeedMessage, SkuStock
from shelfcast.stock.configuration import ElasticMode, ElasticRule, FreezeScope, RoomConfig, What
from shelfcast.stock.operations import (
    Cancel,
    Confirm,
    Count,
    External,
    Freeze,
    MoveKind,
    Reserve,
    RingAlert,
    Ship,
    put,
)
from shelfcast.stock.records import Stream
from shop import Shop
from structlog.testing import capture_logs
from waiting import until

PATIENCE_S = 60
"""A machine that does other things, too, takes its time."""


class Heard:
    """The news of a pool."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.stock: dict[str, SkuStock] = {}
        self._arrived = asyncio.Event()

    def begin(self, epoch: int, seq: int) -> None:
        pass

    def lost(self) -> None:
        pass

    def change(self, message: FeedMessage) -> None:
        self.news += message.news
        self.stock |= {stock.sku: stock for stock in message.stock}
        self._arrived.set()

    def alerts(self, **about: object) -> list[AlertRecord]:
        told = [news.alert for news in self.news if isinstance(news, AlertNews)]
        return [alert for alert in told if all(getattr(alert, name) == value for name, value in about.items())]

    async def alert(self, **about: object) -> AlertRecord:
        """The next alert like this, which is then forgotten."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := self.alerts(**about)):
                self._arrived.clear()
                await self._arrived.wait()
        self.news.remove(next(n for n in self.news if isinstance(n, AlertNews) and n.alert is found[0]))
        return found[0]

    async def reserve_is(self, sku: str, units: int) -> None:
        """Wait until so many units are in the elastic reserve."""
        async with asyncio.timeout(PATIENCE_S):
            while self.stock[sku].elastic[0] != units:
                self._arrived.clear()
                await self._arrived.wait()

    async def pace(self, sku: str = "mug", room: str = "evening") -> float:
        """The next pace of a SKU, which is then forgotten with all paces before it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for place, news in enumerate(self.news):
                    if isinstance(news, PaceNews) and news.room == room and sku in dict(news.paces):
                        alerts_before = [n for n in self.news[:place] if isinstance(n, AlertNews)]
                        self.news[: place + 1] = alerts_before
                        return dict(news.paces)[sku]
                self._arrived.clear()
                await self._arrived.wait()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, hold_ms=3_600_000)


@pytest.fixture
async def watched(shop: Shop, process: Process) -> Shop:
    """100 mugs, and a process that watches the rooms that sell them."""
    await shop.receive(100)
    process.keeper.start()
    await until(lambda: watched_rooms(process) == {"evening", "morning"})
    return shop


def watched_rooms(process: Process) -> set[str]:
    """The rooms of the pool whose shows a process watches by now."""
    [duty] = [duty for duty in process.keeper._duties if isinstance(duty, WatchShows)]
    watch = duty._watches.get("p")
    return {room for room, one in watch._rooms.items() if one.ready} if watch is not None else set()


@pytest.fixture
async def heard(shop: Shop, process: Process) -> AsyncIterator[Heard]:
    pool = await process.pools.get("p")
    assert pool is not None
    await until(lambda: pool.feed.live)
    listener = Heard()
    unfollow = pool.feed.follow_pool(listener)
    yield listener
    unfollow()


Change = Callable[[Shop], Awaitable[object]]


async def by_reservation(shop: Shop) -> None:
    await shop.ok(Reserve("big", "evening", "mug", 91, "li"))


async def by_external_order(shop: Shop) -> None:
    await shop.ok(External("order", "live", "mug", 91, "li", "order"))


async def by_another_room(shop: Shop) -> None:
    await shop.ok(put(What.ROOM, "night", RoomConfig(channel="live", status=RoomStatus.LIVE)))
    await shop.ok(put(What.LISTING, "mug", {"position": 1}, parent="night"))
    await shop.ok(Reserve("big", "night", "mug", 91, "li"))


@pytest.mark.parametrize("change", [by_reservation, by_external_order, by_another_room])
async def test_an_alert_rings_whoever_sells(watched: Shop, heard: Heard, change: Change) -> None:
    await change(watched)
    alert = await heard.alert(room="evening")
    assert (alert.rule, alert.sku, alert.state, alert.severity) == ("share_left", "mug", "firing", "warning")
    assert (alert.tier_percent, alert.remaining, alert.offered, alert.value) == (10, 9, 100, 0.09)
    assert (alert.threshold, alert.peak, alert.id, alert.show) == (0.1, 0.09, "evening.1:1", "evening.1")
    assert alert.since_ms == alert.rang_at_ms == alert.changed_at_ms > 0
    assert await watched.book.alerts("evening.1") == [alert]
    assert (await watched.book.alerting())["evening.1"] == 1


async def test_a_count_and_an_arrival_end_it(watched: Shop, heard: Heard) -> None:
    await by_reservation(watched)
    rang = await heard.alert()
    await watched.receive(10)
    assert (await heard.alert()).tier_percent == 20, "10 % is armed again, and nothing rings"
    await watched.receive(100)
    over = await heard.alert()
    assert (over.id, over.state, over.remaining, over.offered) == (rang.id, "resolved", 119, 210)
    assert over.resolved_at_ms == over.changed_at_ms
    assert await watched.book.alerting() == {}
    await watched.ok(Count("count", "mug", 91 + 5))
    again = await heard.alert()
    assert (again.id, again.state, again.remaining) == ("evening.1:2", "firing", 5)


async def test_the_graver_tier_rings_although_the_milder_one_is_acknowledged(watched: Shop, heard: Heard) -> None:
    await watched.ok(Reserve("r1", "evening", "mug", 80, "li"))
    rang = await heard.alert()
    outcome = await alerts.acknowledge(watched.book, By("a1", "wang", "evening"), rang.id, "on it")
    assert outcome.code == "OK"
    noted = await heard.alert()
    assert (noted.state, noted.acknowledged_by, noted.note) == ("acknowledged", "wang", "on it")
    second = await alerts.acknowledge(watched.book, By("a2", "zhao", "evening"), rang.id)
    assert second.code == "OK"
    await watched.ok(Reserve("r2", "evening", "mug", 5, "li"))
    await watched.ok(Reserve("r3", "evening", "mug", 6, "li"))
    graver = await heard.alert()
    assert (graver.id, graver.state, graver.tier_percent, graver.acknowledged_by) == (rang.id, "firing", 10, "")
    assert graver.since_ms == rang.since_ms
    types = [event.type for event in await watched.book.events() if event.type.startswith("alert.")]
    assert types == ["alert.fired", "alert.acknowledged", "alert.fired"]


async def test_an_acknowledgement_ends_with_its_alert(watched: Shop, heard: Heard) -> None:
    await by_reservation(watched)
    rang = await heard.alert()
    await alerts.acknowledge(watched.book, By("a1", "wang", "evening"), rang.id)
    await watched.ok(Cancel("big"))
    assert (await heard.alert(state="resolved")).id == rang.id
    await watched.ok(Reserve("again", "evening", "mug", 91, "li"))
    again = await heard.alert(state="firing", id="evening.1:2")
    assert again.acknowledged_by == ""


async def test_what_is_put_aside_rings_again_when_its_time_is_over(watched: Shop, heard: Heard) -> None:
    await watched.advance(0)
    await by_reservation(watched)
    rang = await heard.alert()
    assert (await alerts.snooze(watched.book, By("s1", "wang", "evening"), rang.id, 5)).code == "OK"
    aside = await heard.alert()
    assert aside.snoozed_until_ms == aside.changed_at_ms + 5 * MINUTE_MS
    await watched.advance(5 * MINUTE_MS)
    awake = await heard.alert(snoozed_until_ms=0, id=rang.id)
    assert awake.rang_at_ms == aside.snoozed_until_ms


async def test_saving_a_definition_rings_nothing_and_shipping_changes_nothing(watched: Shop, heard: Heard) -> None:
    await by_reservation(watched)
    await heard.alert()
    await watched.ok(Confirm("big"))
    await heard.alert(rule=AlertRule.SELL_THROUGH)
    await watched.terms(limit_per_user=5)
    await watched.ok(put(What.SKU, "mug", {"title": "Cup"}))
    await watched.ok(put(What.ROOM, "evening", {"title": "An evening"}))
    await watched.ok(Freeze("f1", "mug", frozen=True))
    await watched.ok(Freeze("f2", "mug", frozen=False))
    await watched.ok(Ship("ship", "big"))
    await watched.ok(Reserve("r9", "evening", "mug", 5, "zhao"))
    assert (await heard.alert(rule=AlertRule.SHARE_LEFT)).tier_percent == 5
    assert heard.alerts() == []


async def begin_of_a_minute(shop: Shop, heard: Heard) -> int:
    """Stop the pool's clock a second into the next minute, when the one before has ended; when that minute began."""
    begun_ms = (await shop.book.now_ms() // MINUTE_MS + 1) * MINUTE_MS
    await shop.advance(begun_ms + 1_000 - await shop.book.now_ms())
    assert await heard.pace() == 0
    return begun_ms


async def kept(shop: Shop, minute_ms: int, sku: str = "mug") -> tuple[SkuMinute | None, ShowMinute]:
    """A SKU's and the show's row of a minute, once that is kept."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            page = await series(shop.book, "evening.1", await shop.book.series_hours("evening.1"))
            of_show = dict(page.show)
            if minute_ms in of_show:
                rows = {minute: row for minute, of, row in page.skus if of == sku}
                return rows.get(minute_ms), of_show[minute_ms]
            await asyncio.sleep(0.02)


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


async def test_two_processes_ring_once(
    watched: Shop, process: Process, make_process: MakeProcess, heard: Heard, engine: Engine
) -> None:
    other = make_process()
    other.keeper.start()
    await other.pools.get("p")
    await by_reservation(watched)
    rang = await heard.alert(room="evening")
    await alerts.acknowledge(watched.book, By("a1", "wang", "evening"), rang.id)
    await process.keeper.close()
    await until(lambda: other.lease.fence is not None)
    await watched.ok(Reserve("r2", "evening", "mug", 5, "li"))
    graver = await heard.alert(tier_percent=5)
    assert graver.id == rang.id
    records = await watched.book.alerts("evening.1")
    assert [record.id for record in records] == [rang.id]


async def test_one_whose_successor_has_begun_has_no_say(watched: Shop, heard: Heard) -> None:
    await by_reservation(watched)
    rang = await heard.alert(room="evening")
    late = RingAlert(1, "evening", "evening.1", "sell_through", "mug", 0, "watch", 0.9, 0.8, 1, 10, "")
    assert await watched.refused(late) == ("STALE", "fence")
    assert await watched.book.alerts("evening.1") == [rang]


async def test_a_show_that_is_over_for_good_leaves_no_alert(watched: Shop, heard: Heard) -> None:
    await watched.advance(0)
    await by_reservation(watched)
    rang = await heard.alert(room="evening")
    await watched.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await watched.advance(11 * MINUTE_MS)
    over = await heard.alert(state=AlertState.RESOLVED)
    assert over.id == rang.id


async def test_what_stands_of_a_show_ends_when_the_next_begins(watched: Shop, heard: Heard) -> None:
    await by_reservation(watched)
    rang = await heard.alert(room="evening")
    await watched.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await watched.ok(put(What.ROOM, "evening", {"status": "live"}))
    assert (await heard.alert(state=AlertState.RESOLVED)).id == rang.id
    await watched.ok(Reserve("r2", "evening", "mug", 8, "li"))
    assert (await heard.alert(state=AlertState.FIRING)).id == "evening.2:1", "the next show begins at 100 %"


async def test_what_answers_an_alert_says_its_effect_and_is_done_once(watched: Shop, heard: Heard) -> None:
    await watched.move(MoveKind.CARVE, 20, "pool", "elastic")
    await by_eighty(watched)
    rang = await heard.alert(room="evening")
    [release] = rang.actions
    assert (release.id, release.qty, release.source, release.target) == ("release_elastic:1", 20, "elastic", "pool")
    assert release.remaining_after == rang.remaining + 20
    for _ in range(2):
        record = await watched.book.alert(rang.id)
        assert record is not None
        outcome = await alerts.act(watched.book, By("x", "wang", "evening"), record, "release_elastic:1")
        assert outcome.code == "OK"
        assert outcome.action_id == "elastic:mug:1"
    assert (await watched.units())["pool"] == rang.remaining + 20
    record = await watched.book.alert(rang.id)
    assert record is not None
    assert record.actions[0].done_by == "wang"


async def by_eighty(shop: Shop) -> None:
    await shop.ok(Reserve("big", "evening", "mug", 70, "li"))


async def test_the_next_of_the_run_order_answers_too(watched: Shop, heard: Heard) -> None:
    await watched.sell("tea")
    await watched.receive(50, "tea")
    await watched.ok(put(What.ROOM, "evening", {"run_order": ["mug", "tea"], "spotlight": "mug"}))
    await by_reservation(watched)
    rang = await heard.alert(room="evening")
    [shown] = rang.actions
    assert (shown.id, shown.sku, shown.remaining_after) == ("spotlight", "tea", 50)
    outcome = await alerts.act(watched.book, By("x", "wang", "evening"), rang, "spotlight")
    assert outcome.code == "OK"
    room = await watched.book.room_config("evening")
    assert room is not None
    assert room.spotlight == "tea"


async def test_a_dedicated_channel_is_offered_what_the_pool_has(watched: Shop, heard: Heard) -> None:
    await watched.move(MoveKind.ALLOCATE, 50, "pool", "channel:douyin")
    await watched.ok(Reserve("big", "morning", "mug", 46, "li"))
    rang = await heard.alert(room="morning")
    assert [(action.id, action.qty) for action in rang.actions] == [("allocate", 11)]
    outcome = await alerts.act(watched.book, By("x", "wang", "morning"), rang, "allocate")
    assert outcome.code == "OK"
    assert (await heard.alert(state="resolved")).remaining == 15
    assert (await watched.units())["channel:douyin"] == 15


# --- the elastic reserve ----------------------------------------------------------------------------------------------


async def ruled(shop: Shop, mode: str, **rule: int) -> None:
    """40 mugs in the reserve, under this rule."""
    await shop.move(MoveKind.CARVE, 40, "pool", "elastic")
    await shop.ok(put(What.SKU, "mug", {"elastic": ElasticRule(mode=ElasticMode(mode), **rule)}))


async def test_a_rule_that_asks_offers_the_next_release(watched: Shop, heard: Heard) -> None:
    await ruled(watched, "ask", at_units=12, step_units=5)
    await watched.ok(Reserve("r1", "evening", "mug", 48, "li"))
    rang = await heard.alert(rule=AlertRule.ELASTIC)
    assert (rang.room, rang.sku, rang.value, rang.threshold) == ("evening", "mug", 12, 12)
    assert rang.advice == "release 5: 12 → 17"
    [release] = rang.actions
    assert (release.id, release.qty, release.step, release.remaining_after) == ("release_elastic:1", 5, 1, 17)
    outcome = await alerts.act(watched.book, By("x", "wang", "evening"), rang, release.id)
    assert (outcome.code, outcome.action) == ("OK", ("elastic:mug:1", True))
    over = await heard.alert(rule=AlertRule.ELASTIC, state=AlertState.RESOLVED)
    assert over.id == rang.id
    assert (await watched.units())["pool"] == 17
    await watched.ok(Reserve("r2", "evening", "mug", 5, "li"))
    await until(lambda: any(alert.id != rang.id for alert in heard.alerts(rule=AlertRule.ELASTIC)))
    again = heard.alerts(rule=AlertRule.ELASTIC)[-1]
    assert (again.state, [action.id for action in again.actions]) == (AlertState.FIRING, ["release_elastic:2"])


async def test_what_is_asked_says_how_far_it_has_gone(watched: Shop, heard: Heard) -> None:
    await watched.advance(0)
    await ruled(watched, "ask", at_units=12)
    await watched.ok(Reserve("r1", "evening", "mug", 48, "li"))
    rang = await heard.alert(rule=AlertRule.ELASTIC)
    await watched.ok(Reserve("r2", "evening", "mug", 3, "li"))
    await watched.ok(Cancel("r2", "li"))
    await watched.advance(MINUTE_MS)
    peak = await heard.alert(id=rang.id)
    assert (peak.state, peak.value, peak.peak) == (AlertState.FIRING, 12, 9)


async def test_what_is_still_needed_rings_again_with_the_next_release(watched: Shop, heard: Heard) -> None:
    await ruled(watched, "ask", at_units=30, step_units=5)
    await watched.ok(Reserve("r1", "evening", "mug", 40, "li"))
    rang = await heard.alert(rule=AlertRule.ELASTIC)
    for _ in range(2):  # two who answer at once, or one who does not know whether it was heard
        outcome = await alerts.act(watched.book, By("x", "wang", "evening"), rang, "release_elastic:1")
        assert (outcome.code, outcome.action_id) == ("OK", "elastic:mug:1")
    await until(lambda: offers(heard, rang.id) == ["release_elastic:2", "release_elastic:1"])
    [told, *_] = reversed(heard.alerts(id=rang.id))
    assert (told.state, told.advice, told.actions[1].done_by) == (AlertState.FIRING, "release 5: 25 → 30", "wang")
    assert (await watched.units())["pool"] == 25


def offers(heard: Heard, alert: str) -> list[str]:
    """What an alert offers by now."""
    told = heard.alerts(id=alert)
    return [action.id for action in told[-1].actions if action.step] if told and told[-1].actions[-1].done_by else []


async def test_without_a_reserve_or_a_show_on_air_nothing_rings(watched: Shop, heard: Heard) -> None:
    await ruled(watched, "ask", at_units=30)
    await watched.move(MoveKind.CARVE, 40, "elastic", "pool")
    await watched.ok(Reserve("r1", "evening", "mug", 95, "li"))
    share = await heard.alert(rule=AlertRule.SHARE_LEFT, room="evening")
    assert (share.remaining, heard.alerts(rule=AlertRule.ELASTIC)) == (5, [])
    await watched.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await watched.move(MoveKind.RECEIVE, 40, "supplier", "elastic")
    await watched.ok(put(What.ROOM, "evening", {"status": "live"}))
    assert (await heard.alert(state=AlertState.RESOLVED)).id == share.id
    rang = await heard.alert(rule=AlertRule.ELASTIC)
    assert (rang.show, rang.remaining) == ("evening.2", 5)


async def test_what_does_not_last_is_released_by_itself_once(watched: Shop, heard: Heard) -> None:
    await watched.advance(0)
    await ruled(watched, "auto", at_eta_minutes=3, step_units=5)
    await watched.advance(5 * MINUTE_MS)
    for order in range(5):
        await watched.ok(Reserve(f"r{order}", "evening", "mug", 9, "li"))
    assert (await watched.units())["elastic"] == 40
    await watched.advance(MINUTE_MS)
    await heard.reserve_is("mug", 35)
    [entry] = [e for e in await watched.book.ledger(Stream.STOCK) if e.kind == "release_elastic"]
    assert (entry.id, entry.actor, entry.reason, entry.qty) == ("elastic:mug:1", "book", "at_eta_minutes", 5)
