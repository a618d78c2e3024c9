"""The waitlist over HTTP: which rooms keep one, and who is served first."""

from __future__ import annotations

from typing import Any

import pytest
from shelfcast.stock.operations import Wait

POOL, ROOM = "/v1/pools/main", "/v1/rooms/evening"


async def test_a_room_keeps_no_waitlist_until_it_is_told_to(shop: Any) -> None:
    assert (await shop.ok("GET", ROOM))["waitlist"] is False
    assert (await shop.ok("PATCH", ROOM, {"waitlist": True}))["waitlist"] is True
    assert (await shop.ok("PATCH", ROOM, {"title": "Evening"}))["waitlist"] is True
    assert (await shop.ok("PUT", ROOM, {"pool": "main", "channel": "live"}))["waitlist"] is False
    assert (await shop.ok("PUT", ROOM, {"pool": "main", "channel": "live", "waitlist": True}))["waitlist"] is True
    [listed] = (await shop.ok("GET", "/v1/rooms"))["rooms"]
    assert listed["waitlist"] is True
    assert (await shop.ok("PATCH", ROOM, {"waitlist": None}))["waitlist"] is False


@pytest.mark.parametrize("value", ["on", 1, []])
async def test_a_waitlist_is_there_or_not(shop: Any, value: object) -> None:
    problem = await shop.problem("PATCH", ROOM, {"waitlist": value})
    assert (problem["status"], problem["field"]) == (422, "waitlist")
    assert "bool" in problem["detail"]


async def test_who_runs_a_room_decides_about_its_waitlist(shop: Any) -> None:
    own, other = shop.as_("operator", room="evening"), shop.as_("operator", room="night")
    assert (await shop.ok("PATCH", ROOM, {"waitlist": True}, as_=own))["waitlist"] is True
    assert (await shop.problem("PATCH", ROOM, {"waitlist": False}, as_=other))["status"] == 403
    assert (await shop.problem("PATCH", ROOM, {"waitlist": False}, as_=shop.as_("host")))["status"] == 403
    assert (await shop.problem("PATCH", POOL, {"auto_settle": True}, as_=own))["status"] == 403


@pytest.mark.parametrize(("path", "field"), [(ROOM, "waitlist"), (POOL, "auto_settle")])
async def test_switching_is_an_action_and_can_be_undone(shop: Any, path: str, field: str) -> None:
    for value, key in ((True, "k1"), (False, "k2")):
        response = await shop.call("PATCH", path, {field: value}, headers={"Idempotency-Key": key})
        assert response.headers["shelfcast-action"] == key
        assert response.json()[field] is value
        undone = await shop.ok("POST", f"{POOL}/actions/{key}/undo")
        assert undone["id"] == f"undo:{key}"
        assert (await shop.ok("GET", path))[field] is not value
        await shop.ok("POST", f"{POOL}/actions/undo:{key}/undo")
        assert (await shop.ok("GET", path))[field] is value


@pytest.fixture
async def waiting(shop: Any) -> Any:
    """A shop whose mugs are all held. Three people wait for one, two and four, the last in a room on a channel of its
    own."""
    await shop.ok("PATCH", ROOM, {"waitlist": True})
    await shop.ok("PUT", f"{POOL}/channels/douyin", {"kind": "dedicated"})
    night = {"pool": "main", "channel": "douyin", "status": "live", "waitlist": True}
    await shop.ok("PUT", "/v1/rooms/night", night)
    await shop.ok("PUT", "/v1/rooms/night/skus/mug", {})
    for n in range(20):
        await shop.reserve(f"r{n}", 5, user=f"u{n}")
    await wait(shop, "w1", "ann", 1)
    await wait(shop, "w2", "bob", 2)
    await wait(shop, "w3", "cem", 4, room="night")
    return shop


async def wait(shop: Any, name: str, user: str, qty: int, room: str = "evening") -> None:
    pool = await shop.services.pools.get("main")
    outcome = await pool.book.apply(Wait(name, room, "mug", qty, user))
    assert (outcome.code, outcome.state) == ("OK", "waiting"), outcome


async def test_a_room_says_who_waits_there(waiting: Any) -> None:
    assert await waiting.ok("GET", f"{ROOM}/waiting") == {
        "room": "evening",
        "skus": [{"sku": "mug", "people": 2, "units": 3}],
    }
    night = await waiting.ok("GET", "/v1/rooms/night/waiting")
    assert night["skus"] == [{"sku": "mug", "people": 1, "units": 4}]
    await waiting.ok("PUT", "/v1/rooms/day", {"pool": "main", "channel": "live"})
    assert (await waiting.ok("GET", "/v1/rooms/day/waiting"))["skus"] == []
    assert (await waiting.problem("GET", "/v1/rooms/none/waiting"))["field"] == "room"


async def test_who_is_offered_something_waits_no_more(waiting: Any) -> None:
    await waiting.ok("POST", f"{POOL}/reservations/r1/cancel")
    assert (await waiting.ok("GET", f"{ROOM}/waiting"))["skus"] == []
    assert (await waiting.ok("GET", f"{POOL}/reservations/w1"))["state"] == "active"
    assert (await waiting.ok("GET", f"{POOL}/reservations/w2"))["qty"] == 2


@pytest.mark.parametrize(
    ("query", "serves", "given"),
    [
        ("", 0, 0),
        ("?units=1", 1, 1),
        ("?units=2", 1, 1),
        ("?units=3&target=pool", 2, 3),
        ("?units=40", 2, 3),
        ("?units=3&target=channel:live", 2, 3),
        ("?units=3&target=channel:douyin", 0, 0),
        ("?units=4&target=channel:douyin", 1, 4),
    ],
)
async def test_putting_units_up_serves_so_many(waiting: Any, query: str, serves: int, given: int) -> None:
    found = await waiting.ok("GET", f"{POOL}/skus/mug/waiting{query}")
    assert found == {
        "sku": "mug",
        "people": 3,
        "units": 7,
        "rooms": [{"room": "evening", "people": 2}, {"room": "night", "people": 1}],
        "serves": serves,
        "given": given,
    }


async def test_what_is_there_already_and_was_too_little_helps(shop: Any) -> None:
    await shop.ok("PATCH", ROOM, {"waitlist": True})
    for n in range(24):
        await shop.reserve(f"r{n}", 4, user=f"u{n}")
    await wait(shop, "w1", "ann", 5)
    found = [await shop.ok("GET", f"{POOL}/skus/mug/waiting?units={units}") for units in (0, 1)]
    assert [(one["serves"], one["given"]) for one in found] == [(0, 0), (1, 5)]
    await shop.ok("POST", f"{POOL}/moves", {"id": "m1", "kind": "receive", "sku": "mug", "qty": 1, "target": "pool"})
    assert (await shop.ok("GET", f"{POOL}/reservations/w1"))["qty"] == 5


async def test_what_was_said_is_what_comes_about(waiting: Any) -> None:
    said = await waiting.ok("GET", f"{POOL}/skus/mug/waiting?units=3&target=channel:live")
    receipt = {"id": "m1", "sku": "mug"}
    await waiting.ok("POST", f"{POOL}/moves", receipt | {"kind": "receive", "qty": 3, "target": "channel:live"})
    after = await waiting.ok("GET", f"{POOL}/skus/mug/waiting")
    assert (after["people"], after["units"]) == (3 - said["serves"], 7 - said["given"])


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("units=-1", "units", "0"),
        ("units=many", "units", "int"),
        ("target=safety", "target", "pool, or channel:"),
        ("target=channel:", "target", "bucket"),
        ("target=channel:none", "target", "no 'none'"),
        ("units=1&unit=1", "unit", "unknown"),
    ],
)
async def test_a_wrong_question_says_what_was_expected(shop: Any, query: str, field: str, says: str) -> None:
    problem = await shop.problem("GET", f"{POOL}/skus/mug/waiting?{query}")
    assert (problem["status"], problem["field"]) == (422, field)
    assert says in problem["detail"]


async def test_a_question_about_nothing_finds_nothing(shop: Any) -> None:
    assert (await shop.ok("GET", f"{POOL}/skus/mug/waiting?units=5"))["serves"] == 0
    assert (await shop.problem("GET", f"{POOL}/skus/none/waiting"))["code"] == "UNKNOWN_SKU"
    assert (await shop.problem("GET", "/v1/pools/none/skus/mug/waiting"))["field"] == "pool"


async def test_a_sku_whose_name_has_a_slash_is_asked_about_by_its_whole_name(shop: Any) -> None:
    await shop.ok("PUT", f"{POOL}/skus/a%2Fb", {})
    assert (await shop.ok("GET", f"{POOL}/skus/a%2Fb/waiting"))["sku"] == "a/b"
    await shop.ok("PUT", f"{POOL}/skus/a%2Fwaiting", {})
    assert (await shop.ok("GET", f"{POOL}/skus/a%2Fwaiting"))["sku"] == "a/waiting"
    assert (await shop.ok("GET", f"{POOL}/skus/a%2Fwaiting/waiting"))["sku"] == "a/waiting"


async def test_people_who_wait_are_no_units(waiting: Any) -> None:
    assert "waiting" not in await waiting.units()
    listed = (await waiting.ok("GET", f"{POOL}/skus"))["skus"]
    assert all("waiting" not in row["buckets"] for row in listed)
    audit = await waiting.ok("GET", f"{POOL}/audit")
    assert (audit["ok"], audit["waiting"], audit["units_on_hand"]) == (True, 3, 100), audit["violations"]
