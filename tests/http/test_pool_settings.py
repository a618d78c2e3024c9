"""A pool's own settings: time zone, start of day, currency, rehearsal, who gets what comes free."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from shelfcast.stock.configuration import PoolConfig

POOL = "/v1/pools/main"
DEFAULTS = {
    "title": "",
    "time_zone": "UTC",
    "day_starts": "04:00",
    "currency": "CNY",
    "rehearsal": False,
    "auto_settle": False,
    "sign_over_units": None,
    "recount_over_units": None,
    "receipts_by_two": False,
    "expiry_days": None,
    "inventory_days_max": None,
    "inventory_days_max_of": {},
    "handover": "",
}
NO_STRATEGY = {
    "strategy": "",
    "split": "off",
    "split_every_minutes": 15,
    "elastic_percent": 0,
    "elastic_mode": "off",
    "safety_percent": None,
}
OF_THE_BOOK = {"frozen": False, **NO_STRATEGY}
OWN = {
    "title": "Main",
    "time_zone": "Asia/Tokyo",
    "day_starts": "05:30",
    "currency": "JPY",
    "rehearsal": True,
    "auto_settle": True,
    "sign_over_units": 20,
    "recount_over_units": 3,
    "receipts_by_two": True,
    "expiry_days": 14,
    "inventory_days_max": 60,
    "inventory_days_max_of": {"tea": 20},
    "handover": "link 3 is short\nask the warehouse",
}


async def test_a_pool_has_defaults_until_it_is_told_otherwise(api: Any) -> None:
    made = await api.call("PUT", POOL)
    assert (made.status_code, made.json()) == (201, {"pool": "main", **DEFAULTS, **OF_THE_BOOK, "revision": 0})
    stated = await api.call("PUT", POOL, OWN, headers={"If-Match": '"0"'})
    assert (stated.status_code, stated.json()) == (200, {"pool": "main", **OWN, **OF_THE_BOOK, "revision": 1})
    assert (await api.ok("PATCH", POOL, {"title": None, "day_starts": "00:00"}))["day_starts"] == "00:00"
    assert (await api.ok("PUT", POOL, {"title": "Bare", "sign_over_units": 20, "receipts_by_two": True}))[
        "time_zone"
    ] == "UTC"
    assert (await api.problem("PATCH", "/v1/pools/none", {"title": "x"}))["code"] == "NOT_FOUND"


async def test_a_handover_note_is_kept_in_one_form_and_can_be_taken_back(api: Any) -> None:
    await api.ok("PUT", POOL)
    written = await api.call("PATCH", POOL, {"handover": "Cafe\u0301 " + "说" * 494}, headers={"If-Match": '"0"'})
    assert written.json()["handover"] == "Caf\u00e9 " + "说" * 494
    stale = await api.problem("PATCH", POOL, {"handover": "mine"}, headers={"If-Match": '"0"'})
    assert (stale["code"], stale["revision"], stale["current"]) == ("STALE", 1, written.json())
    undone = await api.ok("POST", f"{POOL}/actions/{written.headers['Shelfcast-Action']}/undo")
    assert undone["undoable"]
    assert (await api.ok("GET", POOL))["handover"] == ""


async def test_making_sure_that_a_pool_is_there_resets_none_of_its_settings(api: Any) -> None:
    """Older clients begin every run with it."""
    await api.ok("PUT", POOL, OWN)
    assert await api.ok("PUT", POOL, {}) == {"pool": "main", **OWN, **OF_THE_BOOK, "revision": 1}
    response = await api.http.put(POOL, headers=api.as_("operator"))
    assert (response.status_code, response.json()["revision"]) == (200, 1)


async def test_the_list_has_the_settings_of_each_and_opens_none(api: Any) -> None:
    await api.ok("PUT", "/v1/pools/osaka", OWN)
    await api.services.pools.directory.create_pool("other")
    opened = {pool.book.pool for pool in api.services.pools.opened}
    listed = (await api.ok("GET", "/v1/pools"))["pools"]
    assert [(row["pool"], row["currency"]) for row in listed] == [("osaka", "JPY"), ("other", "CNY")]
    assert {pool.book.pool for pool in api.services.pools.opened} == opened
    own = api.as_("service", pool="osaka")
    assert [row["pool"] for row in (await api.ok("GET", "/v1/pools", as_=own))["pools"]] == ["osaka"]


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone", "IANA"),
        ({"time_zone": "asia/shanghai"}, "time_zone", "IANA"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "IANA"),
        ({"time_zone": "+08:00"}, "time_zone", "IANA"),
        ({"time_zone": ""}, "time_zone", "IANA"),
        ({"day_starts": "24:00"}, "day_starts", "00:00 to 23:59"),
        ({"day_starts": "4:00"}, "day_starts", "00:00 to 23:59"),
        ({"day_starts": "04:00\n"}, "day_starts", "00:00 to 23:59"),
        ({"currency": "yuan"}, "currency", "ISO 4217"),
        ({"rehearsal": 1}, "rehearsal", "bool"),
        ({"auto_settle": "yes"}, "auto_settle", "bool"),
        ({"handover": "x" * 501}, "handover", "at most 500"),
        ({"handover": "bell \a"}, "handover", "line feed"),
        ({"colour": "red"}, "colour", "unknown"),
    ],
)
async def test_wrong_settings_say_what_was_expected_and_make_no_pool(
    api: Any, given: dict[str, Any], field: str, says: str
) -> None:
    problem = await api.problem("PUT", POOL, given)
    assert (problem["status"], problem["field"]) == (422, field)
    assert says in problem["detail"]
    assert (await api.problem("GET", POOL))["code"] == "NOT_FOUND"
    await api.ok("PUT", POOL)
    assert (await api.problem("PATCH", POOL, given))["field"] == field
    assert (await api.ok("GET", POOL))["revision"] == 0


@pytest.mark.parametrize("move", [{"kind": "receive", "target": "pool"}, {"kind": "quota"}])
async def test_what_was_sold_for_real_never_becomes_a_rehearsal(api: Any, move: dict[str, Any]) -> None:
    await api.ok("PUT", POOL)
    await api.ok("PUT", POOL + "/skus/mug", {})
    assert (await api.ok("PATCH", POOL, {"rehearsal": True}))["rehearsal"] is True
    assert (await api.ok("PATCH", POOL, {"rehearsal": False}))["rehearsal"] is False
    await api.ok("POST", POOL + "/moves", {"sku": "mug", "qty": 5, "id": "m1", **move})
    for method in ("PUT", "PATCH"):
        problem = await api.problem(method, POOL, {"rehearsal": True})
        assert (problem["status"], problem["field"]) == (422, "rehearsal")
        assert "ledger" in problem["detail"]
    assert (await api.ok("PATCH", POOL, {"rehearsal": False, "title": "Main"}))["title"] == "Main"


async def test_a_sku_that_names_no_currency_has_the_pools_of_that_moment(api: Any) -> None:
    await api.ok("PUT", POOL)

    async def currency(method: str, sku: str, body: dict[str, Any]) -> str:
        found = await api.ok(method, f"{POOL}/skus/{sku}", body)
        return f"{found['currency']} {found['revision']}"

    assert await currency("PUT", "before", {}) == "CNY 1"
    await api.ok("PATCH", POOL, {"currency": "EUR"})
    assert await currency("PATCH", "before", {"title": "Before"}) == "CNY 2", "a price is not reinterpreted"
    assert await currency("PATCH", "before", {"currency": "CNY"}) == "CNY 2", "it is as it shall be"
    assert await currency("PUT", "mug", {}) == "EUR 1"
    assert await currency("PUT", "mug", {"currency": "EUR"}) == "EUR 1", "it is as it shall be"
    assert await currency("PUT", "cup", {"currency": "CNY"}) == "CNY 1"
    assert await currency("PATCH", "cup", {"currency": None}) == "EUR 2"
    assert await currency("PUT", "before", {"title": "Before"}) == "EUR 3"
    rows = [{"sku": "bowl"}, {"sku": "plate", "currency": "USD"}, {"sku": "mug", "title": "Mug"}]
    await api.ok("POST", POOL + "/catalogue", {"skus": rows})
    listed = (await api.ok("GET", POOL + "/skus"))["skus"]
    assert {row["sku"]: row["currency"] for row in listed} == {
        "before": "EUR", "bowl": "EUR", "cup": "EUR", "mug": "EUR", "plate": "USD",
    }  # fmt: skip


async def test_settings_of_a_later_release_are_read_past(api: Any, engine: Any) -> None:
    await api.ok("PUT", POOL, {"title": "Main"})
    pool = await api.services.pools.get("main")
    key = f"{pool.book.base}:pool"
    blob = msgspec.msgpack.encode({"title": "Main", "returns_within_days": 7, "revision": 4})
    await engine.command("HSET", key, "", blob, key=key)
    assert await pool.book.pool_config() == PoolConfig(title="Main", revision=4)
    await api.ok("PATCH", POOL, {"currency": "EUR"})
    kept = msgspec.msgpack.decode(await engine.command("HGET", key, "", key=key))
    assert (kept["returns_within_days"], kept["revision"]) == (7, 5), "what is not known here is kept"
