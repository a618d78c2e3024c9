"""Actions: what an operator's write did, and taking it back, all of it or nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import msgspec
import pytest
from msgspec.structs import astuple
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock import library
from shelfcast.stock.actions import Action, By, Effect, undo_id
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    CloseBatch,
    Confirm,
    Count,
    Drop,
    External,
    Freeze,
    Fulfil,
    Move,
    MoveKind,
    Op,
    OpenBatch,
    OpenDue,
    Quota,
    Reserve,
    Retire,
    SayCue,
    SayNotice,
    SettleOversold,
    Ship,
    Undo,
    put,
)
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.records import Stream
from shop import Shop

pytestmark = pytest.mark.each_engine


def write(what: What, key: str, values: dict[str, Any], name: str, parent: str = "") -> Op:
    """A definition's write by the operator, under this id."""
    return put(what, key, values, parent=parent, by=By(name, "wang"))


async def logged(shop: Shop, name: str) -> Action:
    found = await shop.book.action(name)
    assert found, name
    return found.action


async def undo(shop: Shop, name: str, actor: str = "li") -> Outcome:
    """Undo an action. What reading it says of an undo is what the undo says; one that is refused writes nothing."""
    shown = await shop.book.action(name)
    before = await shop.book.clock()
    outcome = await shop.book.apply(Undo(undo_id(name), name, actor))
    if shown and not shown.action.undone_by:
        expected = shown.refusal or Outcome(Code.OK)
        assert (outcome.code, outcome.field, outcome.available) == (
            expected.code,
            expected.field,
            expected.available,
        )
    if outcome.code is not Code.OK:
        assert (await shop.book.clock())[1] == before[1]
    return outcome


async def undone(shop: Shop, name: str) -> Action:
    assert (await undo(shop, name)).code is Code.OK
    return await logged(shop, undo_id(name))


def row(qty: int, source: str, target: str, sku: str = "mug") -> Effect:
    return Effect(sku, qty, source, target)


# --- units


async def test_a_move_is_an_action_with_its_effect(shop: Shop) -> None:
    outcome = await shop.ok(Move("m1", MoveKind.RECEIVE, "mug", 5, "supplier", "pool", "wang", "delivery 7"))
    assert (outcome.action_id, outcome.undoable) == ("m1", True)
    action = await logged(shop, "m1")
    assert (action.kind, action.actor, action.room, action.subject, action.text) == (
        "receive", "wang", "", "mug", "delivery 7",
    )  # fmt: skip
    assert (action.effect, action.rows, action.why, action.undone_by) == ([row(5, "supplier", "pool")], 1, "", "")
    assert await shop.ok(Move("m1", MoveKind.RECEIVE, "mug", 5, "supplier", "pool")) == outcome, "answered as before"
    assert [shown.action.id for shown in await shop.book.actions()] == ["m1"]


async def test_an_undo_reverses_the_entries_and_can_be_undone(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Move("m1", MoveKind.ALLOCATE, "mug", 4, "pool", "channel:douyin", "wang"))
    first = await undo(shop, "m1")
    assert (first.code, first.action_id, first.undoable) == (Code.OK, "undo:m1", True)
    assert await shop.units() == {"supplier": -10, "pool": 10}
    entry = (await shop.book.ledger(Stream.STOCK))[-1]
    assert (entry.id, entry.kind, entry.reference, entry.actor) == ("undo:m1", "undo", "m1", "li")
    assert (entry.source, entry.target, entry.channel) == ("channel:douyin", "pool", "douyin")
    assert (await logged(shop, "m1")).undone_by == "undo:m1"
    back = await logged(shop, "undo:m1")
    assert (back.kind, back.undoes, back.effect) == ("undo", "m1", [row(4, "channel:douyin", "pool")])

    assert await undo(shop, "m1", "somebody else") == first, "an action undone twice answers the same"
    await undone(shop, "undo:m1")
    assert await shop.units() == {"supplier": -10, "pool": 6, "channel:douyin": 4}
    assert await undo(shop, "m1") == first, "the redo does not make it new"
    await undone(shop, "undo:undo:m1")
    assert await shop.units() == {"supplier": -10, "pool": 10}
    types = [event.type for event in await shop.book.events()][-2:]
    assert types == ["action", "undone"]


async def test_an_undo_is_remembered_as_long_as_its_action(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Move("m1", MoveKind.ALLOCATE, "mug", 4, "pool", "channel:douyin"))
    first = await undo(shop, "m1")
    await shop.advance(3 * 86_400_000)
    assert (await shop.ok(Retire(1_000))).data == 3, "ids of moves are forgotten after a day"
    again = await undo(shop, "m1")
    assert (again.code, again.action) == (Code.OK, first.action)
    assert (await shop.units())["pool"] == 10
    reused = await shop.ok(Move("m1", MoveKind.ALLOCATE, "mug", 1, "pool", "channel:douyin"))
    assert reused.action_id.startswith("m1~"), "the id means the older one while that is in the log"
    await undone(shop, reused.action_id)


async def test_an_undo_needs_the_units_where_they_went(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Move("m1", MoveKind.ALLOCATE, "mug", 4, "pool", "channel:douyin"))
    await shop.ok(Reserve("r1", "morning", "mug", 1, "ann"))
    refused = await undo(shop, "m1")
    assert (refused.code, refused.field, refused.sku, refused.available) == (
        Code.INSUFFICIENT, "channel:douyin", "mug", 3,
    )  # fmt: skip
    await shop.move(MoveKind.ALLOCATE, 1, "pool", "channel:douyin")
    assert (await undo(shop, "m1")).code is Code.OK, "units are alike"
    assert (await shop.units())["held:douyin"] == 1


async def test_a_count_is_undone_as_a_whole(shop: Shop) -> None:
    await shop.receive(4)
    await shop.move(MoveKind.CARVE, 3, "pool", "safety")
    await shop.ok(Count("c1", "mug", 1, "wang", "damaged"))
    assert await shop.units() == {"supplier": -4, "safety": 1, "count_loss": 3}
    action = await logged(shop, "c1")
    assert (action.kind, action.text) == ("count", "damaged")
    assert action.effect == [row(1, "pool", "count_loss"), row(2, "safety", "count_loss")]
    await undone(shop, "c1")
    assert await shop.units() == {"supplier": -4, "pool": 1, "safety": 3}
    same = await shop.ok(Count("c2", "mug", 4))
    assert (same.action_id, same.undoable, (await logged(shop, "c2")).why) == ("c2", False, "nothing")
    await shop.ok(Count("c3", "mug", 6))
    await shop.move(MoveKind.WRITE_OFF, 3, "pool", "written_off")
    refused = await undo(shop, "c3")
    assert (refused.code, refused.field, refused.available) == (Code.INSUFFICIENT, "pool", 0)


async def test_accounts_give_back_what_is_noted_there(shop: Shop) -> None:
    await shop.receive(5)
    await shop.ok(Move("w1", MoveKind.WRITE_OFF, "mug", 2, "pool", "written_off"))
    await undone(shop, "w1")
    assert await shop.units() == {"supplier": -5, "pool": 5}
    await shop.ok(Reserve("r1", "evening", "mug", 3, "ann"))
    await shop.ok(Confirm("r1"))
    await shop.ok(Ship("s1", "r1"))
    await shop.ok(Move("b1", MoveKind.RETURN, "mug", 2, "shipped", "returned"))
    await shop.ok(Move("b2", MoveKind.RETURN, "mug", 2, "returned", "unsellable"))
    refused = await undo(shop, "b1")
    assert (refused.code, refused.field, refused.available) == (Code.INSUFFICIENT, "returned", 0)
    await undone(shop, "b2")
    await undone(shop, "b1")
    assert await shop.units() == {"supplier": -5, "pool": 2, "shipped": 3}


async def test_a_presale_quota_is_undone_in_its_own_ledger(shop: Shop) -> None:
    await shop.ok(Quota("q1", "mug", 5, "wang"))
    await shop.ok(Quota("q2", "mug", -2, "wang"))
    await undone(shop, "q2")
    assert (await shop.units())["presale"] == 5
    entry = (await shop.book.ledger(Stream.PRESALE))[-1]
    assert (entry.kind, entry.source, entry.target, entry.qty) == ("undo", "promise", "presale", 2)
    await shop.ok(Quota("q3", "mug", -1))
    refused = await undo(shop, "q1")
    assert (refused.code, refused.field, refused.available) == (Code.INSUFFICIENT, "presale", 4)


async def test_an_opened_batch_is_locked_again_while_nothing_was_drawn_from_it(shop: Shop) -> None:
    await shop.receive(10)
    now = await shop.book.now_ms()
    await shop.ok(put(What.BATCH, "b1", {"opens_at_ms": now + 60_000}))
    await shop.ok(Move("c1", MoveKind.CARVE, "mug", 5, "pool", "batch:b1"))
    await shop.ok(OpenBatch("o1", "b1", "wang"))
    assert (await shop.ok(OpenBatch("o2", "b1"))).action is None, "it was open"
    await undone(shop, "o1")
    assert await shop.units() == {"supplier": -10, "pool": 5, "batch:b1": 5}
    assert (await shop.book.batches())["b1"].opened_at_ms == 0
    await shop.ok(Reserve("r", "evening", "mug", 1, "ann"))
    assert (await shop.units())["batch:b1"] == 5
    await undone(shop, "undo:o1")
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    assert (await shop.units())["batch:b1"] == 4
    refused = await undo(shop, "undo:undo:o1")
    assert (refused.code, refused.field) == (Code.STALE, "batch:b1"), "it was drawn from"
    await shop.ok(put(What.BATCH, "b2", {"opens_at_ms": now + 60_000}))
    await shop.ok(OpenBatch("o3", "b2"))
    await shop.advance(60_000)
    assert (await undo(shop, "o3")).code is Code.STALE, "its time has come: it would open at once"
    assert (await shop.ok(OpenDue(5))).data == 0


async def test_a_closed_batch_is_open_again_with_what_was_left(shop: Shop) -> None:
    await shop.sell("cup")
    await shop.receive(10)
    await shop.ok(put(What.BATCH, "b1", {}))
    for sku in ("mug", "cup"):
        await shop.ok(Move(f"in-{sku}", MoveKind.RECEIVE, sku, 5, "supplier", "batch:b1"))
    await shop.ok(OpenBatch("o1", "b1", "wang"))
    await shop.ok(Reserve("r1", "evening", "mug", 2, "ann"))
    await shop.ok(Reserve("r2", "evening", "cup", 5, "ann"))
    await shop.ok(CloseBatch("c1", "b1", "wang"))
    assert [astuple(row) for row in (await logged(shop, "c1")).effect] == [("mug", 3, "batch:b1", "pool")]
    assert (await undo(shop, "in-mug")).code is Code.INSUFFICIENT
    assert (await undo(shop, "o1")).code is Code.STALE
    assert (await shop.ok(CloseBatch("c2", "b1"))).action is None, "it was closed"
    await shop.assert_sound()
    await undone(shop, "c1")
    await shop.assert_sound()
    assert (await shop.units())["batch:b1"] == 3
    await shop.ok(Cancel("r2"))
    await shop.ok(Reserve("r3", "evening", "cup", 1, "bob"))
    assert (await shop.units("cup"))["batch:b1"] == 4
    await undone(shop, "undo:c1")
    assert (await shop.units())["pool"] == 13
    await shop.ok(Reserve("r4", "evening", "mug", 11, "bob"))
    refused = await undo(shop, "undo:undo:c1")
    assert (refused.code, refused.field) == (Code.INSUFFICIENT, "pool")


async def test_a_batch_takes_nothing_back_once_it_is_over(shop: Shop) -> None:
    await shop.receive(10)
    now = await shop.book.now_ms()
    await shop.ok(put(What.BATCH, "b1", {"closes_at_ms": now + 60_000}))
    await shop.move(MoveKind.CARVE, 5, "pool", "batch:b1")
    await shop.ok(Move("back", MoveKind.CARVE, "mug", 2, "batch:b1", "pool"))
    await shop.ok(CloseBatch("c1", "b1"))
    refused = await undo(shop, "back")
    assert (refused.code, refused.field) == (Code.STALE, "batch:b1")
    await shop.advance(60_000)
    refused = await undo(shop, "c1")
    assert (refused.code, refused.field) == (Code.STALE, "batch:b1"), "its time is over: it would close at once"


async def test_a_freeze_is_undone_if_it_is_still_as_set(shop: Shop) -> None:
    await shop.ok(Freeze("f1", "mug", True, "wang", "wrong label", "evening"))
    action = await logged(shop, "f1")
    assert (action.kind, action.room, action.text, action.effect) == ("freeze", "evening", "wrong label", [])
    assert (await shop.ok(Freeze("f2", "mug", True))).action is None, "it was frozen"
    await undone(shop, "f1")
    await shop.receive(1)
    await shop.ok(Reserve("r1", "evening", "mug", 1, "ann"))
    assert [event.type for event in await shop.book.events() if "frozen" in event.type] == ["frozen", "unfrozen"]
    await shop.ok(Freeze("f3", "mug", True))
    refused = await undo(shop, "undo:f1")
    assert (refused.code, refused.field) == (Code.STALE, "frozen")
    await shop.ok(Freeze("f4", "mug", False))
    assert (await logged(shop, "f4")).kind == "unfreeze"
    await undone(shop, "f4")
    assert (await shop.refused(Reserve("r2", "evening", "mug", 1, "ann")))[0] is Code.FROZEN


async def test_what_is_about_a_reservation_cannot_be_undone(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Reserve("r1", "evening", "mug", 3, "ann"))
    await shop.ok(Confirm("r1"))
    ops: list[tuple[Op, str]] = [
        (Ship("s1", "r1", 1, "wang"), "evening"),
        (CancelPaid("c1", "r1", 1, "wang"), "evening"),
        (External("o1", "live", "mug", 20, "", "jd", "wang"), ""),
    ]
    for op, room in ops:
        outcome = await shop.ok(op)
        assert await shop.ok(op) == outcome
        action = await logged(shop, outcome.action_id)
        assert (action.why, action.actor, action.room, outcome.undoable) == ("reservation", "wang", room, False)
        refused = await undo(shop, action.id)
        assert (refused.code, refused.field, refused.data) == (Code.BAD_MESSAGE, "action", "reservation")
    await shop.receive(5)
    await shop.ok(SettleOversold("t1", "o1", 2, "wang"))
    await shop.terms(presale=True)
    await shop.ok(Quota("q1", "mug", 2))
    await shop.ok(Reserve("r2", "evening", "mug", 1, "ann"))
    await shop.ok(Confirm("r2"))
    await shop.ok(Fulfil("u1", "r2", "wang"))
    assert [(await logged(shop, name)).why for name in ("t1", "u1")] == ["reservation", "reservation"]
    assert (await logged(shop, "s1")).effect == [row(1, "sold:live", "shipped")]
    assert (await shop.book.action("r1")) is None, "a customer's reservation is no action"


async def test_what_nobody_did_cannot_be_undone(shop: Shop) -> None:
    refused = await undo(shop, "nothing")
    assert (refused.code, refused.field) == (Code.NOT_FOUND, "action")
    await shop.receive(1)
    await shop.ok(Move("undo:move-1", MoveKind.RECEIVE, "mug", 1, "supplier", "pool"))
    taken = await shop.book.apply(Undo("undo:move-1", "move-1"))
    assert (taken.code, taken.field) == (Code.ID_CONFLICT, "kind")


# --- definitions


async def test_a_definition_is_undone_while_nobody_has_changed_it(shop: Shop) -> None:
    before = await shop.book.listing("evening", "mug")
    outcome = await shop.ok(write(What.LISTING, "mug", {"limit_per_user": 3, "position": 9}, "d1", "evening"))
    assert (outcome.action_id, outcome.undoable) == ("d1", True)
    action = await logged(shop, "d1")
    assert (action.kind, action.what, action.room, action.subject) == ("define", "listing", "evening", "mug")
    assert (action.fields, action.actor) == (["limit_per_user", "position"], "wang")
    redo = await undone(shop, "d1")
    assert (redo.kind, redo.undoes, redo.fields) == ("undo", "d1", ["limit_per_user", "position"])
    after = await shop.book.listing("evening", "mug")
    assert before
    assert after
    assert msgspec.structs.replace(after, revision=0) == msgspec.structs.replace(before, revision=0)
    assert after.revision == before.revision + 2
    await undone(shop, "undo:d1")
    assert (await shop.book.listing("evening", "mug")).limit_per_user == 3  # type: ignore[union-attr]

    await shop.ok(write(What.LISTING, "mug", {"last_n": 5}, "d2", "evening"))
    refused = await undo(shop, "undo:undo:d1")
    assert (refused.code, refused.field) == (Code.STALE, "mug")
    await undone(shop, "d2")


async def test_the_running_show_and_the_definition_of_a_room_do_not_stand_in_each_others_way(shop: Shop) -> None:
    await shop.ok(write(What.ROOM, "evening", {"run_order": ["mug"]}, "order"))
    await shop.ok(write(What.ROOM, "evening", {"status": "ended"}, "end"))
    await shop.ok(write(What.ROOM, "evening", {"spotlight": "mug"}, "light"))
    await shop.ok(write(What.ROOM, "evening", {"title": "Late"}, "title"))
    kinds = [(await logged(shop, name)).kind for name in ("order", "end", "light", "title")]
    assert kinds == ["define", "status", "spotlight", "define"]
    assert (await undo(shop, "end")).code is Code.STALE, "the spotlight was moved since"
    await undone(shop, "light")
    assert (await undo(shop, "order")).code is Code.STALE, "the title was changed since"
    await undone(shop, "title")
    room = await shop.book.room_config("evening")
    assert room
    assert (room.title, room.spotlight, room.status, room.run_order) == ("evening", None, "ended", ["mug"])
    assert room.ended_at_ms > 0

    await shop.ok(write(What.ROOM, "evening", {"status": "live"}, "on"))
    await undone(shop, "on")
    room = await shop.book.room_config("evening")
    assert room
    assert (room.status, room.ended_at_ms > 0) == ("ended", True)


async def test_what_was_made_stays_and_a_listing_goes(shop: Shop) -> None:
    made = [
        write(What.SKU, "cup", {"title": "Cup"}, "sku"),
        write(What.CHANNEL, "shop", {"title": "Shop"}, "channel"),
        write(What.ROOM, "night", {"channel": "shop"}, "room"),
        write(What.BATCH, "b1", {}, "batch"),
    ]
    for op in made:
        outcome = await shop.ok(op)
        assert (outcome.undoable, (await logged(shop, outcome.action_id)).why) == (False, "made")
        assert (await undo(shop, outcome.action_id)).data == "made"
    await shop.ok(write(What.LISTING, "cup", {"limit_per_user": 2}, "list", "evening"))
    await undone(shop, "list")
    assert await shop.book.listing("evening", "cup") is None
    await undone(shop, "undo:list")
    listing = await shop.book.listing("evening", "cup")
    assert listing
    assert listing.limit_per_user == 2
    await shop.ok(write(What.LISTING, "cup", {"limit_per_user": 4}, "more", "evening"))
    assert (await undo(shop, "undo:undo:list")).code is Code.STALE
    await shop.ok(write(What.USER, "bob", {"standing": "blocked"}, "block"))
    await undone(shop, "block")
    assert (await shop.book.user("bob")).standing == "ok"


async def test_settings_of_a_pool_are_undone_and_reinterpret_no_price(shop: Shop) -> None:
    await shop.ok(write(What.POOL, "", {"currency": "USD", "time_zone": "Asia/Tokyo"}, "pool"))
    assert (await logged(shop, "pool")).subject == "pool"
    await shop.ok(write(What.SKU, "mug", {"currency": "EUR"}, "euro"))
    await undone(shop, "euro")
    found = await shop.book.sku("mug")
    assert found
    assert found[0].currency == "CNY", "what it was, not what the pool has now"
    await undone(shop, "pool")
    assert (await shop.book.pool_config()).currency == "CNY"
    await undone(shop, "undo:pool")
    assert (await shop.book.pool_config()).time_zone == "Asia/Tokyo"
    await shop.ok(write(What.POOL, "", {"title": "Ours"}, "title"))
    refused = await undo(shop, "undo:undo:pool")
    assert (refused.code, refused.field) == (Code.STALE, "pool")


async def test_a_dropped_listing_comes_back_with_its_spotlight(shop: Shop) -> None:
    await shop.terms(limit_per_user=2, last_n=5)
    await shop.ok(put(What.ROOM, "evening", {"spotlight": "mug"}))
    before = await shop.book.listing("evening", "mug")
    await shop.ok(Drop("evening", "mug", by=By("drop", "wang", "evening")))
    action = await logged(shop, "drop")
    assert (action.kind, action.what, action.room, action.subject) == ("unlist", "listing", "evening", "mug")
    await undone(shop, "drop")
    after = await shop.book.listing("evening", "mug")
    assert before
    assert after
    assert msgspec.structs.replace(after, revision=before.revision) == before
    assert (await shop.book.room_config("evening")).spotlight == "mug"  # type: ignore[union-attr]
    await undone(shop, "undo:drop")
    assert await shop.book.listing("evening", "mug") is None

    await shop.ok(put(What.LISTING, "mug", {"position": 7}, parent="evening"))
    refused = await undo(shop, "undo:undo:drop")
    assert (refused.code, refused.field) == (Code.STALE, "mug"), "somebody has listed it since"


async def test_an_undo_asks_what_a_write_asks(shop: Shop) -> None:
    await shop.sell("cup")
    await shop.ok(put(What.ROOM, "evening", {"spotlight": "cup"}))
    await shop.ok(write(What.ROOM, "evening", {"spotlight": "mug"}, "light"))
    await shop.ok(Drop("evening", "cup"))
    refused = await undo(shop, "light")
    assert (refused.code, refused.field) == (Code.UNKNOWN_SKU, "spotlight")


async def test_a_write_that_changes_nothing_is_none_but_finds_its_own(shop: Shop) -> None:
    first = write(What.SKU, "mug", {"title": "Big mug"}, "d1")
    assert (await shop.ok(first)).action_id == "d1"
    assert (await shop.ok(first)).action_id == "d1"
    assert (await shop.ok(write(What.SKU, "mug", {"title": "Big mug"}, "d2"))).action is None
    assert await shop.book.action("d2") is None
    other = await shop.ok(write(What.SKU, "mug", {"title": "Small mug"}, "d1"))
    assert other.action_id.startswith("d1~"), "a page may count its messages anew: that is another action"
    assert [shown.action.fields for shown in await shop.book.actions()] == [["title"], ["title"]]


async def test_what_is_too_long_is_not_kept(shop: Shop) -> None:
    order = [f"{number:04}-{'x' * 50}" for number in range(500)]
    for sku in order[:2]:
        await shop.sell(sku)
    await asyncio.gather(*[shop.book.apply(put(What.SKU, sku, {})) for sku in order[2:]])
    await asyncio.gather(*[shop.book.apply(put(What.LISTING, sku, {}, parent="evening")) for sku in order[2:]])
    await shop.ok(write(What.ROOM, "evening", {"run_order": order}, "long"))
    await shop.ok(write(What.ROOM, "evening", {"run_order": []}, "short"))
    assert ((await logged(shop, "long")).why, (await logged(shop, "short")).why) == ("", "too_large")
    assert (await undo(shop, "short")).data == "too_large"


async def test_a_bulk_write_is_one_action(shop: Shop) -> None:
    by = By("key", "wang", "", "catalogue")
    ops: list[Op] = [put(What.SKU, f"s{number}", {"title": "S"}, by=by) for number in range(300)]
    ops += [
        Move(f"key:s{number}", MoveKind.RECEIVE, f"s{number}", 2, "supplier", "pool", "wang", by=by)
        for number in range(0, 300, 100)
    ]
    outcomes = await asyncio.gather(*[shop.book.apply(op) for op in ops])
    assert {outcome.action_id for outcome in outcomes} == {"key"}
    (shown,) = await shop.book.actions()
    action = shown.action
    assert (action.id, action.kind, action.rows, action.why, action.effect) == ("key", "catalogue", 303, "bulk", [])
    await asyncio.gather(*[shop.book.apply(op) for op in ops])
    assert (await logged(shop, "key")).rows == 303, "what is sent again changes nothing"
    assert [event.type for event in await shop.book.events()].count("action") == 1


async def test_what_was_said_is_in_the_log_and_cannot_be_unsaid(shop: Shop) -> None:
    await shop.ok(SayNotice("n1", "evening", "back at nine", By("n1", "wang", "evening")))
    await shop.ok(SayCue("c1", "evening", "show it", "mug", By("c1", "wang", "evening")))
    notice, cue = await logged(shop, "n1"), await logged(shop, "c1")
    assert (notice.kind, notice.room, notice.text, notice.why) == ("notice", "evening", "back at nine", "said")
    assert (cue.kind, cue.subject, cue.text) == ("cue", "mug", "show it")
    await shop.ok(SayNotice("n1", "evening", "back at nine", By("n1", "wang", "evening")))
    assert [shown.action.id for shown in await shop.book.actions()] == ["c1", "n1"]


# --- the log


async def test_the_log_is_read_in_pages_newest_first_and_by_room(shop: Shop) -> None:
    await shop.receive(20)
    for number in range(6):
        room = "evening" if number % 2 else "morning"
        await shop.ok(write(What.ROOM, room, {"title": str(number)}, f"d{number}"))
    await shop.ok(Reserve("r1", "evening", "mug", 1, "ann"))
    await shop.ok(Confirm("r1"))
    await shop.ok(Ship("s1", "r1"))
    page = await shop.book.actions(limit=3)
    assert [shown.action.id for shown in page] == ["s1", "d5", "d4"]
    rest = await shop.book.actions(before=page[-1].action.n)
    assert [shown.action.id for shown in rest] == ["d3", "d2", "d1", "d0", "move-1"]
    evening = await shop.book.actions(room="evening", limit=3)
    assert [shown.action.id for shown in evening] == ["s1", "d5", "d3"]
    more = await shop.book.actions(room="evening", before=evening[-1].action.n)
    assert [shown.action.id for shown in more] == ["d1"]


async def test_the_oldest_actions_go_and_parcels_push_out_no_others(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "p", msgspec.structs.replace(settings, actions_a_pool_max=10))
    shop = Shop(book, engine)
    await shop.set_up()
    for _ in range(12):
        await shop.receive(1)
    kept = [shown.action.id for shown in await book.actions()]
    assert kept == [f"move-{number}" for number in range(12, 4, -1)]
    await shop.ok(Reserve("r1", "evening", "mug", 9, "ann"))
    await shop.ok(Confirm("r1"))
    for number in range(9):
        await shop.ok(Ship(f"s{number}", "r1", 1))
    assert [shown.action.id for shown in await book.actions()] == ["s8", "s7", *kept]
    assert await book.action("move-4") is None
    key = f"{book.base}:actions"
    assert await engine.command("HLEN", key, key=key) == 10
    assert (await undo(shop, "move-4")).code is Code.NOT_FOUND
    await book.close()


async def test_an_effect_of_very_many_rows_is_cut_and_stays(shop: Shop) -> None:
    await shop.ok(put(What.BATCH, "b1", {}))
    skus = [f"s{number:03}" for number in range(201)]
    await asyncio.gather(*[shop.book.apply(put(What.SKU, sku, {})) for sku in skus])
    moves = [Move(f"x{sku}", MoveKind.RECEIVE, sku, 1, "supplier", "batch:b1") for sku in skus]
    await asyncio.gather(*[shop.book.apply(op) for op in moves])
    outcome = await shop.ok(CloseBatch("o1", "b1"))
    action = await logged(shop, "o1")
    assert (len(action.effect), action.rows, action.why, outcome.undoable) == (200, 201, "many", False)


async def test_a_server_of_the_release_before_makes_actions_of_its_moves(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "p", settings)
    parameters = msgspec.msgpack.encode(
        {"hold_ms": 1, "payment_extension_ms": 1, "live_max": 1, "remember_ms": 1, "cues_max": 9}
    )
    ops: list[list[Any]] = [
        ["put", "channel", "", "live", {"kind": "shared"}, []],
        ["put", "sku", "", "mug", {"title": "Mug"}, []],
        ["put", "room", "", "evening", {"channel": "live", "status": "live"}, []],
        ["move", "m1", "receive", "mug", 5, "supplier", "pool", "ops", "", ""],
        ["freeze", "f1", "mug", True, "ops", ""],
        ["notice", "n1", "evening", "hello"],
        ["cue", "c1", "evening", "hello", ""],
    ]
    raw = await engine.call(library.APPLY, book.base, msgspec.msgpack.encode(ops), parameters)
    assert [outcome[0] for outcome in msgspec.msgpack.decode(raw)[4]] == ["OK"] * len(ops)
    actions = Counter((shown.action.id, shown.action.actor) for shown in await book.actions())
    assert actions == {("f1", "ops"): 1, ("m1", "ops"): 1}
    assert (await book.apply(Undo("undo:m1", "m1"))).code is Code.OK
    await book.close()
