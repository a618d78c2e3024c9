"""What happened in a pool besides its moves, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import msgspec

EVENTS = "/v1/pools/main/events"


async def events(shop: Any, query: str = "", **options: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (await shop.call("GET", EVENTS + query, **options)).text.splitlines()]


async def test_events_are_lines_from_a_position(shop: Any) -> None:
    whole = await events(shop)
    assert [event["n"] for event in whole] == list(range(1, len(whole) + 1))
    assert whole[-1]["type"] == "definition"
    await shop.ok("POST", "/v1/pools/main/moves", {"kind": "freeze", "sku": "mug", "id": "label"})
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "paused"})
    page = await shop.call("GET", f"{EVENTS}?after={len(whole)}&limit=1")
    following = await shop.call("GET", page.links["next"]["url"])
    assert following.json()["n"] == len(whole) + 2
    frozen = page.json()
    assert (frozen["type"], frozen["subject"], frozen["actor"], frozen["action"]) == ("frozen", "mug", "wang", "label")
    acted, done, paused = await events(shop, f"?after={len(whole) + 1}")
    assert (acted["type"], acted["action"], acted["data"]) == ("action", "label", {"kind": "freeze", "undoable": True})
    assert (done["type"], done["data"]["kind"], done["action"]) == ("action", "status", paused["action"])
    assert (paused["room"], paused["data"]) == ("evening", {"status": "paused", "before": "live"})
    assert await events(shop, f"?after={paused['n']}") == []


async def test_asking_before_the_cut_says_where_to_begin(shop: Any) -> None:
    last = (await events(shop))[-1]["n"]
    book = (await shop.services.pools.get("main")).book
    await book._engine.command("XTRIM", book.base + ":events", "MAXLEN", 2, key=book.base + ":events")
    problem = await shop.problem("GET", EVENTS)
    assert (problem["status"], problem["code"], problem["field"]) == (410, "NOT_FOUND", "after")
    assert problem["begin_after"] == last - 2
    assert [event["n"] for event in await events(shop, f"?after={problem['begin_after']}")] == [last - 1, last]


async def test_who_reads_them_is_who_reads_the_ledger(shop: Any) -> None:
    assert await events(shop, as_=shop.as_("host"))
    for caller, field in (
        (shop.as_("viewer"), "role"),
        (shop.as_("operator", room="evening"), "room"),
        (shop.as_("operator", pool="other"), "pool"),
    ):
        assert (await shop.problem("GET", EVENTS, as_=caller))["field"] == field
    assert (await shop.problem("GET", "/v1/pools/none/events"))["status"] == 404


async def test_a_position_that_is_none_is_refused(shop: Any) -> None:
    most = msgspec.structs.asdict(shop.services.settings)["page_max"]
    for query, field in (("?after=-1", "after"), ("?after=x", "after"), (f"?limit={most + 1}", "limit")):
        assert (await shop.problem("GET", EVENTS + query))["field"] == field
