"""Batches over HTTP: defining and filling them, opening and closing them, and putting more on sale in a room."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from waiting import WAIT_S

BATCHES = "/v1/pools/main/batches"
SECOND = f"{BATCHES}/second"
RELEASE = "/v1/rooms/evening/skus/mug/release"
FILL = {"Idempotency-Key": "fill"}


async def test_a_batch_is_defined_and_filled_in_one_request(shop: Any) -> None:
    body = {"title": "Second wave", "opens_at_ms": 4_000_000_000_000, "units": {"mug": 40}}
    made = await shop.call("PUT", SECOND, body, headers=FILL)
    assert made.status_code == 201
    assert made.json() == {
        "batch": "second",
        "title": "Second wave",
        "opens_at_ms": 4_000_000_000_000,
        "closes_at_ms": None,
        "channel": "",
        "exclusive": False,
        "limit_per_user": None,
        "leftover": "pool",
        "target": "pool",
        "opened_at_ms": 0,
        "closed_at_ms": 0,
        "missed": False,
        "leftover_to": "",
        "revision": 1,
        "state": "planned",
        "units": {"mug": 40},
        "taken": {},
        "next_opens_at_ms": None,
    }
    assert (await shop.call("PUT", SECOND, body, headers=FILL)).json() == made.json(), "once under its key"
    assert (await shop.units())["batch:second"] == 40
    more = await shop.ok("PATCH", SECOND, {"units": {"mug": 5}}, headers={"Idempotency-Key": "more"})
    assert (more["title"], more["units"]) == ("Second wave", {"mug": 45})


async def test_several_skus_are_one_action(shop: Any) -> None:
    rows = [{"sku": "a/b", "opening": 10}, {"sku": "cup", "opening": 20}]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "goods"})
    made = await shop.ok("PUT", SECOND, {"units": {"a/b": 3, "cup": 4, "mug": 5}}, headers=FILL)
    assert made["units"] == {"a/b": 3, "cup": 4, "mug": 5}
    (last, *_) = (await shop.ok("GET", "/v1/pools/main/actions"))["actions"]
    assert (last["kind"], last["rows"], last["undoable"]) == ("fill_batch", 3, False)


async def test_what_is_refused_of_the_units_is_named(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/skus/cup", {})
    problem = await shop.problem("PUT", SECOND, {"units": {"mug": 40, "cup": 1}}, headers=FILL)
    assert (problem["code"], problem["field"], problem["available"]) == ("INSUFFICIENT", "units.cup", 0)
    found = await shop.ok("GET", SECOND)
    assert (found["state"], found["units"]) == ("planned", {"mug": 40}), "no transaction: the rest is done"
    await shop.ok(
        "POST", "/v1/pools/main/moves", {"kind": "receive", "id": "r", "sku": "cup", "qty": 1, "target": "pool"}
    )
    assert (await shop.ok("PUT", SECOND, {"units": {"mug": 40, "cup": 1}}, headers=FILL))["units"] == {
        "mug": 40,
        "cup": 1,
    }
    problem = await shop.problem("PATCH", SECOND, {"units": {"mug": 41}}, headers=FILL)
    assert (problem["code"], problem["field"]) == ("ID_CONFLICT", "units.mug")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"opens_at_ms": 2_000, "closes_at_ms": 2_000}, "closes_at_ms"),
        ({"opens_at_ms": -1}, "opens_at_ms"),
        ({"opens_at_ms": "soon"}, "opens_at_ms"),
        ({"closes_at_ms": 1.5}, "closes_at_ms"),
        ({"limit_per_user": 0}, "limit_per_user"),
        ({"exclusive": "yes"}, "exclusive"),
        ({"leftover": "bin"}, "leftover"),
        ({"channel": "A channel"}, "channel"),
        ({"channel": "live", "target": "channel:other"}, "target"),
        ({"channel": "live", "target": "pool"}, "target"),
        ({"units": {"mug": 0}}, "units"),
        ({"units": {"mug": "5"}}, "units"),
        ({"units": {"": 5}}, "units"),
        ({"units": [["mug", 5]]}, "units"),
        ({"units": {str(n): 1 for n in range(1_001)}}, "units"),
        ({"state": "open"}, "state"),
        ({"opened_at_ms": 5}, "opened_at_ms"),
    ],
)
async def test_a_definition_that_cannot_be_is_refused(shop: Any, body: dict[str, Any], field: str) -> None:
    for method in ("PUT", "PATCH"):
        await shop.ok("PUT", SECOND, {"title": "as it was"})
        problem = await shop.problem(method, SECOND, body, headers=FILL)
        assert (problem["status"], problem["code"]) == (422, "BAD_MESSAGE"), problem
        assert problem["field"].partition("[")[0].partition(".")[0] == field, problem
        assert problem["detail"]
        assert (await shop.ok("GET", SECOND))["title"] == "as it was"


async def test_a_window_that_contradicts_what_is_there_is_refused(shop: Any) -> None:
    await shop.ok("PUT", SECOND, {"opens_at_ms": 4_000_000_000_000})
    problem = await shop.problem("PATCH", SECOND, {"closes_at_ms": 3_999_999_999_999})
    assert (problem["status"], problem["field"]) == (422, "closes_at_ms")
    assert problem["detail"] == "expected a moment behind opens_at_ms"


async def test_units_need_a_key_and_their_sku(shop: Any) -> None:
    problem = await shop.problem("PUT", SECOND, {"units": {"mug": 1}})
    assert (problem["status"], problem["field"]) == (422, "id")
    problem = await shop.problem("PUT", SECOND, {"units": {"cup": 1}}, headers=FILL)
    assert (problem["status"], problem["code"], problem["field"]) == (404, "UNKNOWN_SKU", "units.cup")
    assert (await shop.call("GET", SECOND)).status_code == 404, "nothing is written before"
    problem = await shop.problem("PUT", SECOND, {"channel": "nowhere"})
    assert (problem["status"], problem["code"], problem["field"]) == (404, "NOT_FOUND", "channel")


async def test_it_is_opened_and_closed_by_hand(shop: Any) -> None:
    await shop.ok("PUT", SECOND, {"units": {"mug": 40}, "leftover": "elastic"}, headers=FILL)
    opened = await shop.ok("POST", f"{SECOND}/open", {"id": "o1"})
    assert (opened["id"], opened["data"], opened["undoable"]) == ("o1", {"skus": 1}, True)
    assert await shop.ok("POST", f"{SECOND}/open", {"id": "o1"}) == opened
    await shop.reserve("r1", 3)
    found = await shop.ok("GET", SECOND)
    assert (found["state"], found["units"], found["taken"]) == ("open", {"mug": 37}, {"mug": 3})
    assert found["opened_at_ms"] > 0
    closed = await shop.ok("POST", f"{SECOND}/close", headers={"Idempotency-Key": "c1"})
    assert (closed["id"], closed["data"], closed["undoable"]) == ("c1", {"skus": 1}, True)
    found = await shop.ok("GET", SECOND)
    assert (found["state"], found["units"], found["taken"], found["leftover_to"]) == ("closed", {}, {}, "elastic")
    assert (await shop.units())["elastic"] == 37
    await shop.ok("POST", "/v1/pools/main/actions/c1/undo")
    assert (await shop.ok("GET", SECOND))["state"] == "open"


async def test_the_move_open_batch_is_the_same(shop: Any) -> None:
    await shop.ok("PUT", SECOND, {"units": {"mug": 40}}, headers=FILL)
    opened = await shop.ok("POST", f"{SECOND}/open", {"id": "o1"})
    again = await shop.ok("POST", "/v1/pools/main/moves", {"kind": "open_batch", "batch": "second", "id": "o1"})
    assert again == opened


@pytest.mark.parametrize("step", ["open", "close"])
async def test_a_step_that_cannot_be_is_refused(shop: Any, step: str) -> None:
    problem = await shop.problem("POST", f"{BATCHES}/none/{step}", {"id": "s"})
    assert (problem["status"], problem["code"], problem["field"]) == (404, "NOT_FOUND", "batch")
    await shop.ok("PUT", SECOND, {})
    for body, field in (({}, "id"), ({"id": "no id"}, "id"), ({"id": "s", "actor": 5}, "actor"), ({"at": 5}, "at")):
        problem = await shop.problem("POST", f"{SECOND}/{step}", body)
        assert (problem["status"], problem["field"]) == (422, field)
    problem = await shop.problem("POST", f"{SECOND}/{step}", {"id": "a"}, headers={"Idempotency-Key": "b"})
    assert problem["field"] == "id"
    await shop.ok("PUT", f"{BATCHES}/third", {})
    await shop.ok("POST", f"{SECOND}/{step}", {"id": "s"})
    problem = await shop.problem("POST", f"{BATCHES}/third/{step}", {"id": "s"})
    assert (problem["status"], problem["code"], problem["field"]) == (409, "ID_CONFLICT", "batch")


async def test_the_list_says_where_each_stands(shop: Any) -> None:
    await shop.ok("PUT", f"{BATCHES}/by-hand", {"units": {"mug": 1}}, headers=FILL)
    await shop.ok("PUT", f"{BATCHES}/now", {"opens_at_ms": 1})
    await shop.ok("PUT", f"{BATCHES}/later", {"opens_at_ms": 4_000_000_000_000})
    await shop.ok("PUT", f"{BATCHES}/last", {"opens_at_ms": 4_000_000_060_000})
    await shop.ok("PUT", f"{BATCHES}/live", {"opens_at_ms": 3_999_000_000_000, "channel": "live"})
    rows = (await shop.ok("GET", BATCHES))["batches"]
    assert [(row["batch"], row["state"], row["next_opens_at_ms"]) for row in rows] == [
        ("by-hand", "planned", 4_000_000_000_000),
        ("last", "planned", None),
        ("later", "planned", 4_000_000_060_000),
        ("live", "planned", None),
        ("now", "open", 4_000_000_000_000),
    ]
    assert rows[0]["units"] == {"mug": 1}


# --- more on sale --------------------------------------------------------------------------------------------


async def test_more_is_put_on_sale_from_a_lot_on_call(shop: Any) -> None:
    await shop.ok("PUT", f"{BATCHES}/lot", {"units": {"mug": 60}}, headers=FILL)
    done = await shop.ok("POST", RELEASE, {"qty": 50, "id": "more", "reason": "they ask for it"})
    assert (done["id"], done["undoable"]) == ("more", True)
    assert await shop.ok("POST", RELEASE, {"qty": 50, "id": "more", "reason": "they ask for it"}) == done
    assert await shop.units() == {"supplier": -100, "pool": 90, "batch:lot": 10}
    problem = await shop.problem("POST", RELEASE, {"qty": 11, "id": "most"})
    assert (problem["status"], problem["code"], problem["available"]) == (409, "INSUFFICIENT", 10)
    await shop.ok("POST", "/v1/pools/main/actions/more/undo")
    assert (await shop.units())["batch:lot"] == 60


async def test_more_is_put_on_sale_by_the_link_number(shop: Any) -> None:
    await shop.ok("PUT", f"{BATCHES}/lot", {"units": {"mug": 60}}, headers=FILL)
    await shop.ok("PATCH", "/v1/rooms/evening/skus/mug", {"link": 3})
    await shop.ok("POST", "/v1/rooms/evening/links/3/release", {"qty": 50}, headers={"Idempotency-Key": "more"})
    assert (await shop.units())["pool"] == 90
    for link, status, code in (("4", 404, "UNKNOWN_SKU"), ("0", 422, "BAD_MESSAGE"), ("mug", 422, "BAD_MESSAGE")):
        problem = await shop.problem("POST", f"/v1/rooms/evening/links/{link}/release", {"qty": 1, "id": "x"})
        assert (problem["status"], problem["code"], problem["field"]) == (status, code, "link")


async def test_a_dedicated_channel_gets_more_from_the_pool(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/channels/alone", {"kind": "dedicated"})
    await shop.ok("PUT", "/v1/rooms/alone", {"pool": "main", "channel": "alone"})
    await shop.ok("PUT", "/v1/rooms/alone/skus/mug", {})
    await shop.ok("POST", "/v1/rooms/alone/skus/mug/release", {"qty": 30, "id": "more"})
    assert (await shop.units())["channel:alone"] == 30


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "field"),
    [
        (RELEASE, {"qty": 1, "id": "x"}, 409, "BAD_MESSAGE", "sku"),
        (RELEASE, {"qty": 0, "id": "x"}, 422, "BAD_MESSAGE", "qty"),
        (RELEASE, {"qty": "1", "id": "x"}, 422, "BAD_MESSAGE", "qty"),
        (RELEASE, {"id": "x"}, 422, "BAD_MESSAGE", "qty"),
        (RELEASE, {"qty": 1}, 422, "BAD_MESSAGE", "id"),
        (RELEASE, {"qty": 1, "id": "x", "batch": "lot"}, 422, "BAD_MESSAGE", "batch"),
        (RELEASE.replace("mug", "cup"), {"qty": 1, "id": "x"}, 404, "UNKNOWN_SKU", "sku"),
        (RELEASE.replace("evening", "none"), {"qty": 1, "id": "x"}, 404, "NOT_FOUND", "room"),
    ],
)
async def test_what_cannot_be_put_on_sale_says_why(
    shop: Any, path: str, body: dict[str, Any], status: int, code: str, field: str
) -> None:
    problem = await shop.problem("POST", path, body)
    assert (problem["status"], problem["code"], problem["field"]) == (status, code, field)
    assert status != 409 or "already on sale" in problem["detail"]


async def test_a_token_for_the_room_moves_no_stock_of_the_pool(shop: Any) -> None:
    for path in (RELEASE, "/v1/rooms/evening/links/1/release"):
        problem = await shop.problem(
            "POST", path, {"qty": 1, "id": "x"}, as_=shop.as_("operator", room="evening", pool="main")
        )
        assert (problem["status"], problem["code"], problem["field"]) == (403, "FORBIDDEN", "room")


async def test_what_stands_below_a_sku_is_told_from_a_sku_with_a_slash(shop: Any) -> None:
    """A slash of a name comes percent-encoded, whatever the name ends in."""
    await shop.ok("PUT", "/v1/pools/main/skus/a%2Frelease", {})
    await shop.ok("PUT", "/v1/rooms/evening/skus/a%2Frelease", {"position": 7})
    assert (await shop.ok("GET", "/v1/rooms/evening/skus/a%2Frelease"))["position"] == 7
    problem = await shop.problem("POST", "/v1/rooms/evening/skus/a%2Frelease/release", {"qty": 1, "id": "x"})
    assert (problem["status"], problem["field"]) == (409, "sku")
    answered = await shop.http.put("/v1/rooms/evening/skus/a/release", headers=shop.as_("operator"))
    assert (answered.status_code, answered.headers["allow"]) == (405, "POST")


async def test_rooms_hear_of_another_definition_at_once(shop: Any) -> None:
    """It changes no units, but what a room may sell of them, and what viewers are told of the next opening."""

    async def told(**expected: Any) -> None:
        async with asyncio.timeout(WAIT_S):
            while True:
                (mug,) = (await shop.ok("GET", "/v1/rooms/evening/snapshot"))["skus"]
                if all(mug.get(name) == value for name, value in expected.items()):
                    return
                await asyncio.sleep(0)  # the feed's turn: a room that is open is read without a way to the engine

    await told(available=100, next_batch_at_ms=None)
    await shop.ok("PUT", SECOND, {"opens_at_ms": 4_000_000_000_000, "units": {"mug": 40}}, headers=FILL)
    await told(available=60, next_batch_at_ms=4_000_000_000_000)
    await shop.ok("PATCH", SECOND, {"opens_at_ms": 4_000_000_060_000})
    await told(next_batch_at_ms=4_000_000_060_000)
    await shop.ok("PATCH", SECOND, {"opens_at_ms": None})
    await told(next_batch_at_ms=0)
    await shop.ok("POST", f"{SECOND}/open", {"id": "o1"})
    await told(available=100, next_batch_at_ms=None)
    await shop.ok("PATCH", SECOND, {"exclusive": True})
    await told(available=40)
