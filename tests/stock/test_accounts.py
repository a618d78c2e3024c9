"""Accounts, sessions and counts of failed logins, as the engine keeps them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from shelfcast.engine import Engine
from shelfcast.protocol.access import Principal, Role
from shelfcast.protocol.cookies import digest_of, read_cookie
from shelfcast.settings import Settings
from shelfcast.stock.account_records import Attempt, Beginning, Link, Trial, Way, Writing
from shelfcast.stock.accounts import SESSIONS_A_READ, Accounts
from waiting import WAIT_S

pytestmark = pytest.mark.each_engine

WANG = Principal(role=Role.OPERATOR, user="wang", pools=frozenset({"b", "a"}))
Make = Callable[..., Accounts]


@pytest.fixture
def accounts(engine: Engine, settings: Settings) -> Make:
    return lambda **changes: Accounts(engine, msgspec.structs.replace(settings, **changes))


async def write(accounts: Accounts, name: str = "wang", **changes: Any) -> tuple[Writing, Any, int]:
    body = {"role": Role.OPERATOR, "pools": ["b", "a"], "rooms": None, "password_hash": "h", "by": "me", "expected": -1}
    return await accounts.write(name, **(body | changes))


async def key_count(accounts: Accounts) -> int:
    """How many keys there are of these accounts."""
    found = await accounts._engine.command("KEYS", f"{accounts._base}*", key=accounts._base)
    return len(found)


async def test_an_account_reads_as_it_was_written(accounts: Make) -> None:
    book = accounts(accounts_max=2)
    done, made, _ = await write(book)
    assert (done, made.pools, made.rooms, made.revision) == (Writing.MADE, {"a", "b"}, None, 1)
    assert await book.get("wang") == made
    assert (await write(book, password_hash=None))[0] is Writing.SAME
    done, changed, _ = await write(book, role=Role.HOST, pools=None, rooms=["r"], password_hash=None, by="li")
    assert (done, changed.role, changed.pools, changed.rooms) == (Writing.CHANGED, Role.HOST, None, {"r"})
    assert (changed.revision, changed.password_hash, changed.changed_by) == (2, "h", "li")
    assert (await write(book, expected=1))[::2] == (Writing.STALE, 2)
    assert (await write(book, "li", expected=-2))[::2] == (Writing.STALE, -1)
    assert (await write(book, "li", password_hash=None))[0] is Writing.UNSET
    await write(book, "li")
    assert (await write(book, "zhao"))[0] is Writing.FULL
    assert [account.name for account in await book.all()] == ["li", "wang"]
    assert await book.delete("wang", expected=1) == (Writing.STALE, 2)
    assert (await book.delete("wang", expected=2))[0] is Writing.DELETED
    assert (await book.delete("wang", expected=-1))[0] is Writing.NONE
    assert await book.get("wang") is None


async def test_a_scope_that_is_empty_never_becomes_every_pool(accounts: Make) -> None:
    with pytest.raises(ValueError, match="at least one name"):
        await write(accounts(), pools=[])
    nowhere = Principal(role=Role.OPERATOR, user="wang", pools=frozenset())
    with pytest.raises(ValueError, match="at least one name"):
        await accounts().begin("d", nowhere, Way.LINK)


async def test_a_session_is_of_the_account_as_its_password_was_looked_at(accounts: Make) -> None:
    book = accounts()
    _, account, _ = await write(book)
    begun, session = await book.begin("d1", WANG, Way.PASSWORD, account=account)
    assert begun is Beginning.BEGUN
    assert session is not None
    assert session.principal == msgspec.structs.replace(
        WANG, session="d1", expires_at_s=-(-session.expires_at_ms // 1000)
    )
    assert await book.sessions(["none", "d1"]) == [None, session]
    deleted_and_made_anew = msgspec.structs.replace(account, made_at_ms=account.made_at_ms - 1)
    assert (await book.begin("d2", WANG, Way.PASSWORD, account=deleted_and_made_anew))[0] is Beginning.CHANGED
    _, changed, _ = await write(book, role=Role.HOST)
    assert (await book.begin("d2", WANG, Way.PASSWORD, account=account))[0] is Beginning.CHANGED
    await book.delete("wang", expected=-1)
    assert (await book.begin("d2", WANG, Way.PASSWORD, account=changed))[0] is Beginning.CHANGED
    assert await book.sessions(["d1", "d2"]) == [None, None]
    assert await key_count(book) == 0


async def test_the_first_of_too_many_ends_and_those_that_are_over_take_no_place(accounts: Make) -> None:
    book = accounts(sessions_a_user_max=3)
    for digest in "abcd":
        await book.begin(digest, WANG, Way.LINK)
    assert [session is not None for session in await book.sessions(list("abcd"))] == [False, True, True, True]
    assert await book.end("c", signed_out=False)
    assert not await book.end("c", signed_out=False)
    await book.begin("e", WANG, Way.LINK)
    assert [session is not None for session in await book.sessions(list("bcde"))] == [True, False, True, True]
    # Another user's, another way's and the demonstration's are counted apart.
    await book.begin("f", WANG, Way.DEMO)
    await book.begin("g", msgspec.structs.replace(WANG, user="li"), Way.LINK)
    assert None not in await book.sessions(list("bdefg"))
    found = await book.sessions([f"x{n}" for n in range(SESSIONS_A_READ)])
    assert found == [None] * SESSIONS_A_READ
    assert await book.sessions([]) == []


async def test_a_session_ends_by_itself_with_its_time_or_with_its_link(accounts: Make) -> None:
    brief, long, now_ms = accounts(session_lasts_ms=1_000), accounts(), int(time.time() * 1000)
    _, first = await brief.begin("a", WANG, Way.LINK)
    assert first is not None
    assert first.expires_at_ms - first.made_at_ms == 1_000
    for left_ms, begun in ((3_600_000, Beginning.BEGUN), (0, Beginning.EXPIRED), (-5_000, Beginning.EXPIRED)):
        link = Link(digest="l", expires_at_ms=now_ms + left_ms)
        said, session = await long.begin(f"l{left_ms}", WANG, Way.LINK, link=link)
        assert said is begun
        assert session is None or session.expires_at_ms == link.expires_at_ms
    await eventually(lambda: long.sessions(["a"]), [None])


async def test_a_link_that_was_signed_out_is_remembered_until_it_expires(accounts: Make) -> None:
    book = accounts(token_leeway_ms=2_000)
    link = Link(digest="l", expires_at_ms=int(time.time() * 1000) + 3_600_000)
    for digest in "ab":
        await book.begin(digest, WANG, Way.LINK, link=link)
    await book.end("b", signed_out=False)
    assert (await book.begin("b", WANG, Way.LINK, link=link))[0] is Beginning.BEGUN, "it was only exchanged"
    await book.end("a", signed_out=True)
    assert (await book.begin("c", WANG, Way.LINK, link=link))[0] is Beginning.ENDED
    key = f"{book._base}:ended:l"
    assert 0 < await book._engine.command("PTTL", key, key=key) <= 3_604_000


async def eventually(ask: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Ask the engine until it says this: what ends there by itself ends without a word."""
    async with asyncio.timeout(WAIT_S):
        while await ask() != wanted:
            pass


def attempt(name: str = "wang", address: str = "a1", browser: str = "") -> Attempt:
    return Attempt(name=name, whose_name=digest_of(name), address=address, browser=browser)


async def test_counts_of_failed_logins_end_with_their_time(accounts: Make) -> None:
    book = accounts(login_failures_a_name_max=1, login_window_ms=300)
    assert await book.try_login(attempt()) == (Trial.STRANGE, 0)
    said, wait_ms = await book.try_login(attempt(address="a2"))
    assert (said, 0 < wait_ms <= 300) == (Trial.WAIT, True)
    await eventually(lambda: book.try_login(attempt()), (Trial.STRANGE, 0))
    await eventually(lambda: key_count(book), 0)


async def test_a_browser_is_known_until_others_have_taken_its_place_or_the_password_is_another(accounts: Make) -> None:
    book = accounts(login_browsers_a_name_max=2)
    await write(book)
    for browser in ("b1", "b2", "b3"):
        await book.welcome(attempt(), Trial.STRANGE, browser)
    known = [(await book.try_login(attempt(browser=browser)))[0] for browser in ("b1", "b2", "b3")]
    assert known == [Trial.STRANGE, Trial.KNOWN, Trial.KNOWN]
    # A new cookie takes the place of the one that it came with.
    await book.welcome(attempt(browser="b3"), Trial.KNOWN, "b4")
    known = [(await book.try_login(attempt(browser=browser)))[0] for browser in ("b2", "b3", "b4")]
    assert known == [Trial.KNOWN, Trial.STRANGE, Trial.KNOWN]
    await write(book, password_hash="other")
    assert (await book.try_login(attempt(browser="b4")))[0] is Trial.STRANGE


def test_a_cookie_is_read_once_and_whole() -> None:
    value, other = "a" * 43, "b" * 43
    assert read_cookie(f"x=1; s={value}; y=2", "s") == value
    assert read_cookie(f"s={value};s={value}", "s") == value
    for header in (
        "",
        "s",
        "s=",
        f"s={value}b",
        f"s={value[1:]}",
        f"s={value}; s={other}",
        f"S={value}",
        f"xs={value}",
    ):
        assert read_cookie(header, "s") == "", header
