"""Shows over HTTP: the table of a room's statuses, what was planned, and what was."""

from __future__ import annotations

from typing import Any

import pytest

ROOM = "/v1/rooms/evening"


@pytest.fixture
async def shop(api: Any) -> Any:
    await api.shop()
    return api


async def become(shop: Any, *statuses: str) -> None:
    for status in statuses:
        await shop.ok("PATCH", ROOM, {"status": status})


async def test_a_room_has_its_shows_newest_first(shop: Any) -> None:
    await become(shop, "paused", "live", "ended", "live")
    listed = await shop.ok("GET", f"{ROOM}/shows")
    assert [(one["show"], one["status"]) for one in listed["shows"]] == [("evening.2", "live"), ("evening.1", "ended")]
    assert listed["next"] is None
    first = await shop.ok("GET", "/v1/shows/evening.1")
    assert first == listed["shows"][1]
    assert [row["status"] for row in first["history"]] == ["live", "paused", "live", "ended"]
    assert (first["room"], first["pool"], first["n"], first["channel"]) == ("evening", "main", 1, "live")
    assert (first["started_by"], first["ended_by"]) == ("wang", "wang")
    assert (await shop.ok("GET", ROOM))["show"] == 2
    assert listed["shows"][0]["ended_at_ms"] is None
    page = await shop.ok("GET", f"{ROOM}/shows?limit=1")
    assert ([one["n"] for one in page["shows"]], page["next"]) == ([2], 2)
    page = await shop.ok("GET", f"{ROOM}/shows?limit=1&before=2")
    assert ([one["n"] for one in page["shows"]], page["next"]) == ([1], None)


@pytest.mark.parametrize("name", ["evening.9", "night.1", "evening.01"])
async def test_a_show_that_is_not_there(shop: Any, name: str) -> None:
    problem = await shop.problem("GET", f"/v1/shows/{name}")
    assert (problem["status"], problem["field"]) == (422 if name.endswith("01") else 404, "show")


async def test_a_way_that_is_not_allowed_says_which_are(shop: Any) -> None:
    problem = await shop.problem("PATCH", ROOM, {"status": "scheduled"})
    assert (problem["status"], problem["code"], problem["field"]) == (409, "BAD_MESSAGE", "status")
    assert problem["detail"] == "a room that is live may become paused or ended, not scheduled"
    await become(shop, "ended")
    problem = await shop.problem("PATCH", ROOM, {"status": "paused"})
    assert problem["detail"] == "a room that is ended may become live, not paused"
    new = {"pool": "main", "channel": "live", "status": "ended"}
    problem = await shop.problem("PUT", "/v1/rooms/night", new)
    assert (problem["status"], problem["detail"]) == (409, "a room that is new may be scheduled or live, not ended")
    assert (await shop.call("GET", "/v1/rooms/night")).status_code == 404
    assert (await shop.ok("PUT", "/v1/rooms/night", new | {"status": "live"}))["show"] == 1


async def test_a_channel_is_fixed_while_the_show_is_on(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/channels/other", {"kind": "dedicated"})
    problem = await shop.problem("PATCH", ROOM, {"channel": "other"})
    assert (problem["status"], problem["field"]) == (409, "channel")
    assert problem["detail"] == "the channel of a room is fixed while its show is live"


async def test_a_show_is_continued_where_that_is_asked_for(shop: Any) -> None:
    problem = await shop.problem("PATCH", ROOM, {"status": "paused", "continue_show": True})
    assert (problem["status"], problem["field"]) == (409, "continue_show")
    await become(shop, "ended")
    await shop.ok("PATCH", ROOM, {"status": "live", "continue_show": True})
    record = await shop.ok("GET", "/v1/shows/evening.1")
    assert (record["status"], record["continued"], record["ended_at_ms"]) == ("live", 1, None)


async def test_what_is_planned_is_validated_and_kept_with_the_show(shop: Any) -> None:
    await become(shop, "ended")
    plan = {"planned_start_ms": 1_800_000_000_000, "planned_minutes": 120, "time_zone": "Asia/Shanghai"}
    room = await shop.ok("PATCH", ROOM, plan)
    assert {name: room[name] for name in plan} == plan
    await become(shop, "live")
    record = await shop.ok("GET", "/v1/shows/evening.2")
    assert {name: record[name] for name in plan} == plan
    problem = await shop.problem("PATCH", ROOM, {"time_zone": "Mars/Olympus"})
    assert (problem["status"], problem["field"]) == (422, "time_zone")
    for wrong in (0, 1_441):
        assert (await shop.problem("PATCH", ROOM, {"planned_minutes": wrong}))["field"] == "planned_minutes"
    cleared = await shop.ok("PATCH", ROOM, dict.fromkeys(plan))
    assert [cleared[name] for name in plan] == [None, None, ""]


async def test_an_undo_that_the_table_does_not_allow_is_none(shop: Any) -> None:
    await shop.ok("PATCH", ROOM, {"status": "paused"})
    await shop.ok("PATCH", ROOM, {"status": "ended"}, headers={"Idempotency-Key": "end"})
    action = await shop.ok("GET", "/v1/pools/main/actions/end")
    assert (action["undoable"], action["why_not"]) == (False, "status")
    assert (await shop.problem("POST", "/v1/pools/main/actions/end/undo"))["status"] == 409
