"""Alerts and minutes of shows over HTTP."""

from __future__ import annotations

from typing import Any

from shelfcast.stock.alert_operations import KeepMinute, RingAlert
from shelfcast.stock.alerts import KeptPace
from shelfcast.stock.operations import Op


async def ring(shop: Any, rule: str = "share_left", tier: int = 10) -> str:
    """Ring an alert in the room, as the duty does that watches shows; its id."""
    outcome = await apply(
        shop, RingAlert(1, "evening", "evening.1", rule, "mug", tier, "warning", 0.09, 0.1, 9, 100, "go")
    )
    return str(outcome.data["id"])


async def apply(shop: Any, op: Op) -> Any:
    pool = await shop.services.pools.get("main")
    outcome = await pool.book.apply(op)
    assert outcome.code == "OK", outcome
    return outcome


async def test_alerts_are_listed_acknowledged_and_put_aside(shop: Any) -> None:
    name = await ring(shop)
    [listed] = (await shop.ok("GET", "/v1/shows/evening.1/alerts"))["alerts"]
    assert (listed["id"], listed["state"], listed["value"], listed["resolved_at_ms"]) == (name, "firing", 0.09, None)
    assert (await shop.ok("GET", "/v1/pools/main/alerts"))["alerts"] == [listed]
    address = f"/v1/shows/evening.1/alerts/{name}"
    aside = await shop.ok("POST", f"{address}/snooze", {"minutes": 5})
    assert aside["snoozed_until_ms"] == aside["changed_at_ms"] + 300_000
    noted = await shop.ok("POST", f"{address}/acknowledge", {"note": "on it"}, as_=shop.as_("host", "li"))
    assert (noted["state"], noted["acknowledged_by"], noted["note"]) == ("acknowledged", "li", "on it")
    again = await shop.ok("POST", f"{address}/acknowledge", {"note": "me too"})
    assert (again["acknowledged_by"], again["note"]) == ("li", "on it")
    assert (await shop.problem("POST", f"{address}/snooze", {"minutes": 31}))["field"] == "minutes"


async def test_an_alert_of_another_show_is_not_there(shop: Any) -> None:
    name = await ring(shop)
    problem = await shop.problem("POST", f"/v1/shows/evening.2/alerts/{name}/acknowledge", {})
    assert (problem["status"], problem["field"]) == (404, "alert")


async def test_what_answers_an_alert_is_done_once(shop: Any) -> None:
    carve = {"id": "m1", "kind": "carve", "sku": "mug", "qty": 20, "source": "pool", "target": "elastic"}
    await shop.ok("POST", "/v1/pools/main/moves", carve)
    name = await ring(shop)
    address = f"/v1/shows/evening.1/alerts/{name}/act"
    [alert] = (await shop.ok("GET", "/v1/pools/main/alerts"))["alerts"]
    assert [(action["id"], action["qty"]) for action in alert["actions"]] == [("release_elastic:1", 20)]
    problem = await shop.problem("POST", address, {"action": "pray"})
    assert (problem["status"], problem["field"]) == (404, "action")
    refused = await shop.problem(
        "POST", address, {"action": "release_elastic:1"}, as_=shop.as_("operator", room="evening")
    )
    assert (refused["status"], refused["field"]) == (403, "room"), "a room's token moves no stock of the pool"
    first = await shop.ok("POST", address, {"action": "release_elastic:1"})
    assert await shop.ok("POST", address, {"action": "release_elastic:1"}) == first
    assert (await shop.units())["pool"] == 100
    [alert] = (await shop.ok("GET", "/v1/shows/evening.1/alerts"))["alerts"]
    assert alert["actions"][0]["done_by"] == "wang"
    assert (await shop.ok("GET", f"/v1/pools/main/actions/{first['id']}"))["undoable"]


async def test_the_minutes_of_a_show_are_read_an_hour_at_a_time(shop: Any) -> None:
    for minute, row in ((59, (90, 10, 0, 10)), (60, (80, 10, 10, 20))):
        kept = KeptPace(10.0, row[3], minute, [10], 1)
        await apply(
            shop,
            KeepMinute(
                1, "evening", "evening.1", minute, [("mug", row)], (row[2], ["SOLD_OUT"]), [("mug", 10.0, kept)], minute
            ),
        )
    first = await shop.ok("GET", "/v1/shows/evening.1/series")
    assert first["skus"] == [[59 * 60_000, "mug", 90, 10, 0, 10]]
    assert first["minutes"] == [{"minute_ms": 59 * 60_000, "viewers": 0, "paid": 0, "refused": {}}]
    second = await shop.ok("GET", f"/v1/shows/evening.1/series?from_ms={first['next_from_ms']}")
    assert second["skus"] == [[60 * 60_000, "mug", 80, 10, 10, 20]]
    assert second["next_from_ms"] is None
    # Whoever has the last minute asks for that and what is behind it.
    for since, known in ((59, [59 * 60_000]), (60, [])):
        page = await shop.ok("GET", f"/v1/shows/evening.1/series?since_ms={since * 60_000}")
        assert [row[0] for row in page["skus"]] == [row["minute_ms"] for row in page["minutes"]] == known
        assert page["next_from_ms"] == first["next_from_ms"]
