"""The waitlist over HTTP: which rooms keep one, and who is served first."""

from __future__ import annotations

from typing import Any

import pytest

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
