"""Freezes: four flags, of a SKU, a channel, a room and the pool, each set and taken back for itself."""

from __future__ import annotations

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import undo_id
from shelfcast.stock.configuration import FreezeScope, What
from shelfcast.stock.operations import Cancel, Confirm, Expire, External, Freeze, Pay, Refund, Reserve, Undo, put
from shelfcast.stock.records import Stream
from shop import Shop

HOLD_MS = 300_000
CHANNEL, ROOM, POOL = FreezeScope.CHANNEL, FreezeScope.ROOM, FreezeScope.POOL
FLAGS: dict[str, tuple[str, FreezeScope | bool, set[str]]] = {
    "sku": ("mug", False, {"evening", "morning"}),
    "channel": ("live", CHANNEL, {"evening"}),
    "room": ("evening", ROOM, {"evening"}),
    "pool": ("", POOL, {"evening", "morning"}),
}
"""Of each its name, how the operation says it, and the rooms it stops."""


def flag(id_: str, scope: str, *, frozen: bool = True) -> Freeze:
    name, said, _ = FLAGS[scope]
    return Freeze(id_, name, frozen, "wang", "smoke", scope=said)


async def stopped(shop: Shop) -> set[str]:
    """The rooms that sell no mug, as the book says it to a customer and as a room's view does."""
    rooms = set()
    for room in ("evening", "morning"):
        outcome = await shop.book.apply(Reserve(f"try-{room}-{await shop.book.now_ms()}", room, "mug", 1, "zhou"))
        if outcome.code is Code.FROZEN:
            rooms.add(room)
        view = await shop.book.room_view(room)
        assert view
        assert (view.stopped or view.skus[0].stock.frozen) == (room in rooms)
    return rooms


@pytest.mark.parametrize("scope", FLAGS)
async def test_each_flag_stops_what_it_is_over(shop: Shop, scope: str) -> None:
    await shop.receive(20)
    name, _, rooms = FLAGS[scope]
    await shop.ok(flag("f1", scope))
    assert await shop.book.is_frozen(FreezeScope(scope), name) is True
    assert await stopped(shop) == rooms
    await shop.ok(flag("f2", scope, frozen=False))
    assert await shop.book.is_frozen(FreezeScope(scope), name) is False
    assert await stopped(shop) == set()


@pytest.mark.parametrize("scope", FLAGS)
async def test_a_thaw_of_one_leaves_the_others(shop: Shop, scope: str) -> None:
    await shop.receive(20)
    for other in FLAGS:
        await shop.ok(flag(f"on-{other}", other))
    for other in FLAGS:
        if other != scope:
            await shop.ok(flag(f"off-{other}", other, frozen=False))
    assert await stopped(shop) == FLAGS[scope][2]


@pytest.mark.parametrize("scope", FLAGS)
async def test_holds_go_on_and_a_late_payment_waits(shop: Shop, scope: str) -> None:
    await shop.receive(20)
    for name in ("paid", "begun", "given-back", "late"):
        await shop.ok(Reserve(name, "evening", "mug", 1, "ann"))
    await shop.ok(flag("f1", scope))
    assert (await shop.ok(Confirm("paid", "p1"))).state == "confirmed"
    assert (await shop.ok(Pay("begun"))).state == "payment_pending"
    assert (await shop.ok(Cancel("given-back"))).state == "cancelled"
    assert (await shop.ok(External("order", "live", "mug", 2))).left == 2, "it is sold already"
    await shop.advance(HOLD_MS + 1_000)
    assert (await shop.ok(Expire(10))).data == 1
    assert (await shop.refused(Confirm("late", "p2")))[0] is Code.PAID_NO_STOCK
    assert (await shop.ok(Confirm("begun", "p3"))).state == "confirmed"
    await shop.ok(flag("f2", scope, frozen=False))
    assert (await shop.ok(Confirm("late", "p2"))).state == "confirmed"
    assert (await shop.refused(Refund("late")))[0] is Code.NOT_FOUND


@pytest.mark.parametrize("scope", FLAGS)
async def test_it_is_told_logged_and_undone(shop: Shop, scope: str) -> None:
    await shop.receive(20)
    before = len(await shop.book.events())
    outcome = await shop.ok(flag("f1", scope))
    assert await shop.ok(flag("f1", scope)) == outcome, "once"
    assert (await shop.ok(flag("f2", scope))).action is None, "it is frozen already"
    shown = await shop.book.action("f1")
    assert shown
    action, subject = shown.action, FLAGS[scope][0] or "pool"
    assert (action.kind, action.subject, action.actor, action.text) == ("freeze", subject, "wang", "smoke")
    assert (action.what, action.room) == ("" if scope == "sku" else scope, "evening" if scope == "room" else "")
    event = next(event for event in (await shop.book.events(before)) if event.type == "frozen")
    assert (event.subject, event.room, event.action) == (subject, action.room, "f1")
    assert event.data == {"frozen": True, "scope": scope}

    entry = (await shop.book.ledger(Stream.STOCK))[-1]
    assert (entry.kind, entry.qty, entry.actor, entry.reason) == ("freeze", 0, "wang", "smoke")
    about = {"sku": ("mug", ""), "channel": ("", "channel:live"), "room": ("", "room:evening"), "pool": ("", "pool")}
    assert (entry.sku, entry.reference) == about[scope]

    undone = await shop.ok(Undo(undo_id("f1"), "f1", "li"))
    assert await stopped(shop) == set()
    assert (await shop.ok(Undo(undo_id("f1"), "f1", "li"))).action == undone.action
    again = await shop.ok(Undo(undo_id(undo_id("f1")), undo_id("f1"), "li"))
    assert await stopped(shop) == FLAGS[scope][2]
    assert again.undoable
    await shop.ok(flag("f3", scope, frozen=False))
    refused = await shop.book.apply(Undo(undo_id(again.action_id), again.action_id, "li"))
    assert (refused.code, refused.field) == (Code.STALE, "frozen")


@pytest.mark.parametrize("scope", ["channel", "room", "pool"])
async def test_it_raises_no_revision_and_no_write_changes_it(shop: Shop, scope: str) -> None:
    await shop.receive(20)
    what, key = {"channel": (What.CHANNEL, "live"), "room": (What.ROOM, "evening"), "pool": (What.POOL, "")}[scope]
    before = (await shop.ok(put(what, key, {"title": "One"}))).data
    await shop.ok(flag("f1", scope))
    assert (await shop.ok(put(what, key, {"title": "One"}, expected=before[0]))).data == before
    await shop.ok(put(what, key, {"title": "Two"}, expected=before[0]))
    assert await stopped(shop) == FLAGS[scope][2]
    fields = [event.data["fields"] for event in await shop.book.events() if event.type == "definition"]
    assert "frozen" not in [name for names in fields for name in names]


async def test_what_is_not_there_is_not_frozen(shop: Shop) -> None:
    for name, scope, code, field in (
        ("cup", False, Code.UNKNOWN_SKU, "sku"),
        ("cup", CHANNEL, Code.NOT_FOUND, "channel"),
        ("cup", ROOM, Code.NOT_FOUND, "room"),
    ):
        refused = await shop.book.apply(Freeze("f1", name, True, scope=scope))
        assert (refused.code, refused.field) == (code, field)
    assert await shop.book.is_frozen(CHANNEL, "cup") is None
    await shop.ok(flag("f1", "channel"))
    refused = await shop.book.apply(Freeze("f1", "live", True, scope=ROOM))
    assert (refused.code, refused.field) == (Code.ID_CONFLICT, "scope")
    refused = await shop.book.apply(flag("f1", "channel", frozen=False))
    assert (refused.code, refused.field) == (Code.ID_CONFLICT, "frozen")


async def test_a_freeze_and_what_follows_it_in_the_same_call(shop: Shop) -> None:
    """A lot is worked out once a call, and anew behind a flag."""
    await shop.receive(20)
    for scope in FLAGS:
        ops = [
            Reserve(f"{scope}-1", "evening", "mug", 1, "ann"),
            flag(f"{scope}-on", scope),
            Reserve(f"{scope}-2", "evening", "mug", 1, "ann"),
            flag(f"{scope}-off", scope, frozen=False),
            Reserve(f"{scope}-3", "evening", "mug", 1, "ann"),
        ]
        outcomes = await shop.together(*ops)
        assert [outcome.code for outcome in outcomes] == [Code.OK, Code.OK, Code.FROZEN, Code.OK, Code.OK], scope
