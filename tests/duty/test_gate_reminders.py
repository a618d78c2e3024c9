"""The duty that reminds of a room's checklist before its planned start: three times, whoever looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from duty.conftest import MakeProcess, Process
from shelfcast.duty.remind_of_gate import LOOK_EVERY_MS, RemindOfGate
from shelfcast.insight.checks.wording import MINUTE_MS
from shelfcast.merchant import alerts, statuses
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import AlertRule, AlertState, RoomStatus, Severity
from shelfcast.stock.actions import By
from shelfcast.stock.alert_operations import AcknowledgeAlert, SnoozeAlert
from shelfcast.stock.alerts import AlertRecord
from shelfcast.stock.configuration import Gate, What
from shelfcast.stock.operations import put
from shop import Shop
from waiting import until

PATIENCE_S = 60
ROOM = "night"


async def looked_at(process: Process, shop: Shop) -> None:
    """The duty has been through all rooms in the minute that it is."""
    duty = next(duty for duty in process.keeper._duties if isinstance(duty, RemindOfGate))
    minute = await shop.book.now_ms() // LOOK_EVERY_MS
    await until(lambda: (found := duty._rounds.get("p")) is not None and found.minute >= minute and not found.rooms)


async def later(process: Process, shop: Shop, minutes: int) -> None:
    """So many minutes later; the duty has been through all rooms since."""
    await shop.advance(minutes * MINUTE_MS)
    await looked_at(process, shop)


async def rang(shop: Shop) -> list[AlertRecord]:
    return [record for record in await shop.book.alerts("") if record.rule is AlertRule.GATE]


async def fired(shop: Shop) -> int:
    """How often a reminder has rung."""
    events = await shop.book.events(0, 1_000)
    return sum(event.type == "alert.fired" and event.data["rule"] == "gate" for event in events)


@pytest.fixture
async def planned(shop: Shop) -> Callable[[int], Awaitable[None]]:
    """`planned(minutes)`: a room with a gate, planned to begin in so many minutes; the mug was never counted."""
    await shop.receive(10)
    await shop.ok(put(What.ROOM, ROOM, {"channel": "live", "gate": Gate.REFUSE}))
    await shop.ok(put(What.LISTING, "mug", {}, parent=ROOM))
    await shop.advance(0)

    async def plan(minutes: int) -> None:
        await shop.ok(put(What.ROOM, ROOM, {"planned_start_ms": await shop.book.now_ms() + minutes * MINUTE_MS}))

    return plan


async def test_each_reminder_rings_though_the_former_was_acknowledged(
    process: Process, shop: Shop, planned: Callable[[int], Awaitable[None]]
) -> None:
    await planned(121)
    process.keeper.start()
    await looked_at(process, shop)
    assert await rang(shop) == [], "it is too early"
    reminders = ((1, 120, Severity.WATCH), (30, 60, Severity.WARNING), (15, 15, Severity.CRITICAL))
    for n, (minutes, step, severity) in enumerate(reminders, start=1):
        await later(process, shop, minutes)
        [record] = await rang(shop)
        assert (record.state, record.severity, record.threshold) == (AlertState.FIRING, severity, step)
        assert (record.room, record.show, record.sku, record.id) == (ROOM, "", "", "p:1")
        assert record.value >= 1
        assert record.remaining == record.value < record.offered
        assert await fired(shop) == n
        acknowledged = await shop.book.apply(AcknowledgeAlert(f"a{n}", ROOM, record.id, "wang"))
        assert acknowledged.code is Code.OK
        await later(process, shop, 30)
        [record] = await rang(shop)
        assert (record.state, record.acknowledged_by) == (AlertState.ACKNOWLEDGED, "wang"), "it stays so until the next"
        assert await fired(shop) == n


async def test_nothing_rings_twice_after_a_restart_or_under_another_keeper(
    process: Process, shop: Shop, planned: Callable[[int], Awaitable[None]], make_process: MakeProcess
) -> None:
    await planned(100)
    process.keeper.start()
    await looked_at(process, shop)
    [first] = await rang(shop)
    await process.keeper.close()
    second = make_process()
    await second.pools.get("p")
    second.keeper.start()
    await looked_at(second, shop)
    await shop.advance(MINUTE_MS)
    await looked_at(second, shop)
    assert [record.id for record in await rang(shop)] == [first.id]
    assert await fired(shop) == 1
    await shop.advance(40 * MINUTE_MS)
    await looked_at(second, shop)
    assert await fired(shop) == 2, "the second reminder was due meanwhile"
    # The one before is frozen out: whoever has the higher fence has the say.
    stale = await alerts.ring_of_pool(
        shop.book, 1, rule=AlertRule.GATE, room=ROOM, about="x", severity=Severity.WATCH, value=1.0, threshold=1.0,
        remaining=1, offered=2, advice="",
    )  # fmt: skip
    assert stale.code is Code.STALE


async def test_it_is_over_when_nothing_fails_and_rings_with_the_next_reminder(
    process: Process, shop: Shop, planned: Callable[[int], Awaitable[None]]
) -> None:
    await planned(100)
    process.keeper.start()
    await looked_at(process, shop)
    [record] = await rang(shop)
    assert record.stands
    await shop.ok(put(What.ROOM, ROOM, {"gate": Gate.OFF}))
    await later(process, shop, 1)
    [record] = await rang(shop)
    assert (record.state, record.resolved_at_ms) == (AlertState.RESOLVED, await shop.book.now_ms())
    await shop.ok(put(What.ROOM, ROOM, {"gate": Gate.WARN}))
    await later(process, shop, 1)
    assert await fired(shop) == 1, "this reminder was given"
    await later(process, shop, 40)
    before, now = await rang(shop)
    assert (before.stands, now.stands, now.threshold, now.id) == (False, True, 60, "p:2")


async def test_it_is_over_as_the_show_begins(
    process: Process, shop: Shop, planned: Callable[[int], Awaitable[None]]
) -> None:
    await planned(100)
    process.keeper.start()
    await looked_at(process, shop)
    done = await statuses.set_status(shop.book, By("go", "wang", ROOM), RoomStatus.LIVE, override="the count is late")
    assert done.code is Code.OK
    [record] = await rang(shop)
    assert record.state is AlertState.RESOLVED, "in the same call"
    assert await shop.book.alerting() == {}
    await later(process, shop, 60)
    assert await fired(shop) == 1, "a room on air is reminded of nothing"


async def test_another_planned_start_is_another_occasion(
    process: Process, shop: Shop, planned: Callable[[int], Awaitable[None]]
) -> None:
    await planned(100)
    process.keeper.start()
    await looked_at(process, shop)
    await planned(300)
    await later(process, shop, 1)
    [record] = await rang(shop)
    assert not record.stands, "nothing is due"
    await later(process, shop, 190)
    assert [(record.id, record.stands) for record in await rang(shop)] == [("p:1", False), ("p:2", True)]


async def test_what_was_put_aside_wakes(
    process: Process, shop: Shop, planned: Callable[[int], Awaitable[None]]
) -> None:
    await planned(100)
    process.keeper.start()
    await looked_at(process, shop)
    [record] = await rang(shop)
    assert (await shop.book.apply(SnoozeAlert("s", ROOM, record.id, "wang", 5))).code is Code.OK
    await later(process, shop, 4)
    [record] = await rang(shop)
    assert record.snoozed_until_ms > 0
    await later(process, shop, 1)
    [record] = await rang(shop)
    assert (record.snoozed_until_ms, record.rang_at_ms) == (0, await shop.book.now_ms())


async def test_without_a_gate_or_a_plan_nobody_is_reminded(process: Process, shop: Shop) -> None:
    await shop.advance(0)
    soon = await shop.book.now_ms() + 10 * MINUTE_MS
    for room, fields in (("open", {"planned_start_ms": soon}), ("unplanned", {"gate": Gate.REFUSE})):
        await shop.ok(put(What.ROOM, room, {"channel": "live", **fields}))
    process.keeper.start()
    await looked_at(process, shop)
    assert await rang(shop) == []


async def test_the_oldest_that_are_over_go(make_process: MakeProcess, process: Process, shop: Shop) -> None:
    few = make_process(pool_alerts_kept_max=10)
    pool = await few.pools.get("p")
    assert pool is not None
    for n in range(1, 25):
        ring = await alerts.ring_of_pool(
            pool.book, n, rule=AlertRule.GATE, room="", about=str(n), severity=Severity.WATCH, value=1.0,
            threshold=60.0, remaining=1, offered=2, advice="",
        )  # fmt: skip
        assert ring.code is Code.OK
        [record] = [record for record in await pool.book.alerts("") if record.stands]
        assert (await alerts.end(pool.book, n, record)).code is Code.OK
    kept = await pool.book.alerts("")
    assert len(kept) <= 10
    assert kept[-1].id == "p:24"


async def test_when_all_stand_no_further_one_rings(make_process: MakeProcess, process: Process, shop: Shop) -> None:
    few = make_process(pool_alerts_kept_max=2)
    pool = await few.pools.get("p")
    assert pool is not None
    codes = []
    for room in ("a", "b", "c"):
        await shop.ok(put(What.ROOM, room, {"channel": "live"}))
        outcome = await alerts.ring_of_pool(
            pool.book, 1, rule=AlertRule.GATE, room=room, about="1", severity=Severity.WATCH, value=1.0,
            threshold=60.0, remaining=1, offered=2, advice="",
        )  # fmt: skip
        codes.append(outcome.code)
    assert codes == [Code.OK, Code.OK, Code.SHELF_FULL]
