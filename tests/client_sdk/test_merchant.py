"""The merchant's side of the SDK against the real server, as an ERP uses it."""

from __future__ import annotations

import inspect
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fixtures_server import POOL, ROOM, RunningServer
from mugs import has
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import MoveDone, Step
from shelfcast.http.api.jobs import JobAnswer
from shelfcast.http.application import ENDPOINTS
from shelfcast.http.routes import (
    actions,
    alerts,
    allocation,
    batches,
    elastic,
    emergencies,
    events,
    listings,
    moves,
    pool,
    pools,
    previews,
    rooms,
    shows,
    strategy,
)
from shelfcast.protocol.from_server import AlertAction
from shelfcast.stock import places as server_places
from shelfcast.stock import refusals
from shelfcast.stock.audit import Violation
from shelfcast.stock.operations import Reserve
from shelfcast.stock.records import LedgerEntry, Reservation
from shelfcast_client import JobFailed, ServerRefused, ServerUnreachable, Stale, UsageError, connect, places, records
from shelfcast_client.calls import id_of
from shelfcast_client.merchant import Merchant
from shelfcast_client.merchant.emergencies import Scope
from starlette.routing import compile_path


async def hold(shop: RunningServer, reservation: str, qty: int = 1, user: str = "li") -> int:
    """A customer's hold; when it ends."""
    outcome = await shop.apply(Reserve(reservation, ROOM, "mug", qty, user))
    return outcome.expires_at_ms


# --- definitions


async def test_a_catalogue_is_kept(merchant: Merchant) -> None:
    made = await merchant.define_sku("cup", title="Cup", price_minor=500, category="kitchen")
    assert (made["title"], made["category"], made["buckets"]) == ("Cup", "kitchen", {})
    changed = await merchant.change_sku("cup", price_minor=450, category=None)
    assert (changed["title"], changed["price_minor"], changed["category"]) == ("Cup", 450, "")
    assert await merchant.sku("cup") == changed
    assert (await merchant.define_sku("cup"))["title"] == ""
    assert await merchant.sku("bowl") is None
    for name, fields in (("price_minor", {"price_minor": -1}), ("colour", {"colour": "red"})):
        with pytest.raises(ServerRefused) as refused:
            await merchant.change_sku("cup", **fields)
        assert (refused.value.status, refused.value.code, refused.value.field) == (422, "BAD_MESSAGE", name)
    with pytest.raises(ServerRefused, match="UNKNOWN_SKU"):
        await merchant.change_sku("bowl", title="Bowl")


async def test_many_skus_are_received_once_a_key(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.definitions.BULK_ROWS", 2)
    rows: list[dict[str, Any]] = [{"sku": f"s{number}", "opening": number} for number in range(5)]
    for _ in range(2):
        await merchant.catalogue(rows, key="delivery 7")
    assert {sku: units.get("pool", 0) for sku, units in (await merchant.buckets()).items()} == {
        "mug": 100, "s0": 0, "s1": 1, "s2": 2, "s3": 3, "s4": 4,
    }  # fmt: skip
    with pytest.raises(ServerRefused) as refused:
        await merchant.catalogue([*rows[:3], {"sku": "s3", "opening": 9}], key="delivery 7")
    assert (refused.value.code, refused.value.field) == ("ID_CONFLICT", "skus[3].opening")
    assert str(refused.value).endswith("(field skus[3].opening)")
    with pytest.raises(UsageError, match="id: expected"):
        await merchant.catalogue(rows, key="")


@pytest.mark.parametrize("sku", ["杯子 大号", "a/b", "50%", "a?b#c", ".", ".."])
async def test_skus_are_named_as_shops_name_them(merchant: Merchant, sku: str) -> None:
    await merchant.define_sku(sku, title="Odd")
    await merchant.receive(sku, 3)
    found = await merchant.sku(sku)
    assert found is not None
    assert (found["sku"], found["title"], found["buckets"]["pool"]) == (sku, "Odd", 3)


async def test_what_cannot_be_sent_is_refused_here(merchant: Merchant) -> None:
    for call in (
        merchant.sku(""),
        merchant.sku("\ud800"),
        merchant.change_sku("mug", title="\ud800"),
        merchant.change_sku("mug", price_minor=float("nan")),
        merchant.change_sku("mug", title=object()),
        merchant.receive("mug", 1, key=""),
        merchant.order("", channel="live", sku="mug", qty=1),
    ):
        with pytest.raises(UsageError, match="expected"):
            await call
    await has(merchant, pool=100)


async def test_channels_batches_and_customers_are_defined(merchant: Merchant) -> None:
    assert await merchant.define_channel("douyin", kind="dedicated") == {
        "channel": "douyin", "kind": "dedicated", "title": "", "low_mark_units": None, "low_mark": "fixed",
        "frozen": False, "weight": 1, "weights": {}, "floor_units": None, "cap_units": None, "revision": 1,
    }  # fmt: skip
    assert [row["channel"] for row in await merchant.channels()] == ["douyin", "live"]
    assert await merchant.channel("kuaishou") is None
    assert (await merchant.define_batch("second", title="Second wave"))["opened_at_ms"] == 0
    assert [row["batch"] for row in await merchant.batches()] == ["second"]
    assert await merchant.batch("third") is None
    assert (await merchant.user("li"))["standing"] == "ok"
    await merchant.define_user("li", standing="blocked", reason="resells")
    assert await merchant.user("li") == {"user": "li", "standing": "blocked", "reason": "resells", "revision": 1}
    with pytest.raises(ServerRefused) as refused:
        await merchant.define_user("li", standing="angry")
    assert refused.value.field == "standing"


async def test_a_pool_has_settings(merchant: Merchant) -> None:
    assert (await merchant.define_pool())["revision"] == 0
    stated = await merchant.define_pool(title="Main", time_zone="Asia/Shanghai", day_starts="05:00")
    assert await merchant.pool_definition() == stated
    assert (await merchant.change_pool(currency="EUR", if_match=1))["time_zone"] == "Asia/Shanghai"
    assert (await merchant.define_sku("cup"))["currency"] == "EUR"
    with pytest.raises(Stale):
        await merchant.change_pool(currency="USD", if_match=1)
    with pytest.raises(ServerRefused, match="ledger"):
        await merchant.change_pool(rehearsal=True)  # the mugs were received


async def test_a_pool_has_a_strategy(merchant: Merchant) -> None:
    begun = await merchant.define_strategy("influencer", elastic_percent=20)
    assert (begun["elastic_percent"], begun["elastic_mode"], begun["changed"]) == (20, "ask", ["elastic_percent"])
    changed = await merchant.change_strategy(split="propose", if_match=begun["revision"])
    assert await merchant.strategy() == changed
    with pytest.raises(Stale):
        await merchant.change_strategy(split="off", if_match=begun["revision"])
    with pytest.raises(ServerRefused) as refused:
        await merchant.change_strategy(elastic_percent=95)
    assert refused.value.field == "elastic_percent"
    assert (await merchant.define_channel("douyin", kind="dedicated", weights={"shoes": 2}, cap_units=9))["weight"] == 1


async def test_who_changes_what_somebody_else_has_changed_is_told_so(merchant: Merchant) -> None:
    read = await merchant.change_sku("mug", title="Cup")
    await merchant.change_sku("mug", title="Bowl")
    for write in (merchant.change_sku, merchant.define_sku):
        with pytest.raises(Stale) as stale:
            await write("mug", title="Plate", if_match=read["revision"])
        assert (stale.value.expected, stale.value.revision) == (read["revision"], read["revision"] + 1)
        assert (stale.value.status, stale.value.code, stale.value.retry) == (412, "STALE", "changed")
    assert (await merchant.change_sku("mug", title="Plate", if_match=read["revision"] + 1))["title"] == "Plate"
    listing = await merchant.listing(ROOM, "mug")
    assert listing is not None
    for call in (
        merchant.define_channel("live", title="x", if_match=7),
        merchant.define_batch("second", title="x", if_match=7),
        merchant.define_user("li", standing="review", if_match=7),
        merchant.define_room(ROOM, channel="live", title="x", if_match=7),
        merchant.change_room(ROOM, title="x", if_match=7),
        merchant.define_listing(ROOM, "mug", last_n=3, if_match=7),
        merchant.change_listing(ROOM, "mug", last_n=3, if_match=7),
        merchant.unlist(ROOM, "mug", if_match=7),
    ):
        with pytest.raises(Stale):
            await call
    assert await merchant.listing(ROOM, "mug") == listing
    with pytest.raises(UsageError, match="if_match: expected a revision"):
        await merchant.change_sku("mug", title="x", if_match=-1)


async def test_a_room_and_its_shelf_are_defined(merchant: Merchant) -> None:
    await merchant.define_room("night", channel="live", title="Night", hold_ms=60_000)
    assert (await merchant.change_room("night", status="live"))["hold_ms"] == 60_000
    assert {row["room"] for row in (await merchant.rooms())["rooms"]} == {ROOM, "night"}
    await merchant.list_in_room("night", [{"sku": "mug", "position": 3}])
    assert (await merchant.change_listing("night", "mug", limit_per_user=2))["position"] == 3
    assert (await merchant.define_listing("night", "mug", price_minor=5))["limit_per_user"] is None
    assert [(sku, row["available"]) for sku, row in (await merchant.listed("night")).items()] == [("mug", 100)]
    for _ in range(2):
        await merchant.unlist("night", "mug")
    assert await merchant.listed("night") == {}
    assert await merchant.room("morning") is None
    assert await merchant.listed("morning") == {}
    with pytest.raises(ServerRefused) as refused:
        await merchant.list_in_room("night", [{"sku": "bowl"}])
    assert (refused.value.status, refused.value.field) == (404, "skus[0].sku")


async def test_a_pool_that_is_not_there_is_no_missing_sku(shop: RunningServer) -> None:
    async with Merchant(shop.url, shop.token("operator"), "other") as merchant:
        assert await merchant.skus() == {}
        for call in (merchant.sku("mug"), merchant.channel("live"), merchant.reservation("r1")):
            with pytest.raises(ServerRefused) as refused:
                await call
            assert (refused.value.status, refused.value.field) == (404, "pool")
        await merchant.define_pool()
        assert await merchant.pools() == [POOL, "other"]
        assert await merchant.sku("mug") is None


# --- moves


async def test_every_kind_of_move(merchant: Merchant) -> None:
    await merchant.define_batch("second")
    await merchant.carve("mug", 10, source="pool", target="safety")
    await merchant.carve("mug", 10, source="pool", target="elastic")
    await merchant.carve("mug", 20, source="pool", target=places.of_batch("second"))
    await merchant.allocate("mug", 15, source="pool", target=places.of_channel("live"))
    await merchant.release_elastic("mug", 4)
    await merchant.quarantine("mug", 3)
    await merchant.write_off("mug", 1, source="unsellable", reason="broken")
    await has(merchant, pool=46, safety=10, elastic=6, batch__second=20, channel__live=15, unsellable=2, written_off=1)
    await merchant.quarantine("mug", 2, source="unsellable", target="pool")
    opened = await merchant.open_batch("second")
    assert opened["data"] == {"skus": 1}
    counted = await merchant.count("mug", 101)
    assert counted["data"] is not None
    assert counted["data"]["difference"] == 2
    await merchant.quota("mug", 30)
    await merchant.quota("mug", -10)
    await has(merchant, pool=50, presale=20, batch__second=20, unsellable=0)
    assert (await merchant.close_batch("second", key="close"))["data"] == {"skus": 1}
    await has(merchant, pool=70, batch__second=0)
    await merchant.freeze("mug", reason="wrong label")
    assert (await merchant.listed(ROOM))["mug"]["frozen"]
    await merchant.unfreeze("mug")
    assert not (await merchant.listed(ROOM))["mug"]["frozen"]


async def test_a_batch_is_filled_sold_and_closed(merchant: Merchant) -> None:
    made = await merchant.define_batch("second", title="Second wave", units={"mug": 30}, key="fill")
    assert await merchant.define_batch("second", title="Second wave", units={"mug": 30}, key="fill") == made
    assert (made["state"], made["units"], made["taken"], made["next_opens_at_ms"]) == ("planned", {"mug": 30}, {}, None)
    filled = await merchant.change_batch("second", leftover="elastic", units={"mug": 5})
    assert (filled["title"], filled["units"]) == ("Second wave", {"mug": 35})
    opened = await merchant.open_batch("second", key="open")
    assert opened["undoable"]
    await merchant.close_batch("second", actor="li")
    batch = await merchant.batch("second")
    assert batch is not None
    assert (batch["state"], batch["leftover_to"]) == ("closed", "elastic")


async def test_more_is_put_on_sale_in_a_room(merchant: Merchant) -> None:
    await merchant.define_batch("lot", units={"mug": 60}, key="fill")
    await merchant.change_listing(ROOM, "mug", link=3)
    done = await merchant.release(ROOM, "mug", 10, key="more", reason="they ask for it")
    assert await merchant.release(ROOM, "mug", 10, key="more", reason="they ask for it") == done
    await merchant.release_link(ROOM, 3, 50)
    await has(merchant, pool=100, batch__lot=0)
    with pytest.raises(ServerRefused, match="already on sale") as refused:
        await merchant.release(ROOM, "mug", 1)
    assert (refused.value.code, refused.value.field) == ("BAD_MESSAGE", "sku")


async def test_what_is_frozen_and_thawed_by_its_scope(merchant: Merchant) -> None:
    live: Scope = {"channel": "live"}
    reach = await merchant.freeze_reach(live)
    assert (reach["rooms"], reach["skus"], reach["changed"], reach["dry_run"]) == ([ROOM], 1, True, True)
    assert not (await merchant.listed(ROOM))["mug"]["frozen"]
    done = await merchant.freeze_scope(live, reason="wrong price", key="stop")
    assert (done["id"], done["changed"], done["undoable"], done["rooms"]) == ("stop", True, True, [ROOM])
    assert await merchant.freeze_scope(live, key="stop") == done
    assert (await merchant.listed(ROOM))["mug"]["frozen"]
    await merchant.freeze_scope({"pool": True})
    assert (await merchant.thaw_scope(live))["changed"]
    assert (await merchant.listed(ROOM))["mug"]["frozen"], "the pool has a flag of its own"
    await merchant.thaw_scope({"pool": True}, actor="li")
    assert not (await merchant.listed(ROOM))["mug"]["frozen"]
    both: Scope = {"sku": "mug", "room": ROOM}
    wrong: list[Any] = [both, {}, "mug"]
    for scope in wrong:
        for call in (merchant.freeze_scope, merchant.thaw_scope, merchant.freeze_reach):
            with pytest.raises(UsageError, match="one of sku, channel, room and pool"):
                await call(scope)


async def test_a_move_that_cannot_be_says_why(merchant: Merchant) -> None:
    with pytest.raises(ServerRefused) as refused:
        await merchant.write_off("mug", 101)
    error = refused.value
    assert (error.status, error.code, error.retry) == (409, "INSUFFICIENT", "changed")
    with pytest.raises(ServerRefused) as refused:
        await merchant.write_off("mug", 0)
    assert (refused.value.status, refused.value.code, refused.value.field) == (422, "BAD_MESSAGE", "qty")
    assert "at least 1" in str(refused.value)
    await has(merchant, pool=100)


@pytest.mark.parametrize("key", ["delivery-7", "送货单 7 / mug", "x" * 200])
async def test_a_write_with_the_same_id_moves_once(merchant: Merchant, key: str) -> None:
    first = await merchant.receive("mug", 5, key=key, reference="paper 7")
    assert await merchant.receive("mug", 5, key=key, reference="paper 7") == first
    with pytest.raises(ServerRefused) as refused:
        await merchant.receive("mug", 6, key=key, reference="paper 7")
    assert (refused.value.status, refused.value.code, refused.value.field) == (409, "ID_CONFLICT", "qty")
    await has(merchant, pool=105)
    await merchant.receive("mug", 5)
    await merchant.receive("mug", 5)
    await has(merchant, pool=115)


# --- orders and reservations


async def test_an_order_of_another_platform_is_booked_and_settled(merchant: Merchant) -> None:
    number = "京东/88 #1"
    booked = await merchant.order(number, channel="live", sku="mug", qty=103, user="zhao", reference="jd 88")
    assert booked == await merchant.order(number, channel="live", sku="mug", qty=103, user="zhao", reference="jd 88")
    assert (booked["id"], booked["left"]) == (id_of(number), 100)
    order = await merchant.reservation(number)
    assert order is not None
    assert (order["oversold"], order["external"], order["reference"]) == (3, True, "jd 88")
    with pytest.raises(ServerRefused, match="INSUFFICIENT"):
        await merchant.settle(number, 3)
    await merchant.receive("mug", 5)
    await merchant.settle(number, 3)
    assert (await merchant.ship(number, 100))["left"] == 3
    assert (await merchant.ship(number))["left"] == 0
    await merchant.take_back("mug", 2)
    await merchant.inspect("mug", 1, target="pool")
    await has(merchant, pool=3, shipped=101, returned=1)
    with pytest.raises(ServerRefused) as refused:
        await merchant.order("o2", channel="live", sku="bowl", qty=1)
    assert (refused.value.status, refused.value.code) == (404, "UNKNOWN_SKU")


async def test_a_customers_reservation_is_paid_and_leaves_the_house(shop: RunningServer, merchant: Merchant) -> None:
    async with connect(shop.url, ROOM, token=shop.token(user="li")) as room:
        reserved = await room.reserve("mug", 3)
    assert reserved.ok
    assert [row["id"] for row in await merchant.reservations_of("li")] == [reserved.id]
    assert (await merchant.pay(reserved.id))["state"] == "payment_pending"
    paid = await merchant.confirm(reserved.id, reference="payment 9", actor="till 2")
    assert paid == await merchant.confirm(reserved.id, reference="payment 9", actor="till 2")
    assert (await merchant.ship(reserved.id, 1, key="parcel-1"))["left"] == 2
    assert (await merchant.ship(reserved.id, 1, key="parcel-1"))["left"] == 2
    assert (await merchant.cancel_paid(reserved.id, reason="too many"))["left"] == 0
    await has(merchant, pool=99, shipped=1, sold__live=0)
    with pytest.raises(ServerRefused) as refused:
        await merchant.cancel(reserved.id)
    assert (refused.value.status, refused.value.code, refused.value.retry) == (409, "ALREADY_CONFIRMED", "never")
    assert await merchant.reservation("none") is None
    entries = [entry async for entry in merchant.ledger()]
    assert [entry["actor"] for entry in entries if entry["kind"] == "confirm"] == ["till 2 (by erp)"]


async def test_a_hold_is_given_back(shop: RunningServer, merchant: Merchant) -> None:
    await hold(shop, "r1", 4)
    await has(merchant, pool=96)
    assert (await merchant.cancel("r1", reason="changed his mind"))["state"] == "cancelled"
    await has(merchant, pool=100)


async def test_a_payment_without_stock_waits_for_its_refund(shop: RunningServer, merchant: Merchant) -> None:
    await merchant.change_room(ROOM, hold_ms=1)
    expires_at_ms = await hold(shop, "r1")
    book = await shop.book()
    while await book.now_ms() <= expires_at_ms:
        pass
    await merchant.freeze("mug")
    with pytest.raises(ServerRefused) as refused:
        await merchant.confirm("r1", reference="payment 1")
    assert (refused.value.status, refused.value.code) == (409, "PAID_NO_STOCK")
    assert [row["reference"] for row in await merchant.paid_without_stock()] == ["payment 1"]
    assert (await merchant.refund("r1"))["state"] == "cancelled"
    assert await merchant.paid_without_stock() == []


async def test_a_presale_order_is_fulfilled(shop: RunningServer, merchant: Merchant) -> None:
    await merchant.quota("mug", 5)
    await merchant.change_listing(ROOM, "mug", presale=True)
    await hold(shop, "r1", 2)
    await merchant.confirm("r1")
    await merchant.fulfil("r1")
    await has(merchant, pool=98, sold__live=2, presale=3)
    assert [entry["qty"] async for entry in merchant.ledger(presale=True)][:1] == [5]


# --- what happened


async def test_the_ledger_is_read_in_pages_from_where_one_was(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shelfcast_client.history.BULK_ROWS", 3)
    for number in range(6):
        await merchant.receive("mug", number + 1, reference=f"paper {number}")
    entries = [entry async for entry in merchant.ledger()]
    assert [entry["seq"] for entry in entries] == list(range(1, 8))
    assert (entries[-1]["qty"], entries[-1]["reference"], entries[-1]["actor"]) == (6, "paper 5", "erp")
    assert [entry["seq"] async for entry in merchant.ledger(after=5)] == [6, 7]
    assert [entry async for entry in merchant.ledger(after=7)] == []
    with pytest.raises(ServerRefused) as refused:
        await anext(merchant.ledger(after=-1))
    assert refused.value.field == "after"


async def test_what_happened_is_read_from_where_one_was(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.history.BULK_ROWS", 2)
    before = [event["n"] async for event in merchant.events()]
    await merchant.freeze("mug", key="label")
    await merchant.change_room(ROOM, status="paused")
    await merchant.unfreeze("mug")
    everything = [event async for event in merchant.events(after=before[-1])]
    found = [event for event in everything if event["type"] != "action"]
    assert [(event["type"], event["subject"]) for event in found] == [
        ("frozen", "mug"), ("status", ROOM), ("unfrozen", "mug"),
    ]  # fmt: skip
    assert (found[0]["actor"], found[0]["action"]) == ("erp", "label")
    assert [event async for event in merchant.events(after=everything[-1]["n"])] == []


async def test_what_was_done_is_listed_and_undone(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.history.BULK_ROWS", 2)
    done = await merchant.allocate("mug", 40, source="pool", target=places.of_channel("live"), key="a1", reason="show")
    assert (done["id"], done["undoable"]) == ("a1", True)
    await merchant.change_room(ROOM, status="paused")
    last = [action async for action in merchant.actions()]
    assert [action["kind"] for action in last][:2] == ["status", "allocate"]
    assert [action["n"] for action in last] == sorted((action["n"] for action in last), reverse=True)
    in_room = [action async for action in merchant.actions(room=ROOM)]
    assert {action["room"] for action in in_room} == {ROOM}
    allocated = await merchant.action("a1")
    assert allocated is not None
    assert (allocated["actor"], allocated["text"], allocated["undoable"]) == ("erp", "show", True)
    assert allocated["effect"] == [{"sku": "mug", "qty": 40, "source": "pool", "target": "channel:live"}]

    undone = await merchant.undo("a1")
    assert undone == await merchant.undo("a1")
    await has(merchant, pool=100)
    allocated = await merchant.action("a1")
    assert allocated is not None
    assert (allocated["undoable"], allocated["why_not"], allocated["undone_by"]) == (False, "undone", undone["id"])
    await merchant.undo(undone["id"])
    await has(merchant, pool=60, channel__live=40)
    await merchant.allocate("mug", 1, source=places.of_channel("live"), target="pool")
    with pytest.raises(ServerRefused) as refused:
        await merchant.undo("undo:undo:a1")
    assert (refused.value.status, refused.value.code, refused.value.field, refused.value.available) == (
        409, "INSUFFICIENT", "channel:live", 39,
    )  # fmt: skip
    for key in ("送货单 7", "x" * 100):
        await merchant.receive("mug", 1, key=key)
        undone = await merchant.undo(key)
        assert (await merchant.undo("undo:" + key))["undoable"]
        assert undone["id"].startswith("undo:")
    assert await merchant.action("nobody's") is None
    with pytest.raises(ServerRefused) as refused:
        await merchant.undo("nobodys")
    assert (refused.value.status, refused.value.field) == (404, "action")


async def test_the_book_is_audited(merchant: Merchant) -> None:
    await merchant.receive("mug", 1)
    report = await merchant.audit()
    assert (report["ok"], report["units_on_hand"], report["violations"]) == (True, 101, [])


async def test_a_whole_ledger_is_streamed(merchant: Merchant) -> None:
    for number in range(4):
        await merchant.receive("mug", 1, key=f"m{number}")
    assert [entry async for entry in merchant.ledger_entries()] == [entry async for entry in merchant.ledger()]
    assert [entry["seq"] async for entry in merchant.ledger_entries(after=3)] == [4, 5]
    assert [entry async for entry in merchant.ledger_entries(presale=True)] == []
    with pytest.raises(ServerRefused) as refused:
        await anext(merchant.ledger_entries(after=-1))
    assert refused.value.field == "after"


async def test_a_stream_that_is_cut_goes_on_where_it_was(merchant: Merchant) -> None:
    for number in range(4):
        await merchant.receive("mug", 1, key=f"m{number}")
    asked: list[int] = []
    streamed = merchant._calls.streamed

    async def cut(kind: Any, path: str, *, query: Any) -> Any:
        asked.append(query["after"])
        async for value in streamed(kind, path, query=query):
            yield value
            if len(asked) < 3:
                raise ServerUnreachable("cut")

    merchant._calls.streamed = cut  # type: ignore[method-assign, assignment]
    assert [entry["seq"] async for entry in merchant.ledger_entries()] == [1, 2, 3, 4, 5]
    assert asked == [0, 1, 2]


async def test_the_catalogue_is_a_file(merchant: Merchant) -> None:
    await merchant.define_sku("cup", title="=Cup", price_minor=1250)
    lines = (await merchant.catalogue_csv()).decode("utf-8-sig").split("\r\n")
    columns = (
        "sku,title,price,currency,barcode,category,elastic_release_at,safety_units,substitutes,aliases,zone,supplier,"
        "image_url"
    )
    assert lines[:2] == [columns, "cup,'=Cup,12.50,CNY,,,,,,,,,"]


async def test_a_file_is_previewed(merchant: Merchant, tmp_path: Path) -> None:
    exported = await merchant.catalogue_csv()
    assert (await merchant.preview_catalogue(exported))["same"] == 1
    file = tmp_path / "new.csv"
    file.write_text("sku,title,opening,colour\nmug,Beaker,5,red\ncup,Cup,7,blue\nbad,Bad,many,\n", encoding="utf-8")
    found = await merchant.preview_catalogue(file)
    assert (found["rows"], found["new"], found["changed"], found["same"], found["bad"]) == (3, 1, 1, 0, 1)
    assert (found["receives"], found["ignored_columns"], found["faults"][0]["line"]) == (7, ["colour"], 4)
    assert found["changes"][0]["changes"] == [{"column": "title", "before": "'Mug'", "after": "'Beaker'"}]
    with pytest.raises(ServerRefused) as refused:
        await merchant.preview_catalogue(b"name\nmug\n")
    assert (refused.value.status, refused.value.code) == (422, "BAD_MESSAGE")
    assert "no column sku" in str(refused.value)


async def test_an_audit_goes_on_by_itself(merchant: Merchant) -> None:
    job = await merchant.start_audit(key="tonight")
    assert (await merchant.start_audit(key="tonight"))["made_at_ms"] == job["made_at_ms"]
    assert await merchant._result_of(job, 30) == await merchant.audit()
    ended = await merchant.job("tonight")
    assert ended is not None
    assert (ended["state"], ended["result"]["ok"], ended["asked_by"]) == ("done", True, "erp")
    assert (await merchant.cancel_job("tonight"))["state"] == "done"
    assert [each["kind"] for each in await merchant.jobs()] == ["audit", "audit"]
    assert await merchant.job("none") is None


async def test_a_job_that_nobody_does_is_cancelled(shop: RunningServer) -> None:
    async with Merchant(shop.url, shop.token("service", user="erp"), POOL) as merchant:
        with pytest.raises(ServerUnreachable, match=r"has not ended within 0\.1 s"):
            await merchant.audit(wait_s=0.1)
        (job,) = await merchant.jobs()
        assert job["state"] == "cancelled"
        with pytest.raises(JobFailed, match="cancelled"):
            await merchant._result_of(job, 1)


async def test_an_elastic_reserve_has_a_rule_and_is_released(merchant: Merchant) -> None:
    await merchant.carve("mug", 20, source="pool", target="elastic")
    stated = await merchant.define_elastic("mug", at_units=12, step_units=5)
    assert (stated["mode"], stated["at_units"], stated["step_units"], stated["units"]) == ("ask", 12, 5, 20)
    assert await merchant.elastic("mug") == stated
    done = await merchant.release_reserve("mug", key="k1")
    assert (done["data"], done["undoable"]) == ({"units": 5, "release": 1}, True)
    assert await merchant.release_reserve("mug", key="k1") == done
    await merchant.release_reserve("mug", 8, target="channel:live", reason="they ask for it")
    await has(merchant, elastic=7, channel__live=8)
    with pytest.raises(ServerRefused) as refused:
        await merchant.define_elastic("mug", "auto")
    assert (refused.value.status, refused.value.field) == (422, "mode")
    with pytest.raises(ServerRefused) as stale:
        await merchant.drop_elastic("mug", if_match=stated["revision"] - 1)
    assert stale.value.code == "STALE"
    assert (await merchant.drop_elastic("mug"))["mode"] == "off"
    assert await merchant.elastic("none") is None


# --- held together with the server

OTHERS = {
    "GET /v1/pools/{pool}/audit": "`audit` begins a job and asks about it",
    "GET /v1/pools/{pool}/ws": "`connect_pool` is there for it",
    "GET /v1/pools/{pool}/entry": "for browsers, which hide a handshake from their pages",
    "POST /v1/rooms/{room}/reservations/{id}/demo-payment": "nobody pays there",
}
VALUES: dict[str, Any] = {
    "sku": "mug", "qty": 1, "on_hand": 1, "source": "pool", "target": "safety", "kind": "receive", "key": "k",
    "rows": [{"sku": "mug"}], "channel": "live", "batch": "b", "user": "u", "room": ROOM, "reservation": "r",
    "order": "o", "scope": {"sku": "mug"}, "job": "j", "action": "a", "file": b"sku\nmug\n",
    "show": f"{ROOM}.1", "link": 1, "alert": f"{ROOM}.1:1", "strategy": "brand",
    "proposal": "main.1", "reason": "no",
}  # fmt: skip


async def test_every_route_of_a_merchant_has_a_method(merchant: Merchant) -> None:
    asked: set[tuple[str, str]] = set()

    async def note(request: Any) -> None:
        asked.add((request.method, request.url.raw_path.decode().partition("?")[0]))

    merchant._calls._http.event_hooks["request"].append(note)
    for name, method in inspect.getmembers(merchant, inspect.ismethod):
        if name.startswith("_"):
            continue
        needed = [each for each in inspect.signature(method).parameters.values() if each.default is each.empty]
        given = {each.name: VALUES[each.name] for each in needed if each.kind is not each.VAR_KEYWORD}
        with suppress(ServerRefused):
            called = method(**given)
            if inspect.isasyncgen(called):
                await anext(called)
            else:
                await called
    for endpoint in ENDPOINTS:
        route = f"{endpoint.method} {endpoint.path.replace(':path}', '}')}"
        if endpoint.access in (Access.STAFF, Access.CREW, Access.CONTROL, Access.OWNER) and route not in OTHERS:
            pattern = compile_path(endpoint.path)[0]
            assert any(pattern.match(path) for method, path in asked if method == endpoint.method), route


@pytest.mark.parametrize(
    ("ours", "servers"),
    [
        (records.PoolDefinition, pool.Pool),
        (records.Strategy, strategy.StrategyItem),
        (records.Proposal, allocation.ProposalItem),
        (records.ProposalMove, allocation.ProposalMove),
        (records.PoolSku, pools.PoolSku),
        (records.ElasticTerms, pools.ElasticTerms),
        (records.ElasticReserve, elastic.Reserve),
        (records.Channel, pools.Channel),
        (records.Batch, batches.Batch),
        (records.PoolUser, pools.PoolUser),
        (records.RoomDefinition, rooms.Room),
        (records.RoomList, rooms.RoomList),
        (records.RoomWarning, rooms.RoomWarning),
        (records.Show, shows.ShowItem),
        (records.StatusChange, shows.StatusChangeItem),
        (records.Spotlit, shows.SpotlitItem),
        (records.ShowAlert, alerts.AlertItem),
        (records.ShowAlertAction, AlertAction),
        (records.RefusedAttempts, refusals.Refused),
        (records.RefusedCode, refusals.RefusedCode),
        (records.RefusedSku, refusals.RefusedSku),
        (records.SeriesHour, alerts.Series),
        (records.ShowMinute, alerts.ShowMinuteItem),
        (records.RoomSku, listings.RoomSku),
        (records.MoveDone, MoveDone),
        (records.FreezeDone, emergencies.FreezeDone),
        (records.Step, Step),
        (records.Reservation, Reservation),
        (records.LedgerEntry, LedgerEntry),
        (records.PoolEvent, events.Event),
        (records.Effect, actions.Effect),
        (records.Action, actions.ActionItem),
        (records.Audit, moves.Audit),
        (records.Violation, Violation),
        (records.Job, JobAnswer),
        (records.CataloguePreview, previews.CataloguePreview),
        (records.PreviewRow, previews.PreviewRow),
        (records.PreviewChange, previews.PreviewChange),
        (records.PreviewFault, previews.PreviewFault),
    ],
    ids=lambda kind: kind.__name__,
)
def test_records_have_the_servers_fields(ours: type, servers: Any) -> None:
    assert list(ours.__annotations__) == sorted(servers.__struct_fields__, key=list(ours.__annotations__).index)


def test_moves_and_places_have_the_servers_names() -> None:
    assert [kind.value for kind in places.MoveKind] == [kind.value for kind in moves.MoveName]
    names = ("POOL", "SAFETY", "ELASTIC", "UNSELLABLE", "SUPPLIER", "SHIPPED", "RETURNED", "WRITTEN_OFF")
    assert all(getattr(places, name) == getattr(server_places, name) for name in names)
    assert (places.of_channel("a"), places.of_batch("b")) == (server_places.CHANNEL + "a", server_places.BATCH + "b")
