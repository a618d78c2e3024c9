"""Proposals of the split over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from shelfcast.merchant import allocation
from shelfcast.stock.operations import Confirm, Reserve

POOL = "/v1/pools/main"
PROPOSALS = POOL + "/allocation/proposals"
MINUTE_MS = 60_000


async def advance(shop: Any, ms: int) -> None:
    """Stop the pool's clock, so much later."""
    pool = await shop.services.pools.get("main")
    key = f"{pool.book.base}:meta"
    now_ms = await pool.book.now_ms()
    await pool.book._engine.command("HSET", key, "rehearsal_clock_ms", now_ms + ms, key=key)


@pytest.fixture
async def short(shop: Any) -> Any:
    """Douyin sold 30 mugs a minute ago, and has five left; the pool has 65."""
    await shop.ok("PUT", f"{POOL}/strategy", {"strategy": "brand"})
    await shop.ok("PUT", f"{POOL}/channels/douyin", {"kind": "dedicated"})
    await shop.ok("PUT", "/v1/rooms/morning", {"pool": "main", "channel": "douyin", "status": "live"})
    await shop.ok("PUT", "/v1/rooms/morning/skus/mug", {})
    places = {"source": "pool", "target": "channel:douyin"}
    await shop.ok("POST", f"{POOL}/moves", {"kind": "allocate", "sku": "mug", "qty": 35, "id": "a", **places})
    book = (await shop.services.pools.get("main")).book
    await allocation.sample(book, 1)
    for op in (Reserve("r1", "morning", "mug", 30, "li"), Confirm("r1")):
        assert (await book.apply(op)).code == "OK"
    await advance(shop, MINUTE_MS)
    await allocation.sample(book, 1)
    return shop


async def propose(shop: Any, key: str = "k1") -> Any:
    return (await shop.ok("POST", PROPOSALS, {"id": key}))["proposal"]


async def test_a_proposal_names_each_move_with_the_cover_before_and_after(short: Any) -> None:
    made = await propose(short)
    assert made["moves"] == [
        {
            "sku": "mug", "qty": 19, "source": "pool", "target": "channel:douyin",
            "source_minutes_before": 260, "source_minutes_after": 184,
            "target_minutes_before": 6.7, "target_minutes_after": 32,
        }
    ]  # fmt: skip
    assert (made["id"], made["state"], made["made_by"], made["units"]) == ("main.1", "open", "wang", 19)
    assert made["lapses_at_ms"] - made["made_at_ms"] == 600_000
    assert made["seq"] > 0
    assert (made["decided_at_ms"], made["decided_by"], made["action"]) == (None, "", "")
    assert await short.ok("GET", f"{PROPOSALS}/main.1") == made
    assert await short.ok("GET", PROPOSALS) == {"proposals": [made]}


async def test_the_same_key_makes_one_and_what_pauses_is_not_proposed_again(short: Any) -> None:
    made = await propose(short)
    again = await short.ok("POST", PROPOSALS, headers={"Idempotency-Key": "k1"})
    assert again["proposal"] == made
    assert await propose(short, "k2") is None
    await advance(short, 600_000)
    assert (await propose(short, "k3"))["id"] == "main.2"
    listed = (await short.ok("GET", PROPOSALS))["proposals"]
    assert [(row["id"], row["state"]) for row in listed] == [("main.2", "open"), ("main.1", "lapsed")]


async def test_it_is_applied_and_undone(short: Any) -> None:
    name = (await propose(short))["id"]
    applied = await short.call("POST", f"{PROPOSALS}/{name}/apply", headers={"Idempotency-Key": "k9"})
    assert applied.json()["state"] == "applied"
    assert (applied.json()["action"], applied.headers["shelfcast-action"]) == ("k9", "k9")
    units = await short.units()
    assert (units["pool"], units["channel:douyin"]) == (46, 24)
    again = await short.call("POST", f"{PROPOSALS}/{name}/apply", {})
    assert (again.json(), again.headers["shelfcast-action"]) == (applied.json(), "k9")
    undone = await short.ok("POST", f"{PROPOSALS}/{name}/undo")
    assert (undone["id"], undone["undoable"]) == ("undo:k9", True)
    assert (await short.units())["channel:douyin"] == 5
    assert await short.ok("POST", f"{PROPOSALS}/{name}/undo") == undone
    assert (await short.ok("GET", f"{PROPOSALS}/{name}"))["state"] == "undone"
    assert (await short.problem("POST", f"{PROPOSALS}/{name}/apply"))["detail"] == "it was applied, and undone"
    await short.ok("POST", f"{POOL}/actions/{undone['id']}/undo")
    assert (await short.ok("GET", f"{PROPOSALS}/{name}"))["state"] == "applied"


async def test_it_is_dismissed_with_a_reason(short: Any) -> None:
    name = (await propose(short))["id"]
    dismissed = await short.ok("POST", f"{PROPOSALS}/{name}/dismiss", {"reason": "they end at nine"})
    assert (dismissed["state"], dismissed["reason"], dismissed["decided_by"]) == (
        "dismissed",
        "they end at nine",
        "wang",
    )
    action = await short.ok("GET", f"{POOL}/actions/{dismissed['action']}")
    assert (action["kind"], action["text"], action["undoable"], action["why_not"]) == (
        "dismiss_proposal", "they end at nine", False, "dismissed",
    )  # fmt: skip
    problem = await short.problem("POST", f"{PROPOSALS}/{name}/apply")
    assert (problem["status"], problem["code"], problem["field"]) == (409, "STALE", "proposal")
    problem = await short.problem("POST", f"{PROPOSALS}/{name}/undo")
    assert (problem["status"], problem["code"], problem["field"]) == (409, "BAD_MESSAGE", "proposal")


async def test_what_is_old_is_not_applied(short: Any) -> None:
    name = (await propose(short))["id"]
    places = {"source": "pool", "target": "safety"}
    await short.ok("POST", f"{POOL}/moves", {"kind": "carve", "sku": "mug", "qty": 50, "id": "b", **places})
    problem = await short.problem("POST", f"{PROPOSALS}/{name}/apply")
    assert (problem["status"], problem["code"], problem["field"], problem["available"]) == (409, "STALE", "pool", 15)
    assert "fewer than proposed" in problem["detail"]
    await advance(short, 600_000)
    assert "lapsed" in (await short.problem("POST", f"{PROPOSALS}/{name}/apply"))["detail"]
    assert "lapsed" in (await short.problem("POST", f"{PROPOSALS}/{name}/dismiss", {"reason": ""}))["detail"]


async def test_an_undo_names_the_place_that_lacks_units(short: Any) -> None:
    name = (await propose(short))["id"]
    await short.ok("POST", f"{PROPOSALS}/{name}/apply")
    await short.reserve("r2", 20, room="morning")
    problem = await short.problem("POST", f"{PROPOSALS}/{name}/undo")
    assert (problem["status"], problem["code"], problem["field"]) == (409, "INSUFFICIENT", "channel:douyin")


async def test_a_service_asks_and_reads_and_an_operator_decides(short: Any) -> None:
    service = short.as_("service")
    name = (await short.ok("POST", PROPOSALS, {"id": "k1"}, as_=service))["proposal"]["id"]
    assert (await short.ok("GET", PROPOSALS, as_=service))["proposals"]
    for step, body in (("apply", None), ("dismiss", {"reason": ""}), ("undo", None)):
        problem = await short.problem("POST", f"{PROPOSALS}/{name}/{step}", body, as_=service)
        assert (problem["status"], problem["field"]) == (403, "role")
    action = (await short.ok("POST", f"{PROPOSALS}/{name}/apply"))["action"]
    assert (await short.problem("POST", f"{POOL}/actions/{action}/undo", as_=service))["status"] == 403
    one_room = short.as_("operator", room="evening")
    for method, path in (("GET", PROPOSALS), ("POST", PROPOSALS), ("POST", f"{PROPOSALS}/{name}/undo")):
        assert (await short.problem(method, path, as_=one_room))["field"] == "room"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("GET", "/main.7", None, 404, "proposal"),
        ("POST", "/main.7/apply", None, 404, "proposal"),
        ("POST", "/main.7/dismiss", {"reason": "no"}, 404, "proposal"),
        ("POST", "/main.7/undo", None, 404, "proposal"),
        ("GET", "/other.1", None, 404, "proposal"),
        ("GET", "/main", None, 422, "proposal"),
        ("POST", "/main.x/apply", None, 422, "proposal"),
        ("POST", "/main.1/apply", {"units": 3}, 422, "units"),
        ("POST", "/main.1/dismiss", {}, 422, "reason"),
        ("POST", "/main.1/dismiss", {"reason": "a\nb"}, 422, "reason"),
        ("POST", "/main.1/dismiss", {"reason": "x" * 201}, 422, "reason"),
        ("POST", "/main.1/undo", {"units": 3}, 422, "units"),
        ("POST", "", None, 422, "id"),
        ("POST", "", {"id": "a b"}, 422, "id"),
        ("POST", "", {"id": "k", "sku": "mug"}, 422, "sku"),
    ],
)
async def test_wrong_input_is_refused_with_its_field(
    shop: Any, method: str, path: str, body: Any, status: int, field: str
) -> None:
    problem = await shop.problem(method, PROPOSALS + path, body)
    assert (problem["status"], problem["field"]) == (status, field)


async def test_without_demand_there_is_nothing_to_propose(shop: Any) -> None:
    problem = await shop.problem("POST", PROPOSALS, {"id": "k"})
    assert (problem["status"], problem["field"]) == (422, "split")
    assert "propose or auto" in problem["detail"]
    await shop.ok("PUT", f"{POOL}/strategy", {"split": "propose"})
    assert await propose(shop) is None
    assert (await shop.problem("POST", "/v1/pools/none/allocation/proposals", {"id": "k"}))["field"] == "pool"
