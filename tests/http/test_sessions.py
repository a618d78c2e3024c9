"""Signing in by a link and by a password, what a cookie may do, and how a session ends."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest
from openapi_conformance import assert_documented
from shelfcast.http.api import passwords
from shelfcast.http.api.services import Services
from shelfcast.http.application import create_app
from shelfcast.protocol.cookies import BROWSER_COOKIE, SESSION_COOKIE, digest_of
from shelfcast.stock.pools import Pools

HERE = "https://console.test"
PAGE = {"Origin": HERE}
PASSWORD = "correct horse battery"


class Browser:
    """One browser at one address: it keeps cookies, and says its page's origin with every write, as browsers do."""

    def __init__(self, services: Services, address: str = "192.0.2.1", url: str = HERE) -> None:
        transport = httpx.ASGITransport(create_app(services), client=(address, 1))
        self.http = httpx.AsyncClient(transport=transport, base_url=url)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if method != "GET":
            said = {"Origin": str(self.http.base_url).rstrip("/"), **said}
        response = await self.http.request(method, path, json=body, headers={k: v for k, v in said.items() if v})
        assert_documented(response)
        return response

    async def log_in(self, name: str = "wang", password: str = PASSWORD) -> httpx.Response:
        return await self.call("POST", "/v1/session", {"name": name, "password": password})

    async def open_link(self, token: str) -> httpx.Response:
        return await self.call("POST", "/v1/session", {}, Authorization=f"Bearer {token}")

    @property
    def cookie(self) -> str:
        return self.http.cookies.get(SESSION_COOKIE) or ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.http.cookies.delete(SESSION_COOKIE)
        self.http.cookies.set(SESSION_COOKIE, value, domain="console.test", path="/")


@pytest.fixture
async def browsers(services: Services) -> AsyncIterator[Any]:
    """Makes browsers: `browsers(address=…)`; of a server with other settings: `browsers(sessions_a_user_max=2)`."""
    made: list[Browser] = []

    def make(
        address: str = "192.0.2.1", url: str = HERE, house: frozenset[str] = frozenset(), **changes: Any
    ) -> Browser:
        changed = msgspec.structs.replace(services.settings, **changes)
        pools = Pools(services.pools._engine, changed) if changes else services.pools
        made.append(Browser(replace(services, settings=changed, pools=pools, open_house=house), address, url))
        return made[-1]

    yield make
    for browser in made:
        await browser.http.aclose()


@pytest.fixture
async def wang(shop: Any) -> Any:
    """An account of an operator."""
    await shop.ok("PUT", "/v1/accounts/wang", {"role": "operator", "password": PASSWORD})
    return shop


async def test_a_password_signs_in_and_the_cookie_is_a_token_of_the_same_reach(wang: Any, browsers: Any) -> None:
    browser = browsers()
    made = await browser.log_in()
    assert made.status_code == 201
    assert made.json() | {"made_at_ms": 0, "expires_at_ms": 0} == {
        "user": "wang", "role": "operator", "pools": None, "rooms": None, "way": "password", "made_at_ms": 0,
        "expires_at_ms": 0,
    }  # fmt: skip
    assert made.json()["expires_at_ms"] - made.json()["made_at_ms"] == 12 * 3_600_000
    [cookie] = [each for each in made.headers.get_list("set-cookie") if each.startswith(SESSION_COOKIE + "=")]
    assert cookie.partition("; ")[2] == "Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict"
    assert (await browser.call("GET", "/v1/session")).json() == made.json()
    assert (await browser.call("GET", "/v1/pools/main")).status_code == 200
    written = await browser.call("PATCH", "/v1/rooms/evening", {"title": "Evening"})
    assert written.status_code == 200
    [action, *_] = (await browser.call("GET", "/v1/pools/main/actions")).json()["actions"]
    assert action["actor"] == "wang"


async def test_the_engine_keeps_no_session_id_and_no_password(wang: Any, browsers: Any) -> None:
    browser = browsers()
    await browser.log_in()
    engine, prefix = wang.services.pools._engine, wang.services.settings.key_prefix
    keys = await engine.command("KEYS", f"{prefix}:{{.accounts}}*", key=f"{prefix}:{{.accounts}}")
    dumped = b"".join([key + (await engine.command("DUMP", key, key=key.decode())) for key in keys])
    assert digest_of(browser.cookie).encode() in dumped
    for secret in (browser.cookie, PASSWORD, browser.http.cookies[BROWSER_COOKIE]):
        assert secret.encode() not in dumped


async def test_a_cookie_that_somebody_planted_is_never_adopted(wang: Any, browsers: Any) -> None:
    browser, planted = browsers(), "A" * 43
    browser.cookie = planted
    assert (await browser.log_in()).status_code == 201
    assert browser.cookie != planted
    browser.cookie = planted
    refused = await browser.call("GET", "/v1/session")
    assert (refused.status_code, refused.json()["field"]) == (401, "session")


async def test_each_login_has_a_new_id_and_ends_the_one_before(wang: Any, browsers: Any) -> None:
    browser, thief = browsers(), browsers("198.51.100.7")
    await browser.log_in()
    thief.cookie = browser.cookie
    assert (await thief.call("GET", "/v1/session")).status_code == 200
    await browser.log_in()
    assert browser.cookie != thief.cookie
    assert (await thief.call("GET", "/v1/session")).status_code == 401
    assert (await browser.call("GET", "/v1/session")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "file://"}, 403),
        ({"Origin": "https://console.test.evil.example"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Origin": "", "Sec_Fetch_Site": "same-site"}, 403),
        ({"Origin": "", "Sec_Fetch_Site": "none"}, 403),
        ({"Origin": "", "Sec_Fetch_Site": "same-origin"}, 200),
        ({"Origin": HERE}, 200),
        ({"Origin": "https://shop.example"}, 200),
    ],
)
async def test_a_page_of_another_origin_writes_nothing_by_cookie(
    wang: Any, browsers: Any, headers: dict[str, str], status: int
) -> None:
    browser = browsers(allowed_origins="https://shop.example,null,file://")
    await browser.log_in()
    for method, path, body in (
        ("PATCH", "/v1/rooms/evening", {"title": "Taken over"}),
        ("DELETE", "/v1/session", None),
    ):
        response = await browser.call(method, path, body, **headers)
        wanted = 204 if (status, method) == (200, "DELETE") else status
        assert (response.status_code, response.status_code == 403) == (wanted, "field" in response.text), response.text
        if status == 403:
            assert response.json()["field"] == "Origin"


async def test_a_page_of_another_origin_signs_nobody_in(wang: Any, browsers: Any) -> None:
    browser = browsers(allowed_origins="null,file://")
    for origin in ("https://evil.example", "null", "file://"):
        body = {"name": "wang", "password": PASSWORD}
        refused = await browser.call("POST", "/v1/session", body, Origin=origin)
        assert (refused.status_code, refused.json()["field"]) == (403, "Origin")
        assert "set-cookie" not in refused.headers


async def test_a_token_wins_over_a_cookie_and_needs_no_origin(wang: Any, browsers: Any) -> None:
    browser = browsers()
    await browser.log_in()
    host = wang.as_("host", "li")["Authorization"]
    refused = await browser.call("GET", "/v1/pools/main", Authorization=host)
    assert (refused.status_code, refused.json()["detail"][:24]) == (403, "the token's role is host")
    wrong = await browser.call("GET", "/v1/pools/main", Authorization="Bearer x")
    assert (wrong.status_code, wrong.json()["field"]) == (401, "Authorization")
    service = wang.as_("service", "erp")["Authorization"]
    written = await browser.call("PATCH", "/v1/rooms/evening", {"title": "x"}, Authorization=service, Origin="")
    assert written.status_code == 200
    # What a proxy asks for is no token of ours.
    assert (await browser.call("GET", "/v1/pools/main", Authorization="Basic d2FuZzp3YW5n")).status_code == 200


async def test_a_link_begins_a_session_of_its_own_reach_that_ends_with_it(shop: Any, browsers: Any) -> None:
    token = shop.services.tokens.mint(role="host", user="chen", room="evening", ttl_s=60)
    browser = browsers()
    made = (await browser.open_link(token)).json()
    assert (made["user"], made["role"], made["rooms"], made["way"]) == ("chen", "host", ["evening"], "link")
    assert made["expires_at_ms"] == shop.services.tokens.verify(token).expires_at_s * 1000
    assert (await browser.call("GET", "/v1/rooms/evening")).status_code == 200
    refused = await browser.call("PATCH", "/v1/rooms/evening", {"title": "x"})
    assert (refused.status_code, refused.json()["field"]) == (403, "role")
    assert refused.json()["detail"].startswith("the session's role is host")


async def test_a_link_whose_time_is_over_begins_none(shop: Any, browsers: Any) -> None:
    tokens, browser = shop.services.tokens, browsers()
    over = tokens.mint(role="host", user="chen", ttl_s=1)
    # Clocks differ: as a token it is believed for some seconds more. A session would last for none.
    expires_at_ms = tokens.verify(over).expires_at_s * 1000
    while time.time() * 1000 < expires_at_ms + 50:
        await shop.ok("GET", "/v1/pools/main")
    refused = await browser.open_link(over)
    assert (refused.status_code, browser.cookie) == (401, "")
    assert "expired" in refused.json()["detail"]


async def test_a_link_that_was_signed_out_begins_no_other_however_it_is_written(shop: Any, browsers: Any) -> None:
    token = shop.services.tokens.mint(role="operator", user="chen", ttl_s=3600)
    browser, thief = browsers(), browsers("198.51.100.7")
    await browser.open_link(token)
    stolen = browser.cookie
    assert (await browser.call("DELETE", "/v1/session")).status_code == 204
    assert browser.cookie == "", "the browser has forgotten it"
    # The signature can be written down in more than one way.
    other = token + "="
    assert shop.services.tokens.verify(other) == shop.services.tokens.verify(token)
    for link in (token, other):
        refused = await thief.open_link(link)
        assert (refused.status_code, refused.json()["detail"]) == (
            401, "this link was signed out; it begins no session any more",
        )  # fmt: skip
    thief.cookie = stolen
    for method, path in (("GET", "/v1/session"), ("GET", "/v1/pools/main"), ("DELETE", "/v1/session")):
        refused = await thief.call(method, path)
        assert (refused.status_code, refused.json()["field"]) == (401, "session")
    # Where nothing is needed, a session that has ended is as good as none.
    assert (await thief.call("GET", "/v1/rooms/evening/snapshot")).status_code == 200
    await shop.ok("PATCH", "/v1/rooms/evening", {"anonymous": False})
    refused = await thief.call("GET", "/v1/rooms/evening/snapshot")
    assert (refused.status_code, refused.json()["field"]) == (401, "session")


async def test_the_first_session_ends_where_there_is_one_too_many(wang: Any, browsers: Any) -> None:
    users = [browsers(sessions_a_user_max=3) for _ in range(4)]
    link = browsers(sessions_a_user_max=3)
    await link.open_link(wang.services.tokens.mint(role="viewer", user="wang"))
    for browser in users:
        assert (await browser.log_in()).status_code == 201
    seen = [(await browser.call("GET", "/v1/session")).status_code for browser in users]
    assert seen == [401, 200, 200, 200]
    # A customer who happens to have the name of an account is another user.
    assert (await link.call("GET", "/v1/session")).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"role": "operator", "password": "another password"},
        {"role": "host"},
        {"role": "operator", "pools": ["main"]},
        {"role": "operator", "rooms": ["evening"]},
        None,
    ],
)
async def test_whatever_changes_of_an_account_ends_its_sessions(wang: Any, browsers: Any, change: Any) -> None:
    browser, other = browsers(), browsers()
    await wang.ok("PUT", "/v1/accounts/zhao", {"role": "operator", "password": PASSWORD})
    await browser.log_in()
    await other.log_in("zhao")
    await wang.ok("PUT", "/v1/accounts/wang", {"role": "operator"})
    assert (await browser.call("GET", "/v1/session")).status_code == 200, "nothing has changed"
    await wang.ok("DELETE" if change is None else "PUT", "/v1/accounts/wang", change)
    assert (await browser.call("GET", "/v1/session")).status_code == 401
    assert (await other.call("GET", "/v1/session")).status_code == 200
    again = await browser.log_in()
    assert again.status_code == (401 if change is None or "password" in change else 201)


async def test_signing_in_needs_https_but_on_loopback(wang: Any, browsers: Any) -> None:
    for url, status in (
        ("http://console.test", 403),
        ("http://localhost.evil.example", 403),
        ("http://127.0.0.1:8000", 201),
        ("http://[::1]:8000", 201),
        ("http://localhost:8000", 201),
        ("https://console.test", 201),
    ):
        response = await browsers(url=url).log_in()
        assert response.status_code == status, url
        if status == 403:
            assert response.json()["field"] == "scheme"
            assert "https" in response.json()["detail"]


async def test_the_demonstration_is_open_on_loopback_alone_and_in_its_own_pool(shop: Any, browsers: Any) -> None:
    house = frozenset({"evening"})
    browser = browsers(address="127.0.0.1", url="http://127.0.0.1:8000", house=house)
    made = (await browser.call("POST", "/v1/session", {"demo": True})).json()
    assert (made["role"], made["pools"], made["way"]) == ("operator", ["main"], "demo")
    for address, url, rooms, field in (
        ("127.0.0.1", "https://console.test", house, "Host"),
        # A `Host` is soon said, by another machine and by a proxy that says its own.
        ("192.0.2.1", "http://127.0.0.1:8000", house, "address"),
        ("::1", "http://127.0.0.1:8000", frozenset[str](), "demo"),
    ):
        refused = await browsers(address=address, url=url, house=rooms).call("POST", "/v1/session", {"demo": True})
        assert (refused.status_code, refused.json()["field"]) == (403, field)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 401, "Authorization"),
        ({"name": "wang"}, 422, "password"),
        ({"password": "x"}, 422, "name"),
        ({"name": "wang", "password": "x", "demo": True}, 422, "demo"),
        ({"name": "wang", "password": "x" * 129}, 422, "password"),
        ({"name": "wang", "password": ""}, 422, "password"),
        ({"name": "wang", "token": "x"}, 422, "token"),
    ],
)
async def test_a_login_says_what_it_expected(wang: Any, browsers: Any, body: Any, status: int, field: str) -> None:
    refused = await browsers().call("POST", "/v1/session", body)
    assert (refused.status_code, refused.json()["field"]) == (status, field)


# --- guessing -------------------------------------------------------------------------------------------------


async def test_guessing_is_slowed_by_name_while_the_owner_still_signs_in(wang: Any, browsers: Any) -> None:
    limits = {"login_failures_a_name_max": 4, "login_failures_a_browser_max": 2}
    owner = browsers("192.0.2.1", **limits)
    assert (await owner.log_in()).status_code == 201
    # Each guess comes from another address.
    said = [(await browsers(f"198.51.100.{n}", **limits).log_in(password=f"guess {n}")) for n in range(6)]
    assert [each.status_code for each in said] == [401] * 4 + [429] * 2
    assert 1 <= int(said[-1].headers["retry-after"]) <= 900
    stranger = await browsers("203.0.113.5", **limits).log_in()
    assert stranger.status_code == 429, "the right password, from a browser that nobody knows"
    assert (await owner.log_in()).status_code == 201
    # A known browser has so many guesses of its own, and then is a strange one.
    said = [await owner.log_in(password=f"guess {n}") for n in range(3)]
    assert [each.status_code for each in said] == [401, 401, 429]


async def test_guessing_is_slowed_by_address_over_all_names(wang: Any, browsers: Any) -> None:
    limits = {"login_failures_an_address_max": 3}
    owner = browsers("2001:db8::1", **limits)
    assert (await owner.log_in()).status_code == 201
    # The same line, and names that are not there.
    said = [await browsers(f"2001:db8::{n}", **limits).log_in(f"name {n}") for n in range(2, 7)]
    assert [each.status_code for each in said] == [401] * 3 + [429] * 2
    assert (await browsers("2001:db8::9", **limits).log_in()).status_code == 429
    assert (await owner.log_in()).status_code == 201, "at the same address, in a browser that is known"
    assert (await browsers("2001:db8:1::1", **limits).log_in()).status_code == 201


async def test_a_login_that_succeeds_costs_nothing(wang: Any, browsers: Any) -> None:
    limits = {"login_failures_a_name_max": 2, "login_failures_an_address_max": 2}
    for _ in range(4):
        assert (await browsers(**limits).log_in()).status_code == 201
    await browsers(**limits).log_in(password="wrong")
    assert (await browsers(**limits).log_in()).status_code == 201
    # What an address failed with stays, or somebody with an account of their own would go on for ever.
    assert (await browsers(**limits).log_in("li")).status_code == 401
    assert (await browsers(**limits).log_in()).status_code == 429


async def test_a_browser_known_under_one_name_is_a_stranger_under_another(wang: Any, browsers: Any) -> None:
    limits = {"login_failures_a_name_max": 1}
    await wang.ok("PUT", "/v1/accounts/zhao", {"role": "host", "password": PASSWORD})
    browser = browsers(**limits)
    await browser.log_in("zhao")
    assert [(await browser.log_in(password="wrong")).status_code for _ in range(2)] == [401, 429]


async def test_a_name_that_is_not_there_costs_the_same_and_is_told_the_same(
    wang: Any, browsers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    compare = passwords.Passwords._compare

    def noted(self: Any, password_hash: str, password: str) -> bool:
        hashed.append(password_hash.rpartition("$")[0].rpartition("$")[0])
        return compare(self, password_hash, password)

    monkeypatch.setattr(passwords.Passwords, "_compare", noted)
    known, unknown = await browsers().log_in(password="wrong"), await browsers().log_in("nobody", "wrong")
    assert known.content == unknown.content
    assert (known.status_code, known.json()["field"]) == (401, "password")
    assert len(hashed) == 2
    assert hashed[0] == hashed[1], "the same memory, rounds and lanes"


async def test_so_many_passwords_wait_and_no_more(services: Services) -> None:
    limited = passwords.Passwords(
        msgspec.structs.replace(services.settings, password_hashes_at_once_max=1, password_hashes_waiting_max=1)
    )
    async with limited.place(), limited.place():
        with pytest.raises(Exception, match="too many passwords"):
            async with limited.place():
                pass
    async with limited.place():
        assert not await limited.fits(None, PASSWORD)


async def test_an_address_begins_so_many_sessions_a_minute(wang: Any, browsers: Any) -> None:
    browser = browsers(sessions_an_address_a_minute_max=2)
    assert [(await browser.log_in()).status_code for _ in range(3)] == [201, 201, 429]


# --- accounts -------------------------------------------------------------------------------------------------


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
