"""Emergencies over HTTP: freezing a SKU, a channel, a room or the pool, and thawing it."""

from __future__ import annotations

from typing import Any

import pytest

FREEZE, THAW = "/v1/pools/main/emergencies/freeze", "/v1/pools/main/emergencies/thaw"
SCOPES: dict[str, dict[str, Any]] = {
    "sku": {"sku": "mug"},
    "channel": {"channel": "live"},
    "room": {"room": "evening"},
    "pool": {"pool": True},
}
REACH = ("skus", "rooms", "holds", "units_held", "viewers")


@pytest.fixture
async def house(shop: Any) -> Any:
    """Besides the evening a room `night` on a channel of its own, which sells bowls."""
    await shop.ok("PUT", "/v1/pools/main/channels/douyin", {"kind": "dedicated"})
    rows = [{"sku": "bowl", "opening": 10}]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "bowls"})
    await shop.ok("PUT", "/v1/rooms/night", {"pool": "main", "channel": "douyin", "status": "live"})
    await shop.ok("PUT", "/v1/rooms/night/skus/bowl", {})
    await shop.reserve("r1", qty=2)
    await shop.reserve("r2", user="bob")
    return shop


@pytest.mark.parametrize(
    ("scope", "reach"),
    [
        ("sku", (1, ["evening"], 2, 3, 0)),
        ("channel", (1, ["evening"], 2, 3, 0)),
        ("room", (1, ["evening"], 2, 3, 0)),
        ("pool", (2, ["evening", "night"], 2, 3, 0)),
    ],
)
async def test_a_dry_run_says_what_the_freeze_then_does(house: Any, scope: str, reach: tuple[Any, ...]) -> None:
    body = {"scope": SCOPES[scope], "reason": "smoke in the warehouse"}
    tried = await house.ok("POST", FREEZE, body | {"dry_run": True})
    assert tuple(tried[name] for name in REACH) == reach
    assert (tried["changed"], tried["frozen"], tried["dry_run"], tried["id"]) == (True, True, True, "")
    ledger = await house.ok("GET", "/v1/pools/main/audit")
    assert ledger["entries"] == tried["seq"], "nothing was written"

    done = await house.ok("POST", FREEZE, body | {"id": "stop"})
    assert {name: done[name] for name in REACH} == {name: tried[name] for name in REACH}
    assert (done["changed"], done["undoable"], done["id"]) == (True, True, "stop")
    assert await house.ok("POST", FREEZE, body | {"id": "stop"}) == done
    again = await house.ok("POST", FREEZE, body | {"dry_run": True})
    assert (again["changed"], again["frozen"]) == (False, True)
    assert (await house.ok("POST", FREEZE, body | {"id": "stop-2"}))["changed"] is False

    shown = await house.ok("GET", "/v1/pools/main/actions/stop")
    assert (shown["kind"], shown["text"], shown["undoable"]) == ("freeze", "smoke in the warehouse", True)
    row = await house.ok("GET", "/v1/rooms/evening/skus/mug")
    assert row["frozen"] is True
    await house.ok("POST", "/v1/pools/main/actions/stop/undo")
    assert (await house.ok("GET", "/v1/rooms/evening/skus/mug"))["frozen"] is False
    thawed = await house.ok("POST", THAW, {"scope": SCOPES[scope], "id": "go"})
    assert (thawed["changed"], thawed["frozen"]) == (False, False)


async def test_definitions_show_the_flags(shop: Any) -> None:
    for scope, path in (("channel", "/channels/live"), ("pool", "")):
        await shop.ok("POST", FREEZE, {"scope": SCOPES[scope], "id": f"stop-{scope}"})
        shown = await shop.ok("GET", f"/v1/pools/main{path}")
        assert (shown["frozen"], shown["revision"]) == (True, 1 if path else 0)
        assert (await shop.problem("PUT", f"/v1/pools/main{path}", {"frozen": False}))["field"] == "frozen"
    await shop.ok("POST", FREEZE, {"scope": SCOPES["room"], "id": "stop-room"})
    assert (await shop.ok("GET", "/v1/rooms/evening"))["frozen"] is True
    await shop.ok("PUT", "/v1/pools/main", {"title": "Main"})
    assert (await shop.ok("GET", "/v1/pools/main"))["frozen"] is True, "a definition is not the flag"


async def test_the_move_is_the_flag_of_the_sku(shop: Any) -> None:
    await shop.ok("POST", "/v1/pools/main/moves", {"kind": "freeze", "sku": "mug", "id": "stop"})
    assert (await shop.ok("POST", FREEZE, {"scope": {"sku": "mug"}, "dry_run": True}))["changed"] is False
    await shop.ok("POST", THAW, {"scope": {"sku": "mug"}, "id": "go"})
    assert (await shop.ok("GET", "/v1/rooms/evening/skus/mug"))["frozen"] is False


BAD = [
    ({}, "scope"),
    ({"scope": {}}, "scope"),
    ({"scope": "mug"}, "scope"),
    ({"scope": {"sku": "mug", "room": "evening"}}, "scope"),
    ({"scope": {"pool": False}}, "scope.pool"),
    ({"scope": {"pool": "main"}}, "scope.pool"),
    ({"scope": {"shelf": "a"}}, "scope.shelf"),
    ({"scope": {"sku": " mug"}}, "scope.sku"),
    ({"scope": {"room": "Evening"}}, "scope.room"),
    ({"scope": {"sku": "mug"}, "reason": "x" * 201}, "reason"),
    ({"scope": {"sku": "mug"}, "dry_run": "yes"}, "dry_run"),
    ({"scope": {"sku": "mug"}, "until_ms": 5}, "until_ms"),
    ({"scope": {"sku": "mug"}, "id": ""}, "id"),
    ({"scope": {"sku": "mug"}}, "id"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
@pytest.mark.parametrize("path", [FREEZE, THAW])
async def test_bad_input_names_its_field(shop: Any, path: str, body: dict[str, Any], field: str) -> None:
    problem = await shop.problem("POST", path, body)
    assert (problem["status"], problem["code"], problem["field"]) == (422, "BAD_MESSAGE", field)


@pytest.mark.parametrize("more", [{"dry_run": True}, {"id": "stop"}])
@pytest.mark.parametrize(("scope", "code"), [("sku", "UNKNOWN_SKU"), ("channel", "NOT_FOUND"), ("room", "NOT_FOUND")])
async def test_what_is_not_there(shop: Any, scope: str, code: str, more: dict[str, Any]) -> None:
    problem = await shop.problem("POST", FREEZE, {"scope": {scope: "nothing"}} | more)
    assert (problem["status"], problem["code"], problem["field"]) == (404, code, f"scope.{scope}")


async def test_an_id_is_one_requests(shop: Any) -> None:
    await shop.ok("POST", FREEZE, {"scope": {"sku": "mug"}, "id": "stop"})
    for path, scope, field in ((THAW, {"sku": "mug"}, "id"), (FREEZE, {"channel": "live"}, "scope")):
        problem = await shop.problem("POST", path, {"scope": scope, "id": "stop"})
        assert (problem["code"], problem["field"]) == ("ID_CONFLICT", field)
    await shop.ok("POST", "/v1/pools/main/moves", {"kind": "count", "sku": "mug", "qty": 100, "id": "count"})
    problem = await shop.problem("POST", FREEZE, {"scope": {"sku": "mug"}, "id": "count"})
    assert (problem["code"], problem["field"]) == ("ID_CONFLICT", "id")


async def test_who_may_freeze_and_thaw_what(house: Any) -> None:
    await house.ok("PUT", "/v1/pools/other")
    number = 0
    for role in ("viewer", "host", "counter", "service", "operator"):
        for claims in ({}, {"pool": "main"}, {"pool": "other"}, {"room": "evening"}, {"room": "night"}):
            for scope, named in SCOPES.items():
                for path in (FREEZE, THAW):
                    number += 1
                    body = {"scope": named, "id": f"n{number}"}
                    response = await house.call("POST", path, body, as_=house.as_(role, **claims))
                    lacks = "" if role == "operator" or (role == "service" and path == THAW) else "role"
                    if not lacks and claims.get("pool") == "other":
                        lacks = "pool"
                    if not lacks and "room" in claims and (scope != "room" or claims["room"] != "evening"):
                        lacks = "room"
                    found = response.json().get("field", "") if response.status_code == 403 else ""
                    assert (found, response.is_success) == (lacks, not lacks), (role, claims, scope, path)


async def test_a_token_of_a_room_of_another_pool_finds_nothing(house: Any) -> None:
    await house.ok("PUT", "/v1/pools/other")
    body, path = {"scope": {"room": "evening"}, "dry_run": True}, FREEZE.replace("main", "other")
    problem = await house.problem("POST", path, body, as_=house.as_("operator", room="evening"))
    assert (problem["status"], problem["field"]) == (404, "scope.room")


async def test_a_rooms_operator_undoes_its_own_freeze(house: Any) -> None:
    mine = house.as_("operator", room="evening")
    await house.ok("POST", FREEZE, {"scope": {"room": "evening"}, "id": "stop"}, as_=mine)
    theirs = house.as_("operator", room="night")
    assert (await house.problem("POST", "/v1/pools/main/actions/stop/undo", as_=theirs))["status"] == 404
    service = house.as_("service", room="evening")
    await house.ok("POST", "/v1/pools/main/actions/stop/undo", as_=service)
    problem = await house.problem("POST", "/v1/pools/main/actions/undo:stop/undo", as_=service)
    assert problem["field"] == "role", "it would freeze"
    await house.ok("POST", "/v1/pools/main/actions/undo:stop/undo", as_=mine)


FORCE = "/v1/pools/main/emergencies"


async def in_force(house: Any, **options: Any) -> list[tuple[str, str, str, str, str]]:
    found = await house.ok("GET", FORCE, **options)
    assert found["count"] == len(found["in_force"])
    return [(each["kind"], each["scope"], each["name"], each["by"], each["reason"]) for each in found["in_force"]]


async def test_what_stops_sales_is_read_in_one_request(house: Any) -> None:
    assert await in_force(house) == []
    for scope, named in SCOPES.items():
        body = {"scope": named, "id": f"stop-{scope}", "reason": f"the {scope} is wrong"}
        await house.ok("POST", FREEZE, body, as_=house.as_("operator", "zhao"))
    await house.ok("POST", "/v1/rooms/night/status", {"status": "paused", "id": "pause"})
    frozen = [
        ("frozen", scope, named.get(scope) if scope != "pool" else "", "zhao", f"the {scope} is wrong")
        for scope, named in SCOPES.items()
    ]
    expected = [*frozen, ("paused", "room", "night", "wang", "")]
    assert sorted(await in_force(house)) == sorted(expected)
    whole = await house.ok("GET", FORCE)
    times = [each["since_ms"] for each in whole["in_force"]]
    assert times == sorted(times, reverse=True)
    assert {each["action"] for each in whole["in_force"]} == {"", *(f"stop-{scope}" for scope in SCOPES)}
    cut = await house.ok("GET", FORCE + "?limit=2")
    assert (cut["in_force"], cut["count"]) == (whole["in_force"][:2], 5)

    mine = house.as_("operator", room="evening")
    assert await in_force(house, as_=mine) == [("frozen", "room", "evening", "zhao", "the room is wrong")]
    assert (await house.problem("GET", FORCE, as_=house.as_("host")))["field"] == "role"
    await house.ok("POST", THAW, {"scope": SCOPES["channel"], "id": "go"})
    await house.ok("POST", "/v1/pools/main/actions/stop-room/undo")
    await house.ok("POST", "/v1/rooms/night/status", {"status": "live", "id": "on"})
    assert sorted(await in_force(house)) == sorted([frozen[0], frozen[3]])
    await house.ok("POST", "/v1/pools/main/actions/undo:stop-room/undo", as_=house.as_("operator", "redo"))
    assert ("frozen", "room", "evening", "redo", "") in await in_force(house)


async def test_flags_of_a_release_before_are_found_once(house: Any) -> None:
    for scope, named in SCOPES.items():
        await house.ok("POST", FREEZE, {"scope": named, "id": f"stop-{scope}"})
    book = (await house.services.pools.get("main")).book
    key = book.base
    await book._engine.command("DEL", f"{key}:frozen", key=key)
    await book._engine.command("HDEL", f"{key}:meta", "flags_noted", key=key)
    found = (await house.ok("GET", FORCE))["in_force"]
    assert {(each["scope"], each["name"], each["since_ms"], each["by"]) for each in found} == {
        (scope, "" if scope == "pool" else named[scope], None, "") for scope, named in SCOPES.items()
    }
    await house.ok("POST", THAW, {"scope": SCOPES["sku"], "id": "go"})
    assert "sku" not in {each["scope"] for each in (await house.ok("GET", FORCE))["in_force"]}
