"""Searching the ledger and reading stories of reservations over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from shelfcast.stock.operations import Retire

SEARCH = "/v1/pools/main/ledger/search"
STORY = "/v1/pools/main/reservations/{}/story"


async def sold(shop: Any) -> None:
    """r1 of li is paid and shipped, r2 of zhao given back."""
    await shop.reserve("r1", 2)
    await shop.reserve("r2", 1, "zhao")
    await shop.ok("POST", "/v1/pools/main/reservations/r1/confirm", {"reference": "pay 7", "paid_minor": 1980})
    await shop.ok("POST", "/v1/pools/main/reservations/r2/cancel", {"reason": "changed her mind"})
    await shop.ok("POST", "/v1/pools/main/reservations/r1/ship", {"id": "parcel-1"}, as_=shop.as_("service", "erp"))


async def test_a_search_answers_what_the_ledger_has_newest_first(shop: Any) -> None:
    await sold(shop)
    lines = (await shop.call("GET", "/v1/pools/main/ledger")).text.splitlines()
    whole = await shop.ok("GET", SEARCH)
    assert (len(whole["entries"]), whole["next"], whole["complete"]) == (len(lines), None, True)
    ledger = [entry["pool_seq"] for entry in whole["entries"]]
    assert ledger == sorted(ledger, reverse=True)
    found = {}
    for query in ("user=li", "reservation=r2", "order=pay%207", "actor=erp", "kind=receive&sku=mug", "sku=cup"):
        page = await shop.ok("GET", f"{SEARCH}?{query}")
        found[query] = [(entry["kind"], entry["id"]) for entry in page["entries"]]
        assert page["complete"]
    assert found == {
        "user=li": [("ship", "r1"), ("confirm", "r1"), ("reserve", "r1")],
        "reservation=r2": [("cancel", "r2"), ("reserve", "r2")],
        "order=pay%207": [("confirm", "r1")],
        "actor=erp": [("ship", "r1")],
        "kind=receive&sku=mug": found["kind=receive&sku=mug"],
        "sku=cup": [],
    }
    assert [kind for kind, _ in found["kind=receive&sku=mug"]] == ["receive"]
    at_ms = whole["entries"][0]["at_ms"]
    assert (await shop.ok("GET", f"{SEARCH}?from_ms={at_ms + 1}"))["entries"] == []
    assert len((await shop.ok("GET", f"{SEARCH}?to_ms={at_ms}&from_ms=0"))["entries"]) == len(lines)


async def test_a_search_is_followed_by_next(shop: Any) -> None:
    await sold(shop)
    whole, pages, before = await shop.ok("GET", SEARCH), [], ""
    while True:
        page = await shop.ok("GET", f"{SEARCH}?limit=2{before}")
        pages += page["entries"]
        assert page["complete"] is (page["next"] is None)
        if page["complete"]:
            break
        before = f"&before={page['next']}"
    assert pages == whole["entries"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sku=%20mug", "sku"),
        ("user=", "user"),
        ("reservation=a%2Fb", "reservation"),
        ("order=", "order"),
        ("actor=" + "x" * 201, "actor"),
        ("kind=Reserve", "kind"),
        ("from_ms=-1", "from_ms"),
        ("from_ms=5&to_ms=4", "to_ms"),
        ("before=0", "before"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("room=evening", "room"),
    ],
)
async def test_a_search_says_what_it_cannot_take(shop: Any, query: str, field: str) -> None:
    problem = await shop.problem("GET", f"{SEARCH}?{query}")
    assert (problem["status"], problem["field"]) == (422, field)


async def test_a_story_is_told_from_its_first_step(shop: Any) -> None:
    await sold(shop)
    told = await shop.ok("GET", STORY.format("r1"))
    assert [step["kind"] for step in told["steps"]] == ["reserve", "confirm", "ship"]
    assert (told["complete"], told["next"]) == (True, None)
    assert (told["steps"][1]["paid_minor"], told["steps"][1]["reference"]) == (1980, "pay 7")
    assert told["reservation"] == await shop.ok("GET", "/v1/pools/main/reservations/r1")
    near = told["steps"][-1]["pool_seq"]
    assert await shop.ok("GET", STORY.format("r1") + f"?near={near}") == told
    later = await shop.ok("GET", STORY.format("r1") + f"?after={told['steps'][1]['pool_seq']}")
    assert [step["kind"] for step in later["steps"]] == ["ship"]
    for query in ("near=0", "after=x", "before=5"):
        assert (await shop.problem("GET", STORY.format("r1") + "?" + query))["status"] == 422


async def test_a_story_outlives_its_record(shop: Any) -> None:
    await sold(shop)
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    pool = await shop.services.pools.get("main")
    key = f"{pool.book.base}:meta"
    later = await pool.book.now_ms() + 2 * 86_400_000
    await pool.book._engine.command("HSET", key, "rehearsal_clock_ms", later, key=key)
    while (await pool.book.apply(Retire(100))).data:
        pass
    assert (await shop.problem("GET", "/v1/pools/main/reservations/r2"))["status"] == 404
    told = await shop.ok("GET", STORY.format("r2"))
    assert (told["reservation"], [step["kind"] for step in told["steps"]]) == (None, ["reserve", "cancel"])
    last = told["steps"][-1]["pool_seq"]
    later = await shop.ok("GET", STORY.format("r2") + f"?after={last}")
    assert (later["steps"], later["complete"]) == ([], True)
    mine, others = shop.as_("operator", room="evening"), shop.as_("operator", room="night")
    assert (await shop.ok("GET", STORY.format("r2"), as_=mine)) == told
    hidden = await shop.problem("GET", STORY.format("r2"), as_=others)
    missing = await shop.problem("GET", STORY.format("r9"), as_=others)
    assert hidden["detail"].replace("r2", "r9") == missing["detail"]


async def test_who_reads_what_happened(shop: Any) -> None:
    await sold(shop)
    for role, may in (("viewer", 403), ("host", 403), ("counter", 403), ("service", 200), ("operator", 200)):
        for path in (SEARCH, STORY.format("r1")):
            assert (await shop.call("GET", path, as_=shop.as_(role))).status_code == may, (role, path)
    room = shop.as_("operator", room="evening")
    assert (await shop.problem("GET", SEARCH, as_=room))["field"] == "room"
    assert (await shop.ok("GET", STORY.format("r1"), as_=room))["complete"]
    assert (await shop.problem("GET", STORY.format("r1"), as_=shop.as_("operator", room="night")))["status"] == 404
    assert (await shop.problem("GET", "/v1/pools/none/ledger/search"))["status"] == 404


async def test_names_of_real_shops_are_found(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/skus/" + quote("杯子 大号", safe=""), {})
    body = {"kind": "receive", "id": "n1", "sku": "杯子 大号", "qty": 3, "target": "pool", "reference": "送货单 7"}
    await shop.ok("POST", "/v1/pools/main/moves", body)
    for query in ("sku=" + quote("杯子 大号"), "order=" + quote("送货单 7")):
        assert [entry["qty"] for entry in (await shop.ok("GET", f"{SEARCH}?{query}"))["entries"]] == [3]
