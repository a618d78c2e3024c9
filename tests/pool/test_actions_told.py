"""Every write of an operator is told to those who follow the pool, with what a list of them shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fixtures_server import POOL, RunningServer, StartServer
from pool_follower import PoolFollower
from raw_socket import RawSocket
from shelfcast.http.api.call import ACTION_HEADER
from shelfcast.http.application import ENDPOINTS
from shelfcast.protocol.from_server import Done, Snapshot
from shelfcast.protocol.pool_messages import ActionRow
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.count_operations import (
    BeginCounting,
    ClaimSkus,
    CloseCounting,
    GiveReasons,
    OpenCount,
    SaveLine,
)
from shelfcast.stock.operations import Confirm, Reserve, put
from shelfcast.stock.receipt_operations import OpenReceipt

P, ROOM = f"/v1/pools/{POOL}", "/v1/rooms/evening"


def writes() -> Iterator[tuple[str, str, str, dict[str, Any], str, dict[str, Any]]]:
    """The name of the endpoint, method, path, body; the kind of the action, and what else its event says."""
    yield "put_pool", "PUT", P, {"title": "Main"}, "define", {"what": "pool", "undoable": True}
    yield "patch_pool", "PATCH", P, {"handover": "link 3 is short"}, "define", {"what": "pool", "undoable": True}
    yield "put_strategy", "PUT", f"{P}/strategy", {"strategy": "influencer"}, "define", {"what": "pool"}
    yield "patch_strategy", "PATCH", f"{P}/strategy", {"split": "propose"}, "define", {"what": "pool"}
    yield "put_sku", "PUT", f"{P}/skus/jar", {"title": "Jar"}, "define", {"what": "sku", "undoable": False}
    yield "patch_sku", "PATCH", f"{P}/skus/cup", {"title": "Mug"}, "define", {"what": "sku", "undoable": True}
    rows = {"skus": [{"sku": "bowl"}, {"sku": "plate"}]}
    yield "post_catalogue", "POST", f"{P}/catalogue", rows, "catalogue", {"undoable": False}
    yield "put_channel", "PUT", f"{P}/channels/douyin", {"kind": "dedicated"}, "define", {"what": "channel"}
    yield "put_user", "PUT", f"{P}/users/li", {"standing": "review"}, "define", {"what": "user"}
    yield "put_batch", "PUT", f"{P}/batches/second", {"title": "Second"}, "define", {"what": "batch"}
    yield "patch_batch", "PATCH", f"{P}/batches/second", {"title": "2nd"}, "define", {"what": "batch"}
    carve = {"kind": "carve", "sku": "mug", "qty": 9, "source": "pool", "target": "batch:second", "reason": "later"}
    effect = {"rows": 1, "effect": [["mug", 9, "pool", "batch:second"]], "text": "later", "undoable": True}
    yield "post_move", "POST", f"{P}/moves", carve, "carve", effect
    yield "post_open_batch", "POST", f"{P}/batches/second/open", {}, "open_batch", {"undoable": True}
    effect = {"rows": 1, "effect": [["mug", 9, "batch:second", "pool"]]}
    yield "post_close_batch", "POST", f"{P}/batches/second/close", {}, "close_batch", effect
    carve |= {"target": "elastic", "qty": 30}
    yield "post_move", "POST", f"{P}/moves", carve, "carve", {"undoable": True}
    yield "put_elastic", "PUT", f"{P}/skus/mug/elastic", {"mode": "ask", "at_units": 2}, "define", {"what": "sku"}
    release = {"units": 5, "reason": "a rush"}
    effect = {"effect": [["mug", 5, "elastic", "pool"]], "text": "a rush", "undoable": True}
    yield "post_elastic_release", "POST", f"{P}/skus/mug/elastic/release", release, "release_elastic", effect
    yield "delete_elastic", "DELETE", f"{P}/skus/mug/elastic", {}, "define", {"what": "sku"}
    yield "put_room_sku", "PUT", f"{ROOM}/skus/cup", {"limit_per_user": 2}, "define", {"what": "listing"}
    yield "patch_room_sku", "PATCH", f"{ROOM}/skus/cup", {"last_n": 3}, "define", {"what": "listing", "undoable": True}
    yield "delete_room_sku", "DELETE", f"{ROOM}/skus/cup", {}, "unlist", {"undoable": True}
    yield "post_room_skus", "POST", f"{ROOM}/skus", rows, "listings", {"undoable": False}
    night = {"pool": POOL, "channel": "douyin"}
    yield "put_room", "PUT", "/v1/rooms/night", night, "define", {"what": "room", "undoable": False}
    yield "put_room_sku", "PUT", "/v1/rooms/night/skus/mug", {"link": 3}, "define", {"what": "listing"}
    effect = {"effect": [["mug", 4, "pool", "channel:douyin"]], "undoable": True}
    yield "post_release_sku", "POST", "/v1/rooms/night/skus/mug/release", {"qty": 4}, "release_lot", effect
    yield "post_release_link", "POST", "/v1/rooms/night/links/3/release", {"qty": 4}, "release_lot", effect
    yield "post_freeze", "POST", f"{P}/emergencies/freeze", {"scope": {"pool": True}}, "freeze", {"undoable": True}
    yield "post_thaw", "POST", f"{P}/emergencies/thaw", {"scope": {"pool": True}}, "unfreeze", {"undoable": True}
    yield "patch_room", "PATCH", ROOM, {"spotlight": "mug"}, "spotlight", {"undoable": True}
    yield "post_status", "POST", f"{ROOM}/status", {"status": "paused"}, "status", {"undoable": True}
    order = {"channel": "douyin", "sku": "mug", "qty": 1}
    yield "post_order", "POST", f"{P}/orders", order, "external", {"undoable": False, "effect": None}
    yield "post_ship", "POST", f"{P}/reservations/paid/ship", {"qty": 1}, "ship", {"undoable": False, "effect": None}
    paid, asked = f"{P}/reservations/paid", {"units": 1, "reason": "a crack"}
    yield "post_refund_request", "POST", f"{paid}/refund-request", asked, "refund_request", {"undoable": False}
    decided = {"state": "declined", "note": "it is whole"}
    yield "post_decide_refund", "POST", f"{paid}/refund-request/decide", decided, "decline_refund", {"undoable": False}
    yield "post_cancel_paid", "POST", f"{P}/reservations/paid/cancel-paid", {"qty": 1}, "cancel_paid", {}
    yield from writes_of_goods()


def writes_of_goods() -> Iterator[tuple[str, str, str, dict[str, Any], str, dict[str, Any]]]:
    """The same of counts, receipts and lots: `shelf` was counted and wants applying, `delivery` has arrived."""
    cycle = {"id": "bowls", "kind": "cycle", "skus": ["bowl"], "note": "a shelf a day"}
    yield "post_count", "POST", f"{P}/counts", cycle, "count_open", {"text": "a shelf a day", "undoable": False}
    yield "post_cancel_count", "POST", f"{P}/counts/bowls/cancel", {}, "count_cancel", {"undoable": False}
    effect = {"rows": 1, "effect": [["cup", 7, "count_gain", "pool"]], "undoable": False}
    yield "post_apply_count", "POST", f"{P}/counts/shelf/apply", {"revision": 3}, "count_apply", effect
    found = {"lines": [{"sku": "mug", "good": 20, "lot": "L7", "expires_on": "2027-03-01"}], "done": True}
    effect = {"rows": 1, "effect": [["mug", 20, "supplier", "pool"]]}
    yield "put_receipt_entry", "PUT", f"{P}/receipts/delivery/entry", found, "receipt", effect
    pull = {"sku": "mug", "lot": "L7", "expires_on": "2027-03-01", "qty": 5, "reason": "recalled"}
    effect = {"rows": 1, "effect": [["mug", 5, "pool", "unsellable"]], "text": "recalled"}
    yield "post_pull_lot", "POST", f"{P}/lots/pull", pull, "pull_lot", effect


ELSEWHERE = {
    "post_fulfil": "of_move, as ship",
    "post_apply_proposal": "test_split",
    "post_dismiss_proposal": "test_split",
    "post_undo_proposal": "an undo",
    "post_act_on_alert": "the move, status or spotlight that it is",
    "post_decision": "test_reports_kept",
    "post_undo": "below",
}
"""Endpoints that make an action in ways that stand above, or whose events other tests look at."""


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    server = await start_server(tick_ms=5)
    await server.open_shop()
    await server.sell("mug", 100)
    await server.apply(Reserve("paid", "evening", "mug", 2, "li"))
    await server.apply(Confirm("paid"))
    await count_cups(server)
    await server.apply(OpenReceipt("delivery", "Kiln", "D 7", "", [], By("make-delivery", "li")))
    return server


async def count_cups(server: RunningServer) -> None:
    """The count `shelf`, which has found seven cups more than there were, is in review at its third revision."""
    await server.apply(put(What.SKU, "cup", {"title": "Cup"}))
    await server.apply(OpenCount("shelf", "spot", "", "", "", True, 99, 99, "", By("make-shelf", "li")))
    await server.apply(ClaimSkus("shelf", ["cup"]))
    await server.apply(BeginCounting("shelf"))
    await server.apply(SaveLine("shelf", 0, "cup", "", "", "", 7, 0, "", "li"))
    await server.apply(CloseCounting("shelf", "li"))
    await server.apply(GiveReasons("shelf", [("cup", "lost", "")], "li"))


async def follow(server: RunningServer) -> PoolFollower:
    mine = await PoolFollower.join(server.port, server.token("operator"), "?topics=actions")
    await mine.until_current()
    return mine


def assert_says(row: ActionRow, kind: str, says: dict[str, Any]) -> None:
    assert row.data["kind"] == kind, row
    assert isinstance(row.data["undoable"], bool)
    assert {name: row.data.get(name) for name in says} == says


@pytest.mark.asyncio(loop_factories=["uvloop"])
async def test_every_write_over_http_is_told(shop: RunningServer) -> None:
    mine, told = await follow(shop), []
    headers = {"Authorization": f"Bearer {shop.token('operator', user='zhang')}"}
    async with httpx.AsyncClient(base_url=shop.url, headers=headers, trust_env=False) as http:
        for number, (name, method, path, body, kind, says) in enumerate(writes()):
            key = {"Idempotency-Key": body.get("id", f"k{number}")}
            answer = await http.request(method, path, json=body if method != "DELETE" else None, headers=key)
            assert answer.is_success, (name, answer.text)
            row = await mine.happened("action", answer.headers[ACTION_HEADER])
            assert "zhang" in row.actor
            assert_says(row, kind, says)
            told.append(name)
            read = await http.get(f"{P}/actions/{row.action}")
            assert (read.json()["kind"], read.json()["subject"]) == (kind, row.subject), "enough to read it by"
        action = f"k{told.index('patch_sku')}"
        undone = await http.post(f"{P}/actions/{action}/undo")
        row = await mine.happened("action", undone.headers[ACTION_HEADER])
        assert_says(row, "undo", {"undoes": action})
        assert (await mine.happened("undone", row.action)).data["undone"] == action
    assert {endpoint.name for endpoint in ENDPOINTS if endpoint.acts} == {*told, *ELSEWHERE}


async def test_every_write_over_a_rooms_socket_is_told(shop: RunningServer) -> None:
    mine = await follow(shop)
    operator = await RawSocket.join(shop.port, token=shop.token("operator", user="zhang"))
    assert isinstance(await operator.hear(), Snapshot)
    said: list[tuple[dict[str, Any], str, bool]] = [
        ({"type": "spotlight", "sku": "mug"}, "spotlight", True),
        ({"type": "status", "status": "paused"}, "status", True),
        ({"type": "freeze", "sku": "mug", "frozen": True, "reason": "a label"}, "freeze", True),
        ({"type": "freeze_room", "frozen": True}, "freeze", True),
        ({"type": "notice", "text": "back at eight"}, "notice", False),
        ({"type": "cue", "text": "hold it up", "sku": "mug"}, "cue", False),
        ({"type": "undo", "action": "o2"}, "undo", True),
    ]
    for number, (message, kind, undoable) in enumerate(said):
        operator.say(id=f"o{number}", **message)
        await operator.wait_for(Done, id=f"o{number}")
        row = await mine.happened("action", "undo:o2" if kind == "undo" else f"o{number}")
        text = message.get("reason") or message.get("text")
        assert_says(row, kind, {"undoable": undoable, "text": text})
        assert (row.actor, row.room) == ("zhang", "evening")
