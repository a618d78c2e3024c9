"""The duty that watches shows: alerts that are one, whoever changes the stock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from duty.conftest import MakeProcess, Process
from duty.watch_shows.conftest import Heard, by_reservation
from shelfcast.engine import Engine
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.merchant import alerts
from shelfcast.protocol.states import AlertRule, AlertState, RoomStatus
from shelfcast.stock.actions import By
from shelfcast.stock.alert_operations import RingAlert
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import Cancel, Confirm, Count, External, Freeze, Reserve, Ship, put
from shop import Shop
from waiting import until

Change = Callable[[Shop], Awaitable[object]]


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
