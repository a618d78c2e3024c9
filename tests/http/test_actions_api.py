"""What operators did, and undoing it, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

ACTIONS = "/v1/pools/main/actions"
HEADER = "shelfcast-action"


async def done(shop: Any, method: str, path: str, body: Any = None, key: str = "", **options: Any) -> str:
    """Carry out a write; the action that its answer names."""
    headers = {"Idempotency-Key": key} if key else {}
    response = await shop.call(method, path, body, headers=headers, **options)
    assert response.is_success, response.text
    return str(response.headers[HEADER])


async def move(shop: Any, kind: str, qty: int, name: str, **places: str) -> Any:
    body = {"kind": kind, "sku": "mug", "qty": qty, "id": name, **places}
    return await shop.ok("POST", "/v1/pools/main/moves", body)


async def ids(shop: Any) -> list[str]:
    return [action["id"] for action in (await shop.ok("GET", ACTIONS))["actions"]]


async def test_every_write_names_its_action(shop: Any) -> None:
    await shop.reserve("r1", qty=3)
    await shop.ok("POST", "/v1/pools/main/reservations/r1/confirm")
    pool, room = "/v1/pools/main", "/v1/rooms/evening"
    writes: list[tuple[str, str, Any, str]] = [
        ("POST", f"{pool}/moves", {"kind": "quota", "sku": "mug", "qty": 1, "id": "k1"}, "quota"),
        ("POST", f"{pool}/orders", {"channel": "live", "sku": "mug", "qty": 1, "id": "k2"}, "external"),
        ("POST", f"{pool}/reservations/r1/ship", {"id": "k3", "qty": 1}, "ship"),
        ("POST", f"{pool}/reservations/r1/cancel-paid", {"id": "k4", "qty": 1}, "cancel_paid"),
        ("POST", f"{pool}/catalogue", {"skus": [{"sku": "cup", "opening": 2}, {"sku": "jar"}]}, "catalogue"),
        ("PUT", f"{pool}/skus/mug", {"title": "Big mug"}, "define"),
        ("PATCH", f"{pool}/skus/mug", {"title": "Mug"}, "define"),
        ("PATCH", pool, {"time_zone": "Asia/Shanghai"}, "define"),
        ("PUT", f"{pool}/channels/douyin", {"kind": "dedicated"}, "define"),
        ("PUT", f"{pool}/batches/second", {}, "define"),
        ("PUT", f"{pool}/users/li", {"standing": "blocked"}, "define"),
        ("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live"}, "define"),
        ("PATCH", room, {"status": "paused"}, "status"),
        ("PATCH", room, {"spotlight": "mug"}, "spotlight"),
        ("PATCH", room, {"run_order": ["mug"]}, "define"),
        ("POST", f"{room}/skus", {"skus": [{"sku": "cup"}, {"sku": "jar"}]}, "listings"),
        ("PUT", f"{room}/skus/mug", {"limit_per_user": 2}, "define"),
        ("PATCH", f"{room}/skus/mug", {"last_n": 5}, "define"),
        ("DELETE", f"{room}/skus/mug", None, "unlist"),
    ]
    for number, (method, path, body, kind) in enumerate(writes, 1):
        key = f"k{number}"
        assert await done(shop, method, path, body, key) == key, path
        action = await shop.ok("GET", f"{ACTIONS}/{key}")
        assert (action["kind"], action["actor"]) == (kind, "wang")
    listed = await shop.ok("GET", f"{ACTIONS}?limit={len(writes)}")
    assert [action["id"] for action in listed["actions"]] == [f"k{number}" for number in range(len(writes), 0, -1)]
    assert (await shop.ok("GET", f"{ACTIONS}/k5"))["rows"] == 3, "two definitions and an opening stock"


async def test_a_write_without_a_key_gets_one_and_one_that_changes_nothing_none(shop: Any) -> None:
    first = await done(shop, "PATCH", "/v1/rooms/evening", {"title": "Late"})
    second = await done(shop, "PATCH", "/v1/rooms/evening", {"title": "Early"})
    assert first != second
    response = await shop.call("PATCH", "/v1/rooms/evening", {"title": "Early"})
    assert HEADER not in response.headers
    assert HEADER not in (await shop.call("GET", "/v1/rooms/evening")).headers
    again = await done(shop, "PATCH", "/v1/rooms/evening", {"title": "Early"}, key=second)
    assert again == second, "one that is sent again after a lost answer is told of what it did"
    wrong = await shop.problem("PATCH", "/v1/rooms/evening", {"title": "x"}, headers={"Idempotency-Key": "a b"})
    assert (wrong["status"], wrong["field"]) == (422, "Idempotency-Key")


async def test_a_move_is_undone_by_whoever_comes_first(shop: Any) -> None:
    assert (await move(shop, "carve", 30, "m1", source="pool", target="safety"))["undoable"]
    shown = await shop.ok("GET", f"{ACTIONS}/m1")
    assert (shown["undoable"], shown["why_not"], shown["reason"]) == (True, "", "")
    assert shown["effect"] == [{"sku": "mug", "qty": 30, "source": "pool", "target": "safety"}]
    response = await shop.call("POST", f"{ACTIONS}/m1/undo")
    assert (response.json()["id"], response.json()["undoable"]) == ("undo:m1", True)
    assert response.headers[HEADER] == "undo:m1"
    assert await shop.units() == {"supplier": -100, "pool": 100}
    other = await shop.call("POST", f"{ACTIONS}/m1/undo", {}, as_=shop.as_("service", user="erp"))
    assert other.json() == response.json()
    shown = await shop.ok("GET", f"{ACTIONS}/m1")
    assert (shown["undoable"], shown["why_not"], shown["undone_by"]) == (False, "undone", "undo:m1")
    await shop.ok("POST", f"{ACTIONS}/undo:m1/undo")
    assert (await shop.units())["safety"] == 30
    assert (await shop.ok("GET", "/v1/pools/main/audit"))["ok"]


async def test_an_undo_that_cannot_be_says_why_before_and_when_it_is_asked(shop: Any) -> None:
    await move(shop, "allocate", 5, "m1", source="pool", target="channel:live")
    await move(shop, "allocate", 2, "m2", source="channel:live", target="pool")
    shown = await shop.ok("GET", f"{ACTIONS}/m1")
    assert (shown["undoable"], shown["why_not"]) == (False, "INSUFFICIENT")
    refused = await shop.problem("POST", f"{ACTIONS}/m1/undo")
    assert (refused["status"], refused["code"], refused["field"], refused["available"]) == (
        409, "INSUFFICIENT", "channel:live", 3,
    )  # fmt: skip
    assert refused["detail"] == shown["reason"] == "channel:live holds 3 free units of 'mug', fewer than went there"

    await done(shop, "PATCH", "/v1/rooms/evening/skus/mug", {"last_n": 5}, "d1")
    await done(shop, "PATCH", "/v1/rooms/evening/skus/mug", {"last_n": 6}, "d2")
    stale = await shop.problem("POST", f"{ACTIONS}/d1/undo")
    assert (stale["status"], stale["code"], stale["field"]) == (409, "STALE", "mug")
    await shop.ok("POST", f"{ACTIONS}/d2/undo")
    assert (await shop.ok("GET", "/v1/rooms/evening/skus/mug"))["last_n"] == 5

    await done(shop, "PUT", "/v1/pools/main/skus/cup", {}, "made")
    none = await shop.problem("POST", f"{ACTIONS}/made/undo")
    assert (none["status"], none["code"], none["field"]) == (409, "BAD_MESSAGE", "action")
    assert none["detail"] == (await shop.ok("GET", f"{ACTIONS}/made"))["reason"] == "what it made may be in use"
    assert (await shop.problem("POST", f"{ACTIONS}/never/undo"))["status"] == 404
    assert (await shop.problem("GET", f"{ACTIONS}/a%20b"))["status"] == 422


async def test_an_undo_is_undone_again_and_again_but_not_for_ever(shop: Any) -> None:
    name = "m" * 64
    await move(shop, "carve", 1, name, source="pool", target="safety")
    for _ in range(12):
        name = (await shop.ok("POST", f"{ACTIONS}/{name}/undo"))["id"]
    refused = await shop.problem("POST", f"{ACTIONS}/{name}/undo")
    assert (refused["status"], refused["field"]) == (422, "action")


async def test_the_log_comes_in_pages(shop: Any) -> None:
    for number in range(5):
        await done(shop, "PATCH", "/v1/rooms/evening", {"title": str(number)}, f"d{number}")
    first = await shop.ok("GET", f"{ACTIONS}?limit=3")
    assert [action["id"] for action in first["actions"]] == ["d4", "d3", "d2"]
    rest = await shop.ok("GET", f"{ACTIONS}?limit=3&before={first['next']}&room=evening")
    assert [action["id"] for action in rest["actions"]][:2] == ["d1", "d0"]
    assert (await shop.ok("GET", f"{ACTIONS}?room=nowhere")) == {"actions": [], "next": None}
    assert (await shop.problem("GET", f"{ACTIONS}?before=0"))["field"] == "before"


async def test_a_rooms_token_sees_and_undoes_what_was_done_in_its_room(shop: Any) -> None:
    mine = shop.as_("operator", room="evening")
    await shop.ok("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live"})
    await move(shop, "carve", 1, "pool", source="pool", target="safety")
    await done(shop, "PATCH", "/v1/rooms/night", {"title": "Night"}, "other")
    await done(shop, "PATCH", "/v1/rooms/evening", {"title": "Late"}, "own", as_=mine)
    listed = (await shop.ok("GET", ACTIONS, as_=mine))["actions"]
    assert listed[0]["id"] == "own"
    assert {action["room"] for action in listed} == {"evening"}
    assert (await shop.ok("GET", f"{ACTIONS}?room=night", as_=mine))["actions"] == []
    for name in ("pool", "other"):
        assert (await shop.problem("GET", f"{ACTIONS}/{name}", as_=mine))["status"] == 404
        assert (await shop.problem("POST", f"{ACTIONS}/{name}/undo", as_=mine))["status"] == 404
    await shop.ok("PUT", "/v1/pools/main/channels/theirs", {"kind": "dedicated"})
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    await done(shop, "PATCH", "/v1/rooms/evening", {"channel": "theirs"}, "channel")
    assert (await shop.problem("POST", f"{ACTIONS}/channel/undo", as_=mine))["status"] == 403
    await shop.ok("POST", f"{ACTIONS}/channel/undo")
    await done(shop, "PATCH", "/v1/rooms/evening", {"title": "Later"}, "own", as_=mine)
    [own] = [name for name in await ids(shop) if name.startswith("own~")]
    await shop.ok("POST", f"{ACTIONS}/{own}/undo", as_=mine)
    assert (await shop.ok("GET", "/v1/rooms/evening"))["title"] == "Late"


@pytest.mark.parametrize("role", ["service", "operator"])
async def test_an_undo_takes_what_doing_it_by_hand_takes(shop: Any, role: str) -> None:
    for name, kind in (("f1", "freeze"), ("f2", "unfreeze")):
        await shop.ok("POST", "/v1/pools/main/moves", {"kind": kind, "sku": "mug", "id": name})
    await done(shop, "PUT", "/v1/pools/main/users/li", {"standing": "blocked"}, "judged")
    caller = shop.as_(role)
    for name in ("f2", "judged"):
        response = await shop.call("POST", f"{ACTIONS}/{name}/undo", as_=caller)
        assert response.status_code == (200 if role == "operator" else 403), "it would freeze, and acquit"
    if role == "service":
        await shop.ok("POST", f"{ACTIONS}/f2/undo")
    await shop.ok("POST", f"{ACTIONS}/undo:f2/undo", as_=caller)
