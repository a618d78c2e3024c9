"""The duty that watches shows, and the elastic reserve."""

from __future__ import annotations

from duty.watch_shows.conftest import Heard
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.merchant import alerts
from shelfcast.protocol.states import AlertRule, AlertState
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import ElasticMode, ElasticRule, What
from shelfcast.stock.operations import (
    Cancel,
    MoveKind,
    Reserve,
    Wait,
    put,
)
from shelfcast.stock.records import Stream
from shop import Shop
from waiting import until


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


async def test_a_rule_that_asks_says_whom_its_release_serves_of_those_who_wait(watched: Shop, heard: Heard) -> None:
    await watched.ok(put(What.ROOM, "evening", {"waitlist": True}))
    await ruled(watched, "ask", at_units=12, step_units=10)
    bought = Reserve("r1", "evening", "mug", 59, "li")
    asked = [Wait(f"w{n}", "evening", "mug", qty, f"u{n}") for n, qty in enumerate((4, 3, 5))]
    await watched.together(bought, *asked)
    rang = await heard.alert(rule=AlertRule.ELASTIC)
    [release] = rang.actions
    assert (rang.remaining, release.serves, release.remaining_after) == (1, 2, 4)
    assert rang.advice == "release 10: serves 2 who wait, leaves 4"
    outcome = await alerts.act(watched.book, By("x", "wang", "evening"), rang, release.id)
    assert outcome.code == "OK"
    await until(lambda: offers(heard, rang.id) == ["release_elastic:2", "release_elastic:1"])
    told = heard.alerts(id=rang.id)[-1]
    assert (told.remaining, told.advice) == (4, "release 10: serves 1 who wait, leaves 9")


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
