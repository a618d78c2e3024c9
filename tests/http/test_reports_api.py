"""Reports over HTTP: read as they were written, listed, decided about."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest
from shelfcast.merchant.report_archive import mark_of

MAIN = "/v1/pools/main"
SHOW = "/v1/shows/evening.1"
REPORT = f"{SHOW}/report"
WAIT_S = 30.0


@pytest.fixture
async def shop(api: Any) -> Any:
    await api.shop()
    return api


async def written(shop: Any, path: str = REPORT) -> dict[str, Any]:
    """The report is written anew, and read."""
    response = await shop.call("POST", path, {})
    assert response.status_code == 202, response.text
    async with asyncio.timeout(WAIT_S):
        while (job := await shop.ok("GET", response.headers["Location"]))["state"] in ("queued", "running"):
            pass
    assert job["state"] == "done", job["reason"]
    report: dict[str, Any] = await shop.ok("GET", path)
    assert job["result"]["checksum"] == report["checksum"]
    return report


async def pay(shop: Any, name: str, qty: int = 1, **said: Any) -> None:
    await shop.reserve(name, qty, user=f"user-{name}")
    key = {"Idempotency-Key": f"confirm-{name}"}
    await shop.ok("POST", f"{MAIN}/reservations/{name}/confirm", said, headers=key)


async def end(shop: Any, room: str = "evening") -> None:
    await shop.ok("PATCH", f"/v1/rooms/{room}", {"status": "ended"})


async def test_a_report_is_answered_as_it_was_written_and_its_checksum_verifies(shop: Any) -> None:
    await pay(shop, "one", 3)
    await pay(shop, "other", 2, paid_minor=500, currency="EUR")
    await end(shop)
    report = await written(shop)
    assert (report["show"], report["state"], report["totals"]["orders"]) == ("evening.1", "provisional", 2)
    [row] = report["skus"]
    assert {one["currency"]: (one["paid_minor"], one["by_price_minor"]) for one in row["money"]} == {
        "CNY": (0, 3 * 990),
        "EUR": (500, 0),
    }
    assert report["totals"]["money"] == row["money"]
    response = await shop.call("GET", f"{REPORT}.json")
    assert 'filename="evening.1-report.json"' in response.headers["Content-Disposition"]
    emptied = response.content.replace(report["checksum"].encode(), b"")
    assert hashlib.sha256(emptied).hexdigest() == report["checksum"]
    assert json.loads(response.content) == report


async def test_before_it_is_written_the_answer_says_when_it_comes(shop: Any) -> None:
    problem = await shop.problem("GET", REPORT)
    assert (problem["status"], problem["field"]) == (404, "state")
    assert "the show is on" in problem["detail"]
    problem = await shop.problem("POST", REPORT, {})
    assert (problem["status"], problem["field"]) == (409, "show")
    await end(shop)
    assert "in a moment" in (await shop.problem("GET", REPORT))["detail"]
    await written(shop)
    problem = await shop.problem("GET", REPORT, params={"state": "final"})
    assert problem["status"] == 404
    assert "final report" in problem["detail"]


async def test_reports_are_listed_those_of_the_last_shows_first(shop: Any) -> None:
    for n in range(1, 4):
        await pay(shop, f"order-{n}", n)
        await end(shop)
        await written(shop, f"/v1/shows/evening.{n}/report")
        await shop.ok("PATCH", "/v1/rooms/evening", {"status": "live"})
    page = await shop.ok("GET", f"{MAIN}/reports", params={"limit": 2})
    assert [row["show"] for row in page["reports"]] == ["evening.3", "evening.2"]
    assert (page["next"], page["reports"][0]["state"], page["reports"][0]["pending"]) == ("evening.2", "provisional", 0)
    rest = await shop.ok("GET", f"{MAIN}/reports", params={"before": page["next"]})
    assert ([row["show"] for row in rest["reports"]], rest["next"]) == (["evening.1"], None)
    assert (await shop.ok("GET", f"{MAIN}/reports", params={"room": "night"}))["reports"] == []
    assert (await shop.problem("GET", f"{MAIN}/reports", params={"before": "night.1"}))["field"] == "before"
    history = await shop.ok("GET", f"{MAIN}/history/mug")
    assert [(row["show"], row["sold"]) for row in history["shows"]] == [
        ("evening.3", 3),
        ("evening.2", 2),
        ("evening.1", 1),
    ]
    assert (history["means"]["shows"], history["means"]["sold"], history["means"]["forecast_error"]) == (3, 2.0, None)


async def test_a_decision_is_noted_beside_what_the_sku_came_to_and_the_last_one_stands(shop: Any) -> None:
    await end(shop)
    body = {"sku": "mug", "kind": "clear", "units": 40, "note": "half price"}
    assert (await shop.problem("POST", f"{REPORT}/decisions", body))["field"] == "sku"
    await written(shop)
    made = await shop.ok("POST", f"{REPORT}/decisions", body)
    assert (made["decision"]["kind"], made["decision"]["units"], made["decision"]["by"]) == ("clear", 40, "wang")
    await shop.ok("POST", f"{REPORT}/decisions", {"sku": "mug", "kind": "keep"}, as_=shop.as_("operator", "li"))
    [row] = (await shop.ok("GET", f"{REPORT}/decisions"))["decisions"]
    assert (row["sku"], row["decision"]["kind"], row["decision"]["units"], row["decision"]["by"]) == (
        "mug",
        "keep",
        None,
        "li",
    )
    # A report that is written anew takes nothing of it away.
    await written(shop)
    history = await shop.ok("GET", f"{MAIN}/history/mug")
    assert history["shows"][0]["decision"] == row["decision"]
    actions = (await shop.ok("GET", f"{MAIN}/actions"))["actions"]
    assert [(one["kind"], one["subject"], one["room"]) for one in actions[:2]] == [("decide", "mug", "evening")] * 2
    refused = await shop.problem("POST", f"{MAIN}/actions/{actions[0]['id']}/undo", {})
    assert "decide anew" in refused["detail"]
    service = shop.as_("service")
    assert (await shop.problem("POST", f"{REPORT}/decisions", body, as_=service))["status"] == 403


async def test_what_a_sku_came_to_is_asked_of_one_that_the_pool_has(shop: Any) -> None:
    assert (await shop.ok("GET", f"{MAIN}/history/mug")) == {"sku": "mug", "shows": [], "means": None}
    assert (await shop.problem("GET", f"{MAIN}/history/nothing"))["field"] == "sku"


async def test_a_report_that_is_not_what_was_written_is_not_answered(shop: Any) -> None:
    await end(shop)
    await written(shop)
    pool = await shop.services.pools.get("main")
    found = mark_of(await pool.book.report_record("evening.1"))
    assert found is not None
    store = shop.services.archive
    content = await store.get(found[1].name)
    await store.put(found[1].name, content.replace(b'"orders":0', b'"orders":9', 1))
    problem = await shop.problem("GET", REPORT)
    assert (problem["status"], problem["code"]) == (503, "UNAVAILABLE")
    assert "checksum" in problem["detail"]
    await store.delete(found[1].name)
    assert "is not there" in (await shop.problem("GET", REPORT))["detail"]


async def test_who_does_not_know_the_show_is_told_nothing(shop: Any) -> None:
    await end(shop)
    await written(shop)
    for path in (REPORT, f"{REPORT}.json", f"{REPORT}/decisions"):
        assert (await shop.problem("GET", path.replace(".1", ".9")))["field"] == "show"
        assert (await shop.problem("GET", path, as_=shop.as_("operator", pool="other")))["status"] == 404
        assert (await shop.problem("GET", path, as_=shop.as_("host")))["status"] == 403
    assert (await shop.ok("GET", REPORT, as_=shop.as_("operator", room="evening")))["show"] == "evening.1"
