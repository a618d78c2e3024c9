"""Signing in by a link and by a password, what a cookie may do, and how a session ends."""

from __future__ import annotations

import time
from typing import Any

import pytest
from browser import HERE, PASSWORD
from shelfcast.protocol.cookies import BROWSER_COOKIE, SESSION_COOKIE, digest_of

PAGE = {"Origin": HERE}


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


async def test_a_viewer_begins_no_session(wang: Any, browsers: Any) -> None:
    """Whoever asks is given the pass of a guest in a demonstration: their sessions would have no bound."""
    await wang.ok("PATCH", "/v1/rooms/evening", {"open_reservations": True})
    guest = (await wang.ok("POST", "/v1/rooms/evening/guests"))["token"]
    for token in (guest, wang.services.tokens.mint(role="viewer", user="li")):
        browser = browsers()
        refused = await browser.open_link(token)
        assert (refused.status_code, refused.json()["field"]) == (403, "role")
        assert "Set-Cookie" not in refused.headers
    assert (await browsers().open_link(wang.services.tokens.mint(role="host", user="li"))).status_code == 201


async def test_the_first_session_ends_where_there_is_one_too_many(wang: Any, browsers: Any) -> None:
    users = [browsers(sessions_a_user_max=3) for _ in range(4)]
    link = browsers(sessions_a_user_max=3)
    await link.open_link(wang.services.tokens.mint(role="host", user="wang"))
    for browser in users:
        assert (await browser.log_in()).status_code == 201
    seen = [(await browser.call("GET", "/v1/session")).status_code for browser in users]
    assert seen == [401, 200, 200, 200]
    # A host with a link who happens to have the name of an account is another user.
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
