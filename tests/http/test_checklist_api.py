"""A room's checklist over HTTP, and the gate before a show."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import pytest

ROOM = "/v1/rooms/night"
CHECKLIST = ROOM + "/checklist"
STATUS = ROOM + "/status"
_ids = count(1)


@pytest.fixture
async def night(shop: Any) -> Any:
    """A room beside the others that is scheduled, with the mug on its shelf and a gate that refuses."""
    await shop.ok("PUT", ROOM, {"pool": "main", "channel": "live", "gate": "refuse"})
    await shop.ok("PUT", ROOM + "/skus/mug", {})
    return shop


async def begin(shop: Any, **more: Any) -> Any:
    return await shop.ok("POST", STATUS, {"status": "live", "id": f"n{next(_ids)}", **more})


async def status(shop: Any) -> str:
    return str((await shop.ok("GET", ROOM))["status"])


async def test_a_checklist_says_what_was_looked_at_the_gravest_first(night: Any) -> None:
    found = await night.ok("GET", CHECKLIST)
    assert (found["room"], found["pool"], found["gate"]) == ("night", "main", "refuse")
    levels = [item["level"] for item in found["items"]]
    assert levels == sorted(levels, key=["fail", "warn", "pass"].index)
    assert (found["passes"], found["warns"], found["fails"]) == tuple(map(levels.count, ("pass", "warn", "fail")))
    assert not found["may_go_live"], "the mug was never counted"
    [counted] = [item for item in found["items"] if item["check"] == "counted"]
    assert (counted["sku"], counted["level"], counted["why"]) == ("mug", "fail", "never")
    [cure] = counted["cures"]
    assert (cure["method"], cure["path"], cure["role"]) == ("POST", "/v1/pools/main/counts", "operator")
    assert cure["body"] == {"kind": "before", "room": "night"}


async def test_items_are_chosen_by_level_and_sku_and_bounded(night: Any) -> None:
    every = await night.ok("GET", CHECKLIST)
    fails = await night.ok("GET", CHECKLIST + "?level=fail")
    assert fails["items"] == [item for item in every["items"] if item["level"] == "fail"]
    assert fails["passes"] == every["passes"], "all are counted, whatever is listed"
    of_mug = await night.ok("GET", CHECKLIST + "?sku=mug")
    assert {item["sku"] for item in of_mug["items"]} == {"mug"}
    two = await night.ok("GET", CHECKLIST + "?limit=2")
    assert (len(two["items"]), two["left_out"]) == (2, len(every["items"]) - 2)
    for query, field in (("level=grave", "level"), ("limit=0", "limit"), ("limit=2001", "limit"), ("of=mug", "of")):
        problem = await night.problem("GET", f"{CHECKLIST}?{query}")
        assert (problem["status"], problem["field"]) == (422, field)


async def test_a_checklist_is_for_those_who_keep_the_room(night: Any) -> None:
    await night.ok("GET", CHECKLIST, as_=night.as_("service"))
    await night.ok("GET", CHECKLIST, as_=night.as_("operator", room="night"))
    for role in ("viewer", "host", "counter"):
        assert (await night.problem("GET", CHECKLIST, as_=night.as_(role)))["status"] == 403
    assert (await night.problem("GET", "/v1/rooms/nowhere/checklist"))["status"] == 404


@pytest.mark.parametrize("role", ["operator", "service"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", STATUS, {"status": "live", "id": "n"}),
        ("POST", STATUS, {"status": "live", "dry_run": True}),
        ("PATCH", ROOM, {"status": "live"}),
        ("PUT", ROOM, {"pool": "main", "channel": "live", "status": "live"}),
    ],
)
async def test_no_way_leads_past_a_gate_that_refuses(
    night: Any, role: str, method: str, path: str, body: dict[str, Any]
) -> None:
    problem = await night.problem(method, path, body, as_=night.as_(role))
    assert (problem["status"], problem["code"], problem["field"]) == (409, "GATE", "status")
    assert problem["retry"] == "changed"
    found = await night.ok("GET", CHECKLIST + "?level=fail")
    assert (problem["fails"], problem["warns"]) == (found["fails"], found["warns"])
    told = [(item["check"], item["why"], item["sku"]) for item in problem["items"]]
    assert told == [(item["check"], item["why"], item["sku"]) for item in found["items"]]
    assert await status(night) == "scheduled"


async def test_a_room_that_would_be_made_live_is_held_against_its_gate_before_its_name_is_taken(shop: Any) -> None:
    body = {"pool": "main", "channel": "live", "status": "live", "gate": "refuse"}
    problem = await shop.problem("PUT", ROOM, body)
    assert (problem["code"], problem["items"][0]["why"]) == ("GATE", "empty")
    assert (await shop.problem("GET", ROOM))["status"] == 404
    made = await shop.ok("PUT", ROOM, {**body, "override": "a drill"})
    assert (made["status"], made["found"]["overridden"]) == ("live", True)


async def test_a_person_says_why_it_goes_on_air_and_the_book_keeps_it(night: Any) -> None:
    tried = await night.ok("POST", STATUS, {"status": "live", "dry_run": True, "override": "the count is under way"})
    assert await status(night) == "scheduled"
    done = await begin(night, override="the count is under way")
    assert done["gate"] == tried["gate"]
    assert done["gate"]["overridden"]
    assert await status(night) == "live"
    [event] = [row async for row in events(night) if row["type"] == "gate_overridden"]
    assert (event["room"], event["actor"], event["action"]) == ("night", "wang", done["id"])
    assert event["data"] == {
        "show": "night.1",
        "reason": "the count is under way",
        "fails": done["gate"]["fails"],
        "warns": done["gate"]["warns"],
    }
    [action] = [row for row in (await night.ok("GET", "/v1/pools/main/actions"))["actions"] if row["id"] == done["id"]]
    assert action["text"] == "the count is under way"


async def events(shop: Any) -> Any:
    response = await shop.call("GET", "/v1/pools/main/events")
    for line in response.text.splitlines():
        yield __import__("json").loads(line)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", STATUS, {"status": "live", "id": "n"}),
        ("PATCH", ROOM, {"status": "live"}),
        ("PUT", ROOM, {"pool": "main", "channel": "live", "status": "live"}),
    ],
)
async def test_no_program_overrides(night: Any, method: str, path: str, body: dict[str, Any]) -> None:
    for role in ("service", "host"):
        problem = await night.problem(method, path, {**body, "override": "I say so"}, as_=night.as_(role))
        assert problem["status"] == 403
    for reason in ("", " why", "a\nb", "x" * 201, 7, "\u200b\u200d", "\u2800 "):
        problem = await night.problem(method, path, {**body, "override": reason})
        assert (problem["status"], problem["field"]) == (422, "override")
    assert await status(night) == "scheduled"
    await night.ok(method, path, {**body, "override": "I say so"})
    assert await status(night) == "live"


async def test_no_program_opens_the_gate_and_nobody_does_and_goes_through_at_once(night: Any) -> None:
    service = night.as_("service")
    for gate in ("off", "warn", None):
        problem = await night.problem("PATCH", ROOM, {"gate": gate}, as_=service)
        assert (problem["status"], problem["field"]) == (403, "role")
        problem = await night.problem("PATCH", ROOM, {"gate": gate, "status": "live"})
        assert problem["code"] == "GATE", "it was shut when it was asked for"
    await night.ok("PUT", ROOM, {"pool": "main", "channel": "live"}, as_=service)
    assert (await night.ok("GET", ROOM))["gate"] == "refuse", "left out, it stays"
    await night.ok("PATCH", ROOM, {"gate": "refuse"}, as_=service)
    opened = await night.call("PATCH", ROOM, {"gate": "off"})
    await night.ok("PATCH", ROOM, {"gate": "refuse"}, as_=service)
    await night.problem("PATCH", ROOM, {"status": "live"}, as_=service)
    action = opened.headers["Shelfcast-Action"]
    undone = await night.problem("POST", f"/v1/pools/main/actions/{action}/undo", as_=service)
    assert undone["status"] == 403


async def test_a_gate_that_warns_lets_it_go_on_air_and_says_so(night: Any) -> None:
    await night.ok("PATCH", ROOM, {"gate": "warn"})
    found = await night.ok("GET", CHECKLIST)
    assert found["may_go_live"]
    done = await begin(night)
    assert done["gate"] == {"fails": found["fails"], "warns": found["warns"], "overridden": False}
    assert [row async for row in events(night) if row["type"] == "gate_overridden"] == []
    await night.ok("PATCH", ROOM, {"status": "ended"})
    changed = await night.ok("PATCH", ROOM, {"status": "live"})
    assert changed["found"]["fails"] == found["fails"]


async def test_behind_a_gate_that_is_off_nothing_is_looked_at(night: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await night.ok("PATCH", ROOM, {"gate": "off"})
    monkeypatch.setattr("shelfcast.merchant.gate.checklist", None)
    assert (await begin(night))["gate"] is None


async def test_the_gate_stands_before_a_show_and_not_within_one(night: Any) -> None:
    await begin(night, override="for now")
    for step in ("paused", "live", "ended"):
        done = await night.ok("POST", STATUS, {"status": step, "id": f"n{next(_ids)}"})
        assert done["gate"] is None
    went_on = await begin(night, continue_show=True)
    assert (went_on["show"], went_on["gate"]) == ("night.1", None)
    ended = await night.ok("POST", STATUS, {"status": "ended", "id": f"n{next(_ids)}"})
    undone = await night.ok("POST", f"/v1/pools/main/actions/{ended['id']}/undo")
    assert (await night.ok("GET", ROOM))["show"] == 1, "the undo of an end goes on with the show"
    await night.ok("POST", f"/v1/pools/main/actions/{undone['id']}/undo")
    assert await status(night) == "ended"
    problem = await night.problem("POST", STATUS, {"status": "live", "id": f"n{next(_ids)}"})
    assert problem["code"] == "GATE", "the next show is another one"


async def test_of_two_who_begin_a_show_at_once_both_have_gone_through_the_gate(night: Any) -> None:
    answers = await asyncio.gather(
        *[
            night.call(
                "POST",
                STATUS,
                {"status": "live", "id": f"race{n}", "override": "go"}
                if n % 2
                else {"status": "live", "id": f"race{n}"},
            )
            for n in range(6)
        ]
    )
    assert {answer.status_code for answer in answers[1::2]} == {200}
    assert {answer.json()["code"] for answer in answers[::2] if answer.status_code != 200} <= {"GATE"}
    room = await night.ok("GET", ROOM)
    assert (room["status"], room["show"]) == ("live", 1)
    overridden = [row async for row in events(night) if row["type"] == "gate_overridden"]
    assert len(overridden) == 1, "one of them began the show"
