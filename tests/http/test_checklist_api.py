"""A room's checklist over HTTP, and the gate before a show."""

from __future__ import annotations

from typing import Any

CHECKLIST = "/v1/rooms/evening/checklist"


async def test_a_checklist_says_what_was_looked_at(shop: Any) -> None:
    found = await shop.ok("GET", CHECKLIST)
    assert (found["room"], found["pool"], found["gate"]) == ("evening", "main", "off")
    assert found["may_go_live"], "the gate is off"
    levels = [item["level"] for item in found["items"]]
    assert levels == sorted(levels, key=["fail", "warn", "pass"].index)
    assert (found["passes"], found["warns"], found["fails"]) == tuple(map(levels.count, ("pass", "warn", "fail")))
