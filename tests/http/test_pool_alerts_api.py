"""Alerts of no show over HTTP."""

from __future__ import annotations

from typing import Any

from shelfcast.stock.alert_operations import RingAlert, RingPoolAlert
from shelfcast.stock.alerts import record_from

NEWEST = 1 << 50
"""A fence above those of duties, which are times in milliseconds."""


async def ring_of_pool(shop: Any, room: str = "evening", rule: str = "gate") -> str:
    """An alert of no show; its id."""
    pool = await shop.services.pools.get("main")
    sku = "" if room else "mug"
    outcome = await pool.book.apply(
        RingPoolAlert(NEWEST, rule, room, sku, "now", "warning", 2.0, 60.0, 2, 30, "mug: never counted")
    )
    assert outcome.code == "OK", outcome
    return str(record_from(outcome.data).id)


async def test_alerts_of_no_show_are_listed_first_acknowledged_and_put_aside(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    of_room, of_pool = await ring_of_pool(shop), await ring_of_pool(shop, "", "shortage")
    listed = (await shop.ok("GET", "/v1/pools/main/alerts"))["alerts"]
    assert [(one["id"], one["show"], one["room"], one["sku"]) for one in listed] == [
        (of_room, "", "evening", ""),
        (of_pool, "", "", "mug"),
    ]
    for name in (of_room, of_pool):
        path = f"/v1/pools/main/alerts/{name}"
        aside = await shop.ok("POST", path + "/snooze", {"minutes": 5})
        assert aside["snoozed_until_ms"] > aside["changed_at_ms"]
        noted = await shop.ok("POST", path + "/acknowledge", {"note": "on it"})
        assert (noted["state"], noted["acknowledged_by"], noted["note"]) == ("acknowledged", "wang", "on it")
    problem = await shop.problem("POST", f"/v1/pools/main/alerts/{of_room}/snooze", {"minutes": 31})
    assert (problem["status"], problem["field"]) == (422, "minutes")
    for wrong, status in (("main:99", 404), ("main", 422), ("evening.1:", 422)):
        assert (await shop.problem("POST", f"/v1/pools/main/alerts/{wrong}/acknowledge"))["status"] == status
    assert (await shop.problem("POST", f"/v1/shows/evening.1/alerts/{of_room}/acknowledge"))["status"] == 404


async def test_an_alert_of_no_show_is_its_rooms_and_else_the_pools(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    of_room, of_pool = await ring_of_pool(shop), await ring_of_pool(shop, "", "shortage")
    here, elsewhere = (shop.as_("operator", room=room) for room in ("evening", "morning"))
    for name, token, status in (
        (of_room, here, 200),
        (of_room, shop.as_("host", room="evening"), 200),
        (of_room, elsewhere, 404),
        (of_pool, here, 404),
        (of_pool, shop.as_("operator", pool="main"), 200),
        (of_room, shop.as_("service"), 403),
        (of_room, shop.as_("counter"), 403),
    ):
        answer = await shop.call("POST", f"/v1/pools/main/alerts/{name}/acknowledge", as_=token)
        assert answer.status_code == status, (name, answer.text)
    listed = await shop.ok("GET", "/v1/pools/main/alerts", as_=here)
    assert [one["id"] for one in listed["alerts"]] == [of_room]


async def test_an_alert_of_a_show_is_answered_below_its_pool_too(shop: Any) -> None:
    pool = await shop.services.pools.get("main")
    rung = RingAlert(1, "evening", "evening.1", "share_left", "mug", 10, "warning", 0.09, 0.1, 9, 100, "go")
    name = str((await pool.book.apply(rung)).data["id"])
    noted = await shop.ok("POST", f"/v1/pools/main/alerts/{name}/acknowledge")
    assert noted["state"] == "acknowledged"


async def test_a_show_that_begins_ends_the_reminder_of_its_room_alone(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    await ring_of_pool(shop)
    left = await ring_of_pool(shop, "", "shortage")
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "live"})
    assert [one["id"] for one in (await shop.ok("GET", "/v1/pools/main/alerts"))["alerts"]] == [left]


async def test_of_a_count_that_was_short_it_rings_until_the_next_one_is_not(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening/skus/mug", {"limit_per_user": None})
    await shop.reserve("r1", 60)
    counts = "/v1/pools/main/counts"
    for name, good, ringing in (("first", 40, True), ("second", 60, False)):
        made = await shop.ok("POST", counts, {"id": name, "kind": "spot", "skus": ["mug"], "recount_over": 1_000})
        path = f"{counts}/{made['count']['count'] if isinstance(made['count'], dict) else made['count']}"
        await shop.ok("POST", path + "/lines", {"sku": "mug", "good": good}, as_=shop.as_("counter", "ann"))
        await shop.ok("POST", path + "/close", {})
        row = (await shop.ok("GET", path + "/rows?sku=mug"))["rows"][0]
        if row["difference"]:
            await shop.ok("PUT", path + "/reasons", {"rows": [{"sku": "mug", "reason": "lost"}]})
        revision = {"revision": (await shop.ok("GET", path))["revision"]}
        await shop.ok("POST", path + "/sign", revision, as_=shop.as_("operator", "chen"))
        await shop.ok("POST", path + "/apply", revision)
        standing = (await shop.ok("GET", "/v1/pools/main/alerts"))["alerts"]
        found = [(one["rule"], one["sku"], one["value"]) for one in standing if one["rule"] == "shortage"]
        assert found == ([("shortage", "mug", 20.0)] if ringing else [])
