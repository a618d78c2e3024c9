from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import httpx
import msgspec
from shelfcast.http.application import create_app
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put

ROOM = "/v1/rooms/evening"
DEFINED = {"pool": "main", "channel": "live"}


async def test_a_room_is_defined_and_its_show_run(shop: Any) -> None:
    found = await shop.ok("GET", ROOM)
    assert (found["room"], found["pool"], found["channel"], found["status"]) == ("evening", "main", "live", "live")
    await shop.ok("PATCH", ROOM, {"spotlight": "mug", "run_order": ["mug"], "hold_ms": 60_000})
    paused = await shop.ok("PATCH", ROOM, {"status": "paused"})
    assert (paused["spotlight"], paused["run_order"], paused["hold_ms"]) == ("mug", ["mug"], 60_000)
    assert (await shop.ok("PATCH", ROOM, {"spotlight": None}))["spotlight"] is None
    ended = await shop.ok("PATCH", ROOM, {"status": "ended"})
    assert ended["ended_at_ms"] > 0
    assert [room["room"] for room in (await shop.ok("GET", "/v1/rooms"))["rooms"]] == ["evening"]


async def test_defining_a_room_anew_leaves_its_show_alone(shop: Any) -> None:
    await shop.ok("PATCH", ROOM, {"spotlight": "mug", "title": "Evening", "hold_ms": 60_000})
    response = await shop.call("PUT", ROOM, DEFINED | {"title": "Late evening"})
    again = response.json()
    assert response.status_code == 200
    assert (again["title"], again["hold_ms"]) == ("Late evening", 0)
    assert (again["status"], again["spotlight"]) == ("live", "mug")
    assert (await shop.call("PUT", "/v1/rooms/morning", DEFINED)).status_code == 201


async def test_a_room_keeps_its_pool(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/other")
    await shop.ok("PUT", "/v1/pools/other/channels/live", {})
    taken = await shop.problem("PUT", ROOM, {"pool": "other", "channel": "live"})
    assert (taken["status"], taken["code"], taken["field"]) == (409, "ID_CONFLICT", "pool")
    assert (await shop.ok("GET", ROOM))["pool"] == "main"


async def test_a_room_names_what_exists(shop: Any) -> None:
    night = "/v1/rooms/night"
    assert (await shop.problem("PUT", night, {"pool": "none", "channel": "live"}))["field"] == "pool"
    assert (await shop.problem("PUT", night, {"pool": "main", "channel": "none"}))["field"] == "channel"
    assert (await shop.problem("PUT", night, {"pool": "main"}))["field"] == "channel"
    assert (await shop.problem("PUT", night, {"channel": "live"}))["field"] == "pool"
    assert (await shop.problem("GET", night))["code"] == "NOT_FOUND"
    assert (await shop.problem("PATCH", night, {}))["code"] == "NOT_FOUND"
    assert (await shop.problem("PATCH", ROOM, {"spotlight": "none"}))["field"] == "spotlight"
    assert (await shop.problem("PATCH", ROOM, {"status": "asleep"}))["field"] == "status"
    assert (await shop.problem("PATCH", ROOM, {"pool": "main"}))["field"] == "pool"
    assert (await shop.problem("PUT", "/v1/rooms/No!", DEFINED))["field"] == "room"


async def test_the_shelf_shows_terms_and_units(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/skus/cup", {})
    rows = [{"sku": "cup", "position": 1}, {"sku": "mug", "position": 2, "last_n": 10}]
    assert (await shop.ok("POST", f"{ROOM}/skus", {"skus": rows}))["rows"] == 2
    await shop.reserve("r1", qty=2)
    shelf = (await shop.ok("GET", f"{ROOM}/skus"))["skus"]
    assert [row["sku"] for row in shelf] == ["cup", "mug"]
    mug = shelf[1]
    assert (mug["available"], mug["held"], mug["sold"], mug["frozen"]) == (98, 2, 0, False)
    assert (mug["limit_per_user"], mug["last_n"]) == (5, 10)  # a bulk row merges
    merged = await shop.ok("PATCH", f"{ROOM}/skus/mug", {"price_minor": 500, "opens_at_ms": 1_700_000_000_000})
    assert (merged["price_minor"], merged["last_n"]) == (500, 10)
    replaced = await shop.ok("PUT", f"{ROOM}/skus/mug", {"price_minor": 400})
    assert (replaced["price_minor"], replaced["last_n"], replaced["limit_per_user"]) == (400, None, None)
    for _ in range(2):
        assert (await shop.call("DELETE", f"{ROOM}/skus/cup")).status_code == 204
    assert [row["sku"] for row in (await shop.ok("GET", f"{ROOM}/skus"))["skus"]] == ["mug"]


async def test_a_flash_sale_may_have_a_lobby(shop: Any) -> None:
    mug = f"{ROOM}/skus/mug"
    terms = {"opens_at_ms": 1_700_000_000_000, "lobby_ms": 500}
    found = await shop.ok("PATCH", mug, terms)
    assert (found["opens_at_ms"], found["lobby_ms"]) == (1_700_000_000_000, 500)
    for wrong in (-1, 10_001, "soon"):
        assert (await shop.problem("PATCH", mug, {"lobby_ms": wrong}))["field"] == "lobby_ms"
    assert (await shop.ok("PATCH", mug, {"lobby_ms": None}))["lobby_ms"] == 0


async def test_a_room_lists_skus_of_its_pool(shop: Any) -> None:
    assert (await shop.problem("PUT", f"{ROOM}/skus/none", {}))["code"] == "UNKNOWN_SKU"
    assert (await shop.problem("PATCH", f"{ROOM}/skus/none", {}))["code"] == "UNKNOWN_SKU"
    rows = {"skus": [{"sku": "mug"}, {"sku": "none"}]}
    wrong = await shop.problem("POST", f"{ROOM}/skus", rows)
    assert (wrong["code"], wrong["field"]) == ("UNKNOWN_SKU", "skus[1].sku")
    assert (await shop.problem("PUT", f"{ROOM}/skus/mug", {"limit_per_user": 0}))["field"] == "limit_per_user"
    assert (await shop.problem("PUT", "/v1/rooms/none/skus/mug", {}))["field"] == "room"


async def test_a_snapshot_is_what_the_socket_says_first(shop: Any) -> None:
    await shop.reserve("r1", qty=2)
    snapshot = await shop.ok("GET", f"{ROOM}/snapshot")
    assert (snapshot["type"], snapshot["room"], snapshot["status"], snapshot["viewers"]) == (
        "snapshot",
        "evening",
        "live",
        0,
    )
    (mug,) = snapshot["skus"]
    assert (mug["sku"], mug["available"], mug["held"], mug["price_minor"]) == ("mug", 98, 2, 990)


async def test_the_socket_says_that_it_is_one(shop: Any) -> None:
    response = await shop.call("GET", f"{ROOM}/ws")
    assert (response.status_code, response.headers["upgrade"]) == (426, "websocket")


async def test_a_run_order_names_what_is_on_the_shelf(shop: Any) -> None:
    refused = await shop.problem("PATCH", ROOM, {"run_order": ["mug", "cup"]})
    assert (refused["status"], refused["code"], refused["field"]) == (404, "UNKNOWN_SKU", "run_order")
    await shop.ok("PATCH", ROOM, {"run_order": ["mug"]})
    await shop.call("DELETE", f"{ROOM}/skus/mug")
    assert (await shop.ok("PATCH", ROOM, {"run_order": ["mug"], "title": "Tea"}))["title"] == "Tea"


async def test_of_two_who_make_a_room_in_two_pools_one_leaves_nothing_behind(shop: Any) -> None:
    for pool in ("left", "right"):
        await shop.ok("PUT", f"/v1/pools/{pool}")
        await shop.ok("PUT", f"/v1/pools/{pool}/channels/live", {})
    for number in range(8):
        path = f"/v1/rooms/new-{number}"
        answers = await asyncio.gather(
            *(shop.call("PUT", path, {"pool": pool, "channel": "live"}) for pool in ("left", "right"))
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        owner = (await shop.ok("GET", path))["pool"]
        for pool in ("left", "right"):
            book = (await shop.services.pools.get(pool)).book
            assert (f"new-{number}" in await book.rooms()) is (pool == owner)


async def test_a_new_room_that_is_refused_takes_no_name(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/other")
    await shop.ok("PUT", "/v1/pools/other/channels/live", {})
    for wrong, field in (({"channel": "none"}, "channel"), ({"spotlight": "mug"}, "spotlight")):
        body = {"pool": "main", "channel": "live"} | wrong
        assert (await shop.problem("PUT", "/v1/rooms/new", body))["field"] == field
    assert (await shop.ok("PUT", "/v1/rooms/new", {"pool": "other", "channel": "live"}))["pool"] == "other"


async def test_a_full_room_says_what_is_full(services: Any, api: Any) -> None:
    await api.shop()
    full = services.settings.skus_a_room_max
    assert (await api.ok("GET", "/v1/rooms"))["skus_a_room_max"] == full
    book = (await services.pools.get("main")).book
    rows = [{"sku": f"s{number:04}"} for number in range(full)]
    for start in range(0, full, 1000):
        await api.ok("POST", "/v1/pools/main/catalogue", {"skus": rows[start : start + 1000]})
    await asyncio.gather(
        *[book.apply(put(What.LISTING, row["sku"], {"position": 1}, parent="evening")) for row in rows[1:]]
    )
    refused = await api.problem("POST", ROOM + "/skus", {"skus": [rows[0]]})
    assert (refused["code"], refused["field"]) == ("SHELF_FULL", "skus[0].sku")
    assert refused["detail"] == f"there may be {full:,} of these, and there are"


async def test_a_name_that_was_claimed_by_a_server_that_died_is_no_room_yet(shop: Any) -> None:
    """It is claimed before the book has the room; whoever defines it makes it."""
    await shop.services.pools.directory.create_room("half-made", "main")
    half = "/v1/rooms/half-made"
    for path in (half, half + "/skus", half + "/skus/mug", half + "/snapshot"):
        problem = await shop.problem("GET", path)
        expected = "UNKNOWN_SKU" if path.endswith("/mug") else "NOT_FOUND"
        assert (problem["status"], problem["code"]) == (404, expected), path
    assert [room["room"] for room in (await shop.ok("GET", "/v1/rooms"))["rooms"]] == ["evening"]
    assert (await shop.problem("PATCH", half, {"title": "Half"}))["status"] == 404
    assert (await shop.call("PUT", half, DEFINED)).status_code in (200, 201)
    assert (await shop.ok("GET", half))["status"] == "scheduled"


async def test_a_pool_with_as_many_rooms_as_may_be_takes_no_more(services: Any, shop: Any) -> None:
    settings = msgspec.structs.replace(services.settings, rooms_a_pool_max=1)
    app = create_app(dataclasses.replace(services, settings=settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shelf.test") as http:
        full = await http.put("/v1/rooms/morning", json=DEFINED, headers=shop.as_("operator"))
    assert (full.status_code, full.json()["code"], full.json()["field"]) == (409, "SHELF_FULL", "room")
    assert await services.pools.directory.room_pool("morning") is None, "its name is free yet"


async def test_going_live_warns_of_what_has_no_safety_buffer(shop: Any) -> None:
    rows = [
        {"sku": "cup", "opening": 50, "opening_safety": 5},
        {"sku": "pot", "opening": 9},
        {"sku": "pan", "opening": 9, "safety_units": 2},
        {"sku": "jug", "opening": 50, "safety_units": 0},
        {"sku": "ewer", "opening": 50},
    ]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "more"})
    for row in rows:
        await shop.ok("PUT", f"/v1/rooms/evening/skus/{row['sku']}", {"presale": row["sku"] == "ewer"})
    assert (await shop.ok("PATCH", "/v1/rooms/evening", {"title": "Late"}))["warnings"] == [], "it is live already"
    assert (await shop.ok("PATCH", "/v1/rooms/evening", {"status": "paused"}))["warnings"] == []
    [warning] = (await shop.ok("PATCH", "/v1/rooms/evening", {"status": "live"}))["warnings"]
    assert warning == {"kind": "no_safety_buffer", "count": 2, "skus": ["mug", "pan"]}
    assert (await shop.ok("GET", "/v1/rooms/evening"))["warnings"] == []
    await shop.ok("PATCH", "/v1/pools/main/strategy", {"safety_percent": 0})
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    [warning] = (await shop.ok("PATCH", "/v1/rooms/evening", {"status": "live"}))["warnings"]
    assert warning["skus"] == ["pan"]
    for sku, units in (("mug", 10), ("pan", 2)):
        move = {"kind": "carve", "sku": sku, "qty": units, "source": "pool", "target": "safety", "id": f"keep-{sku}"}
        await shop.ok("POST", "/v1/pools/main/moves", move)
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "paused"})
    assert (await shop.ok("PATCH", "/v1/rooms/evening", {"status": "live"}))["warnings"] == []
    made = {"pool": "main", "channel": "live", "status": "live"}
    assert (await shop.ok("PUT", "/v1/rooms/morning", made))["warnings"] == [], "its shelf is empty"
