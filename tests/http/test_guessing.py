"""Guessing passwords: slowed by name and by address, and told nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from browser import PASSWORD
from shelfcast.http.api import passwords
from shelfcast.http.api.services import Services


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
