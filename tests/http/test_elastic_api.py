"""The elastic reserve over HTTP: its rule, releases by hand, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

MUG = "/v1/pools/main/skus/mug"
RULE = f"{MUG}/elastic"
RELEASE = f"{RULE}/release"
NOTHING = {"at_units": None, "at_share_percent": None, "at_eta_minutes": None, "step_units": None}


async def carve(shop: Any, qty: int) -> None:
    body = {"id": f"carve-{qty}", "kind": "carve", "sku": "mug", "qty": qty, "source": "pool", "target": "elastic"}
    await shop.ok("POST", "/v1/pools/main/moves", body)


async def test_a_rule_is_stated_read_and_dropped(shop: Any) -> None:
    await carve(shop, 40)
    none = await shop.ok("GET", RULE)
    assert none == {"sku": "mug", "mode": "off", **NOTHING, "units": 40, "releases": 0, "revision": none["revision"]}
    response = await shop.call("PUT", RULE, {"at_units": 12, "step_units": 5})
    stated = response.json()
    assert (stated["mode"], stated["at_units"], stated["step_units"]) == ("ask", 12, 5)
    assert response.headers["ETag"] == f'"{stated["revision"]}"'
    assert stated["revision"] == none["revision"] + 1
    action = response.headers["Shelfcast-Action"]
    assert (await shop.ok("GET", f"/v1/pools/main/actions/{action}"))["undoable"]
    assert await shop.ok("PUT", RULE, {"at_units": 12, "step_units": 5}) == stated
    assert await shop.ok("GET", RULE) == stated
    assert (await shop.ok("GET", MUG))["elastic"] == {"mode": "ask", **NOTHING, "at_units": 12, "step_units": 5}
    await shop.ok("POST", f"/v1/pools/main/actions/{action}/undo")
    assert (await shop.ok("GET", RULE))["mode"] == "off"
    await shop.ok("PUT", RULE, {"mode": "auto", "at_eta_minutes": 5})
    assert (await shop.ok("DELETE", RULE))["mode"] == "off"
    assert (await shop.ok("GET", MUG))["elastic"] is None
    assert (await shop.ok("PUT", RULE, {"mode": "off", "at_units": 3}))["at_units"] == 3


async def test_the_short_way_and_the_rule_are_one(shop: Any) -> None:
    short = {"mode": "auto", **NOTHING, "at_units": 5}
    found = await shop.ok("PATCH", MUG, {"elastic_release_at": 5})
    assert (found["elastic_release_at"], found["elastic"]) == (5, short)
    found = await shop.ok("PATCH", MUG, {"elastic": {"mode": "auto", "at_units": 5, "step_units": 2}})
    assert (found["elastic_release_at"], found["elastic"]) == (None, {**short, "step_units": 2})
    found = await shop.ok("PATCH", MUG, {"elastic_release_at": None})
    assert found["elastic"] == {**short, "step_units": 2}, "what it says nothing of stays"
    await shop.ok("PUT", RULE, {"mode": "auto", "at_units": 7})
    found = await shop.ok("GET", MUG)
    assert (found["elastic_release_at"], found["elastic"]) == (7, {**short, "at_units": 7})
    found = await shop.ok("PUT", MUG, {"title": "Mug"})
    assert (found["elastic_release_at"], found["elastic"]) == (None, None)
    rows = [{"sku": "mug", "elastic": {"at_share_percent": 20}}]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows})
    assert (await shop.ok("GET", RULE))["at_share_percent"] == 20


async def test_the_rule_releases_with_the_next_change(shop: Any) -> None:
    await carve(shop, 40)
    await shop.ok("PUT", RULE, {"mode": "auto", "at_units": 50, "step_units": 15})
    await shop.reserve("r1", 5, "ann")
    assert (await shop.units())["elastic"] == 40
    await shop.reserve("r2", 5, "bob")
    units = await shop.units()
    assert (units["pool"], units["elastic"]) == (65, 25)
    action = await shop.ok("GET", "/v1/pools/main/actions/elastic:mug:1")
    assert (action["kind"], action["actor"], action["text"], action["undoable"]) == (
        "release_elastic",
        "book",
        "at_units",
        True,
    )
    assert action["effect"] == [{"sku": "mug", "qty": 15, "source": "elastic", "target": "pool"}]
    assert (await shop.ok("GET", RULE))["releases"] == 1
    await shop.ok("POST", "/v1/pools/main/actions/elastic:mug:1/undo")
    assert (await shop.units())["elastic"] == 40


async def test_it_is_released_by_hand_once_a_key(shop: Any) -> None:
    await carve(shop, 40)
    await shop.ok("PUT", RULE, {"at_units": 5, "step_units": 15})
    key = {"Idempotency-Key": "k1"}
    done = await shop.ok("POST", RELEASE, {"reason": "they ask for it"}, headers=key)
    assert (done["data"], done["undoable"]) == ({"units": 15, "release": 1}, True)
    assert await shop.ok("POST", RELEASE, {"reason": "they ask for it"}, headers=key) == done
    assert (await shop.units())["elastic"] == 25
    done = await shop.ok("POST", RELEASE, {"units": 20, "target": "channel:live"}, headers={"Idempotency-Key": "k2"})
    assert done["data"] == {"units": 20, "release": 2}
    units = await shop.units()
    assert (units["channel:live"], units["elastic"]) == (20, 5)
    lines = (await shop.call("GET", "/v1/pools/main/ledger")).text.splitlines()
    ledger = [entry for line in lines if (entry := json.loads(line))["kind"] == "release_elastic"]
    assert [(entry["qty"], entry["actor"], entry["reason"]) for entry in ledger] == [
        (15, "wang", "they ask for it"),
        (20, "wang", ""),
    ]
    await shop.ok("POST", "/v1/pools/main/actions/k2/undo")
    assert (await shop.units())["elastic"] == 25


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "mode"),
        ({"mode": "auto"}, "mode"),
        ({"mode": "ask", "step_units": 5}, "mode"),
        ({"mode": "on", "at_units": 1}, "mode"),
        ({"at_units": -1}, "at_units"),
        ({"at_share_percent": 0}, "at_share_percent"),
        ({"at_share_percent": 100}, "at_share_percent"),
        ({"at_eta_minutes": 0}, "at_eta_minutes"),
        ({"at_eta_minutes": 1.5}, "at_eta_minutes"),
        ({"at_units": 5, "step_units": 0}, "step_units"),
        ({"at_units": 5, "steps": 1}, ""),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_with_its_field(shop: Any, body: dict[str, Any], field: str) -> None:
    before = await shop.ok("GET", RULE)
    problem = await shop.problem("PUT", RULE, body)
    assert (problem["status"], problem["code"]) == (422, "BAD_MESSAGE")
    assert problem.get("field", "") == (field or problem.get("field", ""))
    assert await shop.ok("GET", RULE) == before


async def test_a_rule_within_a_sku_is_refused_with_its_field(shop: Any) -> None:
    assert (await shop.problem("PATCH", MUG, {"elastic": {"mode": "auto"}}))["field"] == "elastic.mode"
    both = {"elastic": {"at_units": 3}, "elastic_release_at": 3}
    assert (await shop.problem("PATCH", MUG, both))["field"] == "elastic_release_at"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"units": 41}, "INSUFFICIENT", "units"),
        ({"units": 0}, "BAD_MESSAGE", "units"),
        ({"target": "safety"}, "BAD_MESSAGE", "target"),
        ({"target": "channel:none"}, "NOT_FOUND", "target"),
        ({"target": "the pool"}, "BAD_MESSAGE", "target"),
        ({"qty": 3}, "BAD_MESSAGE", "qty"),
    ],
)
async def test_a_release_that_cannot_be_moves_nothing(shop: Any, body: dict[str, Any], code: str, field: str) -> None:
    await carve(shop, 40)
    problem = await shop.problem("POST", RELEASE, body, headers={"Idempotency-Key": "k1"})
    assert (problem["code"], problem["field"]) == (code, field)
    assert (await shop.units())["elastic"] == 40


async def test_what_is_not_there_and_who_may_not(shop: Any) -> None:
    key = {"Idempotency-Key": "k1"}
    none = "/v1/pools/main/skus/none/elastic"
    calls = [
        ("GET", none, None),
        ("PUT", none, {"at_units": 3}),
        ("DELETE", none, None),
        ("POST", f"{none}/release", {}),
    ]
    for method, path, body in calls:
        problem = await shop.problem(method, path, body, headers=key)
        assert (problem["code"], problem["field"]) == ("UNKNOWN_SKU", "sku"), (method, path)
        elsewhere = await shop.problem(method, path.replace("main", "other"), body, headers=key)
        assert elsewhere["status"] == 404
    for role in ("viewer", "host", "counter"):
        for method, path, body in calls:
            known = path.replace("none", "mug")
            problem = await shop.problem(method, known, body, headers=key, as_=shop.as_(role, "li"))
            assert problem["status"] == 403, (role, method)
    assert (await shop.problem("POST", RELEASE, {}))["field"] == "id"
    stale = await shop.problem("PUT", RULE, {"at_units": 3}, headers={"If-Match": '"999"'})
    assert (stale["status"], stale["code"]) == (412, "STALE")
