"""The duty that watches shows: what answers an alert."""

from __future__ import annotations

from duty.watch_shows.conftest import Heard, by_reservation
from shelfcast.merchant import alerts
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    MoveKind,
    Reserve,
    Wait,
    put,
)
from shop import Shop


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


async def test_what_answers_an_alert_says_whom_it_serves_of_those_who_wait(watched: Shop, heard: Heard) -> None:
    await watched.ok(put(What.ROOM, "evening", {"waitlist": True}))
    await watched.move(MoveKind.CARVE, 20, "pool", "elastic")
    bought = Reserve("big", "evening", "mug", 70, "li")
    asked = [Wait(f"w{n}", "evening", "mug", qty, f"u{n}") for n, qty in enumerate((12, 30))]
    assert {outcome.code for outcome in await watched.together(bought, *asked)} == {"OK"}
    rang = await heard.alert(room="evening")
    [release] = rang.actions
    assert (rang.remaining, release.qty, release.serves, release.remaining_after) == (10, 20, 1, 18)
    await alerts.act(watched.book, By("x", "wang", "evening"), rang, release.id)
    units = await watched.units()
    assert (units["pool"], units["held:live"]) == (18, 82), "as it was said"


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
