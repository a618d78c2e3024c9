"""Accounts: made, changed, deleted, and what a session of one reaches."""

from __future__ import annotations

from typing import Any

import pytest
from browser import PASSWORD


async def test_accounts_are_made_read_changed_and_deleted(api: Any) -> None:
    body = {"role": "host", "pools": ["b", "a", "b"], "password": PASSWORD}
    made = await api.call("PUT", "/v1/accounts/%E7%8E%8B%2F%E8%8A%B3", body)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.json()["account"] == "王/芳"
    assert made.json()["pools"] == ["a", "b"]
    assert "password" not in made.text
    assert (made.json()["rooms"], made.json()["changed_by"]) == (None, "wang")
    path = "/v1/accounts/%E7%8E%8B%2F%E8%8A%B3"
    assert await api.ok("GET", path) == made.json()
    assert (await api.ok("GET", "/v1/accounts"))["accounts"] == [made.json()]
    stale = await api.problem("PUT", path, {"role": "service"}, headers={"If-Match": '"7"'})
    assert (stale["code"], stale["expected"], stale["revision"]) == ("STALE", 7, 1)
    changed = await api.call("PUT", path, {"role": "service"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["role"], changed.json()["pools"]) == (200, "service", None)
    assert (await api.problem("DELETE", path, headers={"If-Match": '"1"'}))["code"] == "STALE"
    await api.ok("DELETE", path)
    for method in ("GET", "DELETE"):
        assert (await api.problem(method, path))["field"] == "account"
    assert (await api.problem("PUT", path, {"role": "host"}, headers={"If-Match": "*"}))["code"] == "STALE"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "operator"}, "password"),
        ({"role": "operator", "password": "short"}, "password"),
        ({"role": "operator", "password": "x" * 129}, "password"),
        ({"role": "king", "password": PASSWORD}, "role"),
        ({"password": PASSWORD}, "role"),
        ({"role": "operator", "password": PASSWORD, "pools": []}, "pools"),
        ({"role": "operator", "password": PASSWORD, "rooms": ["A b"]}, "rooms[0]"),
    ],
)
async def test_an_account_says_what_it_expected(api: Any, body: Any, field: str) -> None:
    problem = await api.problem("PUT", "/v1/accounts/wang", body)
    assert (problem["status"], problem["field"]) == (422, field)


async def test_there_are_so_many_accounts_and_no_more(wang: Any, browsers: Any) -> None:
    browser = browsers(accounts_max=2)
    await browser.log_in()
    body = {"role": "host", "password": PASSWORD}
    assert (await browser.call("PUT", "/v1/accounts/li", body)).status_code == 201
    full = await browser.call("PUT", "/v1/accounts/zhao", body)
    assert (full.status_code, full.json()["code"], full.json()["field"]) == (409, "SHELF_FULL", "account")
    assert (await browser.call("PUT", "/v1/accounts/li", {"role": "service"})).status_code == 200


async def test_a_session_of_several_pools_reaches_each_and_no_other(wang: Any, browsers: Any) -> None:
    for pool in ("second", "third"):
        await wang.ok("PUT", f"/v1/pools/{pool}")
    body = {"role": "operator", "pools": ["main", "second"], "password": PASSWORD}
    await wang.ok("PUT", "/v1/accounts/zhao", body)
    browser = browsers()
    await browser.log_in("zhao")
    assert [one["pool"] for one in (await browser.call("GET", "/v1/pools")).json()["pools"]] == ["main", "second"]
    assert [(await browser.call("GET", f"/v1/pools/{pool}")).status_code for pool in ("main", "second", "third")] == [
        200, 200, 403,
    ]  # fmt: skip
    refused = await browser.call("GET", "/v1/pools/third")
    assert refused.json()["detail"] == "the session is for pools 'main', 'second'"
    refused = await browser.call("GET", "/v1/accounts")
    assert (refused.status_code, refused.json()["field"]) == (403, "pool")
